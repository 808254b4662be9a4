"""Whether simulated people practise in a hall, so that it is open at any hour."""

import sqlalchemy as sa
from alembic import op

revision = '0019'
down_revision = '0018'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column(
        'hall', sa.Column('is_rehearsing', sa.Boolean(), server_default=sa.false(), nullable=False)
    )


def downgrade() -> None:
    # Not in a batch, which copies the table: counters and days refer to its rows.
    op.drop_column('hall', 'is_rehearsing')
