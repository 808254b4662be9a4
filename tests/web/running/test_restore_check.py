"""A rehearsed restore: what is whole, what is damaged, and which keys are missing."""

from __future__ import annotations

import asyncio
import datetime as dt
import sqlite3
from contextlib import closing
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import asyncpg
import pytest
from sqlalchemy import make_url

from domain.staff.sealing import Seal
from domain.staff.tables import StaffMember
from domain.store import Store
from push.subscriptions import keep
from tests.world.clock import NOW
from tests.world.people import SECRET, hired
from tests.world.push_browsers import KNOWN, PushBrowser, device_of
from web.running.backup import NAME, BackupError, back_up
from web.running.restore import check
from web.running.settings import Settings

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncSession

    from tests.world.databases import PostgresCluster


def quiet(_line: str) -> None:
    """Nobody listens."""


@pytest.fixture
async def backup(sqlite_files, tmp_path) -> Path:
    """A backup of the sample district, in a folder of its own."""
    folder = tmp_path / "backups"
    folder.mkdir()
    settings = Settings(database=sqlite_files.copy("sample"), data=tmp_path / "data")
    target: Path = folder / "copy.db"
    back_up(settings, target, lambda _line: None)
    return target


async def said(backup: Path, data: Path, keys: Path | None = None) -> str:
    """What the check prints."""
    return await asyncio.to_thread(checked, backup, data, keys)


def checked(backup: Path, data: Path, keys: Path | None) -> str:
    """The same, in a thread: a command has an event loop of its own."""
    lines: list[str] = []
    before = backup.read_bytes() if backup.exists() else b""
    check(Settings(data=data), backup, keys, lines.append)
    assert backup.read_bytes() == before
    assert [each.name for each in backup.parent.iterdir()] == [backup.name]
    return "\n".join(lines)


async def test_a_whole_backup_is_said_to_be_whole(backup, tmp_path) -> None:
    told = await said(backup, tmp_path / "data")
    assert "The database is whole: 天桥区" in told
    assert f"The keys in {tmp_path / 'data'} belong to it." in told
    # Looking made no keys.
    assert not (tmp_path / "data").exists()


async def test_keys_that_are_missing_are_counted(backup, tmp_path) -> None:
    store = Store(f"sqlite+aiosqlite:///{backup}")
    await store.open()
    member = await hired(store, "li")

    async def unit(session: AsyncSession) -> None:
        found = await session.get_one(StaffMember, member)
        found.totp_secret = Seal(bytes(32)).close(SECRET)

    await store.write(unit)
    browser = PushBrowser()
    await store.write(
        partial(keep, recipient=device_of(), given=browser.given(), known=KNOWN, now=NOW)
    )
    await store.cut_journal()
    await store.close()
    told = await said(backup, tmp_path / "data")
    assert "1 of 1 browsers allowed notifications with keys that are not in" in told
    assert "1 second factors were sealed with another key" in told


