"""A day's end: midnight loses nobody at a counter, an earlier day can be closed, a wrong end undone."""

from __future__ import annotations

import datetime as dt
from functools import partial
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import pytest

from domain.queue import days, tickets
from domain.queue.calling import StaffedCounter
from domain.queue.errors import (
    CounterBusyError,
    NobodyWaitsError,
    NotAtCounterError,
    QueueClosedError,
    TooLateError,
)
from domain.queue.figures import stays_of
from domain.queue.happened import HallClosesEarly, TicketRequeued
from domain.queue.tables import TicketState
from domain.staff.actor import COMMAND_LINE
from tests.world.clock import NOW
from tests.world.people import log_of

if TYPE_CHECKING:
    from domain.events import Event
    from tests.world.halls import Day

BEFORE_MIDNIGHT = NOW.replace(hour=23, minute=58)
MINUTE, HOUR = dt.timedelta(minutes=1), dt.timedelta(hours=1)


@pytest.fixture
def heard(day) -> list[Event]:
    """What is told of the day from now on."""
    events: list[Event] = []
    day.store.listen(events.append)
    return events


async def unit(hall: Day, verb: Any, **more: Any) -> Any:
    """Something done to the whole day."""
    work = partial(
        verb,
        actor=COMMAND_LINE,
        hall_id=hall.hall.id,
        community_id=hall.hall.community_id,
        now=hall.now,
        **more,
    )
    return await hall.store.write(work)


async def states(day: Day, *taken: Any) -> list[str]:
    async with day.store.read() as session:
        found = [await tickets.ticket_of(session, ticket.token) for ticket in taken]
    return [each.state.value for each in found if each is not None]


async def left_open(day: Day) -> list[tuple[dt.date, int]]:
    async with day.store.read() as session:
        return await days.days_left_open(session, day.hall.id, day.now.date())


async def served_over_midnight(day: Day) -> Any:
    """Someone at the first counter, a minute past midnight; one more waits."""
    day.now = BEFORE_MIDNIGHT
    await day.sit()
    ticket = await day.take()
    await day.take()
    await day.do(StaffedCounter.call_next)
    await day.do(StaffedCounter.start)
    day.later(minutes=3)
    return ticket


# Midnight


@pytest.mark.parametrize(
    ("verb", "more"),
    [(StaffedCounter.finish, {}), (StaffedCounter.tell_missing, {"missing": ("户口簿",)})],
)
async def test_midnight_takes_nobody_from_a_counter(day, verb, more) -> None:
    ticket = await served_over_midnight(day)
    assert [each.ticket and each.ticket.id for each in (await day.look()).desks] == [ticket.id]
    with pytest.raises(CounterBusyError):
        await day.do(StaffedCounter.call_next)
    assert (await day.do(verb, **more)).id == ticket.id


async def test_the_seat_ends_with_the_person_who_was_there_at_midnight(day) -> None:
    ticket = await served_over_midnight(day)
    await day.do(StaffedCounter.finish)
    assert await states(day, ticket) == ["done"]
    assert (await day.look()).desks == ()
    with pytest.raises(NotAtCounterError):
        await day.do(StaffedCounter.call_next)
    await day.sit()
    assert (await day.take()).label == "B001"
    assert (await day.do(StaffedCounter.call_next)).label == "B001"


@pytest.mark.parametrize("verb", [StaffedCounter.hold, partial(StaffedCounter.transfer, counter=2)])
async def test_nobody_is_sent_back_into_a_day_that_is_over(day, verb) -> None:
    ticket = await served_over_midnight(day)
    with pytest.raises(QueueClosedError):
        await day.do(verb)
    assert await states(day, ticket) == ["serving"]


async def test_who_sits_down_after_midnight_goes_on_with_the_person_there(day) -> None:
    ticket = await served_over_midnight(day)
    await day.sit(2)
    await day.sit(1)
    assert (await day.do(StaffedCounter.finish)).id == ticket.id
    with pytest.raises(NobodyWaitsError):
        await day.do(StaffedCounter.call_next)


async def test_a_forgotten_person_keeps_no_seat_until_the_morning(day) -> None:
    await served_over_midnight(day)
    day.now += HOUR
    assert (await day.look()).desks == ()
    with pytest.raises(NotAtCounterError):
        await day.do(StaffedCounter.finish)


# A day that nobody closed


