"""Ten thousand live ticket pages on one process: memory each, and how soon all know of a call."""

from __future__ import annotations

import asyncio
import datetime as dt
import http.client
import os
import re
import resource
import sqlite3
import sys
import time
import zlib
from contextlib import closing, contextmanager
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Protocol
from urllib.parse import urlencode

import uvloop

from domain.staff import accounts, passwords
from domain.staff.actor import COMMAND_LINE, Grant
from domain.staff.tables import Role
from domain.store import Store
from tests.bench.midday import now as now_at_midday
from tests.bench.pages import GUIDE, Server, fetch, prepare, running, served
from tests.bench.report import Figure
from tests.bench.tickets import open_all_day
from tests.world.clock import NOW
from tests.world.databases import free_port

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

PAGES = 10_000
AT_ONCE = 100
"""Streams that are opened at a time."""
CALLS = 5
PATIENCE = 60.0
PASSWORD = "a kettle on the stove"
_AHEAD = re.compile(rb'"ahead":(\d+)')
BARE = """
import asyncio, sys
import uvloop

streams, position = {}, 1_000_000

class Stream(asyncio.Protocol):
    def connection_made(self, transport):
        self.transport = transport

    def data_received(self, data):
        global position
        method, path, _ = data.split(b" ", 2)
        if method == b"GET" and path != b"/":
            streams.setdefault(path.split(b"-")[1], []).append(self.transport)
            self.transport.write(b'HTTP/1.1 200 OK\\r\\n\\r\\ndata: {"ahead":%d}\\n\\n' % position)
            return
        if method == b"POST":
            position -= 1
            for transport in next(iter(streams.values())):
                transport.write(b'data: {"ahead":%d}\\n\\n' % position)
        self.transport.write(b"HTTP/1.1 200 OK\\r\\nContent-Length: 0\\r\\n\\r\\n")

async def main():
    loop = asyncio.get_running_loop()
    server = await loop.create_server(Stream, "127.0.0.1", int(sys.argv[1]), backlog=2048)
    await server.serve_forever()

uvloop.run(main())
"""
"""Streams with nothing behind them: one message to each of a hall's when something is posted."""


