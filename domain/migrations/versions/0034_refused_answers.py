"""没办成的表单: answers to refused forms, sealed, so that each of several servers finds them."""

import sqlalchemy as sa
from alembic import op

revision = '0034'
down_revision = '0033'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        'refused_answer',
        sa.Column('key_hash', sa.String(length=64), nullable=False),
        sa.Column('sealed', sa.LargeBinary(), nullable=False),
        sa.Column('until', sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint('key_hash', name=op.f('pk_refused_answer')),
    )
    op.create_index(op.f('ix_refused_answer_until'), 'refused_answer', ['until'])


def downgrade() -> None:
    op.drop_index(op.f('ix_refused_answer_until'), table_name='refused_answer')
    op.drop_table('refused_answer')
