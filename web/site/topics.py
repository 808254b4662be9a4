"""Live pages of one thing, such as a conversation: a stream says when it changed."""

from __future__ import annotations

import asyncio
import time
from collections import defaultdict
from contextlib import suppress
from typing import TYPE_CHECKING

from starlette.responses import Response

from web.site.live import AGAIN, LOOK, PING, streaming, write_to

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from starlette.types import Receive, Scope, Send

    from domain.events import Event
    from domain.store import Store

    Mark = Callable[[], Awaitable[str | None]]


class Topics:
    """The streams of this process, by what they follow."""

    def __init__(self, store: Store) -> None:
        self._wake_ups: dict[str, set[asyncio.Event]] = defaultdict(set)
        self.is_closing = False
        store.listen(self._heard)

    def _heard(self, event: Event) -> None:
        for wake_up in self._wake_ups.get(event.topic or "", ()):
            wake_up.set()

    def enter(self, topic: str, wake_up: asyncio.Event) -> None:
        self._wake_ups[topic].add(wake_up)

    def leave(self, topic: str, wake_up: asyncio.Event) -> None:
        self._wake_ups[topic].discard(wake_up)
        if not self._wake_ups[topic]:
            del self._wake_ups[topic]

    def close(self) -> None:
        """End every stream, so that a stopping server does not wait for them."""
        self.is_closing = True
        for wake_ups in self._wake_ups.values():
            for wake_up in wake_ups:
                wake_up.set()


# A stream carries a mark and no content: the page fetches its part with the rights it has then, so
# a stream that outlives a right tells nothing. Another process's change is found by looking.
class TopicStream(Response):
    """A stream that sends `mark` whenever it changes, and `gone` once it is None."""

    def __init__(self, topics: Topics, topic: str, mark: Mark) -> None:
        self.topics, self.topic, self.mark = topics, topic, mark
        self.background = None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Send until the browser goes, the server stops, or there is nothing left to follow."""
        async with streaming(receive, send) as (wake_up, gone):
            self.topics.enter(self.topic, wake_up)
            try:
                await self._stream(wake_up, gone, send)
            finally:
                self.topics.leave(self.topic, wake_up)

    async def _stream(self, wake_up: asyncio.Event, gone: asyncio.Task[None], send: Send) -> None:
        said, spoke = "", time.monotonic()
        await write_to(send, f"retry: {AGAIN}\n\n")
        while not gone.done() and not self.topics.is_closing:
            wake_up.clear()
            mark = await self.mark()
            if mark is None:
                await write_to(send, "event: gone\ndata: {}\n\n")
                return
            if mark != said:
                said, spoke = mark, time.monotonic()
                await write_to(send, f'data: {{"mark":"{mark}"}}\n\n')
            if time.monotonic() - spoke >= PING:
                spoke = time.monotonic()
                await write_to(send, ": here\n\n")
            with suppress(TimeoutError):
                await asyncio.wait_for(wake_up.wait(), LOOK)
