"""Backup: a whole, consistent copy of the store, taken while it serves."""

from __future__ import annotations

import os
import shutil
import sqlite3
import subprocess
from contextlib import closing, suppress
from typing import TYPE_CHECKING
from urllib.parse import quote

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

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
    if url.get_backend_name() == "sqlite":
        _copy_sqlite(str(url.database), target, say)
    else:
        _dump_postgresql(url, target)
    say(f"Backed up to {target} ({target.stat().st_size // 1024} KB).")


def _copy_sqlite(database: str, target: Path, say: Callable[[str], None]) -> None:
    if not os.path.exists(database):  # noqa: PTH110 - a path inside a database address
        raise BackupError(f"There is no database at {database}.")
    # Written beside its name and renamed when whole, so that a half copy never looks like a backup.
    partial = target.with_name(target.name + ".partial")
    told = 0

    def progress(_status: int, remaining: int, total: int) -> None:
        nonlocal told
        percent = 100 * (total - remaining) // max(total, 1)
        if percent >= told + 25:
            told = percent
            say(f"{percent}%")

    try:
        partial.unlink(missing_ok=True)
        address = f"file:{quote(database)}?mode=ro"
        with (
            closing(sqlite3.connect(address, uri=True)) as source,
            closing(sqlite3.connect(partial)) as copy,
        ):
            source.backup(copy, pages=PAGES_A_STEP, progress=progress)
            fine = copy.execute("PRAGMA integrity_check").fetchone()[0]
    except (sqlite3.Error, OSError) as error:
        with suppress(OSError):
            partial.unlink(missing_ok=True)
        raise BackupError(f"The backup failed: {error}") from error
    if fine != "ok":
        partial.unlink(missing_ok=True)
        raise BackupError(f"The copy is not sound: {fine}")
    partial.rename(target)


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
        target.unlink(missing_ok=True)
        raise BackupError(f"pg_dump: {result.stderr.strip().splitlines()[-1]}")
