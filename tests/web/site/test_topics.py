"""Streams of one thing: a mark at first, another after each change, and an end."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

from domain.events import record
from domain.matters.happened import MatterChanged, topic_of
from tests.world.clock import NOW
from web.site.topics import Topics, TopicStream

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncSession

    from domain.store import Store

END = ""


class Page:
    """A browser that follows matter 1, as long as it has a mark."""

    def __init__(self, store: Store) -> None:
        self.mark: str | None = "1"
        self.has_gone = asyncio.Event()
        self.topics = Topics(store)
        self.said: asyncio.Queue[str] = asyncio.Queue()
        stream = TopicStream(self.topics, topic_of(1), self._mark)
        self.stream = asyncio.create_task(stream({}, self._receive, self._send))

    async def _mark(self) -> str | None:
        return self.mark

    async def _receive(self) -> Any:
        await self.has_gone.wait()
        return {"type": "http.disconnect"}

    async def _send(self, message: Any) -> None:
        if message["type"] == "http.response.body":
            self.said.put_nowait(message["body"].decode())

    async def hears(self, *words: str) -> None:
        """Whether these are the next things that it hears."""
        for word in words:
            assert word in await asyncio.wait_for(self.said.get(), 5)


async def change(session: AsyncSession) -> None:
    """Something was said in matter 1."""
    record(session, MatterChanged(1, NOW))


async def test_a_page_hears_of_each_change_until_nothing_is_left(sample) -> None:
    page = Page(sample)
    await page.hears("retry:", '"mark":"1"')
    page.mark = "2"
    await sample.write(change)
    await page.hears('"mark":"2"')
    page.mark = None
    await sample.write(change)
    await page.hears("event: gone")
    await asyncio.wait_for(page.stream, 5)
    assert page.said.get_nowait() == END


async def test_a_stream_ends_when_its_browser_goes_and_when_the_server_stops(sample) -> None:
    first, second = Page(sample), Page(sample)
    for page in (first, second):
        await page.hears("retry:", '"mark":"1"')
    first.has_gone.set()
    second.topics.close()
    for page in (first, second):
        await asyncio.wait_for(page.stream, 5)
        assert page.said.get_nowait() == END
