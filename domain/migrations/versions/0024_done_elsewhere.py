"""What is done elsewhere, and the words that people use for a facility."""

import sqlalchemy as sa
from alembic import op

revision = '0024'
down_revision = '0023'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table('elsewhere',
    sa.Column('id', sa.Integer(), autoincrement=False, nullable=False),
    sa.Column('list', sa.JSON(none_as_null=True), nullable=False),
    sa.CheckConstraint('id = 1', name=op.f('ck_elsewhere_only_row')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_elsewhere'))
    )
    op.add_column(
        'facility',
        sa.Column('search_words', sa.JSON(none_as_null=True), nullable=True),
    )


def downgrade() -> None:
    # Not in a batch, which copies the table.
    op.drop_column('facility', 'search_words')
    op.drop_table('elsewhere')
