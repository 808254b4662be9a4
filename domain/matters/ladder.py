"""谁来办: who must have a matter at a moment, as a fold over plain values.

A matter goes up a ladder: the holder of its post, the substitute, the secretary, the subdistrict.
It moves on when its person is away, and when an answer that is owed does not come within the time
that the post gives, counted in the post's own hours. The secretary and the subdistrict are offices
and never away, so an open matter always has someone present.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import TYPE_CHECKING

from domain.matters.clock import Clock, Rule, Unit, working_time

if TYPE_CHECKING:
    from collections.abc import Iterator

    from domain.calendar import WorkingCalendar
    from domain.places.content import HallHours

# The longest that anything on the ladder may keep an answer, whatever its post says: 12345
# regulations give five working days (济南市12345市民服务热线条例, article 24).
OUTER = Rule(5, Unit.WORKING_DAY, "济南市12345市民服务热线条例第二十四条")


class Level(StrEnum):
    """A rung of the ladder, from the bottom."""

    HOLDER = "holder"
    SUBSTITUTE = "substitute"
    SECRETARY = "secretary"
    SUBDISTRICT = "subdistrict"

    @property
    def is_office(self) -> bool:
        """Whether it is an office, which is never away."""
        return self in {Level.SECRETARY, Level.SUBDISTRICT}


class HoldReason(StrEnum):
    """Why a matter came to its present holder, for a sentence that the resident reads."""

    ASSIGNED = "assigned"
    # The one before gave no answer in time.
    TIMER = "timer"
    AWAY = "away"
    # More open matters than the post takes on.
    FULL = "full"
    # The one before no longer works here.
    LEFT = "left"
    HANDED_OVER = "handed-over"
    POST_CHANGED = "post-changed"
    REOPENED = "reopened"
    # It is about the holder, so it skips the holder, the substitute and colleagues.
    COMPLAINT = "complaint"
    # Nobody holds the post.
    VACANT = "vacant"


@dataclass(frozen=True)
class Absence:
    """When a person is away, aware times; `until` is the first moment back."""

    staff_id: int
    since: dt.datetime
    until: dt.datetime


@dataclass(frozen=True)
class Hold:
    """Who has a matter since when, and why. `staff_id` is None for an office."""

    level: Level
    staff_id: int | None
    since: dt.datetime
    why: HoldReason


@dataclass(frozen=True)
class Ladder:
    """The people of a post and its hours, as they are now."""

    holder: int | None
    substitute: int | None
    hours: HallHours
    # Opening time within which an answer must come before the matter moves on.
    patience: dt.timedelta
    absences: tuple[Absence, ...] = ()
    # Whether the holder has as many open matters as the post takes on.
    is_full: bool = False
    # Staff whose account or role ended: they are away for good.
    gone: frozenset[int] = frozenset()
    # The person a complaint is about.
    about: int | None = None
    # The rung that it begins on: offices below are not competent, so it never comes to them.
    lowest: Level = Level.HOLDER

    def person(self, level: Level) -> int | None:
        """Who stands on this rung; None for an office and an empty rung."""
        return {Level.HOLDER: self.holder, Level.SUBSTITUTE: self.substitute}.get(level)

    def is_away(self, staff_id: int, at: dt.datetime) -> bool:
        """Whether this person cannot have a matter at this moment."""
        if staff_id in self.gone or staff_id == self.about:
            return True
        return any(
            absence.staff_id == staff_id and absence.since <= at < absence.until
            for absence in self.absences
        )

    def away_from(self, staff_id: int, after: dt.datetime) -> dt.datetime | None:
        """The first moment from `after` on at which this person is away; None if never."""
        if self.is_away(staff_id, after):
            return after
        begins = [
            absence.since
            for absence in self.absences
            if absence.staff_id == staff_id and absence.since > after
        ]
        return min(begins, default=None)


def first_hold(ladder: Ladder, at: dt.datetime, why: HoldReason = HoldReason.ASSIGNED) -> Hold:
    """Who gets a matter that comes to this post now."""
    if ladder.lowest.is_office:
        return Hold(ladder.lowest, None, at, why)
    if ladder.about is not None:
        # The holder may be the secretary of a small community: then it goes one further.
        return Hold(Level.SECRETARY, None, at, HoldReason.COMPLAINT)
    if ladder.holder is None and ladder.substitute is None:
        return Hold(Level.SECRETARY, None, at, HoldReason.VACANT)
    if ladder.holder is not None and not ladder.is_away(ladder.holder, at):
        if not ladder.is_full:
            return Hold(Level.HOLDER, ladder.holder, at, why)
        # Someone can be the substitute of their own post, and is as full there.
        return _above(ladder, Level.HOLDER, at, HoldReason.FULL, skip=ladder.holder)
    return _above(ladder, Level.HOLDER, at, HoldReason.AWAY)


def _above(
    ladder: Ladder, level: Level, at: dt.datetime, why: HoldReason, skip: int | None = None
) -> Hold:
    """The next rung with someone present. `skip` is who has it now, on whatever rung."""
    levels = list(Level)
    lowest = max(levels.index(level) + 1, levels.index(ladder.lowest))
    for higher in levels[lowest:]:
        if higher.is_office:
            return Hold(higher, None, at, why)
        person = ladder.person(higher)
        if person not in {None, skip} and not ladder.is_away(person, at):
            return Hold(higher, person, at, why)
    return Hold(Level.SUBDISTRICT, None, at, why)


def timer_ends(
    ladder: Ladder, hold: Hold, owed_since: dt.datetime, calendar: WorkingCalendar
) -> dt.datetime:
    """When a holder who has not answered loses the matter. Times are aware and local.

    The time begins with the assignment, or with the message that came after the last answer, and
    runs in the post's hours; it ends after `OUTER` at the latest.
    """
    began = max(hold.since, owed_since)
    last = Clock(OUTER, began.date()).due(calendar).day
    if last is None:  # pragma: no cover - a clock without periods does not stand still
        raise AssertionError
    bound = dt.datetime.combine(last + dt.timedelta(days=1), dt.time(), began.tzinfo)
    # No further than the bound: a post that never opens would be looked for through three years.
    days = (last - began.date()).days + 1
    ends = working_time(began, ladder.patience, ladder.hours, calendar, days)
    return bound if ends is None else min(ends, bound)


def displaced(ladder: Ladder, hold: Hold, now: dt.datetime) -> Hold | None:
    """The move away from someone who left, or who no longer holds the post; None if neither."""
    if hold.staff_id is not None and hold.staff_id in ladder.gone:
        return _above(ladder, hold.level, now, HoldReason.LEFT, skip=hold.staff_id)
    follows_post = hold.level is Level.HOLDER and hold.why is not HoldReason.HANDED_OVER
    if follows_post and hold.staff_id != ladder.holder:
        return replace(first_hold(ladder, now), why=HoldReason.POST_CHANGED)
    return None


def next_hold(
    ladder: Ladder, hold: Hold, owed_since: dt.datetime | None, calendar: WorkingCalendar
) -> Hold | None:
    """The next move of an open matter if nobody acts, and its moment; None if it stays for good.

    `owed_since` is None while no answer is owed: then only an absence moves the matter.
    """
    moves: list[tuple[dt.datetime, HoldReason]] = []
    if hold.staff_id is not None:
        away = ladder.away_from(hold.staff_id, hold.since)
        if away is not None:
            moves.append((away, HoldReason.AWAY))
    if owed_since is not None and hold.level is not Level.SUBDISTRICT:
        moves.append((timer_ends(ladder, hold, owed_since, calendar), HoldReason.TIMER))
    if not moves:
        return None
    at, why = min(moves, key=lambda move: move[0])
    return _above(ladder, hold.level, at, why, skip=hold.staff_id)


def course(
    ladder: Ladder,
    hold: Hold,
    owed_since: dt.datetime | None,
    calendar: WorkingCalendar,
    until: dt.datetime,
) -> Iterator[Hold]:
    """The moves up to `until`, in order. Each goes up, so there are three at most."""
    following = next_hold(ladder, hold, owed_since, calendar)
    while following is not None and following.since <= until:
        yield following
        following = next_hold(ladder, following, owed_since, calendar)
