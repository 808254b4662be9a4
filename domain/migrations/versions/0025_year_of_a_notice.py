"""The year a holiday notice is for, which may name days of the December before."""

import sqlalchemy as sa
from alembic import op

revision = '0025'
down_revision = '0024'
branch_labels = None
depends_on = None

KINDS = ('working', 'make-up', 'weekend', 'holiday')


def _columns() -> tuple[sa.schema.SchemaItem, ...]:
    kind = sa.Enum(*KINDS, name='daykind', native_enum=False, create_constraint=True, length=32)
    return (
        sa.Column('day', sa.Date(), nullable=False),
        sa.Column('kind', kind, nullable=False),
        sa.CheckConstraint("kind IN ('holiday', 'make-up')", name=op.f('ck_holiday_day_notice_kind')),
    )


# The table is written again: its primary key changes, which SQLite cannot do in place.
def _written_again(*more: sa.Column[int], key: tuple[str, ...]) -> None:
    old = sa.table('holiday_day', sa.column('day', sa.Date()), sa.column('kind', sa.String()))
    days = dict(op.get_bind().execute(sa.select(old.c.day, old.c.kind)).all())
    op.drop_table('holiday_day')
    table = op.create_table(
        'holiday_day', *more, *_columns(), sa.PrimaryKeyConstraint(*key, name=op.f('pk_holiday_day'))
    )
    rows = [{'day': day, 'kind': kind} for day, kind in days.items()]
    op.bulk_insert(table, [{**row, 'notice': row['day'].year} for row in rows] if more else rows)


def upgrade() -> None:
    notice = sa.Column('notice', sa.Integer(), autoincrement=False, nullable=False)
    _written_again(notice, key=('notice', 'day'))


def downgrade() -> None:
    _written_again(key=('day',))
