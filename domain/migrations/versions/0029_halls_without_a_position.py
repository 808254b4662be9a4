"""A hall whose position nobody has entered yet."""

import sqlalchemy as sa
from alembic import op

revision = '0029'
down_revision = '0028'
branch_labels = None
depends_on = None

COLUMNS = {"latitude": "DOUBLE", "longitude": "DOUBLE", "datum": "VARCHAR(32)"}


# Many tables refer to a hall's row, so that SQLite cannot make the table again while it checks
# references. Taking away or adding a NOT NULL changes no row, and SQLite's documentation of ALTER
# TABLE describes this way to do it.
def on_sqlite(old: str, new: str) -> None:
    """Let the columns be declared with `new` instead of `old`."""
    bind = op.get_bind()
    made = bind.scalar(sa.text("SELECT sql FROM sqlite_master WHERE name = 'hall'"))
    changed = made
    for column, kind in COLUMNS.items():
        if f"\t{column} {kind}{old}," not in made:
            raise AssertionError(made)
        changed = changed.replace(f"\t{column} {kind}{old},", f"\t{column} {kind}{new},")
    version = bind.scalar(sa.text("PRAGMA schema_version"))
    op.execute("PRAGMA writable_schema = ON")
    bind.execute(
        sa.text("UPDATE sqlite_master SET sql = :sql WHERE type = 'table' AND name = 'hall'"),
        {"sql": changed},
    )
    op.execute(f"PRAGMA schema_version = {version + 1}")
    op.execute("PRAGMA writable_schema = OFF")


def upgrade() -> None:
    if op.get_bind().dialect.name == "sqlite":
        on_sqlite(" NOT NULL", "")
        return
    for column in COLUMNS:
        op.alter_column("hall", column, nullable=True)


def downgrade() -> None:
    # The version before knows no hall without a position: the office corrects it on its page.
    for column, value in (("latitude", "0"), ("longitude", "0"), ("datum", "'WGS-84'")):
        op.execute(f"UPDATE hall SET {column} = {value} WHERE {column} IS NULL")
    if op.get_bind().dialect.name == "sqlite":
        on_sqlite("", " NOT NULL")
        return
    for column in COLUMNS:
        op.alter_column("hall", column, nullable=False)
