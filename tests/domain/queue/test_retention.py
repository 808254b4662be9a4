"""保存期限: after some days nothing links a number to a phone, and every figure is as before."""

from __future__ import annotations

import datetime as dt
from functools import partial
from typing import TYPE_CHECKING

from domain.queue.calling import StaffedCounter
from domain.queue.figures import courses, stays_of
from domain.queue.retention import erase_links
from domain.queue.tables import PriorityKind
from domain.queue.tickets import ticket_of, tickets_of_device

if TYPE_CHECKING:
    from domain.queue.tables import Ticket
    from tests.world.halls import Day


async def as_it_is(day: Day, ticket: Ticket) -> Ticket:
    """The ticket as the store has it."""
    async with day.store.read() as session:
        found = await ticket_of(session, ticket.token)
    assert found is not None
    return found


async def erased(day: Day, before: dt.date) -> int:
    """Erase all there is; how many days that were."""
    count = 0
    while await day.store.write(partial(erase_links, before=before, now=day.now)):
        count += 1
    return count


async def test_links_go_and_figures_stay(day) -> None:
    await day.sit()
    first = day.now.date()
    # A priority that the hall does not have.
    asked = {"brought": ("身份证",), "priority": PriorityKind.OTHER}
    old = await day.take(device_hash="d" * 64, request_key="r" * 64, **asked)
    await day.do(StaffedCounter.call_next)
    await day.do(StaffedCounter.tell_missing, missing=["户口簿"])
    day.later(minutes=5)
    await day.do(StaffedCounter.finish)
    async with day.store.read() as session:
        before = courses(await stays_of(session, old.day_id))
    day.later(days=1)
    young = await day.take(device_hash="d" * 64, request_key="s" * 64)
    assert await erased(day, first) == 0
    assert await erased(day, day.now.date()) == 1
    assert await erased(day, day.now.date()) == 0, "a day is erased once"
    gone, there = await as_it_is(day, old), await as_it_is(day, young)
    assert (gone.device_hash, gone.request_key, gone.brought, gone.missing) == (None, None, (), ())
    assert (old.refused_priority, gone.refused_priority) == (PriorityKind.OTHER, None)
    assert (there.device_hash, there.request_key) == ("d" * 64, "s" * 64)
    async with day.store.read() as session:
        assert courses(await stays_of(session, old.day_id)) == before
        assert await tickets_of_device(session, "d" * 64, first) == ()


async def test_numbers_of_a_day_that_is_being_erased_twice_at_once_are_erased_once(day) -> None:
    await day.take(device_hash="d" * 64)
    day.later(days=1)
    unit = partial(erase_links, before=day.now.date(), now=day.now)
    assert [await day.store.write(unit) for _ in range(3)] == [True, False, False]
