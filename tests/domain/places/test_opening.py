"""开放时间: what a line of hours says of a day, and that nothing is said of what it leaves open."""

from __future__ import annotations

import datetime as dt

import pytest

from domain.calendar import DayKind, WorkingCalendar
from domain.content import OpeningPeriod
from domain.places.content import HallHours
from domain.places.opening import open_until, opening_of
from tests.world.district import FILES

HALL = HallHours.model_validate({"working_day": ["08:30-12:00", "13:30-17:00"]})
# 2026-11-23 is a Monday.
MONDAY, SATURDAY, SUNDAY = dt.date(2026, 11, 23), dt.date(2026, 11, 28), dt.date(2026, 11, 29)
OFF, MAKE_UP = dt.date(2026, 11, 24), dt.date(2026, 11, 22)
CALENDAR = WorkingCalendar({2026: {OFF: DayKind.HOLIDAY, MAKE_UP: DayKind.MAKE_UP}})


def on(line: str, day: dt.date) -> str | None:
    """The periods of a day as an office writes them; empty when closed, None when not said."""
    opening = opening_of(line)
    periods = opening.on(day, CALENDAR, HALL) if opening else None
    if periods is None:
        return None
    return " ".join(f"{each.opens:%H:%M}-{each.closes:%H:%M}" for each in periods)


@pytest.mark.parametrize(
    ("line", "day", "said"),
    [
        ("每天 07:00-08:30，11:00-12:30", SUNDAY, "07:00-08:30 11:00-12:30"),
        ("每天 07:00-08:30，11:00-12:30", OFF, "07:00-08:30 11:00-12:30"),
        ("每天 8：00－20：00", MONDAY, "08:00-20:00"),
        ("全天开放", OFF, "00:00-23:59"),
        ("全天有人值守", MONDAY, "00:00-23:59"),
        ("24小时", MONDAY, "00:00-23:59"),
        ("每天 18:00-24:00", MONDAY, "18:00-23:59"),
        ("周一至周日 08:00-17:00", OFF, "08:00-17:00"),
        ("周三至周日 09:30-16:30", MONDAY, ""),
        ("周三至周日 09:30-16:30", SUNDAY, "09:30-16:30"),
        ("周六至周一 09:00-10:00", MONDAY, "09:00-10:00"),
        ("周一、周三、周五 08:30-11:00", MONDAY, "08:30-11:00"),
        ("周一、三、五 08:30-11:00", SATURDAY, ""),
        ("星期天 08:30-11:00", SUNDAY, "08:30-11:00"),
        ("周三至周五 15:30-18:00，周末 09:30-17:00", SATURDAY, "09:30-17:00"),
        ("工作日 09:00-11:30，14:00-16:30", MONDAY, "09:00-11:30 14:00-16:30"),
        ("工作日 09:00-11:30", MAKE_UP, "09:00-11:30"),
        ("工作日 09:00-11:30", OFF, ""),
        ("工作日 08:00-17:00，节假日 09:00-12:00", OFF, "09:00-12:00"),
        ("周一至周六 09:00-11:30，工作日下午 14:00-16:30", MONDAY, "09:00-11:30 14:00-16:30"),
        ("周一至周六 09:00-11:30，工作日下午 14:00-16:30", SATURDAY, "09:00-11:30"),
        ("和大厅开门时间一样", MONDAY, "08:30-12:00 13:30-17:00"),
        ("工作日和大厅开门时间一样", SUNDAY, ""),
        ("全天（夜里请按铃）", MONDAY, "00:00-23:59"),
        # Nobody wrote what holds on a Tuesday off, or on a Sunday at work.
        ("周一至周六 14:00-20:00", OFF, None),
        ("周一至周六 14:00-20:00", MAKE_UP, None),
        # A line that says more than its times says something about them.
        ("每天 08:00-17:00，节假日只看急诊换药", MONDAY, None),
        ("上学日 16:00-18:00", MONDAY, None),
        ("周二、周四、周六 13:30-16:30，先打电话", MONDAY, None),
        ("每天 20:00-08:00", MONDAY, None),
        ("每天 25:00-26:00", MONDAY, None),
        ("每天", MONDAY, None),
        ("每天 周一 08:00-09:00", MONDAY, None),
        ("", MONDAY, None),
        ("：" * 80, MONDAY, None),
    ],
)
def test_a_line_says_when_it_is_open_or_nothing(line, day, said) -> None:
    assert on(line, day) == said


def test_most_lines_of_the_sample_are_counted() -> None:
    lines = [
        facility.hours
        for source in FILES.communities.values()
        for facility in source.content.facilities
    ]
    counted = [line for line in lines if opening_of(line)]
    assert len(counted) > 0.8 * len(lines)


@pytest.mark.parametrize(
    ("time", "until"), [("08:00", "12:00"), ("12:00", None), ("07:59", None), ("23:59", None)]
)
def test_a_period_holds_from_its_first_minute_to_before_its_last(time, until) -> None:
    periods = (OpeningPeriod.model_validate("08:00-12:00"),)
    found = open_until(periods, dt.time.fromisoformat(time))
    assert found == (until and dt.time.fromisoformat(until))


def test_what_is_open_until_midnight_is_open_in_its_last_minute() -> None:
    periods = (OpeningPeriod.model_validate("18:00-23:59"),)
    assert open_until(periods, dt.time(23, 59, 30)) == dt.time(23, 59)
