"""The two databases that every domain test runs on: real SQLite and a real PostgreSQL of our own."""

from __future__ import annotations

import asyncio
import os
import pwd
import shutil
import socket
import sqlite3
import subprocess
import tempfile
import threading
from contextlib import asynccontextmanager, closing, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import asyncpg
import pytest
from sqlalchemy import String

from domain.migrating import migrate
from domain.seed import plant
from domain.store import Store
from push.tables import metadata
from tests.world.district import FILES, NEW, QUIET

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Coroutine, Iterator

    from domain.seed import DistrictFiles

both_databases = pytest.mark.both_databases
"""On a web test: open the application on PostgreSQL as well, and not on SQLite alone."""
TOO_LONG = "value too long for type character varying"
"""As PostgreSQL says it."""
ROOM = 2 << 30
"""Bytes that must be free in memory for it to serve as a disk."""
# What changes the world counts what it made, and begins where nobody did anything yet.
# Not taken: the whole sample everywhere, with which some fifty tests of other features would count
# its two inquiries and the log of its office.
WORLDS: dict[str, DistrictFiles | None] = {
    "empty": None,
    "new": NEW,
    "sample": QUIET,
    "lively": FILES,
}
"""What tests copy a database from: no district, one on its first day, the sample before anyone asked
anything, and all of it."""


def free_port() -> int:
    """A port on loopback that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def needs_postgresql(item: pytest.Item) -> bool:
    """Whether a test runs on PostgreSQL, as one of two databases or by itself."""
    params = item.callspec.params if hasattr(item, "callspec") else {}
    is_one_of_two = params.get("databases") == "postgresql"
    return is_one_of_two or "postgres" in getattr(item, "fixturenames", ())


async def prepare(url: str, files: DistrictFiles | None) -> None:
    """Migrate an empty database, and plant a district in it."""
    store = Store(url)
    await store.open()
    try:
        await migrate(store)
        if files is not None:
            await store.write(lambda session: plant(session, files))
    finally:
        await store.close()


@contextmanager
def quick_folder() -> Iterator[Path]:
    """A folder for databases that live for one test: in memory where there is room for it.

    What a disk does at a power cut is not what these tests ask; waiting for it was half their time.
    """
    memory = Path("/dev/shm")  # noqa: S108 - a folder of our own below it
    is_roomy = memory.is_dir() and shutil.disk_usage(memory).free > ROOM
    folder = Path(tempfile.mkdtemp(prefix="lianxin-", dir=memory if is_roomy else None))
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


# SQLite takes a text of any length for VARCHAR(n); PostgreSQL raises. In tests SQLite raises too,
# so that a form without a bound fails wherever it is tried.
# Not taken: a type that checks what is bound. It would check what is only compared as well, such
# as a stranger's key of any length, which PostgreSQL takes.
def enforce_lengths(database: Path) -> None:
    """Have this SQLite database refuse a text that is longer than its column, as PostgreSQL does."""
    with closing(sqlite3.connect(database)) as connection:
        for table, column, length in bounded_columns():
            for act in ("INSERT", f'UPDATE OF "{column}"'):
                name = f"{table}_{column}_{act.split()[0].lower()}"
                connection.execute(
                    f'CREATE TRIGGER "length_of_{name}" BEFORE {act} ON "{table}" '
                    f'WHEN length(NEW."{column}") > {length} '
                    f"BEGIN SELECT RAISE(ABORT, '{TOO_LONG}({length})'); END"
                )


def bounded_columns() -> list[tuple[str, str, int]]:
    """Table, name and characters of every column whose texts have a bound."""
    return [
        (table.name, column.name, column.type.length)
        for table in metadata.sorted_tables
        for column in table.columns
        if isinstance(column.type, String) and column.type.length is not None
    ]


class SqliteFiles:
    """Migrated databases to copy from, by the names of `WORLDS`."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.count = folder, 0
        for name, files in WORLDS.items():
            url = f"sqlite+aiosqlite:///{folder / name}.db"
            asyncio.run(prepare(url, files))
            enforce_lengths(folder / f"{name}.db")

    def copy(self, name: str) -> str:
        """The address of a fresh copy."""
        self.count += 1
        target = self.folder / f"{name}-{self.count}.db"
        shutil.copy(self.folder / f"{name}.db", target)
        return f"sqlite+aiosqlite:///{target}"

    def drop(self, url: str) -> None:
        """Delete a copy that nobody uses any more."""
        for path in self.folder.glob(f"{Path(url).name}*"):
            path.unlink()


