"""Backup: a whole, consistent copy of the store, taken while it serves."""

from __future__ import annotations

import datetime as dt
import os
import re
import shutil
import signal
import sqlite3
import subprocess
import threading
from contextlib import closing, contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import quote

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from types import FrameType

    from sqlalchemy import URL

    from web.running.settings import Settings

PAGES_A_STEP = 1000

# What a backup in a folder is called, by the moment it was begun; the names sort by time.
NAME = "lianxin-%Y-%m-%dT%H-%M-%SZ"
_NAMED = re.compile(r"(lianxin-\d{4}-\d\d-\d\dT\d\d-\d\d-\d\dZ)\.(db|dump)")


class BackupError(Exception):
    """No backup was made or brought back; the message is one plain line."""


def back_up(settings: Settings, target: Path, say: Callable[[str], None]) -> None:
    """Copy the store to `target`, which must not exist, or into a folder by the time of day.

    Raises `BackupError`.
    """
    if target.is_dir():
        target = target / (dt.datetime.now(dt.UTC).strftime(NAME) + ending_of(settings))
    if target.exists():
        raise BackupError(f"{target} exists already; a backup never replaces a file.")
    if not target.absolute().parent.is_dir():
        raise BackupError(f"The folder {target.absolute().parent} does not exist.")
    url = settings.database_url
    # Written beside its name and renamed when whole, so that a half copy never looks like a backup.
    partial = target.with_name(target.name + ".partial")
    try:
        with stoppable("The backup was stopped; nothing was written."):
            # What a backup left that was killed. Its journal above all: SQLite would play it
            # into the new copy.
            remove(partial)
            if url.get_backend_name() == "sqlite":
                _copy_sqlite(str(url.database), partial, say)
            else:
                _dump_postgresql(url, partial)
            partial.rename(target)
    except (sqlite3.Error, OSError) as error:
        raise BackupError(f"The backup failed: {error}") from error
    finally:
        with suppress(OSError):
            remove(partial)
    say(f"Backed up to {target} ({target.stat().st_size // 1024} KB).")
    say(f"Copy push-keys and sealing-key from {settings.data} as well, to another place.")


def ending_of(settings: Settings) -> str:
    """How the name of a backup ends: a SQLite file, or an archive of PostgreSQL."""
    return ".db" if settings.database_url.get_backend_name() == "sqlite" else ".dump"


def backups_in(folder: Path) -> dict[Path, dt.datetime]:
    """The backups that were made into this folder, oldest first, with the moment of each."""
    found = {}
    for path in sorted(folder.iterdir()):
        if path.is_file() and (named := _NAMED.fullmatch(path.name)):
            with suppress(ValueError):
                found[path] = dt.datetime.strptime(named[1], NAME).replace(tzinfo=dt.UTC)
    return found


# By the name and not by the file's own time, which a copy to another disk changes. The newest one
# stays however old it is: a machine whose backups fail for a month must not lose the last.
def rotate(folder: Path, days: int, now: dt.datetime, say: Callable[[str], None]) -> None:
    """Delete backups in this folder that are older than `days`; nothing that has another name."""
    if not folder.is_dir():
        raise BackupError(f"{folder} is no folder; old backups are deleted in a folder only.")
    *others, _newest = backups_in(folder).items() or [(Path(), now)]
    old = [path for path, made in others if made < now - dt.timedelta(days=days)]
    for path in old:
        path.unlink()
    if old:
        say(f"Deleted {len(old)} backups older than {days} days.")


@contextmanager
def stoppable(words: str) -> Iterator[None]:
    """Turns SIGTERM into a `BackupError`, so that a stopped command removes its half copy.

    Ctrl+C is an exception already.
    """

    def stop(_number: int, _frame: FrameType | None) -> None:
        raise BackupError(words)

    if threading.current_thread() is not threading.main_thread():
        # Python gives signals to the main thread only.
        yield
        return
    before = signal.signal(signal.SIGTERM, stop)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)


def remove(partial: Path) -> None:
    """Delete a half copy and what SQLite keeps beside it."""
    for ending in ("", "-journal", "-wal", "-shm"):
        partial.with_name(partial.name + ending).unlink(missing_ok=True)


def _copy_sqlite(database: str, copy_to: Path, say: Callable[[str], None]) -> None:
    if not os.path.exists(database):  # noqa: PTH110 - a path inside a database address
        raise BackupError(f"There is no database at {database}.")
    told = 0

    def progress(_status: int, remaining: int, total: int) -> None:
        nonlocal told
        percent = 100 * (total - remaining) // max(total, 1)
        if percent >= told + 25:
            told = percent
            say(f"{percent}%")

    address = f"file:{quote(database)}?mode=ro"
    with (
        closing(sqlite3.connect(address, uri=True, isolation_level=None)) as source,
        closing(sqlite3.connect(copy_to)) as copy,
    ):
        # One read transaction around all steps. Without it SQLite starts again from the first
        # page whenever another process commits between two steps, and a store of more than one
        # step that is written to never comes to its end. Writers do not wait for it (WAL).
        # Not taken: all pages in one step, which ends as well but can say nothing meanwhile and
        # cannot be stopped.
        source.execute("BEGIN")
        source.execute("SELECT count(*) FROM sqlite_schema").fetchone()
        source.backup(copy, pages=PAGES_A_STEP, progress=progress)
        source.execute("COMMIT")
        fine = copy.execute("PRAGMA integrity_check").fetchone()[0]
    if fine != "ok":
        raise BackupError(f"The copy is not sound: {fine}")


def _dump_postgresql(database: URL, target: Path) -> None:
    run_client("pg_dump", "--format=custom", f"--file={target}", database=database)


def run_client(name: str, *arguments: str, database: URL | None = None) -> None:
    """Run one of PostgreSQL's client programs, with a database. Raises `BackupError`."""
    program = shutil.which(name)
    if program is None:
        raise BackupError(f"{name} is not installed; it comes with PostgreSQL's client programs.")
    environment = dict(os.environ)
    if database is not None:
        # Not on the command line, which every user of the machine can read.
        environment["PGPASSWORD"] = database.password or ""
        # `URL.set` takes None for "as it is", and what is shown then has stars for a password.
        address = database.set(drivername="postgresql")._replace(password=None).render_as_string()
        arguments = (f"--dbname={address}", *arguments)
    command = [program, *arguments]
    result = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)  # noqa: S603
    if result.returncode != 0:
        lines = result.stderr.strip().splitlines() or ["it failed without a word"]
        raise BackupError(f"{name}: {lines[-1]}")
