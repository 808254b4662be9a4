"""预测准不准: what was told first counts, against the first call, and only where that is fair."""

from __future__ import annotations

import datetime as dt
from functools import partial
from typing import TYPE_CHECKING

import pytest

from domain.queue.accuracy import (
    Accuracy,
    accuracy,
    accuracy_by_day,
    keep_forecasts,
    kept_forecasts,
    together,
)
from domain.queue.calling import StaffedCounter
from domain.queue.forecast import Forecast
from domain.queue.tickets import let_pass

if TYPE_CHECKING:
    from domain.queue.tables import Ticket
    from tests.world.halls import Day


async def told(day: Day, ticket: Ticket, low: int, high: int) -> None:
    """Someone was told so now."""
    said = {ticket.id: Forecast(low, high)}
    await day.store.write(partial(keep_forecasts, told=said, now=day.now))


async def by_day(day: Day) -> dict[dt.date, Accuracy]:
    """What came of it, over all days."""
    async with day.store.read() as session:
        return await accuracy_by_day(session, day.hall.id, dt.date(2026, 1, 1), day.now.date())


def test_within_is_with_a_minute_of_slack() -> None:
    waits = [(5, 10, 4.0), (5, 10, 11.0), (5, 10, 3.9), (5, 10, 11.1)]
    found = accuracy(waits)
    assert (found.count, found.within, found.share) == (4, 2, 50)
    assert found.error == pytest.approx((3.5 + 3.5 + 3.6 + 3.6) / 4)
    assert found.bias == pytest.approx((3.5 - 3.5 + 3.6 - 3.6) / 4)
    assert found.wait == pytest.approx(7.5)


def test_days_are_put_together_by_how_many_they_count() -> None:
    assert together([]) is None
    both = together([Accuracy(1, 1, 2.0, 2.0, 4.0), Accuracy(3, 0, 6.0, -6.0, 8.0)])
    assert both == Accuracy(4, 1, 5.0, -4.0, 7.0)


async def test_what_was_told_first_is_held_against_the_first_call(day) -> None:
    await day.sit()
    ticket = await day.take()
    await told(day, ticket, 5, 10)
    day.later(minutes=3)
    await told(day, ticket, 30, 40)
    day.later(minutes=4)
    await day.do(StaffedCounter.call_next)
    await day.do(StaffedCounter.no_show)
    day.later(minutes=20)
    await day.do(StaffedCounter.call_chosen, ticket_id=ticket.id)
    assert await by_day(day) == {day.now.date(): Accuracy(1, 1, 0.5, 0.5, 7.0)}
    async with day.store.read() as session:
        assert await kept_forecasts(session, [ticket.id, ticket.id + 1]) == {ticket.id}


async def test_who_let_others_pass_or_was_never_called_says_nothing(day) -> None:
    await day.sit()
    steps_back = await day.take(device_hash="one")
    waits = await day.take()
    for each in (steps_back, waits):
        await told(day, each, 5, 10)
    await day.act(let_pass, steps_back, count=1)
    await day.do(StaffedCounter.call_chosen, ticket_id=steps_back.id)
    assert await by_day(day) == {}
