"""Live pages: one snapshot per hall and event, shared by every stream of that hall."""

from __future__ import annotations

import asyncio
import json
import logging
import time
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from sqlalchemy.exc import SQLAlchemyError
from starlette.responses import Response

from domain.errors import StoreUnavailableError
from domain.queue.days import QueueChanged
from domain.queue.snapshot import QueueNow, queue_now

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import AsyncIterator, Awaitable, Callable

    from starlette.types import Receive, Scope, Send

    from domain.events import Event
    from domain.places.tables import Hall
    from domain.published import Published
    from domain.store import Store
    from web.running.forecasts import HallForecasts

    Words = Callable[[QueueNow], dict[str, Any] | None]

log = logging.getLogger("lianxin.live")

# Seconds after which a watched hall is read again without an event.
LOOK = 10.0
# Seconds of silence after which a stream sends a ping, when its hall is read next.
PING = 15.0
# Streams woken at a time, so that ten thousand phones do not make everybody else wait.
CROWD = 100
# Milliseconds after which a browser reconnects a lost stream.
AGAIN = 3000


@dataclass(eq=False)
class Feed:
    """The state of one hall while any stream follows it."""

    hall: Hall
    # One per stream.
    wake_ups: set[asyncio.Event] = field(default_factory=set)
    now: QueueNow | None = None
    version: int = 0
    # Set when the hall should be read again.
    wanted: asyncio.Event = field(default_factory=asyncio.Event)
    task: asyncio.Task[None] | None = None

    async def wake_all(self) -> None:
        """Wake every stream."""
        for place, wake_up in enumerate(tuple(self.wake_ups), 1):
            wake_up.set()
            if place % CROWD == 0:
                await asyncio.sleep(0)


class Live:
    """The feeds of all halls that are followed in this process."""

    def __init__(
        self,
        store: Store,
        published: Callable[[], Awaitable[Published]],
        waits: HallForecasts,
        now: Callable[[], dt.datetime],
    ) -> None:
        self._store, self._published, self._waits, self._now = store, published, waits, now
        self._feeds: dict[int, Feed] = {}
        self.is_closing = False
        store.listen(self._heard)

    def _heard(self, event: Event) -> None:
        if isinstance(event, QueueChanged) and event.hall_id in self._feeds:
            self._feeds[event.hall_id].wanted.set()

    async def close(self) -> None:
        """End every stream, so that a stopping server does not wait for them."""
        self.is_closing = True
        for feed in list(self._feeds.values()):
            if feed.task is not None:
                feed.task.cancel()
                with suppress(asyncio.CancelledError):
                    await feed.task
            await feed.wake_all()

    def enter(self, hall: Hall, wake_up: asyncio.Event) -> Feed:
        """Follow a hall as it was published last; `leave` must be called afterwards."""
        feed = self._feeds.get(hall.id)
        if feed is None:
            feed = self._feeds[hall.id] = Feed(hall)
            feed.task = asyncio.create_task(self._follow(feed), name=f"hall-{hall.id}")
        elif feed.hall is not hall:
            feed.hall = hall
            feed.wanted.set()
        feed.wake_ups.add(wake_up)
        return feed

    def leave(self, feed: Feed, wake_up: asyncio.Event) -> None:
        """Stop following; the last one ends the feed."""
        feed.wake_ups.discard(wake_up)
        if not feed.wake_ups and feed.task is not None:
            feed.task.cancel()
            self._feeds.pop(feed.hall.id, None)

    async def _follow(self, feed: Feed) -> None:
        """Read the hall again whenever something happened there."""
        while True:
            feed.wanted.clear()
            now = self._now()
            try:
                calendar = (await self._published()).calendar
                async with self._store.read() as session:
                    await self._waits.learn(session, feed.hall, calendar, now)
                    feed.now = await queue_now(session, feed.hall, now)
            except (StoreUnavailableError, SQLAlchemyError) as error:
                log.warning("hall %s is not live: %s", feed.hall.id, error)
            else:
                feed.version += 1
            await feed.wake_all()
            with suppress(TimeoutError):
                async with asyncio.timeout(LOOK):
                    await feed.wanted.wait()


# One snapshot per hall and event serves every phone, counter and screen. A stream carries a few
# numbers and a mark; a page fetches its changed part only when the mark changed. The full state
# comes first, so a page that was cut off is right with the first message; a slow reader skips what
# is over. Events of the store wake a hall's feed, and now and then it looks by itself, for changes
# by another process or the clock.
# Not taken: rendering a fragment per phone and event.
class LiveStream(Response):
    """A stream of what `words` says of a hall's queue, sent when it changes.

    When `words` returns None the stream says `gone` and ends: there is nothing left to follow.
    After `lasts` seconds it ends without a word, so that the browser asks again, with its cookies.
    """

    def __init__(self, live: Live, hall: Hall, words: Words, lasts: float = float("inf")) -> None:
        self.live, self.hall, self.words, self.lasts = live, hall, words, lasts
        self.background = None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Send until the browser goes, the server stops, or nothing is left to say."""
        async with streaming(receive, send) as (wake_up, gone):
            feed = self.live.enter(self.hall, wake_up)
            try:
                await self._stream(feed, wake_up, gone, send)
            finally:
                self.live.leave(feed, wake_up)

    async def _stream(
        self, feed: Feed, wake_up: asyncio.Event, gone: asyncio.Task[None], send: Send
    ) -> None:
        said: str | None = None
        began = spoke = time.monotonic()
        await write_to(send, f"retry: {AGAIN}\n\n")
        while not (gone.done() or self.live.is_closing or time.monotonic() - began > self.lasts):
            if feed.now is not None:
                words = self.words(feed.now)
                if words is None:
                    await write_to(send, "event: gone\ndata: {}\n\n")
                    return
                plain = json.dumps(words, ensure_ascii=False, separators=(",", ":"))
                if plain != said:
                    said, spoke = plain, time.monotonic()
                    await write_to(send, f"id: {feed.version}\ndata: {plain}\n\n")
            if time.monotonic() - spoke >= PING:
                spoke = time.monotonic()
                await write_to(send, ": here\n\n")
            await wake_up.wait()
            wake_up.clear()


@asynccontextmanager
async def streaming(
    receive: Receive, send: Send
) -> AsyncIterator[tuple[asyncio.Event, asyncio.Task[None]]]:
    """A response of events, begun and ended around the block.

    Gives the stream's wake-up, which is also set when the browser goes, and a task that is done
    once it has gone.
    """
    await _start_stream(send)
    wake_up = asyncio.Event()
    gone = asyncio.create_task(_gone_of(receive))
    gone.add_done_callback(lambda _: wake_up.set())
    try:
        yield wake_up, gone
    finally:
        gone.cancel()
        with suppress(OSError):
            await send({"type": "http.response.body", "body": b"", "more_body": False})


async def _start_stream(send: Send) -> None:
    """Begin a response of events that nothing on the way keeps or delays."""
    headers = [
        (b"content-type", b"text/event-stream; charset=utf-8"),
        (b"cache-control", b"no-store"),
        (b"x-accel-buffering", b"no"),
    ]
    await send({"type": "http.response.start", "status": 200, "headers": headers})


async def write_to(send: Send, text: str) -> None:
    await send({"type": "http.response.body", "body": text.encode(), "more_body": True})


async def _gone_of(receive: Receive) -> None:
    """Returns when the browser has gone."""
    while (await receive())["type"] != "http.disconnect":
        pass
