"""The state "closing": no new numbers, while those who wait are still called."""

from __future__ import annotations

import datetime as dt
from functools import partial
from typing import TYPE_CHECKING, Any

import pytest

from domain.content import OpeningPeriod
from domain.hours import is_in_break, last_closing
from domain.queue import closing, days
from domain.queue.calling import StaffedCounter
from domain.queue.errors import NoNewNumbersError, QueueClosedError
from domain.queue.forecast import Forecast
from domain.staff.actor import COMMAND_LINE
from tests.world.clock import NOW
from tests.world.people import hired, log_of

if TYPE_CHECKING:
    from tests.world.halls import Day

HOUR = dt.timedelta(hours=1)
HOURS = (
    OpeningPeriod(opens=dt.time(13, 30), closes=dt.time(17)),
    OpeningPeriod(opens=dt.time(8, 30), closes=dt.time(12)),
)


async def unit(hall: Day, verb: Any) -> Any:
    """Something done to the whole day."""
    place = {"hall_id": hall.hall.id, "community_id": hall.hall.community_id}
    return await hall.store.write(partial(verb, actor=COMMAND_LINE, now=hall.now, **place))


async def test_those_who_wait_are_called_and_nobody_new_gets_a_number(day) -> None:
    await day.take()
    await day.sit()
    await unit(day, days.stop_numbers)
    assert (await day.look()).is_stopped
    with pytest.raises(NoNewNumbersError):
        await day.take()
    assert (await day.do(StaffedCounter.call_next)).label == "B001"


async def test_a_form_sent_again_still_finds_its_number(day) -> None:
    first = await day.take(request_key="k" * 20)
    await unit(day, days.stop_numbers)
    assert (await day.take(request_key="k" * 20)).id == first.id


async def test_a_clerk_may_decide_to_give_one_more(day) -> None:
    await unit(day, days.stop_numbers)
    assert (await day.take(staff_id=await hired(day.store, "wang"))).label == "B001"


async def test_it_can_be_taken_back_and_both_are_in_the_log_once(day) -> None:
    for verb in (days.stop_numbers, days.stop_numbers, days.give_numbers_again):
        await unit(day, verb)
    assert not (await day.look()).is_stopped
    assert (await day.take()).label == "B001"
    told = [each.action for each in await log_of(day.store)]
    assert [each for each in told if "numbers" in each] == ["numbers-stopped", "numbers-resumed"]


@pytest.mark.parametrize("verb", [days.stop_numbers, days.give_numbers_again])
async def test_a_closed_day_stays_as_it_is(day, verb) -> None:
    await day.take()
    await unit(day, days.close_day)
    with pytest.raises(QueueClosedError):
        await unit(day, verb)


async def test_tomorrow_gives_numbers_again_by_itself(day) -> None:
    await unit(day, days.stop_numbers)
    day.later(days=1)
    assert (await day.take()).label == "B001"


@pytest.mark.parametrize(
    ("low", "high", "is_too_late", "may_be"),
    [(0, 60, False, False), (50, 90, False, True), (61, 90, True, True)],
)
def test_a_wait_is_too_late_once_its_near_end_passes_the_closing_time(
    low, high, is_too_late, may_be
) -> None:
    told = Forecast(low, high)
    assert closing.is_too_late(told, NOW, NOW + HOUR) is is_too_late
    assert closing.may_be_too_late(told, NOW, NOW + HOUR) is may_be
    assert not closing.is_too_late(told, NOW, None)
    assert not closing.may_be_too_late(None, NOW, NOW)


@pytest.mark.parametrize("low", range(0, 121, 5))
def test_nobody_is_told_to_come_back_after_closing(low) -> None:
    back = closing.back_at(Forecast(low, low + 30), NOW, NOW + HOUR)
    assert back is None or back < NOW + HOUR
    assert (back is None) is (low <= 5 or low > 60)


@pytest.mark.parametrize(
    ("time", "expected"),
    [((8, 0), True), ((9, 0), False), ((12, 0), True), ((14, 0), False), ((17, 0), False)],
)
def test_a_break_ends_on_the_same_day(time, expected) -> None:
    now = NOW.replace(hour=time[0], minute=time[1])
    assert is_in_break(HOURS, now) is expected
    assert last_closing(HOURS, now) == NOW.replace(hour=17, minute=0)
    assert last_closing((), now) is None
    # Open around the clock: no number is too late, at whatever hour.
    around = OpeningPeriod(opens=dt.time(0), closes=dt.time(23, 59, 59))
    assert last_closing((around,), now) is None
