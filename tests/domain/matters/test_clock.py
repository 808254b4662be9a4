"""By when something is owed: the law's vectors, and a slow calculation of its own beside ours."""

from __future__ import annotations

import datetime as dt
from functools import cache

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from domain.calendar import DayKind, WorkingCalendar, calendar_of
from domain.hours import periods_of
from domain.matters.clock import (
    Clock,
    Lateness,
    Period,
    PeriodKind,
    Rule,
    Unit,
    lateness,
    working_time,
)
from domain.places.content import HallHours
from tests.world.clock import SHANGHAI

DAY, MINUTE = dt.timedelta(days=1), dt.timedelta(minutes=1)
PAUSES = (PeriodKind.WAITING_FOR_RESIDENT, PeriodKind.WAITING_FOR_OTHERS)


@cache
def published() -> WorkingCalendar:
    """The calendar of an office that entered nothing."""
    return calendar_of([])


def day(words: str) -> dt.date:
    """A day of 2026 from its month and day."""
    return dt.date.fromisoformat(words if len(words) == 10 else f"2026-{words}")


def clock(count: int, unit: Unit, began_on: str, *periods: Period, rolls: bool = True) -> Clock:
    """A clock of an invented law."""
    return Clock(Rule(count, unit, "民法典第二百零一条", rolls), day(began_on), periods)


def due(count: int, unit: Unit, began_on: str, *periods: Period, rolls: bool = True) -> str | None:
    """The last day, as month and day."""
    found = clock(count, unit, began_on, *periods, rolls=rolls).due(published()).day
    return f"{found:%m-%d}" if found else None


def waits(since: str, kind: PeriodKind = PeriodKind.WAITING_FOR_RESIDENT) -> Period:
    """A pause from this day on."""
    return Period(kind, day(since))


def runs(since: str) -> Period:
    """The end of a pause: this day is counted again."""
    return Period(PeriodKind.RUNNING, day(since))


@pytest.mark.parametrize(
    ("count", "began_on", "last"),
    [
        (5, "02-13", "02-24"),
        (5, "09-28", "10-08"),
        (10, "09-30", "10-10"),
        (30, "04-30", "06-01"),
        (60, "08-03", "10-08"),
    ],
)
def test_calendar_days_end_on_a_working_day(count, began_on, last) -> None:
    assert due(count, Unit.CALENDAR_DAY, began_on) == last


@pytest.mark.parametrize(
    ("count", "began_on", "last"),
    [
        (5, "09-29", "10-12"),
        (20, "03-31", "04-29"),
        (20, "06-30", "07-28"),
        (20, "09-30", "11-03"),
        (1, "01-02", "01-04"),
        (3, "09-18", "09-22"),
        (7, "09-24", "10-12"),
    ],
)
def test_working_days_count_make_up_days_and_no_holidays(count, began_on, last) -> None:
    assert due(count, Unit.WORKING_DAY, began_on) == last


def test_a_pause_is_not_counted() -> None:
    pause = (waits("09-28"), runs("10-12"))
    assert due(7, Unit.WORKING_DAY, "09-24", *pause) == "10-20"


@pytest.mark.parametrize(
    ("count", "began_on", "last"),
    [
        (1, "01-31", "02-28"),
        (1, "08-31", "09-30"),
        (2, "12-31", "03-01"),  # 28 February 2027 is a Sunday.
        (12, "11-26", "11-26"),
        (1, "04-01", "05-06"),  # The first of May is a holiday until the fifth.
    ],
)
def test_months_end_on_the_same_day_or_the_months_last(count, began_on, last) -> None:
    assert due(count, Unit.MONTH, began_on) == last


def test_a_last_day_stays_where_the_rule_does_not_roll() -> None:
    assert due(5, Unit.CALENDAR_DAY, "02-13", rolls=False) == "02-18"
    assert due(1, Unit.MONTH, "04-01", rolls=False) == "05-01"


def test_a_clock_that_stands_without_an_end_has_no_date_and_says_what_is_left() -> None:
    for unit in (Unit.WORKING_DAY, Unit.CALENDAR_DAY):
        found = clock(7, unit, "11-23", waits("11-26")).due(published())
        assert (found.day, found.left) == (None, 5)
    found = clock(1, Unit.MONTH, "11-23", waits("11-26")).due(published())
    assert (found.day, found.left) == (None, 28)


