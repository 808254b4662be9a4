"""Numbers taken over HTTP, each durable, against one fsync-bound transaction a ticket in a bare loop."""

from __future__ import annotations

import asyncio
import json
import re
import sqlite3
import time
from contextlib import closing
from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import urlencode

import uvloop

from domain.keys import new_key
from tests.bench.load import at
from tests.bench.pages import GUIDE, Server, fetch, prepare, served
from tests.bench.report import Figure

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

CLIENTS = (1, 16, 64)
GOAL_AT = 16
"""The number of clients for which there is a goal."""
SECONDS = 3.0
ROUNDS = 3
_LENGTH = re.compile(rb"content-length: (\d+)", re.IGNORECASE)


def measure(folder: Path) -> Iterator[Figure]:
    """Tickets a second at 1, 16 and 64 clients, as ratios to the bare loop.

    Of the rounds the best counts, also of the bare loop: on a machine that others use too, the
    rest measures them. The clients are one process of their own, which takes its share of it.
    """
    folder = folder / "tickets"
    folder.mkdir()
    asyncio.run(prepare(f"sqlite+aiosqlite:///{folder / 'lianxin.db'}"))
    open_all_day(folder / "lianxin.db")
    rounds: list[Round] = []
    bare = 0.0
    with served(folder) as server:
        fetch(server.port, GUIDE)
        take(server.port, 1.0, 4)
        for n in range(ROUNDS):
            bare = max(bare, _bare_loop(folder / f"bare-{n}.db"))
            rounds += [_round(server, clients) for clients in CLIENTS]
    for clients in CLIENTS:
        best = max((each for each in rounds if each.clients == clients), key=lambda r: r.rate)
        yield Figure(
            f"numbers taken over HTTP, durable, clients: {clients}",
            str(best),
            f"one transaction a number in a bare loop: {bare:.0f}/s",
            best.rate / bare,
            "500/s; at least 1.2" if clients == GOAL_AT else "",
        )


@dataclass(frozen=True)
class Round:
    """What so many clients got done."""

    clients: int
    took: list[float]
    seconds: float
    """Of processor time in the server, for a number."""

    @property
    def rate(self) -> float:
        """Numbers a second."""
        return len(self.took) / SECONDS

    def __str__(self) -> str:
        return (
            f"{self.rate:.0f}/s, p50 {at(self.took, 0.5):.1f} ms, p99 {at(self.took, 0.99):.1f} ms, "
            f"{self.seconds * 1000:.2f} ms of a core each"
        )


def _round(server: Server, clients: int) -> Round:
    before = server.seconds()
    took = take(server.port, SECONDS, clients)
    return Round(clients, took, (server.seconds() - before) / len(took))


def open_all_day(database: Path) -> None:
    """Halls are open now, whatever the real clock says."""
    always = [{"opens": "00:00:00", "closes": "23:59:59"}]
    kinds = ("working_day", "saturday", "sunday", "public_holiday")
    with closing(sqlite3.connect(database)) as connection:
        for number, hours in connection.execute("SELECT id, hours FROM hall").fetchall():
            changed = json.dumps({**json.loads(hours), **dict.fromkeys(kinds, always)})
            connection.execute("UPDATE hall SET hours = ? WHERE id = ?", (changed, number))
        connection.commit()


def _bare_loop(database: Path) -> float:
    """A number and a row in one durable transaction each, with nothing around it."""
    with closing(sqlite3.connect(database, isolation_level=None)) as connection:
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("PRAGMA synchronous = FULL")
        connection.execute("CREATE TABLE number (last INTEGER)")
        connection.execute("INSERT INTO number VALUES (0)")
        connection.execute("CREATE TABLE ticket (number INTEGER UNIQUE, token TEXT)")
        count, until = 0, time.perf_counter() + SECONDS
        while time.perf_counter() < until:
            connection.execute("BEGIN IMMEDIATE")
            sql = "UPDATE number SET last = last + 1 RETURNING last"
            (number,) = connection.execute(sql).fetchone()
            connection.execute("INSERT INTO ticket VALUES (?, ?)", (number, "x" * 22))
            connection.execute("COMMIT")
            count += 1
    return count / SECONDS


class _Taker(asyncio.Protocol):
    """One connection on which one resident after another takes a number."""

    def __init__(self, until: float, took: list[float]) -> None:
        self.until, self.took, self.buffer = until, took, b""
        self.done = asyncio.get_running_loop().create_future()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport: asyncio.Transport = transport  # type: ignore[assignment]
        self.take()

    def take(self) -> None:
        """Take one, or stop when the time is over."""
        self.began = time.perf_counter()
        if self.began >= self.until:
            self.transport.close()
            return
        body = urlencode({"category": "B", "request": new_key()}).encode()
        head = (
            "POST /halls/liujiazhuang/tickets HTTP/1.1\r\nHost: 127.0.0.1\r\n"
            "Content-Type: application/x-www-form-urlencoded\r\n"
            f"Content-Length: {len(body)}\r\n\r\n"
        )
        self.transport.write(head.encode() + body)

    def data_received(self, data: bytes) -> None:
        self.buffer += data
        head, separator, body = self.buffer.partition(b"\r\n\r\n")
        length = _LENGTH.search(head)
        if not separator or len(body) < int(length.group(1) if length else 0):
            return
        if not head.startswith(b"HTTP/1.1 303"):
            self.done.set_exception(RuntimeError(head.decode("latin-1")))
            self.transport.close()
            return
        self.took.append(time.perf_counter() - self.began)
        self.buffer = b""
        self.take()

    def connection_lost(self, exc: Exception | None) -> None:
        if not self.done.done():
            self.done.set_result(None)


def take(port: int, seconds: float, clients: int) -> list[float]:
    """Take numbers for so long; how long each took, sorted."""

    async def run() -> list[float]:
        took: list[float] = []
        loop, until = asyncio.get_running_loop(), time.perf_counter() + seconds
        takers = [
            (await loop.create_connection(lambda: _Taker(until, took), "127.0.0.1", port))[1]
            for _ in range(clients)
        ]
        await asyncio.gather(*(taker.done for taker in takers))
        return sorted(took)

    return uvloop.run(run())
