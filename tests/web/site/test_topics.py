"""Streams of one thing: a mark at first, another after each change, and an end."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

import pytest

from domain.errors import StoreUnavailableError
from domain.events import record
from domain.matters.happened import MatterChanged, topic_of
from tests.world.clock import NOW
from web.site.topics import Topics, TopicStream

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Sequence

    from sqlalchemy.ext.asyncio import AsyncSession

    from domain.store import Store

END = ""


class Marks:
    """The marks of matters, and how often they were looked up."""

    def __init__(self) -> None:
        self.now = {topic_of(number): "1" for number in range(1, 4)}
        self.looks: asyncio.Queue[list[str]] = asyncio.Queue()
        self.is_away = False

    async def find(self, _store: Store, topics: Sequence[str]) -> dict[str, str]:
        self.looks.put_nowait(sorted(topics))
        if self.is_away:
            raise StoreUnavailableError("away")
        return {topic: self.now[topic] for topic in topics if topic in self.now}


class Page:
    """A browser that follows a matter, as long as it has a mark."""

    def __init__(self, topics: Topics, marks: Marks, number: int = 1) -> None:
        self.has_gone = asyncio.Event()
        self.said: asyncio.Queue[str] = asyncio.Queue()
        stream = TopicStream(topics, topic_of(number), marks.find)
        self.stream = asyncio.create_task(stream({}, self._receive, self._send))

    async def _receive(self) -> Any:
        await self.has_gone.wait()
        return {"type": "http.disconnect"}

    async def _send(self, message: Any) -> None:
        if message["type"] == "http.response.body":
            self.said.put_nowait(message["body"].decode())

    async def hears(self, *words: str) -> None:
        """Whether these are the next things that it hears."""
        for word in words:
            assert word in await asyncio.wait_for(self.said.get(), 60)


async def change(session: AsyncSession) -> None:
    """Something was said in matter 1."""
    record(session, MatterChanged(1, NOW))


@pytest.fixture
async def topics(sample: Store) -> AsyncIterator[Topics]:
    made = Topics(sample)
    yield made
    await made.close()


async def test_a_page_hears_of_each_change_until_nothing_is_left(sample, topics) -> None:
    marks = Marks()
    page = Page(topics, marks)
    await page.hears("retry:", '"mark":"1"')
    marks.now[topic_of(1)] = "2"
    await sample.write(change)
    await page.hears('"mark":"2"')
    del marks.now[topic_of(1)]
    await sample.write(change)
    await page.hears("event: gone")
    await asyncio.wait_for(page.stream, 60)
    assert page.said.get_nowait() == END


async def test_a_stream_ends_when_its_browser_goes_and_when_the_server_stops(topics) -> None:
    first, second = (Page(topics, Marks()) for _ in range(2))
    for page in (first, second):
        await page.hears("retry:", '"mark":"1"')
    first.has_gone.set()
    await asyncio.wait_for(first.stream, 60)
    await topics.close()
    await asyncio.wait_for(second.stream, 60)
    for page in (first, second):
        assert page.said.get_nowait() == END


async def test_one_look_for_all_finds_what_another_process_changed(topics, monkeypatch) -> None:
    monkeypatch.setattr("web.site.topics.LOOK", 0.01)
    marks = Marks()
    pages = [Page(topics, marks, number) for number in (1, 2, 3, 3)]
    for page in pages:
        await page.hears("retry:", '"mark":"1"')
    marks.is_away = True
    everything = [topic_of(number) for number in (1, 2, 3)]
    # However many pages there are, and also while the store does not answer.
    for _ in range(2):
        while await asyncio.wait_for(marks.looks.get(), 60) != everything:
            pass
    marks.now[topic_of(3)] = "2"
    del marks.now[topic_of(2)]
    marks.is_away = False
    await pages[1].hears("event: gone")
    for page in pages[2:]:
        await page.hears('"mark":"2"')
    assert pages[0].said.empty()
