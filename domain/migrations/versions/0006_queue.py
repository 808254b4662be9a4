"""Queue."""

import sqlalchemy as sa
from alembic import op

revision = '0006'
down_revision = '0005'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table('counter_shift',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('hall_id', sa.Integer(), nullable=False),
    sa.Column('counter', sa.Integer(), nullable=False),
    sa.Column('staff_id', sa.Integer(), nullable=False),
    sa.Column('letters', sa.JSON(none_as_null=True), nullable=False),
    sa.Column('began_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('ended_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('pause_reason', sa.String(length=80), nullable=True),
    sa.Column('paused_at', sa.DateTime(timezone=True), nullable=True),
    sa.ForeignKeyConstraint(['hall_id'], ['hall.id'], name=op.f('fk_counter_shift_hall_id')),
    sa.ForeignKeyConstraint(['staff_id'], ['staff_member.id'], name=op.f('fk_counter_shift_staff_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_counter_shift'))
    )
    with op.batch_alter_table('counter_shift', schema=None) as batch_op:
        batch_op.create_index('uq_counter_shift_of_staff', ['staff_id'], unique=True, sqlite_where=sa.text('ended_at IS NULL'), postgresql_where=sa.text('ended_at IS NULL'))
        batch_op.create_index('uq_counter_shift_open', ['hall_id', 'counter'], unique=True, sqlite_where=sa.text('ended_at IS NULL'), postgresql_where=sa.text('ended_at IS NULL'))

    op.create_table('hall_queue',
    sa.Column('hall_id', sa.Integer(), nullable=False),
    sa.Column('rules', sa.JSON(none_as_null=True), nullable=False),
    sa.ForeignKeyConstraint(['hall_id'], ['hall.id'], name=op.f('fk_hall_queue_hall_id')),
    sa.PrimaryKeyConstraint('hall_id', name=op.f('pk_hall_queue'))
    )
    op.create_table('queue_day',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('hall_id', sa.Integer(), nullable=False),
    sa.Column('day', sa.Date(), nullable=False),
    sa.Column('opened_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('closed_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('closed_by', sa.Integer(), nullable=True),
    sa.Column('erased_at', sa.DateTime(timezone=True), nullable=True),
    sa.ForeignKeyConstraint(['closed_by'], ['staff_member.id'], name=op.f('fk_queue_day_closed_by')),
    sa.ForeignKeyConstraint(['hall_id'], ['hall.id'], name=op.f('fk_queue_day_hall_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_queue_day')),
    sa.UniqueConstraint('hall_id', 'day', name=op.f('uq_queue_day_hall_id_day'))
    )
    with op.batch_alter_table('queue_day', schema=None) as batch_op:
        batch_op.create_index('ix_queue_day_not_erased', ['day'], unique=False, sqlite_where=sa.text('erased_at IS NULL'), postgresql_where=sa.text('erased_at IS NULL'))

    op.create_table('queue_number',
    sa.Column('day_id', sa.Integer(), nullable=False),
    sa.Column('letter', sa.String(length=1), nullable=False),
    sa.Column('last', sa.Integer(), nullable=False),
    sa.ForeignKeyConstraint(['day_id'], ['queue_day.id'], name=op.f('fk_queue_number_day_id')),
    sa.PrimaryKeyConstraint('day_id', 'letter', name=op.f('pk_queue_number'))
    )
    op.create_table('ticket',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('day_id', sa.Integer(), nullable=False),
    sa.Column('letter', sa.String(length=1), nullable=False),
    sa.Column('number', sa.Integer(), nullable=False),
    sa.Column('token', sa.String(length=32), nullable=False),
    sa.Column('device_hash', sa.String(length=64), nullable=True),
    sa.Column('request_key', sa.String(length=64), nullable=True),
    sa.Column('items', sa.JSON(none_as_null=True), nullable=False),
    sa.Column('brought', sa.JSON(none_as_null=True), nullable=False),
    sa.Column('missing', sa.JSON(none_as_null=True), nullable=False),
    sa.Column('category', sa.String(length=1), nullable=False),
    sa.Column('for_counter', sa.Integer(), nullable=True),
    sa.Column('state', sa.Enum('waiting', 'called', 'serving', 'on-hold', 'no-show', 'done', 'cancelled', 'closed', name='ticketstate', native_enum=False, create_constraint=True, length=32), nullable=False),
    sa.Column('counter', sa.Integer(), nullable=True),
    sa.Column('priority', sa.Enum('aged', 'disabled', 'pregnant', 'service', 'other', name='prioritykind', native_enum=False, create_constraint=True, length=32), nullable=True),
    sa.Column('is_confirmed', sa.Boolean(), nullable=False),
    sa.Column('joined_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('waits_from', sa.DateTime(timezone=True), nullable=False),
    sa.Column('place_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('returns', sa.Integer(), nullable=False),
    sa.Column('lets', sa.Integer(), nullable=False),
    sa.CheckConstraint("(state IN ('called', 'serving')) = (counter IS NOT NULL)", name=op.f('ck_ticket_counter')),
    sa.CheckConstraint('number > 0', name=op.f('ck_ticket_number')),
    sa.ForeignKeyConstraint(['day_id'], ['queue_day.id'], name=op.f('fk_ticket_day_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_ticket')),
    sa.UniqueConstraint('day_id', 'letter', 'number', name=op.f('uq_ticket_day_id_letter_number')),
    sa.UniqueConstraint('request_key', name=op.f('uq_ticket_request_key')),
    sa.UniqueConstraint('token', name=op.f('uq_ticket_token'))
    )
    with op.batch_alter_table('ticket', schema=None) as batch_op:
        batch_op.create_index('ix_ticket_day_id_state', ['day_id', 'state'], unique=False)
        batch_op.create_index('ix_ticket_device_hash', ['device_hash'], unique=False, sqlite_where=sa.text('device_hash IS NOT NULL'), postgresql_where=sa.text('device_hash IS NOT NULL'))
        batch_op.create_index('uq_ticket_at_counter', ['day_id', 'counter'], unique=True, sqlite_where=sa.text("state IN ('called', 'serving')"), postgresql_where=sa.text("state IN ('called', 'serving')"))
        batch_op.create_index('uq_ticket_of_device', ['device_hash', 'day_id', 'letter'], unique=True, sqlite_where=sa.text("state IN ('waiting', 'called', 'serving', 'on-hold') AND device_hash IS NOT NULL"), postgresql_where=sa.text("state IN ('waiting', 'called', 'serving', 'on-hold') AND device_hash IS NOT NULL"))

    op.create_table('ticket_call',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('ticket_id', sa.Integer(), nullable=False),
    sa.Column('day_id', sa.Integer(), nullable=False),
    sa.Column('counter', sa.Integer(), nullable=False),
    sa.Column('called_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('undone_at', sa.DateTime(timezone=True), nullable=True),
    sa.ForeignKeyConstraint(['day_id'], ['queue_day.id'], name=op.f('fk_ticket_call_day_id')),
    sa.ForeignKeyConstraint(['ticket_id'], ['ticket.id'], name=op.f('fk_ticket_call_ticket_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_ticket_call'))
    )
    with op.batch_alter_table('ticket_call', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_ticket_call_day_id'), ['day_id'], unique=False)
        batch_op.create_index(batch_op.f('ix_ticket_call_ticket_id'), ['ticket_id'], unique=False)

    op.create_table('ticket_period',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('ticket_id', sa.Integer(), nullable=False),
    sa.Column('state', sa.Enum('waiting', 'called', 'serving', 'on-hold', 'no-show', 'done', 'cancelled', 'closed', name='ticketstate', native_enum=False, create_constraint=True, length=32), nullable=False),
    sa.Column('counter', sa.Integer(), nullable=True),
    sa.Column('staff_id', sa.Integer(), nullable=True),
    sa.Column('began_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('ended_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('reason', sa.String(length=120), nullable=False),
    sa.ForeignKeyConstraint(['staff_id'], ['staff_member.id'], name=op.f('fk_ticket_period_staff_id')),
    sa.ForeignKeyConstraint(['ticket_id'], ['ticket.id'], name=op.f('fk_ticket_period_ticket_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_ticket_period'))
    )
    with op.batch_alter_table('ticket_period', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_ticket_period_ticket_id'), ['ticket_id'], unique=False)
        batch_op.create_index('uq_ticket_period_open', ['ticket_id'], unique=True, sqlite_where=sa.text('ended_at IS NULL'), postgresql_where=sa.text('ended_at IS NULL'))



def downgrade() -> None:
    with op.batch_alter_table('ticket_period', schema=None) as batch_op:
        batch_op.drop_index('uq_ticket_period_open', sqlite_where=sa.text('ended_at IS NULL'), postgresql_where=sa.text('ended_at IS NULL'))
        batch_op.drop_index(batch_op.f('ix_ticket_period_ticket_id'))

    op.drop_table('ticket_period')
    with op.batch_alter_table('ticket_call', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_ticket_call_ticket_id'))
        batch_op.drop_index(batch_op.f('ix_ticket_call_day_id'))

    op.drop_table('ticket_call')
    with op.batch_alter_table('ticket', schema=None) as batch_op:
        batch_op.drop_index('uq_ticket_of_device', sqlite_where=sa.text("state IN ('waiting', 'called', 'serving', 'on-hold') AND device_hash IS NOT NULL"), postgresql_where=sa.text("state IN ('waiting', 'called', 'serving', 'on-hold') AND device_hash IS NOT NULL"))
        batch_op.drop_index('uq_ticket_at_counter', sqlite_where=sa.text("state IN ('called', 'serving')"), postgresql_where=sa.text("state IN ('called', 'serving')"))
        batch_op.drop_index('ix_ticket_device_hash', sqlite_where=sa.text('device_hash IS NOT NULL'), postgresql_where=sa.text('device_hash IS NOT NULL'))
        batch_op.drop_index('ix_ticket_day_id_state')

    op.drop_table('ticket')
    op.drop_table('queue_number')
    with op.batch_alter_table('queue_day', schema=None) as batch_op:
        batch_op.drop_index('ix_queue_day_not_erased', sqlite_where=sa.text('erased_at IS NULL'), postgresql_where=sa.text('erased_at IS NULL'))

    op.drop_table('queue_day')
    op.drop_table('hall_queue')
    with op.batch_alter_table('counter_shift', schema=None) as batch_op:
        batch_op.drop_index('uq_counter_shift_open', sqlite_where=sa.text('ended_at IS NULL'), postgresql_where=sa.text('ended_at IS NULL'))
        batch_op.drop_index('uq_counter_shift_of_staff', sqlite_where=sa.text('ended_at IS NULL'), postgresql_where=sa.text('ended_at IS NULL'))

    op.drop_table('counter_shift')
