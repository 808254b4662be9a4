"""Compounds and buildings that ended: since when, why, and where their printed codes lead."""

import sqlalchemy as sa
from alembic import op

revision = '0030'
down_revision = '0029'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column('compound', sa.Column('ended', sa.JSON(none_as_null=True), nullable=True))
    op.add_column('building', sa.Column('ended', sa.JSON(none_as_null=True), nullable=True))


def downgrade() -> None:
    # Not in a batch, which copies the table.
    op.drop_column('building', 'ended')
    op.drop_column('compound', 'ended')
