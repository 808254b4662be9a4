"""Migrates a database to the schema of this version, and checks that it has it.

A test proves on both databases that the migrations give exactly the tables of the classes.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy import inspect, text

from domain.errors import StoreUnavailableError

if TYPE_CHECKING:
    from alembic.config import Config
    from sqlalchemy import Connection

    from domain.store import Store

SCRIPTS = Path(__file__).parent / "migrations"


def config(connection: Connection | None = None) -> Config:
    """Alembic's configuration, in code instead of an ini file."""
    # Loaded only by who migrates: a server that starts looks at one number, see `check_schema`.
    from alembic.config import Config

    settings = Config()
    settings.set_main_option("script_location", str(SCRIPTS))
    settings.attributes["connection"] = connection
    return settings


def newest() -> str:
    """The schema revision of this version; migration files are named after their revision."""
    return max(known())


def known() -> set[str]:
    """The schema revisions that this version can migrate from."""
    return {path.name.partition("_")[0] for path in (SCRIPTS / "versions").glob("[0-9]*.py")}


async def migrate(store: Store) -> None:
    """Migrate to the newest schema; all of it or nothing."""
    from alembic import command

    def upgrade(connection: Connection) -> None:
        command.upgrade(config(connection), "head")

    await store.with_connection(upgrade)


# Checked before serving: a server on an older schema would fail at some request later, with an
# error that nobody can read.
async def check_schema(store: Store) -> None:
    """Raises `StoreUnavailableError` unless the database has the schema of this version."""
    revision = await schema_of(store)
    if revision is None:
        raise StoreUnavailableError("The database is empty. Run `python -m web migrate` first.")
    if revision != newest():
        words = f"The database is at schema {revision}, this version needs {newest()}."
        raise StoreUnavailableError(f"{words} Run `python -m web migrate`.")


async def schema_of(store: Store) -> str | None:
    """The schema revision of a database; None for one that was never migrated."""

    def current(connection: Connection) -> str | None:
        if not inspect(connection).has_table("alembic_version"):
            return None
        revision: str | None = connection.scalar(text("SELECT version_num FROM alembic_version"))
        return revision

    return await store.with_connection(current)
