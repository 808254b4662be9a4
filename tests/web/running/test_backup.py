"""A backup of a store that people write to meanwhile, and one that is stopped half way."""

from __future__ import annotations

import datetime as dt
import shutil
import signal
import sqlite3
import sys
import threading
from contextlib import closing
from functools import partial
from typing import TYPE_CHECKING, Any

import pytest

from web.running.backup import NAME, PAGES_A_STEP, BackupError, back_up, backups_in, rotate
from web.running.settings import Settings

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

PAGES = 6 * PAGES_A_STEP
PAGE = 4096
MOST_STEPS = 3 * PAGES // PAGES_A_STEP
"""A copy that never starts again takes a third of these steps."""


@pytest.fixture
def large(tmp_path: Path) -> Path:
    """A database of several steps."""
    path = tmp_path / "lianxin.db"
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("CREATE TABLE row (id INTEGER PRIMARY KEY, words BLOB)")
        connection.executemany(
            "INSERT INTO row (words) VALUES (zeroblob(?))", [(PAGE - 100,)] * PAGES
        )
        connection.commit()
    return path


def settings(database: Path) -> Settings:
    return Settings(database=f"sqlite+aiosqlite:///{database}")


def after_each_step(monkeypatch: pytest.MonkeyPatch, happens: Callable[[int], None]) -> None:
    """Have something happen between any two steps; it is told how many steps there were."""

    class Counting(sqlite3.Connection):
        def backup(self, target: sqlite3.Connection, **more: Any) -> None:
            steps, progress = 0, more.pop("progress")

            def counted(*given: int) -> None:
                nonlocal steps
                steps += 1
                happens(steps)
                progress(*given)

            super().backup(target, progress=counted, **more)

    monkeypatch.setattr(sqlite3, "connect", partial(sqlite3.connect, factory=Counting))


def test_a_backup_ends_however_often_others_write(monkeypatch, tmp_path, large) -> None:
    with closing(sqlite3.connect(large)) as other:

        def write(steps: int) -> None:
            assert steps <= MOST_STEPS, "the copy starts again and again"
            other.execute("INSERT INTO row (words) VALUES ('meanwhile')")
            other.commit()

        after_each_step(monkeypatch, write)
        back_up(settings(large), tmp_path / "copy.db", lambda _line: None)
        written = other.execute("SELECT count(*) FROM row").fetchone()[0]
    with closing(sqlite3.connect(tmp_path / "copy.db")) as copy:
        assert copy.execute("SELECT count(*) FROM row").fetchone() == (PAGES,)
        assert copy.execute("PRAGMA integrity_check").fetchone() == ("ok",)
    assert written > PAGES


def test_a_backup_is_of_one_moment_while_a_thread_writes_without_rest(tmp_path, large) -> None:
    ended, count = threading.Event(), 0

    def write() -> None:
        nonlocal count
        with closing(sqlite3.connect(large, timeout=30)) as other:
            while not ended.is_set():
                # Both or neither: a copy of two moments would hold an odd number of rows.
                other.executemany("INSERT INTO row (words) VALUES (?)", [("a",), ("b",)])
                other.commit()
                count += 1

    writer = threading.Thread(target=write)
    writer.start()
    try:
        back_up(settings(large), tmp_path / "copy.db", lambda _line: None)
    finally:
        ended.set()
        writer.join()
    with closing(sqlite3.connect(tmp_path / "copy.db")) as copy:
        assert copy.execute("SELECT count(*) FROM row").fetchone()[0] % 2 == PAGES % 2
    assert count


def test_a_backup_that_fails_half_way_leaves_nothing(monkeypatch, tmp_path, large) -> None:
    def fail(_steps: int) -> None:
        raise OSError("the disk went away")

    after_each_step(monkeypatch, fail)
    with pytest.raises(BackupError, match="the disk went away"):
        back_up(settings(large), tmp_path / "copy.db", lambda _line: None)
    assert not list(tmp_path.glob("copy.db*"))


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_backup_that_is_stopped_half_way_leaves_nothing(
    monkeypatch, tmp_path, large, number
) -> None:
    before = signal.getsignal(signal.SIGTERM)
    after_each_step(monkeypatch, lambda _steps: signal.raise_signal(number))
    with pytest.raises((BackupError, KeyboardInterrupt)):
        back_up(settings(large), tmp_path / "copy.db", lambda _line: None)
    assert not list(tmp_path.glob("copy.db*"))
    assert signal.getsignal(signal.SIGTERM) is before


