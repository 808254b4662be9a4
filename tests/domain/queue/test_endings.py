"""What can be taken back, who is freed, and who stands where: each ending has a way on."""

from __future__ import annotations

import datetime as dt
from functools import partial
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

import pytest

from domain.queue import days, tickets
from domain.queue.calling import StaffedCounter
from domain.queue.errors import (
    AtAnotherCounterError,
    NobodyWaitsError,
    NotAtCounterError,
    QueueClosedError,
)
from domain.queue.figures import courses, stays_of
from domain.queue.retention import erase_links
from domain.queue.tables import TicketState, VisitOutcome
from domain.staff.actor import COMMAND_LINE
from tests.world.clock import NOW

if TYPE_CHECKING:
    from domain.queue.tables import Ticket
    from tests.world.halls import Day

PHONE = {"device_hash": "f" * 64}


async def close(day: Day) -> None:
    hall = day.hall
    closing = partial(days.close_day, hall_id=hall.id, community_id=hall.community_id)
    await day.store.write(partial(closing, actor=COMMAND_LINE, now=day.now))


# Ten seconds to take an end back


async def at_the_counter(day: Day, *, starts: bool) -> Ticket:
    await day.take()
    await day.sit()
    ticket: Ticket = await day.do(StaffedCounter.call_next)
    if starts:
        day.later(seconds=5)
        await day.do(StaffedCounter.start)
        day.later(minutes=4)
    return ticket


async def test_the_outcome_is_kept_and_goes_with_the_end_that_is_taken_back(day) -> None:
    ticket = await at_the_counter(day, starts=True)
    for outcome in (VisitOutcome.WRONG_PLACE, VisitOutcome.COME_BACK):
        ended = await day.do(StaffedCounter.finish, outcome=outcome)
        assert ended.outcome is outcome
        assert (await day.do(StaffedCounter.undo)).outcome is None
    await day.do(StaffedCounter.finish)
    async with day.store.read() as session:
        (course,) = courses(await stays_of(session, ticket.day_id))
    assert course.outcome is VisitOutcome.DONE


@pytest.mark.parametrize(
    ("starts", "verb", "state"),
    [
        (True, StaffedCounter.finish, TicketState.SERVING),
        (False, StaffedCounter.finish, TicketState.CALLED),
        (False, StaffedCounter.no_show, TicketState.CALLED),
    ],
)
async def test_an_end_is_taken_back_for_ten_seconds(day, starts, verb, state) -> None:
    ticket = await at_the_counter(day, starts=starts)
    day.later(seconds=1)
    await day.do(verb)
    day.later(seconds=9)
    undone = await day.do(StaffedCounter.undo)
    assert (undone.id, undone.state, undone.counter) == (ticket.id, state, 1)
    await day.do(StaffedCounter.finish)
    async with day.store.read() as session:
        (course,) = courses(await stays_of(session, ticket.day_id))
    assert (course.state, course.passes <= 1) == (TicketState.DONE, True)


@pytest.mark.parametrize("verb", [StaffedCounter.finish, StaffedCounter.no_show])
async def test_and_not_for_longer_nor_once_the_next_is_called_nor_by_another(day, verb) -> None:
    await at_the_counter(day, starts=False)
    await day.do(verb)
    await day.sit(2)
    with pytest.raises(NobodyWaitsError):
        await day.do(StaffedCounter.undo, 2)
    await day.take()
    second = await day.do(StaffedCounter.call_next)
    # Now it is the call that is undone.
    assert (await day.do(StaffedCounter.undo)).id == second.id
    day.later(seconds=11)
    with pytest.raises(NobodyWaitsError):
        await day.do(StaffedCounter.undo)


async def test_nothing_is_taken_back_into_a_closed_day(day) -> None:
    await at_the_counter(day, starts=True)
    await day.do(StaffedCounter.finish)
    await close(day)
    with pytest.raises((QueueClosedError, NotAtCounterError)):
        await day.do(StaffedCounter.undo)


