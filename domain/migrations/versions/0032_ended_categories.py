"""The order of categories, and those that ended: since when, why, and which one follows."""

import sqlalchemy as sa
from alembic import op

revision = '0032'
down_revision = '0031'
branch_labels = None
depends_on = None


def upgrade() -> None:
    # Categories of one rank stand in the order of their letters, as all did before.
    op.add_column('category', sa.Column('rank', sa.Integer(), server_default='0', nullable=False))
    op.add_column('category', sa.Column('ended', sa.JSON(none_as_null=True), nullable=True))


def downgrade() -> None:
    # Not in a batch, which copies the table.
    op.drop_column('category', 'ended')
    op.drop_column('category', 'rank')
