"""Thousands of live pages after kill -9: when all are live again, and what taking a number takes."""

from __future__ import annotations

import asyncio
import random
import time
from contextlib import suppress
from typing import TYPE_CHECKING
from urllib.parse import urlencode

import uvloop

from domain.keys import new_key
from tests.bench.halls import add_visits
from tests.bench.live import fill, network_of, raise_open_files
from tests.bench.load import at
from tests.bench.pages import GUIDE, fetch, prepare, served
from tests.bench.report import Figure
from tests.bench.tickets import open_all_day

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

HALLS, WAITING = 30, 100
# What static/js/lib/live.js and ticket.js do, in seconds.
ASK, LONGEST_ASK, PATIENCE = 8.0, 120.0, 8.0
# How long numbers are taken after the server is back, and the pause between two.
TAKING, EVERY = 15.0, 0.1
LONGEST = 180.0


class Phone:
    """A ticket's page on a phone: its stream, opened again when it is lost, and its asks."""

    def __init__(self, token: str, *, asks: bool) -> None:
        self.token, self.asks = token, asks
        self.is_live = asyncio.Event()
        self.retry = 3.0
        self.asked = self.answered = 0
        self._head = f"Host: 127.0.0.1\r\nX-Forwarded-For: {network_of(token)}\r\n\r\n"

    async def follow(self, port: list[int]) -> None:
        """Keep the stream open; `port` is where the server listens now."""
        while True:
            with suppress(OSError, asyncio.IncompleteReadError):
                await self._stream(port[0])
            self.is_live.clear()
            await asyncio.sleep(self.retry)

    async def _stream(self, port: int) -> None:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        try:
            writer.write(f"GET /live/tickets/{self.token} HTTP/1.1\r\n{self._head}".encode())
            while line := await reader.readline():
                if line.startswith(b"retry: "):
                    self.retry = int(line[7:]) / 1000
                elif line.startswith(b"data: "):
                    self.is_live.set()
        finally:
            writer.close()

    async def ask_while_lost(self, port: list[int]) -> None:
        """Ask for the page's part while no stream comes, as the page does."""
        wait = ASK
        while self.asks and not self.is_live.is_set():
            with suppress(TimeoutError):
                async with asyncio.timeout(wait * (1 + random.random())):  # noqa: S311
                    await self.is_live.wait()
                    return
            self.asked += 1
            wait = min(2 * wait, LONGEST_ASK)
            with suppress(OSError, TimeoutError, asyncio.IncompleteReadError):
                async with asyncio.timeout(PATIENCE):
                    await self._ask(port[0])
                    wait = ASK

    async def _ask(self, port: int) -> None:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        try:
            writer.write(f"GET /f/tickets/{self.token} HTTP/1.1\r\n{self._head}".encode())
            await reader.readuntil(b"\r\n\r\n")
            self.answered += 1
        finally:
            writer.close()


def measure(folder: Path) -> Iterator[Figure]:
    """Streams alone, then pages as they are."""
    raise_open_files()
    alone, _, _ = _restarted(folder / "alone", asks=False)
    back, phones, took = _restarted(folder / "asking", asks=True)
    asked, answered = sum(p.asked for p in phones), sum(p.answered for p in phones)
    name = f"{len(phones)} live pages in {HALLS} halls after kill -9"
    yield Figure(
        f"{name}: all live again",
        f"{back:.1f} s after the server listened, {answered} of {asked} asks answered",
        f"their streams alone: {alone:.1f} s",
        back / alone,
        "at most 15 s",
    )
    yield Figure(
        f"{name}: a number taken meanwhile, p99",
        f"{at(took, 0.99) / 1000:.3f} s of {len(took)}",
        "1 s",
        at(took, 0.99) / 1000,
        "at most 1",
    )


def _restarted(folder: Path, *, asks: bool) -> tuple[float, list[Phone], list[float]]:
    folder.mkdir()
    asyncio.run(prepare(f"sqlite+aiosqlite:///{folder / 'lianxin.db'}"))
    open_all_day(folder / "lianxin.db")
    tokens = fill(folder / "lianxin.db", HALLS, WAITING)
    add_visits(folder / "lianxin.db")
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        return runner.run(_kill_and_wait(folder, tokens, asks=asks))


async def _kill_and_wait(
    folder: Path, tokens: Sequence[str], *, asks: bool
) -> tuple[float, list[Phone], list[float]]:
    """Seconds until all are live again, the phones, and how long taking numbers took meanwhile."""
    phones, port = [Phone(token, asks=asks) for token in tokens], [0]
    with served(folder) as server:
        port[0] = server.port
        await asyncio.to_thread(fetch, server.port, GUIDE)
        following = []
        for phone in phones:
            following.append(asyncio.create_task(phone.follow(port)))
            await asyncio.sleep(0.005)
        await asyncio.gather(*(phone.is_live.wait() for phone in phones))
        server.kill()
    await asyncio.sleep(1)
    asking = [asyncio.create_task(phone.ask_while_lost(port)) for phone in phones]
    again = served(folder)
    server = await asyncio.to_thread(again.__enter__)
    try:
        port[0], began = server.port, time.monotonic()
        taking = asyncio.create_task(_take_now_and_then(server.port))
        async with asyncio.timeout(LONGEST):
            await asyncio.gather(*(phone.is_live.wait() for phone in phones))
        back = time.monotonic() - began
        took = await taking
        for task in (*following, *asking):
            task.cancel()
        await asyncio.gather(*following, *asking, return_exceptions=True)
    finally:
        await asyncio.to_thread(again.__exit__, None, None, None)
    return back, phones, took


async def _take_now_and_then(port: int) -> list[float]:
    """Residents who take a number, one after the other; how long each waited, sorted."""
    took, until = list[float](), time.monotonic() + TAKING
    while time.monotonic() < until:
        body = urlencode({"category": "B", "request": new_key()})
        began = time.perf_counter()
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(
            "POST /halls/liujiazhuang/tickets HTTP/1.1\r\nHost: 127.0.0.1\r\n"
            "Content-Type: application/x-www-form-urlencoded\r\n"
            f"Content-Length: {len(body)}\r\n\r\n{body}".encode()
        )
        status = await reader.readline()
        took.append(time.perf_counter() - began)
        writer.close()
        if b" 303 " not in status:
            raise RuntimeError(status.decode())
        await asyncio.sleep(EVERY)
    return sorted(took)
