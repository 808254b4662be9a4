"""Turns for those who only look: streams first, asks after them, and nobody who has gone."""

from __future__ import annotations

import asyncio
import heapq
from collections import deque
from itertools import count
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Message, Receive, Scope, Send

# Looks that are answered at the same time. The store has more readers than these (see
# `domain.store`): the others are left to the pages of those who take a number.
MOST = 2
# What waits behind what, of the pages that ask by themselves: a stream ends the asks of its page.
RANKS = {"/live/": 0, "/f/tickets/": 1, "/f/matters/": 1, "/f/mine/": 1, "/f/halls/": 1}


class Turns:
    """So many places, given to the lowest rank that waits, then to the first who came."""

    def __init__(self, most: int) -> None:
        self._free, self._order = most, count()
        self._waiting: list[tuple[int, int, asyncio.Future[None]]] = []
        self._having: set[asyncio.Future[None]] = set()

    def take(self, rank: int) -> asyncio.Future[None]:
        """A future that is done when the turn comes; give it to `end` in any case."""
        turn: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        heapq.heappush(self._waiting, (rank, next(self._order), turn))
        self._give()
        return turn

    def end(self, turn: asyncio.Future[None]) -> None:
        """Give the place back, or stop waiting for it; a second time is nothing."""
        turn.cancel()
        if turn in self._having:
            self._having.discard(turn)
            self._free += 1
            self._give()

    def _give(self) -> None:
        while self._free and self._waiting:
            _, _, turn = heapq.heappop(self._waiting)
            if not turn.cancelled():
                turn.set_result(None)
                self._having.add(turn)
                self._free -= 1


# After a restart thousands of pages ask at the same moment. Each alone is answered in a few
# milliseconds; together they would keep the readers of the store and the event loop from those who
# take a number, and the server would go on for those who gave up long ago.
# Not taken: cancelling a look that has begun, which leaves its connection in the middle of a
# statement, and refusing looks, after which each page asks again.
class LooksInTurn:
    """Lets streams begin, and parts of pages be made, a few at a time."""

    def __init__(self, app: ASGIApp) -> None:
        self.app, self._turns = app, Turns(MOST)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on, a look in its turn and only while its browser is there."""
        rank = _rank(scope)
        if rank is None:
            await self.app(scope, receive, send)
            return
        turn, waiting = self._turns.take(rank), None
        try:
            if turn.done():
                await self.app(scope, receive, self._until_begun(turn, send))
                return
            waiting = _Waiting(receive)
            if await waiting.has_come(turn):
                await self.app(scope, waiting.receive, self._until_begun(turn, send))
        finally:
            self._turns.end(turn)
            if waiting is not None:
                waiting.end()

    def _until_begun(self, turn: asyncio.Future[None], send: Send) -> Send:
        """Send, and give the place back with the head of the answer: a stream stays for hours."""

        async def begun(message: Message) -> None:
            if message["type"] == "http.response.start":
                self._turns.end(turn)
            await send(message)

        return begun


class _Waiting:
    """A browser that waits for its turn; what it sends meanwhile is received afterwards."""

    def __init__(self, receive: Receive) -> None:
        self._heard: deque[Message] = deque()
        self._listening = asyncio.create_task(self._until_gone(receive))

    async def _until_gone(self, receive: Receive) -> Message:
        while (message := await receive())["type"] != "http.disconnect":
            self._heard.append(message)
        return message

    async def has_come(self, turn: asyncio.Future[None]) -> bool:
        """Wait for the turn; False if the browser went before it."""
        both: set[asyncio.Future[Any]] = {turn, self._listening}
        await asyncio.wait(both, return_when=asyncio.FIRST_COMPLETED)
        return not self._listening.done()

    async def receive(self) -> Message:
        """What was sent; then that the browser went, once it does."""
        return self._heard.popleft() if self._heard else await asyncio.shield(self._listening)

    def end(self) -> None:
        """Listen no more: the answer is sent, and not every server says that its browser went."""
        self._listening.cancel()


def _rank(scope: Scope) -> int | None:
    if scope["type"] != "http" or scope["method"] != "GET":
        return None
    path = scope["path"]
    return next((rank for start, rank in RANKS.items() if path.startswith(start)), None)
