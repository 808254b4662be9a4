"""Real servers, each with a data folder of its own, and what happens in their halls."""

from __future__ import annotations

import asyncio
import datetime as dt
import os
import subprocess
import sys
import time
from contextlib import asynccontextmanager
from http import HTTPStatus
from http.client import HTTPConnection, HTTPException
from pathlib import Path
from typing import TYPE_CHECKING, Any

import httpx
import pytest

from domain.staff.actor import Grant
from domain.staff.tables import Role
from domain.store import Store
from tests.world.clock import SHANGHAI
from tests.world.halls import HallDay
from tests.world.people import DISTRICT_ADMINISTRATOR, arrived, begun, hired

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from domain.places.tables import Hall

ROOT = Path(__file__).parent.parent.parent


PATIENCE = 30_000
"""Milliseconds after which something that should have happened counts as not happening."""


def client_of(url: str = "", **more: Any) -> httpx.AsyncClient:
    """A browser without pages at a real server, as patient as those that have pages."""
    # It speaks no TLS, and to read what it would trust takes longer than a number.
    plain: dict[str, Any] = {"timeout": PATIENCE / 1000, "trust_env": False, "verify": False}
    return httpx.AsyncClient(base_url=url, **plain, **more)


class Server:
    """`python -m web serve` with a data folder of its own, as an operator runs it."""

    def __init__(self, data: Path, port: int, **settings: str) -> None:
        self.data, self.port, self.code = data, port, ROOT
        self.settings = settings
        self.process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        """The address of the front door, without a slash at the end."""
        return f"http://127.0.0.1:{self.port}"

    @property
    def log(self) -> Path:
        """What the server said."""
        return self.data / "serve.log"

    @property
    def database(self) -> str:
        """The address of the server's store."""
        own = f"sqlite+aiosqlite:///{self.data / 'lianxin.db'}"
        return self.settings.get("LIANXIN_DATABASE", own)

    def start(self) -> None:
        """Start, and return when it answers."""
        others = {name: value for name, value in os.environ.items() if "LIANXIN" not in name}
        settings = {
            "LIANXIN_DATA": str(self.data),
            "LIANXIN_PORT": str(self.port),
            "LIANXIN_LOG": "plain",
            # Everybody of a test comes from one address, also a storm.
            "LIANXIN_NUMBERS_AN_ADDRESS": "1000000",
            **self.settings,
        }
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "web", "serve"],
                cwd=self.code,
                env={**others, **settings},
                stdout=log,
                stderr=subprocess.STDOUT,
            )
        while not self._answers():
            if self.process.poll() is not None:
                pytest.fail(f"the server did not start:\n{self.log.read_text()}")

    def _answers(self) -> bool:
        """Whether it does by now. It has few cores, and those who look must leave it one."""
        asking = HTTPConnection("127.0.0.1", self.port, timeout=10)
        try:
            asking.request("GET", "/healthz")
            return asking.getresponse().status == HTTPStatus.OK
        except (OSError, HTTPException):
            time.sleep(0.02)
            return False
        finally:
            asking.close()

    def stop(self) -> None:
        """Stop, and return when nobody listens any more."""
        if self.process is None:
            return
        self.process.terminate()
        try:
            self.process.wait(PATIENCE / 1000)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
            raise
        finally:
            self.process = None


async def administrator_of(server: Server, name: str) -> str:
    """The session key of someone new who administers the district of a server."""
    store = Store(server.database)
    await store.open()
    person = await arrived(store, name, DISTRICT_ADMINISTRATOR, now=dt.datetime.now(dt.UTC))
    await store.close()
    return person.key


class BrowserHall(HallDay):
    """A hall on a running server: what happens at its counters happens in the server."""

    def __init__(
        self, server: Server, store: Store, hall: Hall, slug: str, clerks: list[httpx.AsyncClient]
    ) -> None:
        super().__init__(store, hall, lambda: dt.datetime.now(SHANGHAI))
        self.server, self.slug, self.clerks = server, slug, clerks
        self.at: dict[int, httpx.AsyncClient] = {}

    def desk(self, counter: int = 1) -> str:
        """The address of a counter's desk."""
        return f"/staff/c/{self.slug}/counters/{counter}"

    async def clerk(self, name: str) -> str:
        """The session key of a new clerk of this hall."""
        grant = Grant(Role.CLERK, community_id=self.hall.community_id)
        member = await hired(self.store, f"{name}-{self.slug}", grant, now=self.now)
        return await begun(self.store, member, self.now)

    async def staff(self, counter: int, letters: str) -> None:
        """A clerk signs on to a counter."""
        cookies = {"staff": await self.clerk(f"clerk-{counter}")}
        client = client_of(self.server.url, cookies=cookies)
        self.clerks.append(client)
        self.at[counter] = client
        await self.press("shifts", counter, letters=list(letters))

    async def press(self, noun: str, counter: int, **form: Any) -> None:
        """The clerk presses a button that works."""
        answer = await self.at[counter].post(f"{self.desk(counter)}/{noun}", data=form)
        assert answer.status_code == HTTPStatus.SEE_OTHER, (noun, answer.text)

    async def call(self, counter: int) -> str:
        """Someone comes and is called to a counter at once; the number."""
        await self.take()
        await self.press("calls", counter)
        desks = (await self.look()).desks
        return next(each.ticket.label for each in desks if each.counter == counter and each.ticket)


async def finish(day: BrowserHall, counter: int) -> None:
    """The person who was called to a counter is served, and leaves."""
    for noun in ("starts", "finishes"):
        await day.press(noun, counter)


@asynccontextmanager
async def gateway_without_a_server(
    port: int, status: str = "502 Bad Gateway"
) -> AsyncIterator[None]:
    """What stands in front of the server, when there is nothing behind it: 502 to everyone."""

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(
            f"HTTP/1.1 {status}\r\nlocation: /portal\r\nconnection: close\r\n"
            "content-length: 0\r\n\r\n".encode()
        )
        await writer.drain()
        writer.close()
        await writer.wait_closed()

    async with await asyncio.start_server(answer, "127.0.0.1", port):
        yield
