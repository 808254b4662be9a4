"""Looks in turn: a few at a time, streams before asks, nobody who has gone, and nobody delayed."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

from web.site.turns import MOST, LooksInTurn

if TYPE_CHECKING:
    from starlette.types import Message, Receive, Scope, Send


class Server:
    """An application that answers when it is told to, behind `LooksInTurn`."""

    def __init__(self) -> None:
        self.begun: list[str] = []
        self.may_answer = asyncio.Event()
        self.looks = LooksInTurn(self._answer)
        self.statuses: dict[str, int] = {}

    async def _answer(self, scope: Scope, receive: Receive, send: Send) -> None:
        self.begun.append(scope["path"])
        assert (await receive())["type"] == "http.request"
        await self.may_answer.wait()
        await send({"type": "http.response.start", "status": 200, "headers": []})
        if scope["path"].startswith("/live/"):
            assert (await receive())["type"] == "http.disconnect"

    def ask(self, path: str, method: str = "GET") -> Asked:
        """A browser that asks for something."""
        return Asked(self, {"type": "http", "path": path, "method": method})


class Asked:
    """A request, whose browser can go."""

    def __init__(self, server: Server, scope: Scope) -> None:
        self._messages: asyncio.Queue[Message] = asyncio.Queue()
        self._messages.put_nowait({"type": "http.request", "body": b"", "more_body": False})

        async def send(message: Any) -> None:
            server.statuses[scope["path"]] = message["status"]

        self.task = asyncio.create_task(server.looks(scope, self._messages.get, send))

    def go(self) -> None:
        """The browser goes."""
        self._messages.put_nowait({"type": "http.disconnect"})


async def settled() -> None:
    """Let everything happen that waits for nothing."""
    for _ in range(20):
        await asyncio.sleep(0)


async def test_streams_come_before_asks_and_a_few_at_a_time() -> None:
    server = Server()
    first = [server.ask(f"/f/tickets/{n}") for n in range(MOST)]
    await settled()
    later = [server.ask("/f/tickets/late"), server.ask("/live/tickets/a")]
    await settled()
    assert len(server.begun) == MOST
    server.may_answer.set()
    await settled()
    assert server.begun[MOST:] == ["/live/tickets/a", "/f/tickets/late"]
    later[1].go()
    await asyncio.gather(*(each.task for each in (*first, *later)))
    assert set(server.statuses.values()) == {200}


async def test_who_takes_a_number_waits_for_none_who_looks() -> None:
    server, before = Server(), asyncio.all_tasks()
    looks = [server.ask(f"/f/tickets/{n}") for n in range(100)]
    taking = [server.ask("/c/jian/tickets", "POST"), server.ask("/c/jian/take")]
    await settled()
    assert {"/c/jian/tickets", "/c/jian/take"} <= set(server.begun)
    server.may_answer.set()
    await asyncio.gather(*(each.task for each in (*looks, *taking)))
    # Not every server says that a browser went once it was answered.
    await settled()
    assert asyncio.all_tasks() == before


async def test_an_ask_is_dropped_when_its_browser_has_gone() -> None:
    server = Server()
    asks = [server.ask(f"/f/tickets/{n}") for n in range(MOST + 50)]
    await settled()
    for ask in asks[MOST:]:
        ask.go()
    await settled()
    server.may_answer.set()
    await asyncio.gather(*(each.task for each in asks))
    assert len(server.begun) == MOST


async def test_a_stream_gives_its_place_back_once_it_has_begun() -> None:
    server = Server()
    server.may_answer.set()
    streams = [server.ask(f"/live/tickets/{n}") for n in range(20)]
    await settled()
    assert len(server.statuses) == 20
    for stream in streams:
        stream.go()
    await asyncio.gather(*(each.task for each in streams))
    # Each place was given back once.
    assert server.looks._turns._free == MOST
