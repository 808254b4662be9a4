"""The open form that saved a draft last, so that a second tab is told from a lost answer."""

import sqlalchemy as sa
from alembic import op

revision = '0021'
down_revision = '0020'
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table('paper_draft', schema=None) as batch_op:
        batch_op.add_column(sa.Column('saved_by_form', sa.String(length=43), nullable=True))


def downgrade() -> None:
    with op.batch_alter_table('paper_draft', schema=None) as batch_op:
        batch_op.drop_column('saved_by_form')
