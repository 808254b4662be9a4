"""Killed in the middle of letters: each becomes one matter, and none is answered twice."""

from __future__ import annotations

import asyncio
import shutil
from collections import Counter
from contextlib import suppress
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import func, select

from domain.contacts.tables import Letter, LetterKind, LetterState, Mailbox
from domain.errors import StoreUnavailableError
from domain.matters.tables import Matter
from domain.store import Store
from tests.world.databases import free_port
from tests.world.letters import mail
from tests.world.mail_office import described
from tests.world.mail_servers import smtp_server
from tests.world.servers import Server

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from sqlalchemy import Select

    from tests.world.databases import SqliteFiles
    from tests.world.mail_servers import ImapServer, SmtpServer

LETTERS = 20
PATIENCE = 60.0
USER = "bianmin-killed"


@pytest.fixture
async def smtp() -> AsyncIterator[SmtpServer]:
    async with smtp_server() as found:
        yield found


async def until(store: Store, wanted: Select[int], count: int) -> None:
    """Wait until so many are there."""
    async with asyncio.timeout(PATIENCE):
        found = -1
        while found < count:
            with suppress(StoreUnavailableError):
                async with store.read() as session:
                    found = await session.scalar(wanted) or 0
            await asyncio.sleep(0.02)


def kill(server: Server) -> None:
    """End it at once, wherever it is."""
    assert server.process is not None
    server.process.kill()
    server.process.wait()
    server.process = None


async def test_a_server_that_is_killed_loses_no_letter_and_doubles_none(
    sqlite_files: SqliteFiles, imap: ImapServer, smtp: SmtpServer
) -> None:
    taken = select(func.count()).select_from(Matter)
    sent = select(func.count()).select_from(Letter).where(Letter.state == LetterState.SENT)
    looked = select(func.count()).select_from(Mailbox).where(Mailbox.read_at.is_not(None))
    with TemporaryDirectory(prefix="lianxin-") as folder:
        data = Path(folder)
        shutil.move(sqlite_files.copy("sample").partition("///")[2], data / "lianxin.db")
        server = Server(
            data,
            free_port(),
            LIANXIN_MAILBOXES=str(described(data, imap, USER)),
            LIANXIN_PUBLIC_URL="https://lianxin.example",
            LIANXIN_SMTP_HOST="127.0.0.1",
            LIANXIN_SMTP_PORT=str(smtp.port),
            LIANXIN_SMTP_FROM="noreply@liujiazhuang.example",
            LIANXIN_SMTP_SECURITY="none",
        )
        store = Store(server.database)
        await store.open()
        try:
            await asyncio.to_thread(server.start)
            await until(store, looked, 1)
            kill(server)
            people = (f"p{number}@example.com" for number in range(LETTERS))
            imap.deliver(*(mail("灯坏了", From=person) for person in people), user=USER)
            # Killed while letters are taken, and again while they are answered.
            for wanted, count in ((taken, 5), (taken, LETTERS), (sent, 5)):
                await asyncio.to_thread(server.start)
                await until(store, wanted, count)
                kill(server)
            async with store.read() as session:
                rows = list(await session.scalars(select(Letter)))
                assert await session.scalar(taken) == LETTERS
        finally:
            if server.process is not None:
                server.stop()
            await store.close()
    states = Counter(row.state for row in rows if row.kind is LetterKind.RECEIPT)
    assert states[LetterState.SENT] + states[LetterState.QUEUED] == LETTERS
    # What the mail server took just before the end of the process is marked later, and may be sent
    # again under its name.
    names = Counter(letter["Message-ID"] for letter in smtp.taken)
    assert set(names.values()) == {1}
    assert len(names) >= states[LetterState.SENT] >= 5
