"""Devices that are told what becomes of a promise."""

import sqlalchemy as sa
from alembic import op

revision = '0012'
down_revision = '0011'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table('promise_follower',
    sa.Column('promise_id', sa.Integer(), nullable=False),
    sa.Column('device', sa.String(length=64), nullable=False),
    sa.Column('since', sa.DateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['promise_id'], ['promise.id'], name=op.f('fk_promise_follower_promise_id')),
    sa.PrimaryKeyConstraint('promise_id', 'device', name=op.f('pk_promise_follower'))
    )
    with op.batch_alter_table('promise_follower', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_promise_follower_device'), ['device'], unique=False)


def downgrade() -> None:
    op.drop_table('promise_follower')
