"""The machine is lost: what was promised is kept by the next one, and what lives is never replaced."""

from __future__ import annotations

import asyncio
import datetime as dt
import json
import shutil
import signal
import subprocess
import sys
from functools import partial
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import insert, select

from domain.matters.tables import Matter
from domain.queue.calling import StaffedCounter
from domain.staff.journal import verify
from domain.staff.tables import StaffMember
from domain.store import Store
from push.events import subject_of
from push.keys import FOLDER, KeyRing
from push.outbox import Ways
from push.tables import Kind, TicketWatch, metadata
from tests.world.app import opened
from tests.world.clock import SHANGHAI, Clock
from tests.world.databases import PostgresCluster
from tests.world.halls import Day, hall_of
from tests.world.outbox import FollowedDay
from tests.world.people import SECRET, hired
from tests.world.push_browsers import PushBrowser, crowd, decrypted, device_of
from tests.world.push_services import ROOT, delivering, sink
from web.running.backup import BackupError, back_up, backups_in
from web.running.restore import restore
from web.running.sealing_key import FILE, read_seal
from web.running.server_lock import AlreadyServedError, only_server
from web.running.settings import Settings

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from sqlalchemy.ext.asyncio import AsyncSession

    from domain.queue.tables import Ticket
    from domain.staff.journal import ChainEnd
    from tests.world.databases import SqliteFiles
    from tests.world.push_services import Sink

COPY_TIME = 30.0
"""Seconds in which one message goes out on any machine."""


def quiet(_line: str) -> None:
    """Nobody listens."""


class Machine:
    """A machine with a data folder, and a database of its own."""

    def __init__(self, folder: Path, databases: SqliteFiles | PostgresCluster, url: str) -> None:
        self.folder, self.databases = folder, databases
        self.settings = Settings(data=folder, database=url)

    def lost(self) -> None:
        """Nothing of it is left."""
        shutil.rmtree(self.folder)
        self.databases.drop(str(self.settings.database))


@pytest.fixture
def machine(databases: SqliteFiles | PostgresCluster, tmp_path: Path) -> Machine:
    """One that serves the whole sample district."""
    data = tmp_path / "data"
    data.mkdir(mode=0o700)
    return Machine(data, databases, databases.copy("lively"))


@pytest.fixture
def next_machine(databases: SqliteFiles | PostgresCluster, tmp_path: Path) -> Iterator[Machine]:
    """Another one, where nobody did anything yet."""
    data = tmp_path / "next"
    data.mkdir(mode=0o700)
    url = f"sqlite+aiosqlite:///{data}/lianxin.db"
    if isinstance(databases, PostgresCluster):
        url = databases.bare()
    yield Machine(data, databases, url)
    databases.drop(url)


@pytest.fixture
def copies(tmp_path: Path) -> Path:
    """Where backups and keys are kept, away from the machine."""
    folder = tmp_path / "copies"
    folder.mkdir()
    return folder


async def rows_of(store: Store) -> dict[str, list[Any]]:
    """Everything a store holds."""
    async with store.read() as session:
        return {
            table.name: sorted(map(repr, await session.execute(select(table))))
            for table in metadata.sorted_tables
        }


class Promised:
    """What people of the lost machine rely on: a number that was called, and a message about it."""

    def __init__(self, store: Store, data: Path, origin: str) -> None:
        self.store, self.data, self.origin = store, data, origin
        self.browser = PushBrowser(key=KeyRing(data).current.public)
        self.now = dt.datetime.now(SHANGHAI)

    async def happen(self) -> Ticket:
        """A number is taken and called, and the phone is not told yet; staff have a second factor."""
        day = Day(self.store, await hall_of(self.store))
        day.now = self.now
        ticket = await day.take()
        await day.sit(1)
        await day.do(StaffedCounter.call_next)
        told = FollowedDay(day, Ways(origins=frozenset({self.origin})))
        facts = {"ticket": ticket.id, "number": ticket.label, "token": ticket.token}
        row = {
            "kind": Kind.TICKET_CALLED,
            "subject": subject_of(ticket),
            "facts": {**facts, "hall": "大厅", "counter": 1},
            "created_at": self.now,
            "due_at": self.now,
            "expires_at": self.now + dt.timedelta(minutes=5),
        }
        await crowd(told.store, ["li"], self.origin, self.browser, row)
        watch = {"ticket_id": ticket.id, "recipient": device_of("li"), "ahead": 3}
        watch |= {"is_told_near": True, "created_at": self.now}
        await self.store.write(lambda session: session.execute(insert(TicketWatch), [watch]))
        await self._seal()
        return ticket

    async def _seal(self) -> None:
        member = await hired(self.store, "zhao", now=self.now)

        async def unit(session: AsyncSession) -> None:
            found = await session.get_one(StaffMember, member)
            found.totp_secret = read_seal(self.data).close(SECRET)

        await self.store.write(unit)

    async def is_sent(self, settings: Settings, sunk: Sink) -> None:
        """The waiting message reaches the phone by the keys of this machine."""
        given = {
            "LIANXIN_DATA": str(settings.data),
            "LIANXIN_DATABASE": str(settings.database),
            "LIANXIN_PUSH_ORIGINS": self.origin,
        }
        with delivering(given):
            async with asyncio.timeout(COPY_TIME):
                while not sunk.count:  # noqa: ASYNC110 - another process rings no bell
                    await asyncio.sleep(0.02)
        [[body]] = sunk.taken.values()
        title = json.loads(decrypted(self.browser, body))["notification"]["title"]
        assert title == "B001 请到 1 号窗口"


