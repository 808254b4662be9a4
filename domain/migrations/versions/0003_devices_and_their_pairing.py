"""Devices and their pairing."""

import sqlalchemy as sa
from alembic import op

revision = '0003'
down_revision = '0002'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table('device',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('hall_id', sa.Integer(), nullable=False),
    sa.Column('kind', sa.Enum('screen', 'kiosk', 'rating', name='devicekind', native_enum=False, create_constraint=True, length=32), nullable=False),
    sa.Column('name', sa.String(length=40), nullable=False),
    sa.Column('counter', sa.Integer(), nullable=True),
    sa.Column('key_hash', sa.String(length=64), nullable=False),
    sa.Column('version', sa.String(length=20), nullable=False),
    sa.Column('paired_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('paired_by', sa.Integer(), nullable=True),
    sa.Column('seen_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('revoked_at', sa.DateTime(timezone=True), nullable=True),
    sa.CheckConstraint("counter IS NULL OR kind = 'rating'", name=op.f('ck_device_only_ratings_at_a_counter')),
    sa.CheckConstraint("name <> ''", name=op.f('ck_device_named')),
    sa.ForeignKeyConstraint(['hall_id'], ['hall.id'], name=op.f('fk_device_hall_id')),
    sa.ForeignKeyConstraint(['paired_by'], ['staff_member.id'], name=op.f('fk_device_paired_by')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_device')),
    sa.UniqueConstraint('key_hash', name=op.f('uq_device_key_hash'))
    )
    with op.batch_alter_table('device', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_device_hall_id'), ['hall_id'], unique=False)
        batch_op.create_index('uq_device_living_name', ['hall_id', 'name'], unique=True, sqlite_where=sa.text('revoked_at IS NULL'), postgresql_where=sa.text('revoked_at IS NULL'))

    op.create_table('pairing',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('kind', sa.Enum('screen', 'kiosk', 'rating', name='devicekind', native_enum=False, create_constraint=True, length=32), nullable=False),
    sa.Column('code', sa.String(length=6), nullable=False),
    sa.Column('key_hash', sa.String(length=64), nullable=False),
    sa.Column('address_hash', sa.String(length=64), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('expires_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('device_id', sa.Integer(), nullable=True),
    sa.ForeignKeyConstraint(['device_id'], ['device.id'], name=op.f('fk_pairing_device_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_pairing')),
    sa.UniqueConstraint('code', name=op.f('uq_pairing_code')),
    sa.UniqueConstraint('key_hash', name=op.f('uq_pairing_key_hash'))
    )
    with op.batch_alter_table('pairing', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_pairing_expires_at'), ['expires_at'], unique=False)



def downgrade() -> None:
    with op.batch_alter_table('pairing', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_pairing_expires_at'))

    op.drop_table('pairing')
    with op.batch_alter_table('device', schema=None) as batch_op:
        batch_op.drop_index('uq_device_living_name', sqlite_where=sa.text('revoked_at IS NULL'), postgresql_where=sa.text('revoked_at IS NULL'))
        batch_op.drop_index(batch_op.f('ix_device_hall_id'))

    op.drop_table('device')
