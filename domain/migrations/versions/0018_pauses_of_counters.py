"""When a pause means to end, and the pauses that are over."""

import sqlalchemy as sa
from alembic import op

revision = '0018'
down_revision = '0017'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column('counter_shift', sa.Column('back_at', sa.DateTime(timezone=True), nullable=True))
    op.create_table('counter_pause',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('hall_id', sa.Integer(), nullable=False),
    sa.Column('counter', sa.Integer(), nullable=False),
    sa.Column('began_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('ended_at', sa.DateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['hall_id'], ['hall.id'], name=op.f('fk_counter_pause_hall_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_counter_pause'))
    )
    with op.batch_alter_table('counter_pause', schema=None) as batch_op:
        batch_op.create_index('ix_counter_pause_hall_id_began_at', ['hall_id', 'began_at'], unique=False)


def downgrade() -> None:
    op.drop_table('counter_pause')
    with op.batch_alter_table('counter_shift', schema=None) as batch_op:
        batch_op.drop_column('back_at')