def test_what_a_killed_backup_left_is_not_in_the_way(tmp_path, large) -> None:
    for ending in ("", "-journal", "-wal", "-shm"):
        (tmp_path / f"copy.db.partial{ending}").write_bytes(b"left by another backup")
    back_up(settings(large), tmp_path / "copy.db", lambda _line: None)
    assert [each.name for each in tmp_path.glob("copy.db*")] == ["copy.db"]


def test_a_dump_of_postgresql_that_is_stopped_leaves_nothing(monkeypatch, tmp_path) -> None:
    # Stands in for pg_dump: it writes some of the file and is stopped before the rest.
    program = tmp_path / "pg_dump"
    program.write_text(
        f"#!{sys.executable}\n"
        "import os, pathlib, signal, sys, time\n"
        "target = next(a for a in sys.argv if a.startswith('--file=')).removeprefix('--file=')\n"
        "pathlib.Path(target).write_text('half')\n"
        "os.kill(os.getppid(), signal.SIGTERM)\n"
        "time.sleep(60)\n"
    )
    program.chmod(0o700)
    monkeypatch.setattr(shutil, "which", lambda _name: str(program))
    given = Settings(database="postgresql+asyncpg://nobody@127.0.0.1:1/none")
    with pytest.raises(BackupError, match="stopped"):
        back_up(given, tmp_path / "copy.dump", lambda _line: None)
    assert not list(tmp_path.glob("copy.dump*"))


def test_a_backup_into_a_folder_is_named_by_its_moment(tmp_path, large) -> None:
    folder = tmp_path / "backups"
    folder.mkdir()
    before = dt.datetime.now(dt.UTC).replace(microsecond=0)
    back_up(settings(large), folder, lambda _line: None)
    [(path, made)] = backups_in(folder).items()
    assert path.suffix == ".db"
    assert before <= made <= dt.datetime.now(dt.UTC)


@pytest.fixture
def old(tmp_path: Path) -> Path:
    """A folder of backups that are 40, 31, 30 and 1 days old, and of other files as old."""
    folder = tmp_path / "old"
    folder.mkdir()
    for days in (40, 31, 30, 1):
        name = (NOW - dt.timedelta(days=days)).strftime(NAME)
        for ending in (".db", ".db.partial", ".txt"):
            (folder / f"{name}{ending}").touch()
    for other in ("lianxin-2001-99-99T00-00-00Z.db", "lianxin.db", "accounts.xlsx"):
        (folder / other).touch()
    return folder


NOW = dt.datetime(2026, 11, 23, 2, 26, tzinfo=dt.UTC)


def test_what_is_older_than_the_days_is_deleted_and_nothing_else(old) -> None:
    said: list[str] = []
    before = {path.name for path in old.iterdir()}
    rotate(old, 30, NOW, said.append)
    gone = before - {path.name for path in old.iterdir()}
    assert sorted(gone) == [
        f"{(NOW - dt.timedelta(days=days)).strftime(NAME)}.db" for days in (40, 31)
    ]
    assert said == ["Deleted 2 backups older than 30 days."]


def test_the_newest_backup_stays_however_old_it_is(old, tmp_path) -> None:
    rotate(old, 30, NOW + dt.timedelta(days=1000), lambda _line: None)
    assert list(backups_in(old).values()) == [NOW - dt.timedelta(days=1)]
    with pytest.raises(BackupError, match="is no folder"):
        rotate(tmp_path / "nowhere", 30, NOW, lambda _line: None)
    empty = tmp_path / "empty"
    empty.mkdir()
    rotate(empty, 30, NOW, lambda _line: None)
