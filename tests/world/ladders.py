"""Who must have a matter, found slowly: a walk through time, step by step, beside the fold."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING

from domain.calendar import DayKind
from domain.hours import periods_of
from domain.matters.ladder import HoldReason, Level
from tests.world.clock import SHANGHAI

if TYPE_CHECKING:
    from domain.calendar import WorkingCalendar
    from domain.places.content import HallHours

A_DAY = dt.timedelta(days=1)
WORKING_DAYS = 5


@dataclass(frozen=True)
class Timetable:
    """The steps of some weeks: in which of them a post is open, and when five working days end."""

    first: dt.date
    days: int
    # Minutes.
    step: int
    hours: HallHours
    calendar: WorkingCalendar

    @property
    def per_day(self) -> int:
        return 24 * 60 // self.step

    @cached_property
    def moments(self) -> list[dt.datetime]:
        """The beginning of each step."""
        midnight = dt.datetime.combine(self.first, dt.time(), SHANGHAI)
        step = dt.timedelta(minutes=self.step)
        return [midnight + n * step for n in range(self.days * self.per_day)]

    @cached_property
    def is_open(self) -> list[bool]:
        """Whether the post is open in each step."""
        return [
            any(
                period.opens <= moment.time() < period.closes
                for period in periods_of(self.hours, self.calendar, moment.date())
            )
            for moment in self.moments
        ]

    @cached_property
    def bounds(self) -> list[int]:
        """For each day the first step after the fifth working day that follows it."""
        ends = []
        for number in range(self.days):
            counted, later = 0, number
            while counted < WORKING_DAYS:
                later += 1
                kind = self.calendar.kind(self.first + later * A_DAY)
                counted += kind in {DayKind.WORKING, DayKind.MAKE_UP}
            ends.append((later + 1) * self.per_day)
        return ends


@dataclass
class Walk:
    """A matter on its way up. Moments are numbers of steps, patience a number of open steps."""

    timetable: Timetable
    holder: int | None
    substitute: int | None
    patience: int
    # Who is away in which steps: (staff, first step away, first step back).
    absences: list[tuple[int, int, int]]
    gone: frozenset[int] = frozenset()
    about: int | None = None
    is_full: bool = False
    moves: list[tuple[Level, int | None, int, HoldReason]] = field(default_factory=list)

    def is_away(self, staff: int, step: int) -> bool:
        if staff in self.gone or staff == self.about:
            return True
        # A loop and not `any`: this is asked ten million times.
        for who, since, until in self.absences:  # noqa: SIM110
            if who == staff and since <= step < until:
                return True
        return False

    def begins(self, step: int, why: HoldReason) -> None:
        """Give it to the first person who is there."""
        holder, substitute = self.holder, self.substitute
        if self.about is not None:
            self.moves.append((Level.SECRETARY, None, step, HoldReason.COMPLAINT))
        elif holder is None and substitute is None:
            self.moves.append((Level.SECRETARY, None, step, HoldReason.VACANT))
        elif holder is not None and not self.is_away(holder, step) and not self.is_full:
            self.moves.append((Level.HOLDER, holder, step, why))
        else:
            is_there = holder is not None and not self.is_away(holder, step)
            reason = HoldReason.FULL if is_there else HoldReason.AWAY
            self._to_substitute_or_secretary(step, reason, without=holder)

    def walk(self, owed: int | None, until: int) -> None:
        """Let the steps pass, `until` included; an answer is owed since `owed`, or none is."""
        waited, is_open = 0, self.timetable.is_open
        level, staff, since, _ = self.moves[-1]
        for step in range(since, until + 1):
            # At one moment it may pass several people who are away.
            while why := self._why_up(level, staff, since, step, owed, waited):
                self._up(level, staff, step, why)
                level, staff, since, _ = self.moves[-1]
                waited = 0
            if owed is not None and step >= since and step >= owed:
                waited += is_open[step]

    def _why_up(  # noqa: PLR0913, PLR0917 - what a step is judged by
        self, level: Level, staff: int | None, since: int, step: int, owed: int | None, waited: int
    ) -> HoldReason | None:
        if staff is not None and self.is_away(staff, step):
            return HoldReason.AWAY
        if owed is None or level is Level.SUBDISTRICT or step <= since:
            return None
        if waited >= self.patience:
            return HoldReason.TIMER
        began = max(since, owed) // self.timetable.per_day
        return HoldReason.TIMER if step >= self.timetable.bounds[began] else None

    def _up(self, level: Level, staff: int | None, step: int, why: HoldReason) -> None:
        if level is Level.HOLDER:
            self._to_substitute_or_secretary(step, why, without=staff)
        elif level is Level.SUBSTITUTE:
            self.moves.append((Level.SECRETARY, None, step, why))
        else:
            self.moves.append((Level.SUBDISTRICT, None, step, why))

    def _to_substitute_or_secretary(self, step: int, why: HoldReason, without: int | None) -> None:
        substitute = self.substitute
        if substitute is None or substitute == without or self.is_away(substitute, step):
            self.moves.append((Level.SECRETARY, None, step, why))
        else:
            self.moves.append((Level.SUBSTITUTE, substitute, step, why))
