"""Drafts and versions of documents, withdrawn items, and a community's own as one document."""

import sqlalchemy as sa
from alembic import op

revision = '0004'
down_revision = '0003'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table('paper_version',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('subject', sa.String(length=120), nullable=False),
    sa.Column('number', sa.Integer(), nullable=False),
    sa.Column('document', sa.JSON(none_as_null=True), nullable=False),
    sa.Column('staff_id', sa.Integer(), nullable=True),
    sa.Column('published_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('reason', sa.String(length=200), nullable=False),
    sa.ForeignKeyConstraint(['staff_id'], ['staff_member.id'], name=op.f('fk_paper_version_staff_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_paper_version')),
    sa.UniqueConstraint('subject', 'number', name=op.f('uq_paper_version_subject_number'))
    )
    op.create_table('paper_draft',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('subject', sa.String(length=120), nullable=False),
    sa.Column('staff_id', sa.Integer(), nullable=False),
    sa.Column('base', sa.Integer(), nullable=False),
    sa.Column('merged_from', sa.Integer(), nullable=True),
    sa.Column('document', sa.JSON(none_as_null=True), nullable=False),
    sa.Column('saved_at', sa.DateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['staff_id'], ['staff_member.id'], name=op.f('fk_paper_draft_staff_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_paper_draft')),
    sa.UniqueConstraint('subject', 'staff_id', name=op.f('uq_paper_draft_subject_staff_id'))
    )
    op.add_column('service_item', sa.Column('withdrawn', sa.String(), nullable=True))

    # The sentence a community added becomes the `note` of a document that can hold more.
    op.add_column('community_note', sa.Column('own', sa.JSON(none_as_null=True), nullable=True))
    op.add_column('community_note', sa.Column('item_version', sa.Integer(), nullable=True))
    is_postgresql = op.get_bind().dialect.name == 'postgresql'
    build = 'json_build_object' if is_postgresql else 'json_object'
    op.execute(f"UPDATE community_note SET item_version = 1, own = {build}('note', note)")
    with op.batch_alter_table('community_note') as note:
        note.alter_column('own', existing_type=sa.JSON(none_as_null=True), nullable=False)
        note.alter_column('item_version', existing_type=sa.Integer(), nullable=False)
        note.drop_column('note')


def downgrade() -> None:
    op.add_column('community_note', sa.Column('note', sa.String(), nullable=True))
    is_postgresql = op.get_bind().dialect.name == 'postgresql'
    note_in = "own->>'note'" if is_postgresql else "json_extract(own, '$.note')"
    op.execute(f"UPDATE community_note SET note = coalesce({note_in}, '')")
    with op.batch_alter_table('community_note') as note:
        note.alter_column('note', existing_type=sa.String(), nullable=False)
        note.drop_column('item_version')
        note.drop_column('own')
    op.drop_column('service_item', 'withdrawn')
    op.drop_table('paper_draft')
    op.drop_table('paper_version')
