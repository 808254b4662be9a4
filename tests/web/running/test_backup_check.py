"""A rehearsed restore: what is whole, what is damaged, and which keys are missing."""

from __future__ import annotations

import asyncio
import sqlite3
from contextlib import closing
from functools import partial
from typing import TYPE_CHECKING

import pytest

from domain.staff.sealing import Seal
from domain.staff.tables import StaffMember
from domain.store import Store
from push.subscriptions import keep
from tests.world.clock import NOW
from tests.world.people import SECRET, hired
from tests.world.push_browsers import KNOWN, PushBrowser, device_of
from web.running.backup import BackupError, back_up
from web.running.backup_check import check_backup
from web.running.settings import Settings

if TYPE_CHECKING:
    from pathlib import Path

    from sqlalchemy.ext.asyncio import AsyncSession


@pytest.fixture
async def backup(sqlite_files, tmp_path) -> Path:
    """A backup of the sample district, in a folder of its own."""
    folder = tmp_path / "backups"
    folder.mkdir()
    settings = Settings(database=sqlite_files.copy("sample"), data=tmp_path / "data")
    target: Path = folder / "copy.db"
    back_up(settings, target, lambda _line: None)
    return target


async def said(backup: Path, data: Path) -> str:
    """What the check prints."""
    return await asyncio.to_thread(checked, backup, data)


def checked(backup: Path, data: Path) -> str:
    """The same, in a thread: a command has an event loop of its own."""
    lines: list[str] = []
    before = backup.read_bytes() if backup.exists() else b""
    check_backup(Settings(data=data), backup, lines.append)
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


def test_an_archive_of_postgresql_is_read_to_its_end(postgres, tmp_path) -> None:
    lines: list[str] = []
    url = postgres.copy("sample")
    archive = tmp_path / "copy.dump"
    settings = Settings(database=url, data=tmp_path / "data")
    back_up(settings, archive, lines.append)
    check_backup(settings, archive, lines.append)
    assert "can be read to its end" in "\n".join(lines)
    archive.write_bytes(archive.read_bytes()[:-20_000])
    with pytest.raises(BackupError, match="archive is damaged"):
        check_backup(settings, archive, lines.append)
    postgres.drop(url)