async def end_of(store: Store, since: ChainEnd | None = None) -> ChainEnd:
    async with store.read() as session:
        end, fault = await verify(session, since)
    assert fault is None
    return end


async def test_after_the_loss_of_the_machine_every_promise_is_kept(
    machine: Machine, next_machine: Machine, copies: Path
) -> None:
    async with sink() as sunk:
        store = Store(str(machine.settings.database))
        await store.open()
        promised = Promised(store, machine.folder, sunk.origin)
        ticket = await promised.happen()
        before, end = await rows_of(store), await end_of(store)
        # While it is open, as while it serves.
        await asyncio.to_thread(back_up, machine.settings, copies, quiet)
        shutil.copytree(machine.folder / FOLDER, copies / FOLDER)
        shutil.copy(machine.folder / FILE, copies)
        await store.close()
        machine.lost()

        said: list[str] = []
        await asyncio.to_thread(restore, next_machine.settings, copies, copies, said.append)
        assert f"The keys in {next_machine.folder} belong to it." in said

        store = Store(str(next_machine.settings.database))
        await store.open()
        assert await rows_of(store) == before
        assert await end_of(store, end) == end
        async with store.read() as session:
            matters = list(await session.scalars(select(Matter.code)))
            secret = await session.scalar(
                select(StaffMember.totp_secret).where(StaffMember.totp_secret.is_not(None))
            )
        assert read_seal(next_machine.folder).open(str(secret)) == SECRET
        await store.close()
        await promised.is_sent(next_machine.settings, sunk)
    assert matters
    await pages_answer(next_machine, ticket, promised.now)


async def pages_answer(machine: Machine, ticket: Ticket, now: dt.datetime) -> None:
    """An address of before leads to its page."""
    url = str(machine.settings.database)
    async with opened(url, Clock(now), data=machine.folder) as browser:
        shown = await browser.get(f"/tickets/{ticket.token}")
        assert shown.status_code == 200
        assert ticket.label in shown.text
        promises = await browser.get("/c/liujiazhuang/promises")
        assert promises.status_code == 200


async def test_a_living_database_is_never_replaced(machine: Machine, copies: Path) -> None:
    await asyncio.to_thread(back_up, machine.settings, copies, quiet)
    store = Store(str(machine.settings.database))
    await store.open()
    before = await rows_of(store)
    with pytest.raises(BackupError, match="a restore never replaces one"):
        await asyncio.to_thread(restore, machine.settings, copies, None, quiet)
    assert await rows_of(store) == before
    await store.close()
    machine.lost()


