"""What a workbook of the handbook would change, kept until it is published."""

import sqlalchemy as sa
from alembic import op

revision = '0005'
down_revision = '0004'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table('paper_import',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('staff_id', sa.Integer(), nullable=False),
    sa.Column('made_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('published_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('file_name', sa.String(length=120), nullable=False),
    sa.Column('documents', sa.JSON(none_as_null=True), nullable=False),
    sa.Column('unchanged', sa.Integer(), nullable=False),
    sa.ForeignKeyConstraint(['staff_id'], ['staff_member.id'], name=op.f('fk_paper_import_staff_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_paper_import'))
    )


def downgrade() -> None:
    op.drop_table('paper_import')
