"""An office with a mailbox: the application between a real IMAP and a real SMTP server."""

from __future__ import annotations

import json
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sqlalchemy import select

from domain.contacts.tables import Letter
from domain.staff.actor import Grant
from domain.staff.tables import Role
from tests.world.app import Browser, opened
from tests.world.clock import NOW, Clock
from tests.world.conversations import matters, with_post
from tests.world.district import places
from tests.world.forms import hidden
from tests.world.letters import mail
from tests.world.mail_servers import PASSWORD, smtp_server, text_of
from tests.world.people import Person, arrived
from web.contacts.mail_round import fetch, send

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

    from domain.matters.tables import Matter
    from tests.world.mail_servers import ImapServer, SmtpServer

ADDRESS = "bianmin@liujiazhuang.example"
WANG = "wang@example.com"
LETTERS = "/staff/c/liujiazhuang/letters"
# A working day later the answer is owed; see `with_post`.
OWED = "11月26日"


@dataclass
class Office:
    """The application with a mailbox, its servers, and who answers."""

    browser: Browser
    imap: ImapServer
    smtp: SmtpServer
    clock: Clock
    user: str
    holder: Person

    async def get(self, *raw: bytes) -> None:
        """Letters come, and a round is made."""
        self.imap.deliver(*raw, user=self.user)
        await self.round()

    async def round(self) -> None:
        """Fetch and send."""
        [box] = self.browser.services.settings.letter_boxes
        await fetch(self.browser.services, box)
        await send(self.browser.services)

    async def rows(self, *which: Any) -> list[Letter]:
        """Letters in the store, in order."""
        async with self.browser.store.read() as session:
            found = await session.scalars(select(Letter).where(*which).order_by(Letter.id))
            return list(found)

    async def answer(self, matter_id: int, words: str, **more: str) -> None:
        """The holder answers on the page."""
        path, headers = f"/staff/matters/{matter_id}", self.holder.headers
        page = (await self.browser.get(path, headers=headers)).text
        form = {"request": hidden(page)["request"], "outcome": "done", "words": words, **more}
        response = await self.browser.post(f"{path}/answer", data=form, headers=headers)
        assert response.status_code == 303, response.text
        await send(self.browser.services)

    async def one(self) -> Matter:
        """The only matter."""
        [(matter, _)] = await matters(self.browser.store)
        return matter


def described(files: Path, imap: ImapServer, user: str, **box: Any) -> Path:
    """The file of a mailbox of 刘家庄, and that of its password beside it."""
    password, file = files / "password", files / "boxes.json"
    password.write_text(f"{PASSWORD}\n")
    mailbox = {
        "community": "liujiazhuang",
        "address": ADDRESS,
        "host": "127.0.0.1",
        "port": imap.port,
        "security": "none",
        "user": user,
        "password_file": str(password),
        **box,
    }
    file.write_text(json.dumps([mailbox]))
    return file


@asynccontextmanager
async def office_on(
    url: str, imap: ImapServer, files: Path, user: str, **box: Any
) -> AsyncIterator[Office]:
    """An office with a mailbox, after its first look."""
    file, clock = described(files, imap, user, **box), Clock(NOW)
    async with (
        smtp_server() as smtp,
        opened(
            url,
            clock,
            mailboxes=file,
            smtp_host="127.0.0.1",
            smtp_port=smtp.port,
            smtp_from="noreply@liujiazhuang.example",
            smtp_security="none",
            public_url="https://lianxin.example",
        ) as browser,
    ):
        home = (await places(browser.store)).community["liujiazhuang"]
        holder = await arrived(browser.store, "below", Grant(Role.CLERK, community_id=home))
        await with_post(browser.store, holder="below")
        office = Office(browser, imap, smtp, clock, user, holder)
        await office.round()
        yield office


def answering(sent: Any, words: str, **headers: str) -> bytes:
    """王桂英's answer to a letter of ours, as her mail program writes it."""
    thread = {
        "In-Reply-To": sent["Message-ID"],
        "References": f"{sent.get('References', '')} {sent['Message-ID']}",
    }
    quoted = "\n".join(f"> {line}" for line in text_of(sent).splitlines())
    return mail(
        f"{words}\n\n在 2026年11月23日，刘家庄 写道：\n{quoted}",
        subject="Re: 报修",
        **{**thread, **headers},
    )