async def test_half_a_backup_leaves_nothing_and_a_whole_one_follows(
    machine: Machine, next_machine: Machine, copies: Path
) -> None:
    await asyncio.to_thread(back_up, machine.settings, copies, quiet)
    [whole] = backups_in(copies)
    half = copies / f"half{whole.suffix}"
    half.write_bytes(whole.read_bytes()[: whole.stat().st_size // 2])
    with pytest.raises(Exception, match=r"pg_restore|damaged|malformed"):
        await asyncio.to_thread(restore, next_machine.settings, half, None, quiet)
    assert not list(next_machine.folder.glob("lianxin.db*[!k]"))
    await asyncio.to_thread(restore, next_machine.settings, whole, None, quiet)
    machine.lost()


@pytest.fixture
def backup(sqlite_files: SqliteFiles, copies: Path) -> Path:
    """A backup of a SQLite database."""
    target = copies / "copy.db"
    back_up(Settings(database=sqlite_files.copy("sample")), target, quiet)
    return target


def test_a_journal_that_was_left_is_in_the_way(backup, tmp_path) -> None:
    # SQLite would play it into the database that was brought back.
    (tmp_path / "lianxin.db-wal").write_bytes(b"the journal of a database that was moved away")
    with pytest.raises(BackupError, match=r"lianxin\.db-wal"):
        restore(Settings(data=tmp_path), backup, None, quiet)
    assert not (tmp_path / "lianxin.db").exists()


def test_a_server_that_runs_is_in_the_way(backup, tmp_path) -> None:
    settings = Settings(data=tmp_path)
    with only_server(settings), pytest.raises(AlreadyServedError, match="already serves"):
        restore(settings, backup, None, quiet)
    assert not (tmp_path / "lianxin.db").exists()


def test_what_a_killed_restore_left_is_not_in_the_way(backup, tmp_path) -> None:
    for ending in ("", "-wal", "-shm", "-journal"):
        (tmp_path / f"lianxin.db.restoring{ending}").write_bytes(b"half of another one")
    restore(Settings(data=tmp_path), backup, None, quiet)
    assert sorted(path.name for path in tmp_path.glob("lianxin.db*")) == [
        "lianxin.db",
        "lianxin.db.lock",
    ]


def test_keys_never_replace_others(backup, tmp_path) -> None:
    data, keys = tmp_path / "data", tmp_path / "keys"
    for folder in (data, keys):
        folder.mkdir()
        KeyRing(folder).prepare()
        read_seal(folder)
    kept = (data / FILE).read_text()
    with pytest.raises(BackupError, match="is another key than"):
        restore(Settings(data=data), backup, keys, quiet)
    assert not (data / "lianxin.db").exists()
    assert (data / FILE).read_text() == kept
    with pytest.raises(BackupError, match="There is neither push-keys nor sealing-key in"):
        restore(Settings(data=data), backup, tmp_path, quiet)
    # The same keys once more are none of another.
    shutil.rmtree(data)
    shutil.copytree(keys, data)
    restore(Settings(data=data), backup, keys, quiet)


def test_a_backup_of_the_other_database_is_refused(backup, tmp_path) -> None:
    other = Settings(database="postgresql+asyncpg://nobody@127.0.0.1:1/none", data=tmp_path)
    with pytest.raises(BackupError, match="is of SQLite, and the settings name a database of Post"):
        restore(other, backup, None, quiet)
    archive = tmp_path / "copy.dump"
    archive.write_bytes(b"PGDMP" + bytes(100))
    with pytest.raises(BackupError, match="is of PostgreSQL, and the settings name a database of"):
        restore(Settings(data=tmp_path), archive, None, quiet)


def test_a_restore_that_is_stopped_brings_nothing_back(backup, tmp_path, monkeypatch) -> None:
    copied = shutil.copyfile

    def stopped(*given: Any) -> None:
        copied(*given)
        signal.raise_signal(signal.SIGTERM)

    monkeypatch.setattr(shutil, "copyfile", stopped)
    with pytest.raises(BackupError, match="stopped; nothing was brought back"):
        restore(Settings(data=tmp_path), backup, None, quiet)
    assert [path.name for path in tmp_path.glob("lianxin.db*")] == ["lianxin.db.lock"]


def test_a_full_disk_is_said_in_one_line_and_leaves_nothing(backup, tmp_path, monkeypatch) -> None:
    def full(*_given: Any) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(shutil, "copyfile", full)
    with pytest.raises(BackupError, match="No space left on device"):
        restore(Settings(data=tmp_path), backup, None, quiet)
    assert not list(tmp_path.glob("lianxin.db*[!k]"))


def test_the_commands_back_up_check_and_restore(tmp_path, sqlite_files) -> None:
    data, copies = tmp_path / "data", tmp_path / "copies"
    data.mkdir()
    copies.mkdir()
    shutil.copy(sqlite_files.folder / "sample.db", data / "lianxin.db")
    run = partial(subprocess.run, cwd=ROOT, capture_output=True, text=True, check=False)

    def said(folder: Path, *arguments: str) -> str:
        command = [sys.executable, "-m", "web", *arguments]
        done = run(command, env={"PATH": "/usr/bin:/bin", "LIANXIN_DATA": str(folder)})
        assert done.returncode == 0, done.stderr
        return str(done.stdout)

    assert "Backed up to" in said(data, "backup", "--rotate", str(copies))
    assert "belong to it" in said(data, "restore", "--check", str(copies), "--keys", str(data))
    assert "Restored: sqlite" in said(tmp_path / "next", "restore", str(copies))
    assert "The log is whole" in said(tmp_path / "next", "log-check")
