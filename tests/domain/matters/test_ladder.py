"""Who must have a matter at a moment: our fold beside a walk through time, step by step."""

from __future__ import annotations

import datetime as dt
import random
from dataclasses import dataclass, replace
from functools import cache

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from domain.calendar import WorkingCalendar, calendar_of
from domain.matters.ladder import (
    Absence,
    Hold,
    HoldReason,
    Ladder,
    Level,
    course,
    displaced,
    first_hold,
    next_hold,
)
from domain.places.content import HallHours, HoursException
from tests.world.clock import NOW
from tests.world.ladders import Timetable, Walk

HOLDER, SUBSTITUTE, COLLEAGUE = 1, 2, 3
A, B = HOLDER, SUBSTITUTE
HOUR, DAY = dt.timedelta(hours=1), dt.timedelta(days=1)
ORDER = list(Level)
FIRST = dt.date(2026, 9, 21)
"""A Monday before 中秋 and 国庆: days off and make-up days within three weeks."""


@dataclass(frozen=True)
class Case:
    """A post, its people, and a matter that comes to it. Moments are numbers of steps."""

    hours: int
    holder: int | None
    substitute: int | None
    patience: int
    absences: tuple[tuple[int, int, int], ...]
    gone: frozenset[int]
    about: int | None
    is_full: bool
    # A colleague has it, because it was handed over.
    is_handed_over: bool
    since: int
    owed: int | None
    until: int


HOURS = (
    HallHours(working_day=("08:00-12:00", "14:00-17:00")),
    HallHours(working_day=("09:00-11:00",), saturday=("09:00-12:00",)),
    HallHours(
        working_day=("08:00-20:00",), sunday=("10:00-14:00",), public_holiday=("10:00-11:00",)
    ),
    HallHours(working_day=()),
    HallHours(
        working_day=("08:00-12:00",),
        exceptions=(
            HoursException(day=FIRST + DAY, periods=(), reason="training"),
            HoursException(day=FIRST + 3 * DAY, periods=("18:00-21:00",), reason="evening"),
        ),
    ),
)


@cache
def calendar() -> WorkingCalendar:
    """The published notices."""
    return calendar_of([])


@cache
def timetable(hours: int, step: int) -> Timetable:
    """Five weeks of a post with these hours."""
    return Timetable(FIRST, 35, step, HOURS[hours], calendar())


def ladder_of(case: Case, table: Timetable) -> Ladder:
    """The post of a case, as the product knows it."""
    at = table.moments
    return Ladder(
        holder=case.holder,
        substitute=case.substitute,
        hours=HOURS[case.hours],
        patience=case.patience * dt.timedelta(minutes=table.step),
        absences=tuple(Absence(who, at[since], at[until]) for who, since, until in case.absences),
        is_full=case.is_full,
        gone=case.gone,
        about=case.about,
    )


def walked(case: Case, table: Timetable) -> list[Hold]:
    """Who had the matter of a case since when, by the walk."""
    walk = Walk(
        table,
        case.holder,
        case.substitute,
        case.patience,
        list(case.absences),
        case.gone,
        case.about,
        case.is_full,
    )
    if case.is_handed_over:
        walk.moves.append((Level.HOLDER, COLLEAGUE, case.since, HoldReason.HANDED_OVER))
    else:
        walk.begins(case.since, HoldReason.ASSIGNED)
    walk.walk(case.owed, case.until)
    at = table.moments
    return [Hold(level, staff, at[step], why) for level, staff, step, why in walk.moves]


def folded(case: Case, table: Timetable) -> list[Hold]:
    """The same, by the product."""
    ladder, at = ladder_of(case, table), table.moments
    if case.is_handed_over:
        first = Hold(Level.HOLDER, COLLEAGUE, at[case.since], HoldReason.HANDED_OVER)
    else:
        first = first_hold(ladder, at[case.since])
    owed = None if case.owed is None else at[case.owed]
    return [first, *course(ladder, first, owed, calendar(), at[case.until])]


