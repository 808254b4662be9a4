"""Push."""

import sqlalchemy as sa
from alembic import op

revision = '0008'
down_revision = '0007'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table('inbox_message',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('recipient', sa.String(length=66), nullable=False),
    sa.Column('subject', sa.String(length=80), nullable=False),
    sa.Column('kind', sa.String(length=32), nullable=False),
    sa.Column('facts', sa.JSON(none_as_null=True), nullable=False),
    sa.Column('leads_to', sa.String(length=200), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('read_at', sa.DateTime(timezone=True), nullable=True),
    sa.CheckConstraint("recipient LIKE 'd:%' OR recipient LIKE 's:%'", name=op.f('ck_inbox_message_recipient')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_inbox_message'))
    )
    with op.batch_alter_table('inbox_message', schema=None) as batch_op:
        batch_op.create_index('ix_inbox_message_created_at', ['created_at'], unique=False)
        batch_op.create_index('ix_inbox_message_recipient_created_at', ['recipient', 'created_at'], unique=False)
        batch_op.create_index('uq_inbox_message_unread', ['recipient', 'subject'], unique=True, sqlite_where=sa.text('read_at IS NULL'), postgresql_where=sa.text('read_at IS NULL'))

    op.create_table('push_outbox',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('recipient', sa.String(length=66), nullable=False),
    sa.Column('channel', sa.Enum('push', 'email', 'webhook', name='channelkind', native_enum=False, create_constraint=True, length=32), nullable=False),
    sa.Column('subscription_id', sa.Integer(), nullable=False),
    sa.Column('service', sa.String(length=260), nullable=False),
    sa.Column('subject', sa.String(length=80), nullable=False),
    sa.Column('kind', sa.String(length=32), nullable=False),
    sa.Column('facts', sa.JSON(none_as_null=True), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('due_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('expires_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('lease_until', sa.DateTime(timezone=True), nullable=True),
    sa.Column('attempts', sa.Integer(), nullable=False),
    sa.Column('state', sa.Enum('waiting', 'sent', 'failed', 'stale', name='sendstate', native_enum=False, create_constraint=True, length=32), nullable=False),
    sa.Column('reason', sa.String(length=120), nullable=False),
    sa.Column('sent_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('took', sa.Integer(), nullable=True),
    sa.CheckConstraint("(channel = 'push') = (subscription_id > 0)", name=op.f('ck_push_outbox_destination')),
    sa.CheckConstraint("(state = 'sent') = (sent_at IS NOT NULL)", name=op.f('ck_push_outbox_sent')),
    sa.CheckConstraint("recipient LIKE 'd:%' OR recipient LIKE 's:%'", name=op.f('ck_push_outbox_recipient')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_push_outbox'))
    )
    with op.batch_alter_table('push_outbox', schema=None) as batch_op:
        batch_op.create_index('ix_push_outbox_created_at', ['created_at'], unique=False)
        batch_op.create_index('ix_push_outbox_due', ['due_at'], unique=False, sqlite_where=sa.text("state = 'waiting'"), postgresql_where=sa.text("state = 'waiting'"))
        batch_op.create_index('uq_push_outbox_waiting', ['recipient', 'subject', 'channel', 'subscription_id'], unique=True, sqlite_where=sa.text("state = 'waiting'"), postgresql_where=sa.text("state = 'waiting'"))

    op.create_table('push_preferences',
    sa.Column('recipient', sa.String(length=66), nullable=False),
    sa.Column('language', sa.Enum('zh-Hans', 'en', name='language', native_enum=False, create_constraint=True, length=32), nullable=False),
    sa.Column('off', sa.JSON(none_as_null=True), nullable=False),
    sa.Column('ahead', sa.Integer(), nullable=False),
    sa.Column('quiet_from', sa.Time(), nullable=True),
    sa.Column('quiet_to', sa.Time(), nullable=True),
    sa.Column('channels', sa.JSON(none_as_null=True), nullable=False),
    sa.Column('email', sa.String(length=254), nullable=True),
    sa.Column('email_key_hash', sa.String(length=64), nullable=True),
    sa.Column('email_asked_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('email_confirmed_at', sa.DateTime(timezone=True), nullable=True),
    sa.CheckConstraint("recipient LIKE 'd:%' OR recipient LIKE 's:%'", name=op.f('ck_push_preferences_recipient')),
    sa.CheckConstraint('(quiet_from IS NULL) = (quiet_to IS NULL)', name=op.f('ck_push_preferences_quiet')),
    sa.CheckConstraint('ahead IN (1, 3, 5)', name=op.f('ck_push_preferences_ahead')),
    sa.PrimaryKeyConstraint('recipient', name=op.f('pk_push_preferences')),
    sa.UniqueConstraint('email_key_hash', name=op.f('uq_push_preferences_email_key_hash'))
    )
    with op.batch_alter_table('push_preferences', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_push_preferences_email'), ['email'], unique=False)

    op.create_table('push_subscription',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('recipient', sa.String(length=66), nullable=False),
    sa.Column('endpoint', sa.Text(), nullable=False),
    sa.Column('endpoint_hash', sa.String(length=64), nullable=False),
    sa.Column('p256dh', sa.String(length=88), nullable=False),
    sa.Column('auth', sa.String(length=24), nullable=False),
    sa.Column('key', sa.String(length=88), nullable=False),
    sa.Column('language', sa.Enum('zh-Hans', 'en', name='language', native_enum=False, create_constraint=True, length=32), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('renewed_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('failures', sa.Integer(), nullable=False),
    sa.CheckConstraint("recipient LIKE 'd:%' OR recipient LIKE 's:%'", name=op.f('ck_push_subscription_recipient')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_push_subscription')),
    sa.UniqueConstraint('endpoint_hash', name=op.f('uq_push_subscription_endpoint_hash'))
    )
    with op.batch_alter_table('push_subscription', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_push_subscription_recipient'), ['recipient'], unique=False)

    op.create_table('ticket_watch',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('ticket_id', sa.Integer(), nullable=False),
    sa.Column('recipient', sa.String(length=66), nullable=False),
    sa.Column('ahead', sa.Integer(), nullable=False),
    sa.Column('is_told_near', sa.Boolean(), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.CheckConstraint("recipient LIKE 'd:%' OR recipient LIKE 's:%'", name=op.f('ck_ticket_watch_recipient')),
    sa.CheckConstraint('ahead IN (1, 3, 5)', name=op.f('ck_ticket_watch_ahead')),
    sa.ForeignKeyConstraint(['ticket_id'], ['ticket.id'], name=op.f('fk_ticket_watch_ticket_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_ticket_watch')),
    sa.UniqueConstraint('ticket_id', 'recipient', name=op.f('uq_ticket_watch_ticket_id_recipient'))
    )
    with op.batch_alter_table('ticket_watch', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_ticket_watch_recipient'), ['recipient'], unique=False)



def downgrade() -> None:
    with op.batch_alter_table('ticket_watch', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_ticket_watch_recipient'))

    op.drop_table('ticket_watch')
    with op.batch_alter_table('push_subscription', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_push_subscription_recipient'))

    op.drop_table('push_subscription')
    with op.batch_alter_table('push_preferences', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_push_preferences_email'))

    op.drop_table('push_preferences')
    with op.batch_alter_table('push_outbox', schema=None) as batch_op:
        batch_op.drop_index('uq_push_outbox_waiting', sqlite_where=sa.text("state = 'waiting'"), postgresql_where=sa.text("state = 'waiting'"))
        batch_op.drop_index('ix_push_outbox_due', sqlite_where=sa.text("state = 'waiting'"), postgresql_where=sa.text("state = 'waiting'"))
        batch_op.drop_index('ix_push_outbox_created_at')

    op.drop_table('push_outbox')
    with op.batch_alter_table('inbox_message', schema=None) as batch_op:
        batch_op.drop_index('uq_inbox_message_unread', sqlite_where=sa.text('read_at IS NULL'), postgresql_where=sa.text('read_at IS NULL'))
        batch_op.drop_index('ix_inbox_message_recipient_created_at')
        batch_op.drop_index('ix_inbox_message_created_at')

    op.drop_table('inbox_message')
