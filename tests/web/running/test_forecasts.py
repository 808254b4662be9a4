"""A hall's queue is read when it changed and played once, and no page is older than what was said."""

from __future__ import annotations

import datetime as dt
from contextlib import suppress
from functools import partial
from typing import TYPE_CHECKING, Any

from domain.queue.calling import StaffedCounter
from domain.queue.forecast import Outlook
from domain.queue.tickets import TicketRequest, take_ticket
from domain.store import Store
from tests.world.clock import NOW
from tests.world.databases import both_databases
from tests.world.statements import statements_of
from web.running import forecasts

if TYPE_CHECKING:
    import pytest

    from domain.queue.snapshot import QueueNow
    from tests.world.app import Browser

TAKE = "/c/liujiazhuang/take"


async def looked(own: Browser, later: float = 0) -> QueueNow:
    """The queue of 刘家庄's hall as a page shows it, so many seconds after `NOW`."""
    published = await own.services.published()
    hall = (await published.community("liujiazhuang")).hall
    now = NOW + dt.timedelta(seconds=later)
    async with own.store.read() as session:
        return await own.services.waits.look(session, hall, published.calendar, now)


async def rows_read(own: Browser) -> int:
    """How often a page of the hall reads its tickets."""
    with statements_of(own.store._engine.sync_engine) as asked:
        assert (await own.get(TAKE)).status_code == 200
    return sum("FROM ticket " in statement for statement, _ in asked)


@both_databases
async def test_pages_of_a_hall_in_which_nothing_happened_read_one_row(own, desk) -> None:
    await desk.take()
    await own.get(TAKE)
    own.cookies.clear()
    assert await rows_read(own) == 0
    await desk.take()
    assert await rows_read(own) == 1
    assert await rows_read(own) == 0


@both_databases
async def test_a_page_shows_what_another_server_wrote_before_it_was_asked(own, desk) -> None:
    before = await looked(own)
    elsewhere = Store(own.store.url)
    await elsewhere.open()
    hall_id = before.hall_id
    await elsewhere.write(
        partial(take_ticket, hall_id=hall_id, request=TicketRequest("B"), now=NOW, served={"B"})
    )
    await elsewhere.close()
    assert [ticket.label for ticket in (await looked(own)).waiting] == ["B001"]


async def test_a_unit_of_work_that_is_undone_leaves_nothing_behind(own, desk) -> None:
    hall_id = (await looked(own)).hall_id

    async def undone(session: Any) -> None:
        await take_ticket(session, hall_id, TicketRequest("B"), NOW, served={"B"})
        raise RuntimeError

    with suppress(RuntimeError):
        await own.store.write(undone)
    await desk.take()
    assert [ticket.label for ticket in (await looked(own)).waiting] == ["B001"]


async def test_a_queue_is_played_once_until_something_happens(
    own, desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    made: list[Outlook] = []

    class Counted(Outlook):
        def __init__(self, *given: Any, **more: Any) -> None:
            super().__init__(*given, **more)
            made.append(self)

    monkeypatch.setattr(forecasts, "Outlook", Counted)
    await desk.take()
    await desk.sit()
    outlook = own.services.waits.outlook
    first = outlook(await looked(own))
    # The clock goes on, and the range stays true for a while.
    assert outlook(await looked(own, 90)) is first
    assert outlook(await looked(own, 150)) is not first
    assert len(made) == 2
    old = await looked(own, 151)
    await desk.do(StaffedCounter.call_next)
    fresh = await looked(own, 152)
    assert outlook(fresh) is not outlook(old)
    # Streams that still tell of the queue from before play nothing either.
    assert outlook(old) is made[1]
    assert len(made) == 3


async def test_the_time_of_a_queue_goes_on_while_its_rows_stay(own, desk) -> None:
    await desk.take()
    await desk.sit()
    await desk.do(StaffedCounter.call_next)
    first, later = await looked(own), await looked(own, 100)
    assert later.now - first.now == dt.timedelta(seconds=100)
    assert later.tickets is first.tickets
    midnight = dt.timedelta(days=1) - dt.timedelta(hours=NOW.hour, minutes=NOW.minute)
    after = await looked(own, midnight.total_seconds() + 60)
    assert after.day is None