def check(case: Case, step: int) -> None:
    """Hold the product to the walk, and to what nobody may ever see broken."""
    table = timetable(case.hours, step)
    holds = folded(case, table)
    assert holds == walked(case, table), case
    at, per_day = table.moments, table.per_day
    ends = [*(hold.since for hold in holds[1:]), at[case.until] + DAY]
    for hold, end in zip(holds, ends, strict=True):
        if hold.staff_id is None:
            assert hold.level.is_office, case
        else:
            # From the moment they get it until they lose it, or until the case ends.
            for who, since, until in case.absences:
                is_theirs = who == hold.staff_id and at[until] > hold.since
                assert not is_theirs or at[since] >= min(end, at[case.until]), case
            assert hold.staff_id not in case.gone, case
            assert hold.staff_id != case.about, case
        if case.owed is not None and hold.level is not Level.SUBDISTRICT:
            began = max(hold.since, at[case.owed])
            bound = table.bounds[(began.date() - FIRST).days]
            assert min(end, at[case.until]) <= at[min(bound, 35 * per_day - 1)], case
    rungs = [ORDER.index(hold.level) for hold in holds]
    assert rungs == sorted(set(rungs)), case
    assert [hold.since for hold in holds] == sorted(hold.since for hold in holds), case
    people = [hold.staff_id for hold in holds if hold.staff_id is not None]
    assert len(people) == len(set(people)), case