# One person, two numbers


async def test_one_phone_is_never_called_to_two_counters(day) -> None:
    await day.take("B", **PHONE)
    second = await day.take("A", **PHONE)
    third = await day.take("A")
    await day.sit(1, "B")
    await day.sit(2, "A")
    await day.do(StaffedCounter.call_next, 1)
    assert (await day.look()).is_elsewhere(second)
    with pytest.raises(AtAnotherCounterError):
        await day.do(StaffedCounter.call_chosen, 2, ticket_id=second.id)
    assert (await day.do(StaffedCounter.call_next, 2)).id == third.id
    await day.do(StaffedCounter.finish, 2)
    with pytest.raises(NobodyWaitsError):
        await day.do(StaffedCounter.call_next, 2)
    await day.take("A")
    await day.do(StaffedCounter.finish, 1)
    assert (await day.do(StaffedCounter.call_next, 2)).id == second.id


# Left at closing


async def left(day: Day, letter: str = "B") -> Ticket:
    """A number of this phone that was not reached, on the day before."""
    found: Ticket = await day.take(letter, **PHONE)
    await close(day)
    day.later(days=1)
    return found


async def test_who_was_left_at_closing_stands_before_those_of_the_last_hour(day) -> None:
    before = await left(day)
    await day.take()
    day.later(minutes=30)
    await day.take()
    day.later(minutes=31)
    mine = await day.take(**PHONE)
    assert mine.left_id == before.id
    assert await day.order() == ["B001", "B003", "B002"]
    await day.sit()
    await day.do(StaffedCounter.call_next)
    called = await day.do(StaffedCounter.finish) and await day.do(StaffedCounter.call_next)
    assert called.id == mine.id


async def test_it_counts_once_and_a_number_given_back_does_not_count(day) -> None:
    await left(day)
    first = await day.take("A", **PHONE)
    await day.act(tickets.cancel, first)
    assert (await day.take("B", **PHONE)).left_id == first.left_id
    assert (await day.take("A", **PHONE)).left_id is None


async def test_it_counts_on_the_next_day_only_and_for_nobody_else(day) -> None:
    await left(day)
    assert (await day.take()).left_id is None
    assert (await day.take(device_hash="e" * 64)).left_id is None
    day.later(days=1)
    assert (await day.take(**PHONE)).left_id is None


async def test_who_was_served_or_cancelled_has_no_claim(day) -> None:
    ticket = await day.take(**PHONE)
    await day.act(tickets.cancel, ticket)
    await close(day)
    day.later(days=1)
    assert (await day.take(**PHONE)).left_id is None


async def test_what_links_two_numbers_of_a_phone_is_erased_with_the_phone(day) -> None:
    await left(day)
    mine = await day.take(**PHONE)
    after = partial(erase_links, before=day.now.date() + dt.timedelta(days=1), now=day.now)
    while await day.store.write(after):
        pass
    async with day.store.read() as session:
        found = await tickets.ticket_of(session, mine.token)
    assert found is not None
    assert (found.device_hash, found.left_id) == (None, None)


# The hour that comes twice


async def test_in_the_hour_that_a_clock_repeats_nobody_overtakes(day) -> None:
    berlin = ZoneInfo("Europe/Berlin")
    first = dt.datetime(2026, 10, 25, 2, 50, tzinfo=berlin, fold=0)
    numbers: list[Any] = []
    for moment in (first, first.replace(minute=5, fold=1), first.replace(minute=20, fold=1)):
        day.now = moment
        numbers.append(await day.take())
    assert [each.place_at for each in numbers] == [each.joined_at for each in numbers]
    assert await day.order() == ["B001", "B002", "B003"]
    await day.sit()
    await day.do(StaffedCounter.call_next)
    assert len((await day.look()).calls) == 1
    assert day.now > NOW - dt.timedelta(days=60)