def test_an_extension_adds_to_the_rule_and_ends_a_pause() -> None:
    more = Period(PeriodKind.EXTENDED, day("11-27"), 3)
    assert due(2, Unit.WORKING_DAY, "11-23", more) == "11-30"
    assert due(2, Unit.WORKING_DAY, "11-23", waits("11-24"), more) == "12-03"


def test_each_change_of_the_date_is_told_in_order() -> None:
    periods = (waits("11-24"), runs("11-26"), Period(PeriodKind.EXTENDED, day("11-27"), 2))
    shifts = list(clock(2, Unit.WORKING_DAY, "11-23", *periods).shifts(published()))
    assert [shift.period for shift in shifts] == list(periods)
    assert [(shift.before, shift.after) for shift in shifts] == [
        (day("11-25"), None),
        (None, day("11-27")),
        (day("11-27"), day("12-01")),
    ]


def test_the_days_are_counted_one_by_one() -> None:
    found = clock(3, Unit.WORKING_DAY, "09-18").due(published())
    assert [(counted.day.day, counted.kind, counted.number) for counted in found.counted] == [
        (18, DayKind.WORKING, 0),
        (19, DayKind.WEEKEND, None),
        (20, DayKind.MAKE_UP, 1),
        (21, DayKind.WORKING, 2),
        (22, DayKind.WORKING, 3),
    ]


def test_a_year_without_a_notice_is_said() -> None:
    assert not clock(5, Unit.WORKING_DAY, "11-23").due(published()).is_provisional
    assert clock(5, Unit.WORKING_DAY, "2026-12-30").due(published()).is_provisional


def test_a_changed_notice_changes_the_date() -> None:
    changed = published().with_notice(2026, {day("11-24"): DayKind.HOLIDAY})
    assert clock(2, Unit.WORKING_DAY, "11-23").due(changed).day == day("11-26")


def test_working_hours_have_no_days_to_fold() -> None:
    with pytest.raises(ValueError, match="working hours"):
        due(8, Unit.WORKING_HOUR, "11-23")


@pytest.mark.parametrize(
    ("today", "state"),
    [
        ("10-08", Lateness.ON_TIME),
        ("10-09", Lateness.ON_TIME),
        ("10-10", Lateness.SOON),
        ("10-11", Lateness.SOON),
        ("10-12", Lateness.SOON),
        ("10-13", Lateness.LATE),
    ],
)
def test_yellow_is_one_working_day_before_and_red_the_day_after(today, state) -> None:
    assert lateness(day("10-12"), day(today), published()) is state


def slow_due(clock: Clock, calendar: WorkingCalendar) -> dt.date | None:
    """The last day, by asking of every day how many there are up to it."""

    def is_paused(asked: dt.date) -> bool:
        before = [period for period in clock.periods if period.since <= asked]
        return bool(before) and before[-1].kind in PAUSES

    def is_off(asked: dt.date) -> bool:
        return calendar.kind(asked) in {DayKind.WEEKEND, DayKind.HOLIDAY}

    def counts(asked: dt.date) -> bool:
        is_idle = clock.rule.unit is Unit.WORKING_DAY and is_off(asked)
        return not is_paused(asked) and not is_idle

    wanted = clock.rule.count + sum(period.more for period in clock.periods)
    if clock.rule.unit is Unit.MONTH:
        wanted = slow_months(clock.began_on, wanted)
    days = [clock.began_on + n * DAY for n in range(1, 800)]
    last = clock.began_on
    counted = 0
    for asked in days:
        if counted == wanted:
            break
        counted += counts(asked)
        last = asked
    if counted < wanted:
        return None
    while clock.rule.rolls and is_off(last):
        last += DAY
    return last


def slow_months(began_on: dt.date, months: int) -> int:
    """The days of so many months: the longest step that does not enter the month after."""
    year, month = began_on.year, began_on.month
    for _ in range(months):
        year, month = (year + 1, 1) if month == 12 else (year, month + 1)
    steps = [
        n
        for n in range(700)
        if (began_on + n * DAY).year == year
        and (began_on + n * DAY).month == month
        and (began_on + n * DAY).day <= began_on.day
    ]
    return max(steps)


dates = st.dates(dt.date(2025, 11, 1), dt.date(2026, 12, 31))
gaps = st.integers(0, 20)


@st.composite
def periods(draw: st.DrawFn, began_on: dt.date) -> tuple[Period, ...]:
    """Up to five periods, in order."""
    found, since = [], began_on
    for kind in draw(st.lists(st.sampled_from(PeriodKind), max_size=5)):
        since += draw(gaps) * DAY
        more = draw(st.integers(1, 6)) if kind is PeriodKind.EXTENDED else 0
        found.append(Period(kind, since, more))
    return tuple(found)


