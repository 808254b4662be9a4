"""How often a hall's queue has changed, so that a kept snapshot is known to be true."""

import sqlalchemy as sa
from alembic import op

revision = '0017'
down_revision = '0016'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table('hall_version',
    sa.Column('hall_id', sa.Integer(), autoincrement=False, nullable=False),
    sa.Column('number', sa.Integer(), nullable=False),
    sa.PrimaryKeyConstraint('hall_id', name=op.f('pk_hall_version'))
    )


def downgrade() -> None:
    op.drop_table('hall_version')
