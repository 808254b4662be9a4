"""Communities that were merged into others or ended: since when, and where their codes lead."""

import sqlalchemy as sa
from alembic import op

revision = '0031'
down_revision = '0030'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column('community', sa.Column('ended', sa.JSON(none_as_null=True), nullable=True))


def downgrade() -> None:
    # Not in a batch, which copies the table.
    op.drop_column('community', 'ended')