def case_from(choose: random.Random, per_day: int) -> Case:
    """A case of this much chance: many people away, and hours that are seldom open."""
    since = choose.randrange(6 * per_day)
    absences = []
    for who in (HOLDER, SUBSTITUTE, COLLEAGUE):
        for _ in range(choose.choice((0, 0, 1, 2))):
            begins = max(0, since + choose.randrange(-2 * per_day, 6 * per_day))
            absences.append((who, begins, begins + choose.randrange(1, 4 * per_day)))
    is_handed_over = choose.random() < 0.1
    if is_handed_over:
        absences = [
            (who, begins, ends)
            for who, begins, ends in absences
            if who != COLLEAGUE or not begins <= since < ends
        ]
    is_complaint = not is_handed_over and choose.random() < 0.05
    holder = choose.choice((HOLDER, HOLDER, HOLDER, None))
    return Case(
        hours=choose.randrange(len(HOURS)),
        holder=holder,
        substitute=choose.choice((SUBSTITUTE, SUBSTITUTE, SUBSTITUTE, None, holder)),
        patience=choose.randrange(1, per_day // 2),
        absences=tuple(absences),
        gone=frozenset({choose.choice((HOLDER, SUBSTITUTE))} if choose.random() < 0.1 else ()),
        about=HOLDER if is_complaint else None,
        is_full=choose.random() < 0.1,
        is_handed_over=is_handed_over,
        since=since,
        owed=None
        if choose.random() < 0.15
        else max(0, since + choose.randrange(-per_day, per_day)),
        until=since + choose.randrange(6 * per_day),
    )


@pytest.mark.parametrize("part", range(4))
def test_a_hundred_thousand_courses_are_those_of_the_walk(part) -> None:
    choose = random.Random(part)  # noqa: S311 - the same cases in every run
    for _ in range(25_000):
        check(case_from(choose, per_day=24), step=60)


@settings(max_examples=40, deadline=None)
@given(st.randoms(use_true_random=False))
def test_a_course_by_minutes_is_that_of_the_walk(choose) -> None:
    case = case_from(choose, per_day=24 * 60)
    check(case, step=1)


HOURLY = HallHours(working_day=("08:00-12:00", "14:00-18:00"))
POST = Ladder(A, B, HOURLY, 8 * HOUR)
HELD = Hold(Level.HOLDER, A, NOW, HoldReason.ASSIGNED)


def away(who: int, since: dt.datetime = NOW, length: dt.timedelta = DAY) -> Absence:
    """An absence from now on."""
    return Absence(who, since, since + length)


def test_one_after_the_other_has_it_until_the_last_keeps_it() -> None:
    moves = list(course(POST, HELD, NOW, calendar(), NOW + 30 * DAY))
    assert [(move.level, move.staff_id, move.why) for move in moves] == [
        (Level.SUBSTITUTE, B, HoldReason.TIMER),
        (Level.SECRETARY, None, HoldReason.TIMER),
        (Level.SUBDISTRICT, None, HoldReason.TIMER),
    ]
    ends = NOW.replace(hour=10, minute=26) + DAY
    assert [move.since for move in moves] == [ends, ends + DAY, ends + 2 * DAY]
    assert next_hold(POST, moves[-1], NOW, calendar()) is None


def test_a_post_that_never_opens_keeps_nothing_longer_than_five_working_days() -> None:
    closed = replace(POST, hours=HallHours(working_day=()))
    move = next_hold(closed, HELD, NOW, calendar())
    assert move is not None
    assert move.since == dt.datetime(2026, 12, 1, tzinfo=NOW.tzinfo)


def test_patience_without_an_end_is_bounded_too() -> None:
    patient = replace(POST, patience=1000 * HOUR)
    move = next_hold(patient, HELD, NOW, calendar())
    assert move is not None
    assert move.since == dt.datetime(2026, 12, 1, tzinfo=NOW.tzinfo)


def test_an_absence_moves_what_is_answered_and_the_timer_does_not() -> None:
    assert next_hold(POST, HELD, None, calendar()) is None
    move = next_hold(replace(POST, absences=(away(A, NOW + DAY),)), HELD, None, calendar())
    assert move == Hold(Level.SUBSTITUTE, B, NOW + DAY, HoldReason.AWAY)


def test_a_move_at_a_moment_when_all_are_away_goes_to_the_secretary() -> None:
    both = replace(POST, absences=(away(A), away(B)))
    assert first_hold(both, NOW) == Hold(Level.SECRETARY, None, NOW, HoldReason.AWAY)


def test_who_came_back_does_not_get_it_again_by_itself() -> None:
    post = replace(POST, absences=(away(A, NOW + HOUR, HOUR),))
    moves = list(course(post, HELD, None, calendar(), NOW + 9 * DAY))
    assert [move.staff_id for move in moves] == [B]


@pytest.mark.parametrize(
    ("post", "wanted"),
    [
        (POST, Hold(Level.HOLDER, A, NOW, HoldReason.ASSIGNED)),
        (replace(POST, is_full=True), Hold(Level.SUBSTITUTE, B, NOW, HoldReason.FULL)),
        (
            replace(POST, is_full=True, substitute=A),
            Hold(Level.SECRETARY, None, NOW, HoldReason.FULL),
        ),
        (replace(POST, gone=frozenset({A})), Hold(Level.SUBSTITUTE, B, NOW, HoldReason.AWAY)),
        (replace(POST, about=A), Hold(Level.SECRETARY, None, NOW, HoldReason.COMPLAINT)),
        (
            replace(POST, holder=None, substitute=None),
            Hold(Level.SECRETARY, None, NOW, HoldReason.VACANT),
        ),
    ],
    ids=["present", "full", "full twice", "gone", "complaint", "vacant"],
)
def test_a_matter_begins_with_the_first_who_may_have_it(post, wanted) -> None:
    assert first_hold(post, NOW) == wanted


def test_a_post_that_changes_hands_takes_its_matters_along_but_not_what_was_handed_over() -> None:
    changed = replace(POST, holder=COLLEAGUE)
    assert displaced(POST, HELD, NOW) is None
    assert displaced(changed, HELD, NOW) == Hold(
        Level.HOLDER, COLLEAGUE, NOW, HoldReason.POST_CHANGED
    )
    handed = Hold(Level.HOLDER, A, NOW, HoldReason.HANDED_OVER)
    assert displaced(changed, handed, NOW) is None
    left = replace(changed, gone=frozenset({A}))
    assert displaced(left, handed, NOW) == Hold(Level.SUBSTITUTE, B, NOW, HoldReason.LEFT)
