"""Streams of live pages: as many as a network may hold, and no more."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

from tests.world.clock import NOW
from web.site import streams
from web.site.streams import BoundedStreams

if TYPE_CHECKING:
    from starlette.types import Receive, Scope, Send


class Streams:
    """Requests for streams, each open until it is ended."""

    def __init__(self, services: Any) -> None:
        self.ending = asyncio.Event()
        self.bounded = BoundedStreams(self._stream, services)
        self.tasks: list[asyncio.Task[None]] = []

    async def _stream(self, _scope: Scope, _receive: Receive, send: Send) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await self.ending.wait()

    async def ask(self, path: str = "/live/tickets/a", host: str = "203.0.113.9") -> int:
        """The status that a request for a stream is answered with."""
        status: asyncio.Queue[int] = asyncio.Queue()

        async def send(message: Any) -> None:
            if message["type"] == "http.response.start":
                status.put_nowait(message["status"])

        async def receive() -> Any:
            await self.ending.wait()

        scope = {"type": "http", "path": path, "client": (host, 1), "headers": [], "method": "GET"}
        self.tasks.append(asyncio.create_task(self.bounded(scope, receive, send)))
        return await status.get()

    async def end(self) -> None:
        """End all."""
        self.ending.set()
        await asyncio.gather(*self.tasks)


async def test_one_network_holds_so_many_streams_and_gives_them_back(resident, monkeypatch) -> None:
    monkeypatch.setattr(streams, "MOST_OF_NETWORK", 3)
    monkeypatch.setattr(streams, "MOST_OF_PAGE", 2)
    asked = Streams(resident.services)
    assert [await asked.ask() for _ in range(3)] == [200, 200, 429]
    assert [await asked.ask(f"/live/tickets/{each}") for each in "bc"] == [200, 429]
    assert await asked.ask("/c/jian") == 200
    # Every address of one customer is one; another network is another.
    hosts = [f"2001:db8::{each}" for each in range(1, 5)]
    assert [await asked.ask(f"/live/{host}", host) for host in hosts] == [200, 200, 200, 429]
    await asked.end()
    assert not asked.bounded._of_network
    assert not asked.bounded._of_page
    assert await asked.ask() == 200


async def test_a_hall_s_own_network_holds_more(resident, monkeypatch) -> None:
    monkeypatch.setattr(streams, "MOST_OF_NETWORK", 1)
    asked = Streams(resident.services)
    resident.services.hall_networks.saw("203.0.113.77", NOW)
    answers = [await asked.ask(f"/live/tickets/{each}", "203.0.113.77") for each in range(20)]
    assert set(answers) == {200}
    assert await asked.ask("/live/tickets/x", "203.0.113.77") == 429
    await asked.end()
