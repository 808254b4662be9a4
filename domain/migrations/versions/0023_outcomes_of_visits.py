"""How a visit ended: done, to come back, wrong place, handed on."""

import sqlalchemy as sa
from alembic import op

revision = '0023'
down_revision = '0022'
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table('ticket', schema=None) as batch_op:
        batch_op.add_column(sa.Column('outcome', sa.String(length=32), nullable=True))
        batch_op.create_check_constraint(
            batch_op.f('ck_ticket_visitoutcome'),
            "outcome IN ('done', 'come-back', 'wrong-place', 'handed-on')",
        )


def downgrade() -> None:
    with op.batch_alter_table('ticket', schema=None) as batch_op:
        batch_op.drop_constraint(batch_op.f('ck_ticket_visitoutcome'), type_='check')
        batch_op.drop_column('outcome')
