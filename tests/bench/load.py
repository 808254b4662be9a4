"""A load from one process over loopback: keep-alive connections, each asking again when answered."""

from __future__ import annotations

import asyncio
import re
import time
from functools import partial
from itertools import cycle
from typing import TYPE_CHECKING

import uvloop

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

_LENGTH = re.compile(rb"content-length: (\d+)", re.IGNORECASE)


class Asker(asyncio.Protocol):
    """One connection."""

    def __init__(
        self, requests: Iterator[bytes], until: float, took: list[float], status: int = 200
    ) -> None:
        self.requests, self.until, self.took = requests, until, took
        self.expected = f"HTTP/1.1 {status}".encode()
        self.buffer = b""
        self.done = asyncio.get_running_loop().create_future()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport: asyncio.Transport = transport  # type: ignore[assignment]
        self.ask()

    def ask(self) -> None:
        """Ask once, or stop when the time is over."""
        self.began = time.perf_counter()
        if self.began >= self.until:
            self.transport.close()
            return
        self.transport.write(next(self.requests))

    def data_received(self, data: bytes) -> None:
        self.buffer += data
        head, separator, body = self.buffer.partition(b"\r\n\r\n")
        if not separator:
            return
        length = _LENGTH.search(head)
        if not head.startswith(self.expected) or length is None:
            self.done.set_exception(RuntimeError(head.decode("latin-1")))
            self.transport.close()
            return
        if len(body) < int(length.group(1)):
            return
        self.took.append(time.perf_counter() - self.began)
        self.buffer = b""
        self.ask()

    def connection_lost(self, exc: Exception | None) -> None:
        if not self.done.done():
            self.done.set_result(None)


def requests_of(paths: Sequence[str]) -> list[bytes]:
    """Plain GET requests as a phone's browser sends them."""
    lines = "GET {} HTTP/1.1\r\nHost: 127.0.0.1\r\nAccept-Encoding: gzip, deflate, br\r\nAccept-Language: zh-CN\r\nCookie: lianxin=community:liujiazhuang\r\n\r\n"
    return [lines.format(path).encode() for path in paths]


def ask(port: int, paths: Sequence[str], seconds: float, connections: int) -> list[float]:
    """Ask for `seconds`; how long each answer took, in seconds, sorted."""
    return send(port, requests_of(paths), seconds, connections)


def send(
    port: int, requests: Sequence[bytes], seconds: float, connections: int, status: int = 200
) -> list[float]:
    """Send these requests in turn for `seconds`; how long each answer took, sorted."""

    async def run() -> list[float]:
        took: list[float] = []
        loop, endless = asyncio.get_running_loop(), cycle(requests)
        until = time.perf_counter() + seconds
        asker = partial(Asker, endless, until, took, status)
        askers = [
            (await loop.create_connection(asker, "127.0.0.1", port))[1] for _ in range(connections)
        ]
        await asyncio.gather(*(asker.done for asker in askers))
        return sorted(took)

    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        return runner.run(run())


def at(took: Sequence[float], share: float) -> float:
    """The latency that `share` of the answers kept, in milliseconds."""
    return took[min(int(len(took) * share), len(took) - 1)] * 1000
