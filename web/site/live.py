"""Live pages: one snapshot per hall and event, shared by every stream of that hall."""

from __future__ import annotations

import asyncio
import json
import logging
import random
import time
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from sqlalchemy.exc import SQLAlchemyError
from starlette.responses import Response

from domain.errors import StoreUnavailableError
from domain.events import EverythingChanged
from domain.queue.days import QueueChanged
from domain.queue.versions import versions_of

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import AsyncIterator, Awaitable, Callable

    from starlette.types import Receive, Scope, Send

    from domain.events import Event
    from domain.places.tables import Hall
    from domain.published import Published
    from domain.queue.snapshot import QueueNow
    from domain.store import Store
    from web.running.forecasts import HallForecasts

    Words = Callable[[QueueNow], dict[str, Any] | None]

log = logging.getLogger("lianxin.live")

# Seconds between two looks at the versions of all watched halls.
LOOK = 10.0
# Seconds after which an unchanged hall is told again, with the time of day.
TELL = 60.0
# Seconds of silence after which a stream sends a ping, when it is woken next: twice in `TELL`.
PING = 25.0
# The share of a time after which something may come early, so that halls fall out of step.
EARLY = 0.8
# Streams woken at a time, so that ten thousand phones do not make everybody else wait.
CROWD = 100
# Milliseconds after which a browser reconnects a lost stream: each page another time, so that
# those of a whole district do not come back in the same moment.
AGAIN = 2000, 7000


@dataclass(eq=False)
class Feed:
    """The state of one hall while any stream follows it."""

    hall: Hall
    # One per stream.
    wake_ups: set[asyncio.Event] = field(default_factory=set)
    now: QueueNow | None = None
    # Rises with each message.
    version: int = 0
    # The hall's version that was read last.
    of_rows: int = -1
    # When it was told last, by the steady clock.
    told_at: float = float("-inf")
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
        self._looking: asyncio.Task[None] | None = None
        self.is_closing = False
        store.listen(self._heard, everywhere=True)

    def _heard(self, event: Event) -> None:
        if isinstance(event, EverythingChanged):
            for feed in self._feeds.values():
                feed.wanted.set()
        if isinstance(event, QueueChanged) and event.hall_id in self._feeds:
            self._feeds[event.hall_id].wanted.set()

    async def close(self) -> None:
        """End every stream, so that a stopping server does not wait for them."""
        self.is_closing = True
        await _cancelled(self._looking)
        self._looking = None
        for feed in list(self._feeds.values()):
            await _cancelled(feed.task)
            await feed.wake_all()

    def enter(self, hall: Hall, wake_up: asyncio.Event) -> Feed:
        """Follow a hall as it was published last; `leave` must be called afterwards."""
        feed = self._feeds.get(hall.id)
        if feed is None:
            feed = self._feeds[hall.id] = Feed(hall)
            feed.task = asyncio.create_task(self._follow(feed), name=f"hall-{hall.id}")
        elif feed.hall is not hall:
            feed.hall = hall
            feed.of_rows = -1
            feed.wanted.set()
        feed.wake_ups.add(wake_up)
        if self._looking is None:
            self._looking = asyncio.create_task(self._look_now_and_then(), name="halls")
        return feed

    def leave(self, feed: Feed, wake_up: asyncio.Event) -> None:
        """Stop following; the last one ends the feed."""
        feed.wake_ups.discard(wake_up)
        if not feed.wake_ups and feed.task is not None:
            feed.task.cancel()
            self._feeds.pop(feed.hall.id, None)
        if not self._feeds and self._looking is not None:
            self._looking.cancel()
            self._looking = None

    async def _follow(self, feed: Feed) -> None:
        """Read the hall whenever something happened there, and tell the time of day."""
        while True:
            if feed.wanted.is_set() or time.monotonic() - feed.told_at >= TELL * EARLY:
                feed.wanted.clear()
                await self._read(feed)
            await feed.wake_all()
            with suppress(TimeoutError):
                # Not all halls at the same moment.
                async with asyncio.timeout(TELL / 2 * random.uniform(EARLY, 1)):  # noqa: S311
                    await feed.wanted.wait()

    async def _read(self, feed: Feed) -> None:
        try:
            calendar = (await self._published()).calendar
            async with self._store.read() as session:
                now = await self._waits.look(session, feed.hall, calendar, self._now())
        except (StoreUnavailableError, SQLAlchemyError) as error:
            log.warning("hall %s is not live: %s", feed.hall.id, error)
            return
        feed.now, feed.of_rows = now, self._waits.version(feed.hall.id)
        feed.told_at = time.monotonic()
        feed.version += 1

    async def _look_now_and_then(self) -> None:
        """Find what another process changed: one query for all halls that are followed."""
        while True:
            await asyncio.sleep(LOOK)
            try:
                async with self._store.read() as session:
                    found = await versions_of(session, self._feeds)
            except (StoreUnavailableError, SQLAlchemyError) as error:
                log.warning("halls are not live: %s", error)
                continue
            for hall_id, feed in self._feeds.items():
                if feed.of_rows != found.get(hall_id, 0):
                    feed.wanted.set()


async def _cancelled(task: asyncio.Task[None] | None) -> None:
    if task is not None:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task


# One snapshot per hall and event serves every phone, counter and screen. A stream carries a few
# numbers and a mark; a page fetches its changed part only when the mark changed. The full state
# comes first, so a page that was cut off is right with the first message; a slow reader skips what
# is over. Events of the store wake a hall's feed, and now and then one query asks for the versions
# of all halls, for changes by another process. Each minute the time of day is told.
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
        told = -1
        began = spoke = time.monotonic()
        await write_to(send, reconnect())
        while not (gone.done() or self.live.is_closing or time.monotonic() - began > self.lasts):
            # A stream that is only woken to show that it is there has nothing to say.
            if feed.now is not None and feed.version != told:
                told = feed.version
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


def reconnect() -> str:
    """When the browser reconnects this stream should it be lost."""
    return f"retry: {random.randint(*AGAIN)}\n\n"  # noqa: S311 - no secret


async def write_to(send: Send, text: str) -> None:
    await send({"type": "http.response.body", "body": text.encode(), "more_body": True})


async def _gone_of(receive: Receive) -> None:
    """Returns when the browser has gone."""
    while (await receive())["type"] != "http.disconnect":
        pass
