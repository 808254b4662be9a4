"""The hall's door: open or closed, until when, and when it opens next."""

from __future__ import annotations

import datetime as dt

import pytest
from pydantic import ValidationError

from domain.calendar import DayKind, WorkingCalendar, calendar_of
from domain.content import OpeningPeriod
from domain.hours import HallState, hall_state, periods_of
from domain.places.content import HallHours
from tests.world.clock import NOW

HOURS = HallHours.model_validate(
    {
        "working_day": ["13:30-17:00", "08:30-12:00"],
        "saturday": ["09:00-11:30"],
        "public_holiday": ["10:00-11:00"],
    }
)
"""Written in the wrong order, as it happens; closed on Sundays."""
ONLY_WORKING_DAYS = HallHours.model_validate({"working_day": ["08:30-17:00"]})


@pytest.fixture(scope="module")
def calendar() -> WorkingCalendar:
    """The State Council's calendar."""
    return calendar_of([])


def at(words: str) -> dt.datetime:
    """A moment of Shanghai's wall clock."""
    return dt.datetime.fromisoformat(words).replace(tzinfo=NOW.tzinfo)


def state(calendar: WorkingCalendar, words: str, hours: HallHours = HOURS) -> HallState:
    """What stands on the door at that moment."""
    return hall_state(hours, calendar, at(words))


def test_an_open_hall_says_when_it_closes(calendar) -> None:
    door = state(calendar, "2026-11-23 10:26")
    assert door.is_open
    assert door.closes_at == dt.time(12)
    assert door.opens_at is None
    assert door.changes_at == at("2026-11-23 12:00")
    assert door.day_kind is DayKind.WORKING


@pytest.mark.parametrize(
    ("time", "is_open"),
    [
        ("08:29:59", False),
        ("08:30", True),
        ("11:59:59", True),
        ("12:00", False),
        ("13:29", False),
        ("13:30", True),
        ("17:00", False),
    ],
)
def test_a_hall_opens_and_closes_on_the_minute(calendar, time, is_open) -> None:
    assert state(calendar, f"2026-11-23 {time}").is_open is is_open


def test_the_periods_of_a_day_are_shown_in_order(calendar) -> None:
    periods = periods_of(HOURS, calendar, dt.date(2026, 11, 23))
    assert [each.opens for each in periods] == [dt.time(8, 30), dt.time(13, 30)]


@pytest.mark.parametrize(
    ("now", "opens"),
    [
        ("2026-11-23 07:00", "2026-11-23 08:30"),
        ("2026-11-23 12:30", "2026-11-23 13:30"),
        ("2026-11-23 18:00", "2026-11-24 08:30"),
        ("2026-11-27 18:00", "2026-11-28 09:00"),
        ("2026-11-28 12:00", "2026-11-30 08:30"),
        ("2026-11-29 10:00", "2026-11-30 08:30"),
        ("2026-12-31 17:00", "2027-01-01 10:00"),
    ],
    ids=["morning", "noon", "evening", "friday", "saturday", "sunday", "new-year"],
)
def test_a_closed_hall_says_when_it_opens_next(calendar, now, opens) -> None:
    door = state(calendar, now)
    assert not door.is_open
    assert door.closes_at is None
    assert door.opens_at == at(opens)


def test_a_closed_hall_is_looked_at_again_when_it_opens_today(calendar) -> None:
    assert state(calendar, "2026-11-23 12:30").changes_at == at("2026-11-23 13:30")


def test_a_closed_hall_is_looked_at_again_at_midnight(calendar) -> None:
    assert state(calendar, "2026-11-23 18:00").changes_at == at("2026-11-24 00:00")


def test_a_make_up_saturday_has_the_hours_of_a_working_day(calendar) -> None:
    door = state(calendar, "2026-10-10 14:00")
    assert door.day_kind is DayKind.MAKE_UP
    assert door.closes_at == dt.time(17)


def test_a_make_up_sunday_is_open_in_a_hall_that_never_opens_on_sundays(calendar) -> None:
    assert state(calendar, "2026-09-20 09:00", ONLY_WORKING_DAYS).is_open
    assert not state(calendar, "2026-09-27 09:00", ONLY_WORKING_DAYS).is_open


def test_a_monday_that_is_a_day_off_has_the_hours_of_a_holiday(calendar) -> None:
    door = state(calendar, "2026-10-05 10:30")
    assert door.day_kind is DayKind.HOLIDAY
    assert door.closes_at == dt.time(11)
    assert not state(calendar, "2026-10-05 09:00").is_open


def test_a_saturday_within_a_holiday_has_the_hours_of_a_holiday(calendar) -> None:
    assert state(calendar, "2026-10-03 10:30").closes_at == dt.time(11)
    assert not state(calendar, "2026-10-03 09:30").is_open


def test_the_longest_holiday_is_looked_over(calendar) -> None:
    door = state(calendar, "2026-02-14 17:00", ONLY_WORKING_DAYS)
    assert door.opens_at == at("2026-02-24 08:30")


def test_a_hall_that_never_opens_promises_no_opening(calendar) -> None:
    door = state(calendar, "2026-11-23 10:00", HallHours(working_day=()))
    assert (door.is_open, door.today, door.opens_at) == (False, (), None)
    assert door.changes_at == at("2026-11-24 00:00")


def test_a_period_is_written_the_way_an_office_writes_it() -> None:
    period = OpeningPeriod.model_validate("08:30 - 12:00")
    assert (period.opens, period.closes) == (dt.time(8, 30), dt.time(12))


@pytest.mark.parametrize("words", ["12:00-08:30", "08:30-08:30", "08:30", "8点-9点", "08:30-25:00"])
def test_a_period_that_makes_no_sense_is_refused(words) -> None:
    with pytest.raises(ValidationError):
        OpeningPeriod.model_validate(words)
