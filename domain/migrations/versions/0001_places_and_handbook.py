"""Places, handbook, calendar and the content's revision."""

import sqlalchemy as sa
from alembic import op

revision = '0001'
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table('category',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('letter', sa.String(length=1), nullable=False),
    sa.Column('slug', sa.String(length=40), nullable=False),
    sa.Column('name', sa.String(length=80), nullable=False),
    sa.Column('character', sa.String(length=1), nullable=False),
    sa.Column('summary', sa.String(length=200), nullable=False),
    sa.CheckConstraint('length(letter) = 1', name=op.f('ck_category_one_letter')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_category')),
    sa.UniqueConstraint('letter', name=op.f('uq_category_letter')),
    sa.UniqueConstraint('slug', name=op.f('uq_category_slug'))
    )
    op.create_table('content_revision',
    sa.Column('id', sa.Integer(), autoincrement=False, nullable=False),
    sa.Column('number', sa.Integer(), nullable=False),
    sa.CheckConstraint('id = 1', name=op.f('ck_content_revision_only_row')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_content_revision'))
    )
    # The one row is there from the beginning, so that raising it is always an update.
    op.execute("INSERT INTO content_revision (id, number) VALUES (1, 0)")
    op.create_table('district',
    sa.Column('id', sa.Integer(), autoincrement=False, nullable=False),
    sa.Column('slug', sa.String(length=40), nullable=False),
    sa.Column('name', sa.String(length=80), nullable=False),
    sa.Column('city', sa.String(length=80), nullable=False),
    sa.Column('hotline', sa.String(length=20), nullable=False),
    sa.Column('is_sample', sa.Boolean(), nullable=False),
    sa.CheckConstraint('id = 1', name=op.f('ck_district_only_row')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_district'))
    )
    op.create_table('holiday_day',
    sa.Column('day', sa.Date(), nullable=False),
    sa.Column('kind', sa.Enum('working', 'make-up', 'weekend', 'holiday', name='daykind', native_enum=False, create_constraint=True, length=32), nullable=False),
    sa.CheckConstraint("kind IN ('holiday', 'make-up')", name=op.f('ck_holiday_day_notice_kind')),
    sa.PrimaryKeyConstraint('day', name=op.f('pk_holiday_day'))
    )
    op.create_table('service_item',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('category_id', sa.Integer(), nullable=False),
    sa.Column('slug', sa.String(length=40), nullable=False),
    sa.Column('guide', sa.JSON(none_as_null=True), nullable=False),
    sa.Column('is_sample', sa.Boolean(), nullable=False),
    sa.Column('rank', sa.Integer(), nullable=False),
    sa.ForeignKeyConstraint(['category_id'], ['category.id'], name=op.f('fk_service_item_category_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_service_item')),
    sa.UniqueConstraint('slug', name=op.f('uq_service_item_slug'))
    )
    with op.batch_alter_table('service_item', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_service_item_category_id'), ['category_id'], unique=False)

    op.create_table('subdistrict',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('district_id', sa.Integer(), nullable=False),
    sa.Column('slug', sa.String(length=40), nullable=False),
    sa.Column('name', sa.String(length=80), nullable=False),
    sa.Column('rank', sa.Integer(), nullable=False),
    sa.ForeignKeyConstraint(['district_id'], ['district.id'], name=op.f('fk_subdistrict_district_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_subdistrict')),
    sa.UniqueConstraint('slug', name=op.f('uq_subdistrict_slug'))
    )
    op.create_table('community',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('subdistrict_id', sa.Integer(), nullable=False),
    sa.Column('slug', sa.String(length=40), nullable=False),
    sa.Column('name', sa.String(length=80), nullable=False),
    sa.Column('rank', sa.Integer(), nullable=False),
    sa.Column('introduction', sa.String(), nullable=True),
    sa.Column('brand', sa.JSON(none_as_null=True), nullable=True),
    sa.Column('first_secretary', sa.JSON(none_as_null=True), nullable=True),
    sa.ForeignKeyConstraint(['subdistrict_id'], ['subdistrict.id'], name=op.f('fk_community_subdistrict_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_community')),
    sa.UniqueConstraint('slug', name=op.f('uq_community_slug'))
    )
    with op.batch_alter_table('community', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_community_subdistrict_id'), ['subdistrict_id'], unique=False)

    op.create_table('community_note',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('community_id', sa.Integer(), nullable=False),
    sa.Column('item_id', sa.Integer(), nullable=False),
    sa.Column('note', sa.String(), nullable=False),
    sa.ForeignKeyConstraint(['community_id'], ['community.id'], name=op.f('fk_community_note_community_id')),
    sa.ForeignKeyConstraint(['item_id'], ['service_item.id'], name=op.f('fk_community_note_item_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_community_note')),
    sa.UniqueConstraint('community_id', 'item_id', name=op.f('uq_community_note_community_id_item_id'))
    )
    with op.batch_alter_table('community_note', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_community_note_item_id'), ['item_id'], unique=False)

    op.create_table('compound',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('community_id', sa.Integer(), nullable=False),
    sa.Column('slug', sa.String(length=40), nullable=False),
    sa.Column('name', sa.String(length=80), nullable=False),
    sa.Column('address', sa.String(length=80), nullable=False),
    sa.Column('rank', sa.Integer(), nullable=False),
    sa.Column('latitude', sa.Double(), nullable=False),
    sa.Column('longitude', sa.Double(), nullable=False),
    sa.Column('datum', sa.Enum('WGS-84', 'GCJ-02', name='datum', native_enum=False, create_constraint=True, length=32), nullable=False),
    sa.ForeignKeyConstraint(['community_id'], ['community.id'], name=op.f('fk_compound_community_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_compound')),
    sa.UniqueConstraint('community_id', 'slug', name=op.f('uq_compound_community_id_slug')),
    sa.UniqueConstraint('id', 'community_id', name=op.f('uq_compound_id_community_id'))
    )
    op.create_table('facility',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('community_id', sa.Integer(), nullable=False),
    sa.Column('slug', sa.String(length=40), nullable=False),
    sa.Column('name', sa.String(length=80), nullable=False),
    sa.Column('kind', sa.Enum('elderly', 'health', 'children', 'culture', 'sports', 'safety', 'daily', 'disability', name='facilitykind', native_enum=False, create_constraint=True, length=32), nullable=False),
    sa.Column('address', sa.String(length=80), nullable=False),
    sa.Column('hours', sa.String(length=80), nullable=False),
    sa.Column('phone', sa.String(length=20), nullable=True),
    sa.Column('step_free', sa.Enum('yes', 'partly', 'no', name='stepfree', native_enum=False, create_constraint=True, length=32), nullable=False),
    sa.Column('step_free_note', sa.String(length=80), nullable=True),
    sa.Column('about', sa.String(), nullable=True),
    sa.Column('rank', sa.Integer(), nullable=False),
    sa.Column('latitude', sa.Double(), nullable=False),
    sa.Column('longitude', sa.Double(), nullable=False),
    sa.Column('datum', sa.Enum('WGS-84', 'GCJ-02', name='datum', native_enum=False, create_constraint=True, length=32), nullable=False),
    sa.ForeignKeyConstraint(['community_id'], ['community.id'], name=op.f('fk_facility_community_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_facility')),
    sa.UniqueConstraint('community_id', 'slug', name=op.f('uq_facility_community_id_slug'))
    )
    op.create_table('hall',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('community_id', sa.Integer(), nullable=False),
    sa.Column('name', sa.String(length=80), nullable=False),
    sa.Column('address', sa.String(length=80), nullable=False),
    sa.Column('phone', sa.String(length=20), nullable=False),
    sa.Column('step_free', sa.String(), nullable=False),
    sa.Column('hours', sa.JSON(none_as_null=True), nullable=False),
    sa.Column('zones', sa.JSON(none_as_null=True), nullable=False),
    sa.Column('latitude', sa.Double(), nullable=False),
    sa.Column('longitude', sa.Double(), nullable=False),
    sa.Column('datum', sa.Enum('WGS-84', 'GCJ-02', name='datum', native_enum=False, create_constraint=True, length=32), nullable=False),
    sa.ForeignKeyConstraint(['community_id'], ['community.id'], name=op.f('fk_hall_community_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_hall')),
    sa.UniqueConstraint('community_id', name=op.f('uq_hall_community_id'))
    )
    op.create_table('partner_organization',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('community_id', sa.Integer(), nullable=False),
    sa.Column('kind', sa.Enum('party', 'committee', 'station', 'owners', 'property', 'other', name='partnerkind', native_enum=False, create_constraint=True, length=32), nullable=False),
    sa.Column('name', sa.String(length=80), nullable=False),
    sa.Column('answers_for', sa.String(), nullable=False),
    sa.Column('phone', sa.String(length=20), nullable=False),
    sa.Column('rank', sa.Integer(), nullable=False),
    sa.ForeignKeyConstraint(['community_id'], ['community.id'], name=op.f('fk_partner_organization_community_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_partner_organization'))
    )
    with op.batch_alter_table('partner_organization', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_partner_organization_community_id'), ['community_id'], unique=False)

    op.create_table('person_in_charge',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('community_id', sa.Integer(), nullable=False),
    sa.Column('post', sa.String(length=80), nullable=False),
    sa.Column('name', sa.String(length=80), nullable=False),
    sa.Column('answers_for', sa.String(), nullable=False),
    sa.Column('phone', sa.String(length=20), nullable=False),
    sa.Column('deputy', sa.String(length=80), nullable=False),
    sa.Column('categories', sa.JSON(none_as_null=True), nullable=False),
    sa.Column('rank', sa.Integer(), nullable=False),
    sa.ForeignKeyConstraint(['community_id'], ['community.id'], name=op.f('fk_person_in_charge_community_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_person_in_charge'))
    )
    with op.batch_alter_table('person_in_charge', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_person_in_charge_community_id'), ['community_id'], unique=False)

    op.create_table('building',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('compound_id', sa.Integer(), nullable=False),
    sa.Column('community_id', sa.Integer(), nullable=False),
    sa.Column('slug', sa.String(length=40), nullable=False),
    sa.Column('name', sa.String(length=80), nullable=False),
    sa.Column('rank', sa.Integer(), nullable=False),
    sa.ForeignKeyConstraint(['compound_id', 'community_id'], ['compound.id', 'compound.community_id'], name=op.f('fk_building_compound_id_community_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_building')),
    sa.UniqueConstraint('community_id', 'slug', name=op.f('uq_building_community_id_slug'))
    )
    with op.batch_alter_table('building', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_building_compound_id'), ['compound_id'], unique=False)

    op.create_table('counter',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('hall_id', sa.Integer(), nullable=False),
    sa.Column('number', sa.Integer(), nullable=False),
    sa.Column('name', sa.String(length=80), nullable=False),
    sa.Column('categories', sa.JSON(none_as_null=True), nullable=False),
    sa.ForeignKeyConstraint(['hall_id'], ['hall.id'], name=op.f('fk_counter_hall_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_counter')),
    sa.UniqueConstraint('hall_id', 'number', name=op.f('uq_counter_hall_id_number'))
    )


def downgrade() -> None:
    op.drop_table('counter')
    with op.batch_alter_table('building', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_building_compound_id'))

    op.drop_table('building')
    with op.batch_alter_table('person_in_charge', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_person_in_charge_community_id'))

    op.drop_table('person_in_charge')
    with op.batch_alter_table('partner_organization', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_partner_organization_community_id'))

    op.drop_table('partner_organization')
    op.drop_table('hall')
    op.drop_table('facility')
    op.drop_table('compound')
    with op.batch_alter_table('community_note', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_community_note_item_id'))

    op.drop_table('community_note')
    with op.batch_alter_table('community', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_community_subdistrict_id'))

    op.drop_table('community')
    op.drop_table('subdistrict')
    with op.batch_alter_table('service_item', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_service_item_category_id'))

    op.drop_table('service_item')
    op.drop_table('holiday_day')
    op.drop_table('district')
    op.drop_table('content_revision')
    op.drop_table('category')