@st.composite
def clocks(draw: st.DrawFn) -> Clock:
    """A clock of days or months with whatever stopped it."""
    unit = draw(st.sampled_from([Unit.WORKING_DAY, Unit.CALENDAR_DAY, Unit.MONTH]))
    most = 2 if unit is Unit.MONTH else 40
    rule = Rule(draw(st.integers(1, most)), unit, "test", draw(st.booleans()))
    began_on = draw(dates)
    found = draw(periods(began_on))
    if unit is Unit.MONTH:
        found = tuple(Period(p.kind, p.since, min(p.more, 1)) for p in found)
    return Clock(rule, began_on, found)


@settings(max_examples=400, deadline=None)
@given(clocks())
def test_every_date_is_that_of_the_slow_calculation(clock) -> None:
    found = clock.due(published())
    assert found.day == slow_due(clock, published())
    numbers = [counted.number for counted in found.counted if counted.number is not None]
    assert numbers == list(range(len(numbers)))
    days = [counted.day for counted in found.counted]
    assert days == [clock.began_on + n * DAY for n in range(len(days))]
    if found.day is None:
        assert found.left > 0
    else:
        assert days[-1] == found.day


@settings(max_examples=200, deadline=None)
@given(clocks(), st.integers(1, 30))
def test_a_pause_never_makes_a_date_earlier(clock, length) -> None:
    plain = Clock(clock.rule, clock.began_on)
    stop = clock.began_on + 2 * DAY
    paused = Clock(
        clock.rule,
        clock.began_on,
        (Period(PAUSES[0], stop), Period(PeriodKind.RUNNING, stop + length * DAY)),
    )
    without, later = plain.due(published()).day, paused.due(published()).day
    assert without is not None
    assert later is not None
    assert later >= without


OPENINGS = ("08:00-12:00", "09:10-11:50", "13:30-17:00", "14:00-14:20", "18:00-20:00")
some_periods = st.lists(st.sampled_from(OPENINGS), max_size=3, unique=True).map(
    lambda found: tuple(
        words
        for n, words in enumerate(sorted(found))
        if n == 0 or words[:5] >= sorted(found)[n - 1][-5:]
    )
)
all_hours = st.builds(
    lambda working_day, saturday, sunday, public_holiday: HallHours(
        working_day=working_day,
        saturday=saturday,
        sunday=sunday,
        public_holiday=public_holiday,
    ),
    some_periods,
    some_periods,
    some_periods,
    some_periods,
)


def slow_working_time(
    began_at: dt.datetime, minutes: int, hours: HallHours, calendar: WorkingCalendar, days: int
) -> dt.datetime | None:
    """The same, minute by minute; None if it does not come within so many days."""
    moment = began_at
    for _ in range(days * 24 * 60):
        is_open = any(
            period.opens <= moment.time() < period.closes
            for period in periods_of(hours, calendar, moment.date())
        )
        moment += MINUTE
        minutes -= is_open
        if minutes == 0:
            return moment
    return None


@settings(max_examples=60, deadline=None)
@given(
    hours=all_hours,
    began_on=st.dates(dt.date(2026, 9, 17), dt.date(2026, 10, 12)),
    minute=st.integers(0, 24 * 60 - 1),
    length=st.integers(1, 14 * 60),
)
def test_working_time_is_that_of_a_walk_minute_by_minute(hours, began_on, minute, length) -> None:
    began_at = dt.datetime.combine(began_on, dt.time(), SHANGHAI) + minute * MINUTE
    found = working_time(began_at, length * MINUTE, hours, published())
    slow = slow_working_time(began_at, length, hours, published(), days=12)
    if slow is not None:
        assert found == slow
    else:
        assert found is None or found > began_at + 11 * DAY


def test_hours_that_never_open_give_no_moment() -> None:
    began_at = dt.datetime(2026, 11, 23, 10, tzinfo=SHANGHAI)
    assert working_time(began_at, MINUTE, HallHours(working_day=()), published()) is None


def test_a_moment_that_closes_the_day_is_that_days() -> None:
    hours = HallHours(working_day=("08:00-12:00", "13:00-17:00"))
    began_at = dt.datetime(2026, 11, 23, 9, tzinfo=SHANGHAI)
    ends = working_time(began_at, dt.timedelta(hours=7), hours, published())
    assert ends == dt.datetime(2026, 11, 23, 17, tzinfo=SHANGHAI)
