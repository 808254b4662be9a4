"""优先未被确认: a number keeps the priority that was asked for and not given, so that its page says so."""

import sqlalchemy as sa
from alembic import op

revision = '0033'
down_revision = '0032'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column('ticket', sa.Column('refused_priority', sa.String(length=20), nullable=True))


def downgrade() -> None:
    # Not in a batch, which copies the table.
    op.drop_column('ticket', 'refused_priority')
