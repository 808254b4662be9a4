"""What residents say is wrong on a page."""

import sqlalchemy as sa
from alembic import op

revision = '0026'
down_revision = '0025'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table('mistake_report',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('community_id', sa.Integer(), nullable=False),
    sa.Column('token', sa.String(length=32), nullable=False),
    sa.Column('form_key', sa.String(length=64), nullable=False),
    sa.Column('page', sa.String(length=200), nullable=False),
    sa.Column('title', sa.String(length=120), nullable=False),
    sa.Column('paper', sa.String(length=120), nullable=False),
    sa.Column('version', sa.Integer(), nullable=False),
    sa.Column('words', sa.String(length=500), nullable=False),
    sa.Column('phone', sa.String(length=20), nullable=False),
    sa.Column('sent_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('closed_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('closed_by', sa.Integer(), nullable=True),
    sa.Column('outcome', sa.Enum('corrected', 'set-aside', name='outcome', native_enum=False, create_constraint=True, length=32), nullable=True),
    sa.Column('answer', sa.String(length=200), nullable=False),
    sa.CheckConstraint('(closed_at IS NULL) = (outcome IS NULL)', name=op.f('ck_mistake_report_closed')),
    sa.ForeignKeyConstraint(['closed_by'], ['staff_member.id'], name=op.f('fk_mistake_report_closed_by')),
    sa.ForeignKeyConstraint(['community_id'], ['community.id'], name=op.f('fk_mistake_report_community_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_mistake_report')),
    sa.UniqueConstraint('form_key', name=op.f('uq_mistake_report_form_key')),
    sa.UniqueConstraint('token', name=op.f('uq_mistake_report_token'))
    )
    with op.batch_alter_table('mistake_report', schema=None) as batch_op:
        batch_op.create_index(
            'ix_mistake_report_open',
            ['community_id'],
            unique=False,
            sqlite_where=sa.text('closed_at IS NULL'),
            postgresql_where=sa.text('closed_at IS NULL'),
        )
        batch_op.create_index('ix_mistake_report_sent_at', ['sent_at'], unique=False)



def downgrade() -> None:
    op.drop_table('mistake_report')
