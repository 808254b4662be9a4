"""Letters that ask whether an address is right, and what ends letters and browsers for good."""

import sqlalchemy as sa
from alembic import op

revision = '0015'
down_revision = '0014'
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

    op.create_table('ended_browser',
    sa.Column('endpoint_hash', sa.String(length=64), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.PrimaryKeyConstraint('endpoint_hash', name=op.f('pk_ended_browser'))
    )
    with op.batch_alter_table('ended_browser', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_ended_browser_created_at'), ['created_at'], unique=False)

    with op.batch_alter_table('push_preferences', schema=None) as batch_op:
        batch_op.add_column(sa.Column('email_refused_at', sa.DateTime(timezone=True), nullable=True))
        batch_op.add_column(sa.Column('email_stop_key', sa.String(length=43), nullable=True))
        batch_op.create_unique_constraint(batch_op.f('uq_push_preferences_email_stop_key'), ['email_stop_key'])


def downgrade() -> None:
    with op.batch_alter_table('push_preferences', schema=None) as batch_op:
        batch_op.drop_constraint(batch_op.f('uq_push_preferences_email_stop_key'), type_='unique')
        batch_op.drop_column('email_stop_key')
        batch_op.drop_column('email_refused_at')

    op.drop_table('ended_browser')
    op.drop_table('address_asked')
