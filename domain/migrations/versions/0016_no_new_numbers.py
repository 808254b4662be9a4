"""Since when a day gives no new numbers, and the number that was left at closing before."""

import sqlalchemy as sa
from alembic import op

revision = '0016'
down_revision = '0015'
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table('queue_day', schema=None) as batch_op:
        batch_op.add_column(sa.Column('stopped_at', sa.DateTime(timezone=True), nullable=True))
        batch_op.add_column(sa.Column('stopped_by', sa.Integer(), nullable=True))
        batch_op.create_foreign_key(
            batch_op.f('fk_queue_day_stopped_by'), 'staff_member', ['stopped_by'], ['id']
        )
    with op.batch_alter_table('ticket', schema=None) as batch_op:
        batch_op.add_column(sa.Column('left_id', sa.Integer(), nullable=True))
        batch_op.create_foreign_key(batch_op.f('fk_ticket_left_id'), 'ticket', ['left_id'], ['id'])


def downgrade() -> None:
    with op.batch_alter_table('ticket', schema=None) as batch_op:
        batch_op.drop_constraint(batch_op.f('fk_ticket_left_id'), type_='foreignkey')
        batch_op.drop_column('left_id')
    with op.batch_alter_table('queue_day', schema=None) as batch_op:
        batch_op.drop_constraint(batch_op.f('fk_queue_day_stopped_by'), type_='foreignkey')
        batch_op.drop_column('stopped_by')
        batch_op.drop_column('stopped_at')
