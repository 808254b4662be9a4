"""Streams: who looks at a hall is counted right, and sees the hall as it is published now."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from functools import partial
from typing import TYPE_CHECKING, Any

from domain.places.tables import Counter
from domain.queue.tickets import TicketRequest, take_ticket
from domain.revision import touch_content
from domain.staff import sign_in
from domain.staff.actor import Grant
from domain.staff.tables import Role
from tests.world.clock import NOW
from tests.world.people import arrived
from tests.world.statements import statements_of
from web.site.live import LiveStream

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncSession

    from domain.places.tables import Hall
    from domain.queue.snapshot import QueueNow
    from tests.world.app import Browser
    from web.site.live import Feed


async def hall_of(browser: Browser) -> Hall:
    """The hall as it is published now."""
    return (await (await browser.services.published()).community("liujiazhuang")).hall


async def add_counter(session: AsyncSession, hall_id: int) -> None:
    """The office sets up one more counter."""
    session.add(Counter(hall_id=hall_id, number=9, name="新窗口", categories=("A",)))
    await touch_content(session)


async def until(feed: Feed, bell: asyncio.Event, counter: int) -> None:
    """Wait until the feed's state knows a counter."""
    while feed.now is None or counter not in feed.now.usual:
        await bell.wait()
        bell.clear()


async def test_who_looks_later_sees_the_hall_as_it_is_by_now(own) -> None:
    live, before, early, late = (
        own.services.live,
        await hall_of(own),
        asyncio.Event(),
        asyncio.Event(),
    )
    feed = live.enter(before, early)
    await own.store.write(partial(add_counter, hall_id=before.id))
    assert live.enter(await hall_of(own), late) is feed
    await asyncio.wait_for(until(feed, early, 9), 60)
    live.leave(feed, early)
    assert live.enter(feed.hall, late) is feed
    live.leave(feed, late)
    after = live.enter(feed.hall, late)
    assert after is not feed
    live.leave(after, late)


async def test_a_server_stops_also_in_the_moment_of_an_event(own) -> None:
    live, hall = own.services.live, await hall_of(own)
    # In some step between the event and what it wakes, the wait used to swallow the cancelling.
    for steps in range(6):
        bell = asyncio.Event()
        feed = live.enter(hall, bell)
        await asyncio.wait_for(bell.wait(), 60)
        feed.wanted.set()
        for _ in range(steps):
            await asyncio.sleep(0)
        task = feed.task
        assert task is not None
        await asyncio.wait_for(live.close(), 60)
        assert task.done(), steps
        live.leave(feed, bell)
        live.is_closing = False


async def test_whoever_is_cut_off_before_the_first_word_is_not_counted_any_more(own) -> None:
    live, hall = own.services.live, await hall_of(own)
    sent: list[Any] = []

    async def receive() -> Any:
        await asyncio.Event().wait()

    async def send(message: Any) -> None:
        sent.append(message)

    stream = asyncio.create_task(LiveStream(live, hall, lambda _now: {})({}, receive, send))
    await asyncio.sleep(0)
    beside = asyncio.Event()
    feed = live.enter(hall, beside)
    assert (feed.now, len(feed.wake_ups)) == (None, 2)
    stream.cancel()
    with suppress(asyncio.CancelledError):
        await stream
    assert feed.wake_ups == {beside}
    live.leave(feed, beside)
    assert sent[-1] == {"type": "http.response.body", "body": b"", "more_body": False}


async def test_a_stream_of_staff_must_show_its_session_again(own, monkeypatch) -> None:
    monkeypatch.setattr("web.staff.access.FOLLOWS", 0.0)
    clerk = await arrived(own.store, "li", Grant(Role.CLERK))
    path = "/live/staff/c/liujiazhuang"
    response = await asyncio.wait_for(own.get(path, headers=clerk.headers), 60)
    assert response.headers["content-type"].startswith("text/event-stream")
    # It ends without a word: a browser asks again, and is let in or not.
    assert "gone" not in response.text
    await own.store.write(partial(sign_in.end_sessions, staff_id=clerk.id, now=NOW))
    assert (await own.get(path, headers=clerk.headers)).status_code == 303


async def test_an_event_in_a_hall_is_read_once_for_all_who_look(own) -> None:
    live, hall = own.services.live, await hall_of(own)
    heard: asyncio.Queue[int] = asyncio.Queue()

    def words(now: QueueNow) -> dict[str, Any]:
        heard.put_nowait(len(now.waiting))
        return {"waiting": len(now.waiting)}

    async def receive() -> Any:
        await asyncio.Event().wait()

    async def send(_message: Any) -> None:
        """A browser that takes everything."""

    streams = [
        asyncio.create_task(LiveStream(live, hall, words)({}, receive, send)) for _ in range(250)
    ]
    for _ in streams:
        assert await asyncio.wait_for(heard.get(), 60) == 0
    take = partial(take_ticket, hall_id=hall.id, request=TicketRequest("B"), now=NOW, served={"B"})
    with statements_of(own.store._engine.sync_engine) as asked:
        await own.store.write(take)
        for _ in streams:
            assert await asyncio.wait_for(heard.get(), 60) == 1
    assert sum("FROM ticket " in statement for statement, _ in asked) == 1
    await live.close()
    await asyncio.gather(*streams)