async def test_what_is_damaged_is_said_in_one_line(backup, tmp_path) -> None:
    data = bytearray(backup.read_bytes())
    data[8192 : len(data) // 2] = bytes(len(data) // 2 - 8192)
    backup.write_bytes(data)
    with pytest.raises(Exception, match=r"damaged|malformed|cannot be opened|does not answer"):
        await said(backup, tmp_path / "data")
    with pytest.raises(BackupError, match="There is no file"):
        await said(tmp_path / "none.db", tmp_path)


async def test_a_log_that_was_changed_is_found(backup, tmp_path) -> None:
    store = Store(f"sqlite+aiosqlite:///{backup}")
    await store.open()
    await hired(store, "li")
    await store.cut_journal()
    await store.close()
    with closing(sqlite3.connect(backup)) as connection:
        connection.execute("UPDATE journal_entry SET action = 'left'")
        connection.commit()
    with pytest.raises(BackupError, match="of the staff log"):
        await said(backup, tmp_path / "data")


async def test_the_keys_that_were_copied_can_be_looked_at(backup, tmp_path) -> None:
    copied = tmp_path / "stick"
    with pytest.raises(BackupError, match="There is no folder"):
        await said(backup, tmp_path / "data", copied)
    copied.mkdir()
    assert f"The keys in {copied} belong to it." in await said(backup, tmp_path / "data", copied)


async def test_what_is_no_backup_of_ours_is_refused(backup, tmp_path) -> None:
    with closing(sqlite3.connect(tmp_path / "other.db")) as connection:
        connection.execute("CREATE TABLE words (word)")
    with pytest.raises(BackupError, match="no backup of Lianxin"):
        await asyncio.to_thread(check, Settings(data=tmp_path), tmp_path / "other.db", None, quiet)
    with closing(sqlite3.connect(backup)) as connection:
        connection.execute("UPDATE alembic_version SET version_num = '9999'")
        connection.commit()
    with pytest.raises(BackupError, match=r"newer version \(schema 9999\)"):
        await said(backup, tmp_path / "data")
    backup.write_text("a page of words")
    with pytest.raises(BackupError, match="neither a SQLite file nor a PostgreSQL archive"):
        await said(backup, tmp_path / "data")


async def test_of_a_folder_the_newest_is_checked_and_it_may_not_be_old(backup, tmp_path) -> None:
    settings = Settings(data=tmp_path / "data")
    with pytest.raises(BackupError, match="There is no backup of this database in"):
        check(settings, tmp_path, None, quiet)
    now = dt.datetime.now(dt.UTC)
    # Of another database than this one.
    (backup.parent / f"{now.strftime(NAME)}.dump").write_bytes(b"PGDMP")
    for hours in (100, 3, 60):
        made = now - dt.timedelta(hours=hours)
        (backup.parent / f"{made.strftime(NAME)}.db").write_bytes(backup.read_bytes())
    lines: list[str] = []
    await asyncio.to_thread(check, settings, backup.parent, None, lines.append)
    fresh = f"{(now - dt.timedelta(hours=3)).strftime(NAME)}.db"
    assert lines[0] == f"The newest backup is {backup.parent / fresh}."
    (backup.parent / fresh).unlink()
    with pytest.raises(BackupError, match="60 hours old: backups are not made any more"):
        check(settings, backup.parent, None, lines.append)


def archive_of(url: str, tmp_path: Path) -> tuple[Settings, Path]:
    settings = Settings(database=url, data=tmp_path / "data")
    archive = tmp_path / "copy.dump"
    back_up(settings, archive, quiet)
    return settings, archive


def databases_of(postgres: PostgresCluster) -> int:
    return int(postgres.asked("SELECT count(*) FROM pg_database"))


def test_an_archive_of_postgresql_is_brought_back_to_be_checked(postgres, tmp_path) -> None:
    url = postgres.copy("sample")
    lines: list[str] = []
    settings, archive = archive_of(url, tmp_path)
    before = databases_of(postgres)
    check(settings, archive, None, lines.append)
    assert "The database is whole: 天桥区" in "\n".join(lines)
    assert databases_of(postgres) == before
    archive.write_bytes(archive.read_bytes()[:-20_000])
    with pytest.raises(BackupError, match="archive is damaged"):
        check(settings, archive, None, lines.append)
    assert databases_of(postgres) == before
    postgres.drop(url)


def test_a_fault_in_the_log_of_an_archive_is_found_and_nothing_is_left(postgres, tmp_path) -> None:
    url = postgres.copy("sample")

    async def change() -> None:
        store = Store(url)
        await store.open()
        await hired(store, "li")
        await store.close()
        connection = await asyncpg.connect(url.replace("+asyncpg", ""))
        await connection.execute("UPDATE journal_entry SET action = 'left'")
        await connection.close()

    asyncio.run(change())
    settings, archive = archive_of(url, tmp_path)
    before = databases_of(postgres)
    with pytest.raises(BackupError, match="of the staff log"):
        check(settings, archive, None, quiet)
    assert databases_of(postgres) == before
    postgres.drop(url)


def test_who_may_make_no_database_is_told_what_was_not_looked_at(postgres, tmp_path) -> None:
    url = postgres.copy("sample")
    _, archive = archive_of(url, tmp_path)
    postgres.do("CREATE ROLE poor LOGIN")
    poor = url.replace("postgres@", "poor@")
    lines: list[str] = []
    check(Settings(database=poor, data=tmp_path), archive, None, lines.append)
    assert "poor may make no database" in "\n".join(lines)
    check(Settings(data=tmp_path), archive, None, lines.append)
    assert "LIANXIN_DATABASE names no PostgreSQL" in "\n".join(lines)
    postgres.drop(url)
    postgres.do("DROP ROLE poor")


def test_where_postgresql_asks_for_the_password_it_is_given_and_nobody_reads_it(
    postgres, tmp_path
) -> None:
    url = postgres.copy("sample")
    rules = Path(postgres.asked("SHOW hba_file"))
    before = rules.read_text()
    postgres.do("CREATE ROLE guarded LOGIN SUPERUSER PASSWORD 'öffne:dich@/%'")
    rules.write_text(f"host all guarded 127.0.0.1/32 scram-sha-256\n{before}")
    postgres.do("SELECT pg_reload_conf()")
    try:
        given = make_url(url).set(username="guarded", password="öffne:dich@/%")
        lines: list[str] = []
        settings, archive = archive_of(given.render_as_string(hide_password=False), tmp_path)
        check(settings, archive, None, lines.append)
        assert "The database is whole: 天桥区" in "\n".join(lines)
        wrong = given.set(password="other").render_as_string(hide_password=False)
        with pytest.raises(BackupError, match="password authentication failed"):
            back_up(Settings(database=wrong, data=tmp_path), tmp_path / "other.dump", quiet)
    finally:
        rules.write_text(before)
        postgres.do("SELECT pg_reload_conf()")
        postgres.drop(url)
        postgres.do("DROP ROLE guarded")
