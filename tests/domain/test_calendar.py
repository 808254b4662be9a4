"""Working days: the State Council's notices, what the office enters, days counted one by one."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import select

from domain.calendar import (
    FIRST_YEAR,
    DayKind,
    HolidayDay,
    HolidayNotice,
    WorkingCalendar,
    calendar_of,
    enter_notice,
    entered_notice,
    load_calendar,
)
from domain.events import ContentChanged
from domain.revision import content_revision

if TYPE_CHECKING:
    from domain.store import Store

MAY_BE_COUNTED = 365


@pytest.fixture(scope="module")
def published() -> WorkingCalendar:
    """The calendar of an office that entered nothing."""
    return calendar_of([])


def date(words: str) -> dt.date:
    """A date from its ISO words."""
    return dt.date.fromisoformat(words)


def stretch(first: str, last: str) -> list[dt.date]:
    """Every date from the first to the last, both included."""
    days = (date(last) - date(first)).days
    return [date(first) + dt.timedelta(days=n) for n in range(days + 1)]


def notice(
    *days_off: str, make_up: tuple[str, ...] = (), year: int = 2027, twice: bool = False
) -> HolidayNotice:
    """A notice as the office types it."""
    days = tuple(map(date, days_off)) * (2 if twice else 1)
    return HolidayNotice(year=year, days_off=days, make_up_days=tuple(map(date, make_up)))


async def entered(store: Store, what: HolidayNotice) -> None:
    """Enter a notice."""
    await store.write(lambda session: enter_notice(session, what))


async def calendar_in(store: Store) -> WorkingCalendar:
    """The calendar as the store has it."""
    async with store.read() as session:
        return await load_calendar(session)


@pytest.mark.parametrize(
    ("first", "last"),
    [
        ("2026-01-01", "2026-01-03"),
        ("2026-02-15", "2026-02-23"),
        ("2026-04-04", "2026-04-06"),
        ("2026-05-01", "2026-05-05"),
        ("2026-06-19", "2026-06-21"),
        ("2026-09-25", "2026-09-27"),
        ("2026-10-01", "2026-10-07"),
    ],
    ids=["元旦", "春节", "清明", "劳动节", "端午", "中秋", "国庆"],
)
def test_the_days_off_of_2026_are_those_of_the_notice(published, first, last) -> None:
    assert {published.kind(day) for day in stretch(first, last)} == {DayKind.HOLIDAY}
    before, after = date(first) - dt.timedelta(days=1), date(last) + dt.timedelta(days=1)
    assert DayKind.HOLIDAY not in {published.kind(before), published.kind(after)}


def test_the_make_up_days_of_2026_are_those_of_the_notice_and_no_others(published) -> None:
    year = stretch("2026-01-01", "2026-12-31")
    assert [day for day in year if published.kind(day) is DayKind.MAKE_UP] == [
        date("2026-01-04"),
        date("2026-02-14"),
        date("2026-02-28"),
        date("2026-05-09"),
        date("2026-09-20"),
        date("2026-10-10"),
    ]


def test_only_working_and_make_up_days_count() -> None:
    assert [kind for kind in DayKind if kind.counts] == [DayKind.WORKING, DayKind.MAKE_UP]


def test_the_day_of_acceptance_is_day_0(published) -> None:
    deadline = published.deadline(date("2026-11-23"), 1)
    assert deadline.due_on == date("2026-11-24")
    assert [(each.day.day, each.number) for each in deadline.counted] == [(23, 0), (24, 1)]


def test_what_takes_no_days_is_done_the_same_day_even_on_a_holiday(published) -> None:
    assert published.deadline(date("2026-11-23"), 0).due_on == date("2026-11-23")
    assert published.deadline(date("2026-10-01"), 0).due_on == date("2026-10-01")


def test_a_weekend_is_walked_over_and_named(published) -> None:
    deadline = published.deadline(date("2026-11-23"), 6)
    assert deadline.due_on == date("2026-12-01")
    free = [each.day for each in deadline.counted if each.number is None]
    assert free == [date("2026-11-28"), date("2026-11-29")]
    assert not deadline.is_provisional


def test_a_make_up_saturday_counts(published) -> None:
    assert published.deadline(date("2026-10-09"), 1).due_on == date("2026-10-10")


def test_the_spring_festival_is_walked_over(published) -> None:
    deadline = published.deadline(date("2026-02-13"), 3)
    assert deadline.due_on == date("2026-02-25")
    counted = [each.day for each in deadline.counted if each.number]
    assert counted == [date("2026-02-14"), date("2026-02-24"), date("2026-02-25")]


def test_something_accepted_on_a_holiday_counts_from_the_next_working_day(published) -> None:
    assert published.deadline(date("2026-10-03"), 1).due_on == date("2026-10-08")


def test_the_numbers_run_without_a_gap_to_the_last_day(published) -> None:
    deadline = published.deadline(date("2026-01-05"), MAY_BE_COUNTED)
    numbers = [each.number for each in deadline.counted if each.number is not None]
    assert numbers == list(range(MAY_BE_COUNTED + 1))
    assert deadline.counted[-1].day == deadline.due_on
    days = [each.day for each in deadline.counted]
    assert days == stretch("2026-01-05", deadline.due_on.isoformat())


@pytest.mark.parametrize("days", [-1, 366])
def test_a_limit_that_no_service_has_is_refused(published, days) -> None:
    with pytest.raises(ValueError, match=str(days)):
        published.deadline(date("2026-11-23"), days)


def test_counting_into_a_year_without_a_notice_is_provisional(published) -> None:
    deadline = published.deadline(date("2026-12-28"), 5)
    assert deadline.due_on == date("2027-01-05")
    assert deadline.is_provisional


def test_counting_that_ends_with_the_year_is_definite(published) -> None:
    deadline = published.deadline(date("2026-12-28"), 3)
    assert deadline.due_on == date("2026-12-31")
    assert not deadline.is_provisional


@pytest.mark.parametrize("year", range(FIRST_YEAR, 2027))
def test_every_year_from_2004_to_2026_has_its_notice(published, year) -> None:
    assert not published.is_provisional(dt.date(year, 6, 1))
    assert published.kind(dt.date(year, 10, 1)) is DayKind.HOLIDAY


def test_the_first_notice_is_that_of_2004(published) -> None:
    days = stretch("2004-10-01", "2004-10-10")
    kinds = [published.kind(day) for day in days]
    assert kinds == [DayKind.HOLIDAY] * 7 + [DayKind.WORKING] + [DayKind.MAKE_UP] * 2


@pytest.mark.parametrize("year", [2003, 2027, 2100])
def test_a_year_without_a_notice_goes_by_the_weekday_and_says_so(published, year) -> None:
    monday = next(day for day in stretch(f"{year}-11-01", f"{year}-11-07") if not day.weekday())
    assert published.is_provisional(monday)
    kinds = [published.kind(monday + dt.timedelta(days=n)) for n in range(7)]
    assert kinds == [DayKind.WORKING] * 5 + [DayKind.WEEKEND] * 2


@pytest.mark.parametrize("year", [2027, 2030, 2099])
def test_a_year_without_a_notice_keeps_the_holidays_of_fixed_date(published, year) -> None:
    fixed = ("01-01", "05-01", "05-02", "10-01", "10-02", "10-03")
    kinds = [published.kind(date(f"{year}-{day}")) for day in fixed]
    assert kinds == [DayKind.HOLIDAY] * 6
    deadline = published.deadline(date(f"{year - 1}-12-31"), 1)
    assert deadline.due_on > date(f"{year}-01-01")
    assert deadline.is_provisional


def test_a_notice_may_move_even_a_fixed_holiday(published) -> None:
    calendar = published.with_notice(2027, {date("2027-10-08"): DayKind.HOLIDAY})
    assert calendar.kind(date("2027-10-01")) is DayKind.WORKING


def test_the_make_up_saturday_at_the_end_of_2005_counts(published) -> None:
    assert published.kind(date("2005-12-31")) is DayKind.MAKE_UP


async def test_a_notice_may_reach_into_the_december_before(sample) -> None:
    new_year = ("2029-12-31", "2030-01-01")
    await entered(sample, notice(*new_year, make_up=("2029-12-29",), year=2030))
    calendar = await calendar_in(sample)
    assert calendar.kind(date("2029-12-29")) is DayKind.MAKE_UP
    assert calendar.kind(date("2029-12-31")) is DayKind.HOLIDAY
    assert calendar.is_provisional(date("2029-12-30"))
    # The notice for the year before comes later into the calendar, and neither takes the other's.
    await entered(sample, notice("2029-01-01", "2029-12-31", year=2029))
    await entered(sample, notice("2029-01-01", year=2029))
    async with sample.read() as session:
        kept = await entered_notice(session, 2030)
    assert kept == notice(*new_year, make_up=("2029-12-29",), year=2030)
    assert (await calendar_in(sample)).kind(date("2029-12-31")) is DayKind.HOLIDAY


async def test_a_december_day_of_the_newer_notice_leaves_a_built_in_year_whole(sample) -> None:
    await entered(sample, notice("2026-12-31", "2027-01-01"))
    calendar = await calendar_in(sample)
    assert calendar.kind(date("2026-12-31")) is DayKind.HOLIDAY
    assert calendar.kind(date("2026-10-01")) is DayKind.HOLIDAY
    assert calendar.kind(date("2026-10-10")) is DayKind.MAKE_UP


async def test_entering_the_notice_of_2027_makes_it_definite(sample) -> None:
    await entered(sample, notice("2027-01-01", make_up=("2027-01-03",)))
    deadline = (await calendar_in(sample)).deadline(date("2026-12-28"), 5)
    assert not deadline.is_provisional
    assert deadline.due_on == date("2027-01-04")
    kinds = [each.kind for each in deadline.counted[-4:]]
    assert kinds == [DayKind.HOLIDAY, DayKind.WEEKEND, DayKind.MAKE_UP, DayKind.WORKING]


async def test_a_corrected_notice_takes_the_place_of_the_first(sample) -> None:
    await entered(sample, notice("2027-01-01", "2027-10-01", make_up=("2027-01-03",)))
    await entered(sample, notice("2027-02-08"))
    calendar = await calendar_in(sample)
    assert calendar.kind(date("2027-02-08")) is DayKind.HOLIDAY
    assert calendar.kind(date("2027-01-01")) is DayKind.WORKING
    assert calendar.kind(date("2027-01-03")) is DayKind.WEEKEND
    assert calendar.kind(date("2027-10-01")) is DayKind.WORKING


async def test_a_notice_leaves_the_other_years_alone(sample) -> None:
    await entered(sample, notice("2027-12-31", "2027-01-01"))
    await entered(sample, notice("2028-01-01", "2028-12-31", year=2028))
    await entered(sample, notice("2028-05-01", year=2028))
    calendar = await calendar_in(sample)
    assert calendar.kind(date("2027-12-31")) is DayKind.HOLIDAY
    assert calendar.kind(date("2027-01-01")) is DayKind.HOLIDAY
    assert calendar.kind(date("2026-10-10")) is DayKind.MAKE_UP


async def test_a_year_that_the_office_enters_goes_by_the_office_alone(sample) -> None:
    await entered(sample, notice("2026-12-24", year=2026))
    calendar = await calendar_in(sample)
    assert calendar.kind(date("2026-12-24")) is DayKind.HOLIDAY
    assert calendar.kind(date("2026-10-01")) is DayKind.WORKING
    assert calendar.kind(date("2026-10-10")) is DayKind.WEEKEND


@pytest.mark.parametrize(
    ("wrong", "why"),
    [
        (notice(), "at least one day off"),
        (notice("2027-01-01", "2028-01-01"), "2028-01-01 is in another year"),
        (notice("2027-01-01", make_up=("2026-11-29",)), "2026-11-29 is in another year"),
        (notice("2027-01-02", make_up=("2027-01-02",)), "both a day off and a working day"),
        (notice("2027-01-01", twice=True), "listed twice"),
        (notice("2027-01-01", make_up=("2027-01-03", "2027-01-03")), "listed twice"),
        (notice("2027-01-01", make_up=("2027-01-04",)), "2027-01-04 is a weekday"),
    ],
    ids=["empty", "other-year", "make-up-other-year", "both", "twice", "make-up-twice", "weekday"],
)
async def test_a_notice_that_contradicts_itself_changes_nothing(sample, wrong, why) -> None:
    await entered(sample, notice("2027-05-03"))
    with pytest.raises(ValueError, match=why):
        await entered(sample, wrong)
    async with sample.read() as session:
        assert (await session.scalars(select(HolidayDay.day))).all() == [date("2027-05-03")]
        assert await content_revision(session) == 2


async def test_entering_a_notice_makes_the_kept_pages_stale(sample) -> None:
    heard: list[object] = []
    sample.listen(heard.append)
    await entered(sample, notice("2027-01-01"))
    async with sample.read() as session:
        assert await content_revision(session) == 2
    assert heard == [ContentChanged(2)]
