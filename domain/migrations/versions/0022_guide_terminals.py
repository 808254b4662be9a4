"""Guide terminals: a fourth kind of device."""

import sqlalchemy as sa
from alembic import op

revision = '0022'
down_revision = '0021'
branch_labels = None
depends_on = None


BEFORE = ("screen", "kiosk", "rating")
AFTER = (*BEFORE, "terminal")


def rule(kinds: tuple[str, ...]) -> str:
    return "kind IN (" + ", ".join(f"'{kind}'" for kind in kinds) + ")"


# SQLite changes a rule by making the table again, and Alembic's batch would lose the other rules,
# which it does not read from the database. Only pairings refer to devices. They last 15 minutes, and
# a device whose pairing is gone asks for a new one by itself, so they are not carried over.
def change_kinds(old: tuple[str, ...], new: tuple[str, ...]) -> None:
    """Let the kind of a device and of a pairing be one of `new`."""
    op.execute("DELETE FROM pairing")
    if op.get_bind().dialect.name == "postgresql":
        for table in ("device", "pairing"):
            op.drop_constraint(op.f(f"ck_{table}_devicekind"), table, type_="check")
            op.create_check_constraint(op.f(f"ck_{table}_devicekind"), table, rule(new))
        return
    device, pairing = made_by("device"), made_by("pairing")
    op.execute("DROP TABLE pairing")
    op.execute("ALTER TABLE device RENAME TO device_before")
    op.execute(changed(device[0], old, new))
    op.execute("INSERT INTO device SELECT * FROM device_before")
    op.execute("DROP TABLE device_before")
    for each in (*device[1:], changed(pairing[0], old, new), *pairing[1:]):
        op.execute(each)


def made_by(table: str) -> list[str]:
    """The statements that make a table and its indexes."""
    found = sa.text(
        "SELECT sql FROM sqlite_master WHERE tbl_name = :table AND type IN ('table', 'index') AND sql <> ''"
        " ORDER BY type DESC"
    )
    return list(op.get_bind().scalars(found, {"table": table}))


def changed(sql: str, old: tuple[str, ...], new: tuple[str, ...]) -> str:
    if rule(old) not in sql:
        raise AssertionError(sql)
    return sql.replace(rule(old), rule(new))


def upgrade() -> None:
    change_kinds(BEFORE, AFTER)


def downgrade() -> None:
    # A terminal's pairing is deleted with all the others.
    op.execute("DELETE FROM pairing")
    op.execute("DELETE FROM device WHERE kind = 'terminal'")
    change_kinds(AFTER, BEFORE)
