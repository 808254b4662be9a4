"""Backup: a whole, consistent copy of the store, taken while it serves."""

from __future__ import annotations

import os
import shutil
import signal
import sqlite3
import subprocess
import threading
from contextlib import closing, contextmanager, suppress
from typing import TYPE_CHECKING
from urllib.parse import quote

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path
    from types import FrameType

    from sqlalchemy import URL

    from web.running.settings import Settings

PAGES_A_STEP = 1000


class BackupError(Exception):
    """No backup was made; the message is one plain line."""


def back_up(settings: Settings, target: Path, say: Callable[[str], None]) -> None:
    """Copy the store to `target`, which must not exist. Raises `BackupError`."""
    if target.exists():
        raise BackupError(f"{target} exists already; a backup never replaces a file.")
    if not target.absolute().parent.is_dir():
        raise BackupError(f"The folder {target.absolute().parent} does not exist.")
    url = settings.database_url
    # Written beside its name and renamed when whole, so that a half copy never looks like a backup.
    partial = target.with_name(target.name + ".partial")
    try:
        with _stoppable():
            # What a backup left that was killed. Its journal above all: SQLite would play it
            # into the new copy.
            _remove(partial)
            if url.get_backend_name() == "sqlite":
                _copy_sqlite(str(url.database), partial, say)
            else:
                _dump_postgresql(url, partial)
            partial.rename(target)
    except (sqlite3.Error, OSError) as error:
        raise BackupError(f"The backup failed: {error}") from error
    finally:
        with suppress(OSError):
            _remove(partial)
    say(f"Backed up to {target} ({target.stat().st_size // 1024} KB).")
    say(f"Copy push-keys and sealing-key from {settings.data} as well, to another place.")


@contextmanager
def _stoppable() -> Iterator[None]:
    """Turns SIGTERM into a `BackupError`, so that a stopped backup removes its half copy.

    Ctrl+C is an exception already.
    """

    def stop(_number: int, _frame: FrameType | None) -> None:
        raise BackupError("The backup was stopped; nothing was written.")

    if threading.current_thread() is not threading.main_thread():
        # Python gives signals to the main thread only.
        yield
        return
    before = signal.signal(signal.SIGTERM, stop)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)


def _remove(partial: Path) -> None:
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
    program = shutil.which("pg_dump")
    if program is None:
        raise BackupError("pg_dump is not installed; it comes with PostgreSQL's client programs.")
    url = database.set(drivername="postgresql")
    environment = {**os.environ, "PGPASSWORD": url.password or ""}
    address = url.set(password=None).render_as_string()
    command = [program, "--format=custom", f"--file={target}", address]
    result = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)  # noqa: S603
    if result.returncode != 0:
        raise BackupError(f"pg_dump: {result.stderr.strip().splitlines()[-1]}")