def measure(folder: Path) -> Iterator[Figure]:
    """For one hall in which all ten thousand wait, and for a hundred to a hall."""
    pages = min(PAGES, raise_open_files() - 200)
    for halls in (1, 100):
        place = folder / f"live-{halls}"
        place.mkdir()
        asyncio.run(prepare_with_clerk(f"sqlite+aiosqlite:///{place / 'lianxin.db'}"))
        open_all_day(place / "lianxin.db")
        tokens = fill(place / "lianxin.db", halls, pages // halls)
        with bare_streams() as server:
            bare = _followed(server, BareCaller(server.port), tokens, halls)
        with served(place) as server:
            fetch(server.port, GUIDE)
            ours = _followed(server, Clerk(server.port), tokens, halls)
        where = "one hall" if halls == 1 else f"{halls} halls"
        yield from _figures(f"{len(tokens)} live pages in {where}", ours, bare)


@dataclass(frozen=True)
class Followed:
    """What it takes to hold many pages open, and to tell them of a call."""

    memory: float
    """KiB for each page."""
    rate: float
    """Pages opened a second."""
    delay: float
    """Seconds from the call's answer until the last page knew, in the best of all calls."""
    since_key: float
    """The same from the clerk's key on."""


def _figures(name: str, ours: Followed, bare: Followed) -> Iterator[Figure]:
    yield Figure(
        f"{name}: memory of each",
        f"{ours.memory:.1f} KiB",
        f"bare streams: {bare.memory:.1f} KiB",
        ours.memory / bare.memory,
    )
    yield Figure(
        f"{name}: opened",
        f"{ours.rate:.0f}/s",
        f"bare streams: {bare.rate:.0f}/s",
        ours.rate / bare.rate,
    )
    yield Figure(
        f"{name}: the last has its new position",
        f"{ours.delay:.3f} s after the call was kept, {ours.since_key:.3f} s after the key",
        f"bare streams: {bare.since_key:.3f} s after the key",
        ours.since_key / bare.since_key,
        "at most 1 s after the call was kept",
    )


@contextmanager
def bare_streams() -> Iterator[Server]:
    """A server that holds streams open and does nothing else."""
    port = free_port()
    command = [sys.executable, "-c", BARE, str(port)]
    with running(command, port, dict(os.environ)) as process:
        yield Server(port, process.pid)


def raise_open_files() -> int:
    """How many files a process may open, raised as far as it goes; the server inherits it."""
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
    return most


async def prepare_with_clerk(url: str) -> None:
    """A district and someone who may serve in its halls."""
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


def fill(database: Path, halls: int, each: int) -> list[str]:
    """So many wait for one counter in each of so many halls; their addresses, hall by hall."""
    now = now_at_midday()
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


def network_of(token: str) -> str:
    """An address for each phone: streams from one network are bounded."""
    high, low = divmod(zlib.crc32(token.encode()) % 65536, 256)
    return f"10.{high}.{low}.1"


class Page(asyncio.Protocol):
    """A ticket's page that stays open, and knows how many it was told are ahead."""

    def __init__(self, token: str) -> None:
        self.token, self.ahead, self.heard = token, -1, 0.0
        self.begun: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport: asyncio.Transport = transport  # type: ignore[assignment]
        self.transport.write(
            f"GET /live/tickets/{self.token} HTTP/1.1\r\nHost: 127.0.0.1\r\n"
            f"X-Forwarded-For: {network_of(self.token)}\r\n\r\n".encode()
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


class Caller(Protocol):
    """What makes pages change."""

    def call(self) -> float:
        """Call the next; returns when it was answered."""

    def finish(self) -> None:
        """Be done with them."""


def _followed(server: Server, caller: Caller, tokens: list[str], halls: int) -> Followed:
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        return runner.run(_follow(server, caller, tokens, halls))


async def _follow(server: Server, caller: Caller, tokens: list[str], halls: int) -> Followed:
    empty, began = server.memory(), time.perf_counter()
    pages: list[Page] = []
    loop = asyncio.get_running_loop()
    for start in range(0, len(tokens), AT_ONCE):
        opened = await asyncio.gather(
            *(
                loop.create_connection(partial(Page, token), "127.0.0.1", server.port)
                for token in tokens[start : start + AT_ONCE]
            )
        )
        pages += [page for _, page in opened]
        await asyncio.gather(*(page.begun for _, page in opened))
    took = time.perf_counter() - began
    memory = (server.memory() - empty) / len(pages) / 1024
    await asyncio.sleep(1)
    # The hall whose counter calls; the others' pages have nothing new to hear.
    mine = pages[: len(pages) // halls]
    delays: list[tuple[float, float]] = []
    for _ in range(CALLS):
        known = {page.token: page.ahead for page in mine}
        sent = time.perf_counter()
        answered = await asyncio.to_thread(caller.call)
        waits = [page for page in mine if known[page.token] > 0]
        while any(page.ahead == known[page.token] for page in waits):
            if time.perf_counter() - sent > PATIENCE:
                raise RuntimeError("a page never heard of the call")
            await asyncio.sleep(0.01)
        last = max(page.heard for page in waits)
        # The bare server answers when it has told everybody, so its answer may come last.
        delays.append((max(last - answered, 0.0), last - sent))
        await asyncio.to_thread(caller.finish)
        await asyncio.sleep(2)
    for page in pages:
        page.transport.close()
    delay, since_key = min(delays)
    return Followed(memory, len(pages) / took, delay, since_key)


class BareCaller:
    """Posts to the bare streams."""

    def __init__(self, port: int) -> None:
        self.port = port

    def call(self) -> float:
        """Have every page told of something; returns when it was answered."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port)
        connection.request("POST", "/")
        connection.getresponse().read()
        connection.close()
        return time.perf_counter()

    def finish(self) -> None:
        """Nothing to do."""


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
