"""When a clerk last did something at a seat."""

import sqlalchemy as sa
from alembic import op

revision = '0009'
down_revision = '0008'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column('counter_shift', sa.Column('acted_at', sa.DateTime(timezone=True), nullable=True))


def downgrade() -> None:
    with op.batch_alter_table('counter_shift', schema=None) as batch_op:
        batch_op.drop_column('acted_at')
