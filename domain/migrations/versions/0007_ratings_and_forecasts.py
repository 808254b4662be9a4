"""Ratings, and how right the forecast is."""

import sqlalchemy as sa
from alembic import op

revision = '0007'
down_revision = '0006'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table('service_rating',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('ticket_id', sa.Integer(), nullable=False),
    sa.Column('hall_id', sa.Integer(), nullable=False),
    sa.Column('level', sa.Enum('very-satisfied', 'satisfied', 'basically-satisfied', 'dissatisfied', 'very-dissatisfied', name='ratinglevel', native_enum=False, create_constraint=True, length=32), nullable=False),
    sa.Column('tags', sa.JSON(none_as_null=True), nullable=False),
    sa.Column('words', sa.String(length=500), nullable=False),
    sa.Column('source', sa.Enum('tablet', 'page', name='ratingsource', native_enum=False, create_constraint=True, length=32), nullable=False),
    sa.Column('given_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('given_on', sa.Date(), nullable=False),
    sa.ForeignKeyConstraint(['hall_id'], ['hall.id'], name=op.f('fk_service_rating_hall_id')),
    sa.ForeignKeyConstraint(['ticket_id'], ['ticket.id'], name=op.f('fk_service_rating_ticket_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_service_rating')),
    sa.UniqueConstraint('ticket_id', name=op.f('uq_service_rating_ticket_id'))
    )
    with op.batch_alter_table('service_rating', schema=None) as batch_op:
        batch_op.create_index('ix_service_rating_hall_id_given_on', ['hall_id', 'given_on'], unique=False)

    op.create_table('ticket_forecast',
    sa.Column('ticket_id', sa.Integer(), nullable=False),
    sa.Column('told_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('low', sa.Integer(), nullable=False),
    sa.Column('high', sa.Integer(), nullable=False),
    sa.ForeignKeyConstraint(['ticket_id'], ['ticket.id'], name=op.f('fk_ticket_forecast_ticket_id')),
    sa.PrimaryKeyConstraint('ticket_id', name=op.f('pk_ticket_forecast'))
    )
    op.create_table('call_back',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('rating_id', sa.Integer(), nullable=False),
    sa.Column('community_id', sa.Integer(), nullable=False),
    sa.Column('fix_by', sa.Date(), nullable=False),
    sa.Column('phone', sa.String(length=20), nullable=False),
    sa.Column('done_on', sa.Date(), nullable=True),
    sa.Column('done_by', sa.Integer(), nullable=True),
    sa.Column('answer', sa.String(length=500), nullable=True),
    sa.CheckConstraint("done_on IS NULL OR phone = ''", name=op.f('ck_call_back_phone')),
    sa.CheckConstraint('(done_on IS NULL) = (answer IS NULL)', name=op.f('ck_call_back_answer')),
    sa.ForeignKeyConstraint(['community_id'], ['community.id'], name=op.f('fk_call_back_community_id')),
    sa.ForeignKeyConstraint(['done_by'], ['staff_member.id'], name=op.f('fk_call_back_done_by')),
    sa.ForeignKeyConstraint(['rating_id'], ['service_rating.id'], name=op.f('fk_call_back_rating_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_call_back')),
    sa.UniqueConstraint('rating_id', name=op.f('uq_call_back_rating_id'))
    )
    with op.batch_alter_table('call_back', schema=None) as batch_op:
        batch_op.create_index('ix_call_back_open', ['community_id', 'fix_by'], unique=False, sqlite_where=sa.text('done_on IS NULL'), postgresql_where=sa.text('done_on IS NULL'))

    op.create_table('call_back_attempt',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('call_back_id', sa.Integer(), nullable=False),
    sa.Column('staff_id', sa.Integer(), nullable=False),
    sa.Column('at', sa.DateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['call_back_id'], ['call_back.id'], name=op.f('fk_call_back_attempt_call_back_id')),
    sa.ForeignKeyConstraint(['staff_id'], ['staff_member.id'], name=op.f('fk_call_back_attempt_staff_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_call_back_attempt'))
    )
    with op.batch_alter_table('call_back_attempt', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_call_back_attempt_call_back_id'), ['call_back_id'], unique=False)



def downgrade() -> None:
    with op.batch_alter_table('call_back_attempt', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_call_back_attempt_call_back_id'))

    op.drop_table('call_back_attempt')
    with op.batch_alter_table('call_back', schema=None) as batch_op:
        batch_op.drop_index('ix_call_back_open', sqlite_where=sa.text('done_on IS NULL'), postgresql_where=sa.text('done_on IS NULL'))

    op.drop_table('call_back')
    op.drop_table('ticket_forecast')
    with op.batch_alter_table('service_rating', schema=None) as batch_op:
        batch_op.drop_index('ix_service_rating_hall_id_given_on')

    op.drop_table('service_rating')
