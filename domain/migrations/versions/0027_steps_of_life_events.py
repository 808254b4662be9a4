"""The ordered steps of life events."""

import sqlalchemy as sa
from alembic import op

revision = '0027'
down_revision = '0026'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table('life_event_steps',
    sa.Column('event', sa.String(length=40), nullable=False),
    sa.Column('plan', sa.JSON(none_as_null=True), nullable=False),
    sa.PrimaryKeyConstraint('event', name=op.f('pk_life_event_steps'))
    )


def downgrade() -> None:
    op.drop_table('life_event_steps')