async def test_a_day_that_nobody_closed_is_asked_for_and_closed(day, heard) -> None:
    await day.sit()
    called, waiting = await day.take(), await day.take()
    await day.do(StaffedCounter.call_next)
    yesterday = day.now.date()
    assert await left_open(day) == []
    day.later(hours=22)
    await day.sit()
    today = await day.take()
    assert await left_open(day) == [(yesterday, 2)]
    heard.clear()
    assert await unit(day, days.close_day, day=yesterday) == 2
    assert await states(day, called, waiting, today) == ["closed", "closed", "waiting"]
    assert await left_open(day) == []
    # Today goes on, and nobody is told of a hall that closes.
    assert not [each for each in heard if isinstance(each, HallClosesEarly)]
    assert (await day.do(StaffedCounter.call_next)).id == today.id
    entry = (await log_of(day.store))[-1]
    assert (entry.action, entry.subject) == ("day-closed", f"queue/{day.hall.id}/{yesterday}")
    with pytest.raises(QueueClosedError):
        await unit(day, days.close_day, day=yesterday)


async def test_a_day_that_never_began_cannot_be_closed(day) -> None:
    never = day.now.date() - dt.timedelta(days=3)
    with pytest.raises(QueueClosedError):
        await unit(day, days.close_day, day=never)
    async with day.store.read() as session:
        assert await days.day_of(session, day.hall.id, never) is None


async def test_a_seat_that_an_earlier_day_left_ends_with_it(day) -> None:
    await day.sit()
    yesterday = day.now.date()
    day.later(hours=22)
    await unit(day, days.close_day, day=yesterday)
    async with day.store.read() as session:
        shift = await session.get(type(day.shifts[1]), day.shifts[1].id)
    assert shift is not None
    assert shift.ended_at == day.now


# A day closed by mistake


async def test_a_day_closed_by_mistake_goes_on_as_it_was(day, heard) -> None:
    await day.sit()
    served, missed, held, called, waits = [await day.take() for _ in range(5)]
    for verb in (StaffedCounter.finish, StaffedCounter.no_show):
        await day.do(StaffedCounter.call_next)
        await day.do(verb)
    for verb in (
        StaffedCounter.call_next,
        StaffedCounter.start,
        StaffedCounter.hold,
        StaffedCounter.call_next,
    ):
        await day.do(verb)
    await unit(day, days.close_day)
    day.later(minutes=59)
    heard.clear()
    assert await unit(day, days.reopen_day) == 3
    every = served, missed, held, called, waits
    assert await states(day, *every) == ["done", "no-show", "on-hold", "waiting", "waiting"]
    assert await day.order() == [called.label, waits.label]
    told = {each.ticket_id for each in heard if isinstance(each, TicketRequeued)}
    assert told == {called.id, waits.id}
    assert not (await day.look()).is_closed
    await day.sit()
    assert (await day.do(StaffedCounter.call_next)).id == called.id
    assert (await day.take()).label == "B006"
    entry = (await log_of(day.store))[-1]
    assert (entry.action, entry.after) == (
        "day-reopened",
        {"open": [each.label for each in (held, called, waits)]},
    )
    # It can be closed again, and reopening an open day changes nothing.
    assert await unit(day, days.reopen_day) == 0
    assert await unit(day, days.close_day) == 4


async def test_an_end_is_taken_back_for_an_hour(day) -> None:
    ticket = await day.take()
    await unit(day, days.close_day)
    day.later(minutes=61)
    with pytest.raises(TooLateError):
        await unit(day, days.reopen_day)
    assert await states(day, ticket) == [TicketState.CLOSED.value]


# The clock is no order


async def test_a_clock_that_goes_back_leaves_the_order_and_no_time_below_nothing(day) -> None:
    await day.sit()
    served, first = await day.take("A"), await day.take("B")
    await day.do(StaffedCounter.call_next)
    await day.do(StaffedCounter.start)
    day.later(minutes=5)
    day.now -= HOUR
    second, other = await day.take("B"), await day.take("C")
    await day.do(StaffedCounter.finish)
    assert await day.order() == [first.label, second.label, other.label]
    assert (await day.do(StaffedCounter.call_next)).id == first.id
    async with day.store.read() as session:
        found = await days.day_of(session, day.hall.id, day.now.date())
        assert found is not None
        stays = await stays_of(session, found.id)
    assert all(each.ended_at is None or each.ended_at >= each.began_at for each in stays)
    assert {each.ticket_id for each in stays} == {served.id, first.id, second.id, other.id}
    for one, following in pairwise(stays):
        if one.ticket_id == following.ticket_id:
            assert one.ended_at == following.began_at


async def test_a_later_number_never_came_earlier(day) -> None:
    # A request waits for the one before it: what it read off the clock is older by then.
    moments = [0, 5, 2, 4, 1, 9, 3]
    taken = []
    for letter, second in zip("BBABCAB", moments, strict=True):
        day.now = NOW + dt.timedelta(seconds=second)
        taken.append(await day.take(letter))
    joined = [each.joined_at for each in taken]
    assert joined == sorted(joined)
    assert await day.order() == [each.label for each in taken]
