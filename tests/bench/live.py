"""Ten thousand live ticket pages on one process: memory each, and how soon all know of a call."""

from __future__ import annotations

import asyncio
import datetime as dt
import http.client
import re
import resource
import sqlite3
import time
from contextlib import closing
from functools import partial
from typing import TYPE_CHECKING
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

import uvloop

from domain.staff import accounts, passwords
from domain.staff.actor import COMMAND_LINE, Grant
from domain.staff.tables import Role
from domain.store import Store
from tests.bench.pages import GUIDE, fetch, prepare, served
from tests.bench.tickets import open_all_day
from tests.conftest import NOW

if TYPE_CHECKING:
    from pathlib import Path

    from tests.bench.pages import Server

PAGES = 10_000
AT_ONCE = 100
"""Streams that are opened at a time."""
CALLS = 5
PATIENCE = 60.0
PASSWORD = "a kettle on the stove"
ZONE = ZoneInfo("Asia/Shanghai")
_AHEAD = re.compile(rb'"ahead":(\d+)')


def measure(folder: Path) -> None:
    """Print it for one hall in which all ten thousand wait, and for a hundred to a hall."""
    pages = min(PAGES, _files() - 200)
    for halls in (1, 100):
        place = folder / f"live-{halls}"
        place.mkdir()
        asyncio.run(prepare_with_clerk(f"sqlite+aiosqlite:///{place / 'lianxin.db'}"))
        open_all_day(place / "lianxin.db")
        tokens = _fill(place / "lianxin.db", halls, pages // halls)
        with served(place) as server:
            fetch(server.port, GUIDE)
            with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
                runner.run(_follow(server, tokens, halls))


def _files() -> int:
    """How many files a process may open, raised as far as it goes; the server inherits it."""
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
    return most


async def prepare_with_clerk(url: str) -> None:
    """A district and somebody who may serve in its halls."""
    await prepare(url)
    store = Store(url)
    await store.open()
    hire = partial(
        accounts.hire,
        actor=COMMAND_LINE,
        name="clerk",
        full_name="Clerk",
        password_hash=passwords.hashed(PASSWORD),
        grants=(Grant(Role.CLERK),),
        now=NOW,
    )
    await store.write(hire)
    await store.close()


def _fill(database: Path, halls: int, each: int) -> list[str]:
    """So many wait for one counter in each of so many halls; their addresses, hall by hall."""
    now = dt.datetime.now(ZONE)
    tokens: list[str] = []
    with closing(sqlite3.connect(database)) as connection:
        first = "SELECT h.id FROM hall h JOIN community c ON c.id = h.community_id ORDER BY c.slug <> 'liujiazhuang', h.id"
        for (hall,) in connection.execute(first).fetchmany(halls):
            opened = now.astimezone(dt.UTC).strftime("%Y-%m-%d %H:%M:%S.%f")
            add_day = "INSERT INTO queue_day (hall_id, day, opened_at) VALUES (?, ?, ?)"
            day = connection.execute(add_day, (hall, now.date().isoformat(), opened)).lastrowid
            rows = [(day, n, f"live-{hall:04}-{n:05}-{'x' * 8}") for n in range(1, each + 1)]
            connection.executemany(
                "INSERT INTO ticket (day_id, letter, number, token, items, brought, missing, category,"
                " state, is_confirmed, joined_at, waits_from, place_at, returns, lets)"
                " VALUES (?, 'B', ?, ?, '[]', '[]', '[]', 'B', 'waiting', 0, ?, ?, ?, 0, 0)",
                [(*row, opened, opened, opened) for row in rows],
            )
            connection.execute(
                "INSERT INTO ticket_period (ticket_id, state, began_at, reason)"
                " SELECT id, state, joined_at, '' FROM ticket WHERE day_id = ?",
                (day,),
            )
            connection.execute("INSERT INTO queue_number VALUES (?, 'B', ?)", (day, each))
            tokens += [token for _, _, token in rows]
        connection.commit()
    return tokens


class _Page(asyncio.Protocol):
    """A ticket's page that stays open, and knows how many it was told are ahead."""

    def __init__(self, token: str) -> None:
        self.token, self.ahead, self.heard = token, -1, 0.0
        self.begun: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport: asyncio.Transport = transport  # type: ignore[assignment]
        self.transport.write(
            f"GET /live/tickets/{self.token} HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n".encode()
        )

    def data_received(self, data: bytes) -> None:
        # Messages are short and written whole: none is cut in two on loopback.
        for said in _AHEAD.findall(data):
            self.ahead, self.heard = int(said), time.perf_counter()
            if not self.begun.done():
                self.begun.set_result(None)

    def connection_lost(self, exc: Exception | None) -> None:
        if not self.begun.done():
            self.begun.set_exception(exc or RuntimeError("a stream ended before it began"))


async def _follow(server: Server, tokens: list[str], halls: int) -> None:
    clerk = await asyncio.to_thread(Clerk, server.port)
    empty, before, began = server.memory(), server.seconds(), time.perf_counter()
    pages: list[_Page] = []
    loop = asyncio.get_running_loop()
    for start in range(0, len(tokens), AT_ONCE):
        opened = await asyncio.gather(
            *(
                loop.create_connection(partial(_Page, token), "127.0.0.1", server.port)
                for token in tokens[start : start + AT_ONCE]
            )
        )
        pages += [page for _, page in opened]
        await asyncio.gather(*(page.begun for _, page in opened))
    took = time.perf_counter() - began
    each = (server.memory() - empty) / len(pages) / 1024
    print(
        f"live pages: {len(pages)} in {halls} hall{'s' if halls > 1 else ''}, {each:.1f} KiB each, "
        f"opened at {len(pages) / took:.0f}/s ({(server.seconds() - before) / len(pages) * 1000:.2f} ms of a core)"
    )
    await asyncio.sleep(1)
    # The hall whose counter calls; the others' pages have nothing new to hear.
    mine = pages[: len(pages) // halls]
    delays: list[tuple[float, float, float]] = []
    for _ in range(CALLS):
        known = {page.token: page.ahead for page in mine}
        used, sent = server.seconds(), time.perf_counter()
        answered = await asyncio.to_thread(clerk.call)
        waits = [page for page in mine if known[page.token] > 0]
        while any(page.ahead == known[page.token] for page in waits):
            if time.perf_counter() - sent > PATIENCE:
                raise RuntimeError("a page never heard of the call")
            await asyncio.sleep(0.01)
        last = max(page.heard for page in waits)
        delays.append((last - answered, last - sent, server.seconds() - used))
        await asyncio.to_thread(clerk.finish)
        await asyncio.sleep(2)
    delays.sort()
    after, whole, used = delays[0]
    print(
        f"live pages: after a call the last of {len(waits)} has its new position {after:.2f} s after the "
        f"call was kept (goal 1; in the middle of {CALLS} {delays[CALLS // 2][0]:.2f} s), "
        f"{whole:.2f} s after the key; {used:.2f} s of a core"
    )
    for page in pages:
        page.transport.close()


class Clerk:
    """Someone who sits at the counter."""

    def __init__(self, port: int) -> None:
        self.connection = http.client.HTTPConnection("127.0.0.1", port)
        self.desk = "/staff/c/liujiazhuang/counters/1"
        self.cookie = ""
        answer = self._post("/staff/sessions", name="clerk", password=PASSWORD)
        self.cookie = (answer.getheader("set-cookie") or "").partition(";")[0]
        self._post(f"{self.desk}/shifts", letters="B")

    def call(self) -> float:
        """Call the next; when it was answered."""
        self._post(f"{self.desk}/calls")
        return time.perf_counter()

    def finish(self) -> None:
        """Be done with them."""
        self._post(f"{self.desk}/finishes")

    def _post(self, path: str, **form: str) -> http.client.HTTPResponse:
        headers = {"content-type": "application/x-www-form-urlencoded", "cookie": self.cookie}
        self.connection.request("POST", path, urlencode(form), headers)
        answer = self.connection.getresponse()
        answer.read()
        # The server does not keep a silent connection for as long as this is silent.
        self.connection.close()
        if answer.status != http.client.SEE_OTHER:
            raise RuntimeError(f"{path}: {answer.status}")
        return answer
