"""The catalogue: which periods an item has, and by when each is owed, across the year's edges."""

from __future__ import annotations

import datetime as dt
from itertools import pairwise

import pytest

from domain.calendar import DayKind, WorkingCalendar, calendar_of
from domain.disclosures.catalogue import (
    Catalogue,
    CatalogueItem,
    DutyState,
    WishRule,
    contradictions_of,
    due_of,
    period_of,
    periods_of,
    state_of,
    thresholds_of,
    wish_due,
)

CALENDAR = calendar_of([])
D = dt.date.fromisoformat


def item(
    often: str = "monthly",
    count: int = 15,
    unit: str = "working-day",
    last_day: str = "moves",
    **more: object,
) -> CatalogueItem:
    return CatalogueItem.model_validate(
        {
            "slug": "caiwu",
            "name": "财务收支",
            "kind": "finance",
            "often": often,
            "due": {"count": count, "unit": unit, "last_day": last_day},
            "carriers": ["page"],
            "granularity": "summed",
            "source": "本区规定",
            "since": "2020-01-01",
            "confirmed_on": "2026-01-01",
            **more,
        }
    )


@pytest.mark.parametrize(
    ("often", "words"),
    [
        ("monthly", [f"2026-{month:02}" for month in range(1, 13)]),
        ("quarterly", ["2026-Q1", "2026-Q2", "2026-Q3", "2026-Q4"]),
        ("half-yearly", ["2026-H1", "2026-H2"]),
        ("yearly", ["2026"]),
        ("each-event", []),
    ],
)
def test_a_year_has_the_periods_of_its_frequency(often, words) -> None:
    found = list(periods_of(item(often), D("2026-01-01"), D("2026-12-31")))
    assert [period.word for period in found] == words
    for before, after in pairwise(found):
        assert after.first - before.last == dt.timedelta(days=1)
    assert [period_of(word) for word in words] == found


def test_periods_end_between_the_two_days_also_across_years() -> None:
    found = periods_of(item(), D("2027-11-30"), D("2028-02-29"))
    assert [period.word for period in found] == ["2027-11", "2027-12", "2028-01", "2028-02"]
    february = period_of("2028-02")
    assert february is not None
    assert february.last == D("2028-02-29")
    assert list(periods_of(item(), D("2027-12-01"), D("2027-12-30"))) == []


def test_a_period_that_began_before_the_item_did_is_not_owed() -> None:
    begun = item("quarterly", since="2026-02-01")
    found = periods_of(begun, D("2026-01-01"), D("2026-12-31"))
    assert [period.word for period in found] == ["2026-Q2", "2026-Q3", "2026-Q4"]


@pytest.mark.parametrize(
    "word", ["", "26", "2026-", "2026-Q5", "2026-Q0", "2026-H3", "2026-00", "2026-13", "2026-1"]
)
def test_what_names_no_period_is_none(word) -> None:
    assert period_of(word) is None


# Counted by hand from the State Council's notices of 2026: 1 to 7 October are off, 20 September and
# 10 October are make-up working days; 1 to 3 January are off, and 4 January is one; 15 to 23
# February are off, 14 and 28 February are make-up days. 2027 has no notice: counted by weekdays.
@pytest.mark.parametrize(
    ("often", "word", "count", "unit", "due_on"),
    [
        # 8, 9, 10 (a Saturday, make-up) October.
        ("quarterly", "2026-Q3", 3, "working-day", "2026-10-10"),
        ("quarterly", "2026-Q3", 20, "working-day", "2026-11-03"),
        # 4 January is a Sunday on which offices work.
        ("yearly", "2025", 1, "working-day", "2026-01-04"),
        ("monthly", "2025-12", 5, "working-day", "2026-01-08"),
        # The tenth day is the middle of the holiday: it moves to the day after it.
        ("monthly", "2026-09", 5, "calendar-day", "2026-10-08"),
        ("monthly", "2026-01", 10, "working-day", "2026-02-13"),
        ("monthly", "2026-01", 11, "working-day", "2026-02-14"),
        ("monthly", "2026-01", 12, "working-day", "2026-02-24"),
        # 31 January 2027 is a Sunday.
        ("yearly", "2026", 1, "month", "2027-02-01"),
        # The last day of a shorter month.
        ("half-yearly", "2026-H2", 2, "month", "2027-03-01"),
        ("monthly", "2026-10", 1, "month", "2026-11-30"),
        ("monthly", "2026-08", 0, "calendar-day", "2026-08-31"),
        ("monthly", "2026-10", 0, "calendar-day", "2026-11-02"),
    ],
)
def test_the_last_day_is_counted_as_the_rule_says(often, word, count, unit, due_on) -> None:
    period = period_of(word)
    assert period is not None
    assert due_of(item(often, count, unit), period.last, CALENDAR).day == D(due_on)


