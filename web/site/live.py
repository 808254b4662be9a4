"""Live pages: one snapshot a hall and event, handed to every stream that looks at that hall.

A stream is a plain server-sent event stream with a bell: when it rings, the stream says what is
so by then, and whoever is slow skips what is over. The full state comes first, so that a page
that was cut off is right again with the first message. The store's events wake a hall's feed; now
and then it looks by itself too, for what another process or the clock changed.
"""

from __future__ import annotations

import asyncio
import json
import logging
import time
from contextlib import suppress
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from sqlalchemy.exc import SQLAlchemyError
from starlette.responses import Response

from domain.errors import StoreUnavailableError
from domain.queue.days import QueueChanged
from domain.queue.snapshot import QueueNow, queue_now

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Awaitable, Callable

    from starlette.types import Receive, Scope, Send

    from domain.events import Event
    from domain.places.tables import Hall
    from domain.published import Published
    from domain.store import Store
    from web.running.forecasts import HallForecasts

    Words = Callable[[QueueNow], dict[str, Any] | None]

log = logging.getLogger("lianxin.live")

LOOK = 10.0
"""Seconds after which a hall that is looked at is read again without an event."""
PING = 15.0
"""Seconds of silence after which a stream says that it is alive, when its hall is read next."""
CROWD = 100
"""Bells that ring at a time, so that ten thousand phones do not make everybody else wait."""
AGAIN = 3000
"""Milliseconds after which a browser that lost its stream asks again."""


@dataclass(eq=False)
class Feed:
    """One hall, while somebody looks at it."""

    hall: Hall
    bells: set[asyncio.Event] = field(default_factory=set)
    """One of each stream that looks at it."""
    now: QueueNow | None = None
    version: int = 0
    wanted: asyncio.Event = field(default_factory=asyncio.Event)
    """Set when it should be read anew."""
    task: asyncio.Task[None] | None = None

    async def ring(self) -> None:
        """Ring every bell."""
        for place, bell in enumerate(tuple(self.bells), 1):
            bell.set()
            if place % CROWD == 0:
                await asyncio.sleep(0)


class Live:
    """Every hall that somebody looks at, in this process."""

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
        """End every stream, so that a server that stops does not wait for them."""
        self.is_closing = True
        for feed in list(self._feeds.values()):
            if feed.task is not None:
                feed.task.cancel()
                with suppress(asyncio.CancelledError):
                    await feed.task
            await feed.ring()

    def enter(self, hall: Hall, bell: asyncio.Event) -> Feed:
        """Begin to look at a hall, as it was published last; `leave` must follow."""
        feed = self._feeds.get(hall.id)
        if feed is None:
            feed = self._feeds[hall.id] = Feed(hall)
            feed.task = asyncio.create_task(self._follow(feed), name=f"hall-{hall.id}")
        elif feed.hall is not hall:
            feed.hall = hall
            feed.wanted.set()
        feed.bells.add(bell)
        return feed

    def leave(self, feed: Feed, bell: asyncio.Event) -> None:
        """Stop looking; the last one ends the feed."""
        feed.bells.discard(bell)
        if not feed.bells and feed.task is not None:
            feed.task.cancel()
            self._feeds.pop(feed.hall.id, None)

    async def _follow(self, feed: Feed) -> None:
        """Read the hall anew whenever something happened there."""
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
            await feed.ring()
            with suppress(TimeoutError):
                await asyncio.wait_for(feed.wanted.wait(), LOOK)


class LiveStream(Response):
    """A stream of what `words` says of a hall's queue, sent when it differs from before.

    When `words` returns None the stream says `gone` and ends: there is nothing to follow any more.
    """

    def __init__(self, live: Live, hall: Hall, words: Words) -> None:
        self.live, self.hall, self.words = live, hall, words
        self.background = None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Send until the browser goes, the server stops, or nothing is left to say."""
        headers = [
            (b"content-type", b"text/event-stream; charset=utf-8"),
            (b"cache-control", b"no-store"),
            (b"x-accel-buffering", b"no"),
        ]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        bell = asyncio.Event()
        gone = asyncio.create_task(_gone(receive))
        gone.add_done_callback(lambda _: bell.set())
        feed = self.live.enter(self.hall, bell)
        try:
            await self._stream(feed, bell, gone, send)
        finally:
            self.live.leave(feed, bell)
            gone.cancel()
            with suppress(OSError):
                await send({"type": "http.response.body", "body": b"", "more_body": False})

    async def _stream(
        self, feed: Feed, bell: asyncio.Event, gone: asyncio.Task[None], send: Send
    ) -> None:
        said: str | None = None
        spoke = time.monotonic()
        await _write(send, f"retry: {AGAIN}\n\n")
        while not gone.done() and not self.live.is_closing:
            if feed.now is not None:
                words = self.words(feed.now)
                if words is None:
                    await _write(send, "event: gone\ndata: {}\n\n")
                    return
                plain = json.dumps(words, ensure_ascii=False, separators=(",", ":"))
                if plain != said:
                    said, spoke = plain, time.monotonic()
                    await _write(send, f"id: {feed.version}\ndata: {plain}\n\n")
            if time.monotonic() - spoke >= PING:
                spoke = time.monotonic()
                await _write(send, ": here\n\n")
            await bell.wait()
            bell.clear()


async def _write(send: Send, text: str) -> None:
    await send({"type": "http.response.body", "body": text.encode(), "more_body": True})


async def _gone(receive: Receive) -> None:
    """Return when the browser has gone."""
    while (await receive())["type"] != "http.disconnect":
        pass
