"""Letters that ask whether an address is right, counted for a day."""

import sqlalchemy as sa
from alembic import op

revision = '0014'
down_revision = '0013'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table('address_asked',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('recipient', sa.String(length=66), nullable=False),
    sa.Column('mailbox_hash', sa.String(length=64), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.CheckConstraint("recipient LIKE 'd:%' OR recipient LIKE 's:%'", name=op.f('ck_address_asked_recipient')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_address_asked'))
    )
    with op.batch_alter_table('address_asked', schema=None) as batch_op:
        batch_op.create_index('ix_address_asked_created_at', ['created_at'], unique=False)
        batch_op.create_index(batch_op.f('ix_address_asked_mailbox_hash'), ['mailbox_hash'], unique=False)
        batch_op.create_index(batch_op.f('ix_address_asked_recipient'), ['recipient'], unique=False)


def downgrade() -> None:
    op.drop_table('address_asked')
