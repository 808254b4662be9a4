"""Live pages of one thing, such as a conversation: a stream says when it changed."""

from __future__ import annotations

import asyncio
import logging
import time
from collections import defaultdict
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy.exc import SQLAlchemyError
from starlette.responses import Response

from domain.errors import StoreUnavailableError
from domain.events import EverythingChanged
from web.site.live import LOOK, PING, reconnect, streaming, write_to

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Mapping, Sequence

    from starlette.types import Receive, Scope, Send

    from domain.events import Event
    from domain.store import Store

    # The mark of each topic that still has something to follow.
    Marks = Callable[[Store, Sequence[str]], Awaitable[Mapping[str, str]]]

log = logging.getLogger("lianxin.topics")

# Topics in one look at the store.
TOGETHER = 500


@dataclass(eq=False)
class Follower:
    """One stream: what wakes it, and the mark that it sent last."""

    wake_up: asyncio.Event
    said: str = ""


# Events of the store wake a topic's streams at once. What another process wrote is found by
# looking: once for all topics together, because a look by each stream kept the readers of the
# store busy and an answer waiting (p99 4.7 s with 1,000 pages, against 0.4 s without their looks).
class Topics:
    """The streams of this process, by what they follow."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._followers: dict[str, set[Follower]] = defaultdict(set)
        self._marks: dict[str, Marks] = {}
        self._looking: asyncio.Task[None] | None = None
        self.is_closing = False
        store.listen(self._heard, everywhere=True)

    def _heard(self, event: Event) -> None:
        if isinstance(event, EverythingChanged):
            for followers in self._followers.values():
                for follower in followers:
                    follower.wake_up.set()
        for follower in self._followers.get(event.topic or "", ()):
            follower.wake_up.set()

    def enter(self, topic: str, follower: Follower, marks: Marks) -> None:
        """Follow a topic; `leave` must be called afterwards."""
        self._followers[topic].add(follower)
        self._marks[topic] = marks
        if self._looking is None:
            self._looking = asyncio.create_task(self._look_now_and_then(), name="topics")

    def leave(self, topic: str, follower: Follower) -> None:
        """Stop following; the last one ends the looking."""
        self._followers[topic].discard(follower)
        if not self._followers[topic]:
            del self._followers[topic], self._marks[topic]
        if not self._followers and self._looking is not None:
            self._looking.cancel()
            self._looking = None

    async def mark(self, topic: str, marks: Marks) -> str | None:
        """The mark of a topic now; None when there is nothing left to follow."""
        return (await marks(self._store, [topic])).get(topic)

    async def _look_now_and_then(self) -> None:
        while True:
            await asyncio.sleep(LOOK)
            by_marks: dict[Marks, list[str]] = defaultdict(list)
            for topic, marks in self._marks.items():
                by_marks[marks].append(topic)
            for marks, topics in by_marks.items():
                for first in range(0, len(topics), TOGETHER):
                    await self._look(marks, topics[first : first + TOGETHER])

    async def _look(self, marks: Marks, topics: Sequence[str]) -> None:
        """Wake the streams of those topics whose mark is another one."""
        try:
            now = await marks(self._store, topics)
        except (StoreUnavailableError, SQLAlchemyError) as error:
            log.warning("%s topics are not live: %s", len(topics), error)
            return
        for topic in topics:
            for follower in self._followers.get(topic, ()):
                if follower.said != now.get(topic):
                    follower.wake_up.set()

    async def close(self) -> None:
        """End every stream, so that a stopping server does not wait for them."""
        self.is_closing = True
        looking, self._looking = self._looking, None
        if looking is not None:
            looking.cancel()
            with suppress(asyncio.CancelledError):
                await looking
        for followers in self._followers.values():
            for follower in followers:
                follower.wake_up.set()


# A stream carries a mark and no content: the page fetches its part with the rights it has then, so
# a stream that outlives a right tells nothing.
class TopicStream(Response):
    """A stream that sends a topic's mark whenever it changes, and `gone` once it has none."""

    def __init__(self, topics: Topics, topic: str, marks: Marks) -> None:
        self.topics, self.topic, self.marks = topics, topic, marks
        self.background = None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Send until the browser goes, the server stops, or there is nothing left to follow."""
        async with streaming(receive, send) as (wake_up, gone):
            follower = Follower(wake_up)
            self.topics.enter(self.topic, follower, self.marks)
            try:
                await self._stream(follower, gone, send)
            finally:
                self.topics.leave(self.topic, follower)

    async def _stream(self, follower: Follower, gone: asyncio.Task[None], send: Send) -> None:
        spoke = time.monotonic()
        await write_to(send, reconnect())
        follower.wake_up.set()
        while not gone.done() and not self.topics.is_closing:
            if follower.wake_up.is_set():
                follower.wake_up.clear()
                mark = await self.topics.mark(self.topic, self.marks)
                if mark is None:
                    await write_to(send, "event: gone\ndata: {}\n\n")
                    return
                if mark != follower.said:
                    follower.said, spoke = mark, time.monotonic()
                    await write_to(send, f'data: {{"mark":"{mark}"}}\n\n')
            elif time.monotonic() - spoke >= PING:
                spoke = time.monotonic()
                await write_to(send, ": here\n\n")
            with suppress(TimeoutError):
                async with asyncio.timeout(PING):
                    await follower.wake_up.wait()