class PostgresCluster:
    """A private PostgreSQL with a template database for each of `WORLDS`."""

    def __init__(self, port: int) -> None:
        self.port, self.count = port, 0
        # One connection for all copies, on a loop of its own: a program for each takes as long as
        # the copy itself, and the tests' own loops come and go.
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)
        self._thread.start()
        self._connection = self._wait_for(
            asyncpg.connect(host="127.0.0.1", port=port, user="postgres", database="postgres")
        )
        for name, files in WORLDS.items():
            self._run(f"CREATE DATABASE {name}")
            asyncio.run(prepare(self.url(name), files))

    def url(self, name: str) -> str:
        """The address of a database of this cluster."""
        return f"postgresql+asyncpg://postgres@127.0.0.1:{self.port}/{name}"

    def copy(self, name: str) -> str:
        """The address of a fresh copy."""
        self.count += 1
        self._run(f"CREATE DATABASE {name}_{self.count} TEMPLATE {name}")
        return self.url(f"{name}_{self.count}")

    def bare(self) -> str:
        """The address of a database without a table."""
        self.count += 1
        self._run(f"CREATE DATABASE bare_{self.count}")
        return self.url(f"bare_{self.count}")

    def do(self, statement: str) -> None:
        """Have the cluster's owner do something."""
        self._run(statement)

    def asked(self, question: str) -> Any:
        """The one value that answers a question to the cluster's owner."""
        return self._wait_for(self._connection.fetchval(question))

    def drop(self, url: str) -> None:
        """Delete a copy that nobody uses any more."""
        self._run(f"DROP DATABASE IF EXISTS {url.rpartition('/')[2]} WITH (FORCE)")

    def close(self) -> None:
        """Let go of it."""
        self._wait_for(self._connection.close())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()

    def _run(self, statement: str) -> None:
        self._wait_for(self._connection.execute(statement))

    def _wait_for(self, asked: Coroutine[Any, Any, Any]) -> Any:
        return asyncio.run_coroutine_threadsafe(asked, self._loop).result(60)


@contextmanager
def postgres_cluster() -> Iterator[PostgresCluster]:
    """A private cluster on loopback, gone afterwards. PostgreSQL refuses to run as root."""
    with quick_folder() as folder:
        yield from _cluster_in(folder)


def _cluster_in(folder: Path) -> Iterator[PostgresCluster]:
    data, port = folder / "data", free_port()
    as_owner: list[str] = []
    if os.geteuid() == 0:
        owner = pwd.getpwnam("postgres")
        os.chown(folder, owner.pw_uid, owner.pw_gid)
        as_owner = [
            "setpriv",
            f"--reuid={owner.pw_uid}",
            f"--regid={owner.pw_gid}",
            "--clear-groups",
        ]
    setup = [*as_owner, _program("initdb"), "-D", str(data), "-U", "postgres", "-A", "trust"]
    subprocess.run(
        [*setup, "--no-sync", "--locale=C.UTF-8", "-E", "UTF8"], check=True, capture_output=True
    )
    options = f"-p {port} -c listen_addresses=127.0.0.1 -c unix_socket_directories={folder} "
    options += "-c fsync=off -c synchronous_commit=off -c full_page_writes=off"
    control = [*as_owner, _program("pg_ctl"), "-D", str(data), "-w", "-s"]
    log = str(folder / "log")
    subprocess.run([*control, "-o", options, "-l", log, "start"], check=True)
    try:
        cluster = PostgresCluster(port)
        yield cluster
        cluster.close()
    finally:
        subprocess.run([*control, "-m", "immediate", "stop"], check=True)


def _program(name: str) -> str:
    """One of PostgreSQL's programs; Debian keeps the server's out of the PATH."""
    found = shutil.which(name)
    if found:
        return found
    versions = sorted(Path("/usr/lib/postgresql").glob(f"*/bin/{name}"))
    if not versions:
        raise RuntimeError(f"PostgreSQL's {name} is missing. On Debian: apt-get install postgresql")
    return str(versions[-1])


def spoil(database: Path) -> None:
    """Make a database file into one that is none."""
    database.write_bytes(b"no database any more\n" * 1000)


async def lose(store: Store, databases: SqliteFiles | PostgresCluster) -> None:
    """Take the database away from under a store that is open."""
    if isinstance(databases, PostgresCluster):
        databases.drop(str(store.url))
    else:
        await store._engine.dispose()
        spoil(Path(str(store.url.database)))


@asynccontextmanager
async def refusing_to_write(
    store: Store, databases: SqliteFiles | PostgresCluster
) -> AsyncIterator[None]:
    """Have the database refuse what is written: another holds it, or it only reads."""
    if isinstance(databases, PostgresCluster):
        setting = f"ALTER DATABASE {store.url.database} SET default_transaction_read_only"
        databases._run(f"{setting} = on")
        await store._engine.dispose()
        yield
        databases._run(f"{setting} = off")
        await store._engine.dispose()
        return
    at_once = "PRAGMA busy_timeout = 0"
    await store.with_connection(lambda connection: connection.exec_driver_sql(at_once))
    with closing(sqlite3.connect(str(store.url.database), isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        yield
