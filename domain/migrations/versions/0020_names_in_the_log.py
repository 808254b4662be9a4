"""Who acted, by the names of the time, in the log and in its hashes."""

import sqlalchemy as sa
from alembic import op

revision = '0020'
down_revision = '0019'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column('journal_entry', sa.Column('chain', sa.Integer(), nullable=True))
    op.add_column('journal_entry', sa.Column('name', sa.String(length=40), nullable=True))
    op.add_column('journal_entry', sa.Column('full_name', sa.String(length=80), nullable=True))


def downgrade() -> None:
    with op.batch_alter_table('journal_entry', schema=None) as batch_op:
        batch_op.drop_column('full_name')
        batch_op.drop_column('name')
        batch_op.drop_column('chain')