def test_a_last_day_that_stays_may_be_a_day_off() -> None:
    stays = item("yearly", 1, "month", last_day="stays")
    due = due_of(stays, D("2026-12-31"), CALENDAR)
    assert due.day == D("2027-01-31")
    assert due.day.weekday() == 6


def test_every_working_day_is_counted_as_a_plain_loop_counts_it() -> None:
    for start in range(0, 800, 7):
        ended = D("2024-12-01") + dt.timedelta(days=start)
        for count in (1, 5, 15, 20):
            day, left = ended, count
            while left:
                day += dt.timedelta(days=1)
                left -= CALENDAR.kind(day).counts
            assert due_of(item(count=count), ended, CALENDAR).day == day


@pytest.mark.parametrize(
    ("today", "published", "state"),
    [
        ("2026-11-10", None, DutyState.OPEN),
        # Five working days before the 20th, a Friday.
        ("2026-11-12", None, DutyState.OPEN),
        ("2026-11-13", None, DutyState.SOON),
        ("2026-11-20", None, DutyState.SOON),
        ("2026-11-21", None, DutyState.OVERDUE),
        ("2026-12-21", "2026-11-20", DutyState.KEPT),
        ("2026-12-21", "2026-11-21", DutyState.LATE),
        ("2026-11-10", "2026-11-09", DutyState.KEPT),
    ],
)
def test_a_duty_stands_as_its_day_and_its_publication_say(today, published, state) -> None:
    on = D(published) if published else None
    assert state_of(D("2026-11-20"), on, D(today), CALENDAR) is state


def test_soon_looks_over_a_holiday() -> None:
    # From 28 September five working days end on 10 October.
    assert state_of(D("2026-10-10"), None, D("2026-09-28"), CALENDAR) is DutyState.SOON
    assert state_of(D("2026-10-12"), None, D("2026-09-28"), CALENDAR) is DutyState.OPEN


def test_a_changed_notice_moves_the_day() -> None:
    off = {D("2027-01-01"): DayKind.HOLIDAY, D("2027-01-04"): DayKind.HOLIDAY}
    changed: WorkingCalendar = CALENDAR.with_notice(2027, off)
    ended = D("2026-12-31")
    assert due_of(item(count=1), ended, CALENDAR).is_provisional
    assert due_of(item(count=1), ended, CALENDAR).day == D("2027-01-04")
    assert due_of(item(count=1), ended, changed).day == D("2027-01-05")


def test_thresholds_are_rounded_up() -> None:
    rule = WishRule.model_validate(
        {
            "one_in_residents": 10,
            "one_in_representatives": 5,
            "due": {"count": 20, "unit": "working-day"},
            "source": "村务公开",
            "confirmed_on": "2026-01-01",
        }
    )
    assert thresholds_of(rule, 5620, 45) == (562, 9)
    assert thresholds_of(rule, 5621, 46) == (563, 10)
    assert wish_due(rule, D("2026-09-30"), CALENDAR).day == D("2026-11-03")


def test_an_item_stands_once_and_looks_like_no_wish() -> None:
    one = item()
    twice = Catalogue(items=(one, one.model_copy(update={"slug": "other"})))
    assert len(list(contradictions_of(twice))) == 2
    wish = Catalogue(items=(one.model_copy(update={"slug": "wish-1"}),))
    assert [found.path for found in contradictions_of(wish)] == [("items", 0, "slug")]
    assert list(contradictions_of(Catalogue(items=(one,)))) == []
