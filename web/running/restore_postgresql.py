"""A backup of PostgreSQL: brought back by pg_restore into an empty database."""

from __future__ import annotations

import asyncio
import secrets
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import create_async_engine

from domain.errors import StoreUnavailableError
from domain.store import Store
from web.running.backup import BackupError, run_client, stoppable
from web.running.restore_check import findings, made_ready

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable
    from pathlib import Path

    from sqlalchemy import URL

    Say = Callable[[str], None]

# Everything that is not PostgreSQL's own: a table, a view, a sequence.
_RELATIONS = text(
    "SELECT count(*) FROM pg_class JOIN pg_namespace ON pg_namespace.oid = relnamespace "
    "WHERE nspname !~ '^pg_' AND nspname <> 'information_schema'"
)
_MAY_MAKE = text("SELECT rolcreatedb OR rolsuper FROM pg_roles WHERE rolname = current_user")


def restore_archive(
    database: URL, archive: Path, data: Path, bring_keys: Callable[[], None], say: Say
) -> str | None:
    """Bring an archive back into an empty database; what is wrong with its log.

    Raises `BackupError` when it is not empty. Half an archive leaves it empty.
    """
    if asyncio.run(_is_in_use(database)):
        words = "a restore never replaces one. Make an empty one and name it in LIANXIN_DATABASE."
        raise BackupError(f"The database {database.database} holds something already; {words}")
    bring_keys()
    _fill(database, archive)
    return asyncio.run(_look(database, data, say))


def check_archive(database: URL, archive: Path, keys: Path, say: Say) -> str | None:
    """Rehearse it in a database of its own, if we may make one; else read it to its end."""
    # Into nothing: it reads and unpacks every table.
    try:
        run_client("pg_restore", "--file=/dev/null", str(archive))
    except BackupError as error:
        raise BackupError(f"The archive is damaged or cannot be read: {error}") from error
    if database.get_backend_name() == "sqlite":
        say("The archive can be read to its end. LIANXIN_DATABASE names no PostgreSQL: it was")
        say("not brought back, and its log and keys were not looked at.")
        return None
    with stoppable("The check was stopped."):
        return asyncio.run(_rehearse(database, archive, keys, say))


# Not taken: a database that the operator names. A check that empties what it is given is one
# slip away from the living one.
async def _rehearse(database: URL, archive: Path, keys: Path, say: Say) -> str | None:
    async with _scratch(database) as scratch:
        if scratch is None:
            say(f"The archive can be read to its end. {database.username} may make no database")
            say("(ALTER ROLE … CREATEDB): it was not brought back, its log and keys not looked at.")
            return None
        await asyncio.to_thread(_fill, scratch, archive)
        return await _look_at(scratch, keys, say)


@asynccontextmanager
async def _scratch(database: URL) -> AsyncIterator[URL | None]:
    """An empty database beside this one, gone afterwards; None where we may make none."""
    engine = create_async_engine(database, isolation_level="AUTOCOMMIT")
    name = f"lianxin_restore_check_{secrets.token_hex(4)}"
    try:
        async with engine.connect() as connection:
            if not await connection.scalar(_MAY_MAKE):
                yield None
                return
            await connection.execute(
                text(f"CREATE DATABASE {name} TEMPLATE template0 ENCODING 'UTF8'")
            )
            try:
                yield database.set(database=name)
            finally:
                await connection.execute(text(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)"))
    except (SQLAlchemyError, OSError) as error:
        reason = str(getattr(error, "orig", None) or error).splitlines()[0]
        raise BackupError(f"PostgreSQL: {reason}") from error
    finally:
        await engine.dispose()


async def _is_in_use(database: URL) -> bool:
    store = Store(database)
    await store.open()
    try:
        return bool(await store.with_connection(lambda connection: connection.scalar(_RELATIONS)))
    finally:
        await store.close()


def _fill(database: URL, archive: Path) -> None:
    run_client(
        "pg_restore",
        # All or nothing; ours is who owns the database now.
        "--single-transaction",
        "--exit-on-error",
        "--no-owner",
        "--no-privileges",
        str(archive),
        database=database,
    )


async def _look(database: URL, data: Path, say: Say) -> str | None:
    try:
        return await _look_at(database, data, say)
    except StoreUnavailableError as error:
        raise BackupError(f"It was brought back, and cannot be opened: {error}") from error


async def _look_at(database: URL, keys: Path, say: Say) -> str | None:
    store = Store(database)
    await store.open()
    try:
        await made_ready(store)
        lines, wrong = await findings(store, keys)
    finally:
        await store.close()
    for line in lines:
        say(line)
    return wrong
