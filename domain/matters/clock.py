"""期限: by when something is owed, counted as its rule says.

A rule is data with its source. Its date is folded from the periods of a clock every time it is
asked for and never kept as truth: a clock that stood still, was extended, or whose holidays changed
then cannot disagree with its own history.
"""

from __future__ import annotations

import calendar as months
import datetime as dt
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import TYPE_CHECKING

from domain.calendar import CountedDay
from domain.hours import periods_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from domain.calendar import WorkingCalendar
    from domain.places.content import HallHours

DAY = dt.timedelta(days=1)
# Days after which counting gives up: a clock of hours whose office is never open.
LONGEST = 3 * 366


class Unit(StrEnum):
    """What a rule counts."""

    WORKING_HOUR = "working-hour"
    WORKING_DAY = "working-day"
    CALENDAR_DAY = "calendar-day"
    MONTH = "month"


@dataclass(frozen=True)
class Rule:
    """How long something may take, and who says so.

    The first day is not counted (民法典 201). With `rolls`, a last day on a day off moves to the
    next day after it (民法典 203); working days and hours never end on one.
    """

    count: int
    unit: Unit
    # The law and article, or the promise of an office.
    source: str
    rolls: bool = True


class PeriodKind(StrEnum):
    """Why a clock runs or stands still."""

    RUNNING = "running"
    WAITING_FOR_RESIDENT = "waiting-for-resident"
    WAITING_FOR_OTHERS = "waiting-for-others"
    # Runs, with `more` added to the rule's count.
    EXTENDED = "extended"

    @property
    def stands(self) -> bool:
        """Whether days within it are not counted."""
        return self in {PeriodKind.WAITING_FOR_RESIDENT, PeriodKind.WAITING_FOR_OTHERS}


@dataclass(frozen=True)
class Period:
    """A part of a clock's life: it ends where the next one begins.

    `since` is the first day in a pause that is not counted, and the first that is counted again
    where the pause ends. `more` is in the unit of the rule.
    """

    kind: PeriodKind
    since: dt.date
    more: int = 0


@dataclass(frozen=True)
class Due:
    """By when, and how it was counted."""

    # The last day; None while the clock stands still, or when no such day was found.
    day: dt.date | None
    counted: tuple[CountedDay, ...] = field(compare=False)
    # Units that are left when a pause begins that has no end yet; 0 otherwise.
    left: int = 0
    # Whether a year without a holiday notice was counted by weekdays alone.
    is_provisional: bool = False


@dataclass(frozen=True)
class Shift:
    """A change of the date, for a sentence that a resident can read."""

    period: Period
    before: dt.date | None
    after: dt.date | None


@dataclass(frozen=True)
class Clock:
    """What began when, by which rule, and what stopped it since.

    A rule of working hours has no days to fold; see `working_time`.
    """

    rule: Rule
    began_on: dt.date
    # In order; whatever stands before the first one is running.
    periods: tuple[Period, ...] = ()

    def due(self, calendar: WorkingCalendar) -> Due:
        """By when it is owed, with the days counted one by one."""
        count = self.rule.count + sum(period.more for period in self.periods)
        if self.rule.unit is Unit.MONTH:
            return self._after_months(count, calendar)
        return self._after_days(count, calendar)

    def shifts(self, calendar: WorkingCalendar) -> Iterator[Shift]:
        """Each change of the date, in order."""
        for number, period in enumerate(self.periods):
            before = replace(self, periods=self.periods[:number])
            after = replace(self, periods=self.periods[: number + 1])
            yield Shift(period, before.due(calendar).day, after.due(calendar).day)

    def stands_on(self, day: dt.date) -> bool:
        """Whether this day is within a pause."""
        current = None
        for period in self.periods:
            if period.since > day:
                break
            current = period
        return current is not None and current.kind.stands

    def _after_days(self, count: int, calendar: WorkingCalendar) -> Due:
        if self.rule.unit is Unit.WORKING_HOUR:
            msg = "working hours are counted by `working_time`"
            raise ValueError(msg)
        only_working = self.rule.unit is Unit.WORKING_DAY
        counted = [CountedDay(self.began_on, calendar.kind(self.began_on), 0)]
        day, number = self.began_on, 0
        while number < count:
            day += DAY
            if self._never_counts_from(day):
                return Due(None, tuple(counted), count - number, _provisional(counted, calendar))
            kind = calendar.kind(day)
            counts = (kind.counts or not only_working) and not self.stands_on(day)
            number += counts
            counted.append(CountedDay(day, kind, number if counts else None))
        return self._rolled(day, counted, calendar)

    def _after_months(self, count: int, calendar: WorkingCalendar) -> Due:
        """The same day some months later, or that month's last day (民法典 202), and the pauses."""
        last = _months_after(self.began_on, count)
        day, counted = self.began_on, [CountedDay(self.began_on, calendar.kind(self.began_on), 0)]
        left = (last - self.began_on).days
        while left:
            day += DAY
            if self._never_counts_from(day):
                return Due(None, tuple(counted), left, _provisional(counted, calendar))
            counts = not self.stands_on(day)
            left -= counts
            number = (last - self.began_on).days - left if counts else None
            counted.append(CountedDay(day, calendar.kind(day), number))
        return self._rolled(day, counted, calendar)

    def _never_counts_from(self, day: dt.date) -> bool:
        """Whether the clock stands from this day on without an end."""
        return bool(self.periods) and self.periods[-1].since <= day and self.stands_on(day)

    def _rolled(self, day: dt.date, counted: list[CountedDay], calendar: WorkingCalendar) -> Due:
        while self.rule.rolls and not calendar.kind(day).counts:
            day += DAY
            counted.append(CountedDay(day, calendar.kind(day), None))
        return Due(day, tuple(counted), 0, _provisional(counted, calendar))


def _provisional(counted: Sequence[CountedDay], calendar: WorkingCalendar) -> bool:
    return any(calendar.is_provisional(day.day) for day in counted)


def _months_after(day: dt.date, count: int) -> dt.date:
    years, month = divmod(day.month - 1 + count, 12)
    year = day.year + years
    return dt.date(year, month + 1, min(day.day, months.monthrange(year, month + 1)[1]))


class Lateness(StrEnum):
    """How an office stands with its own date. Never a colour of people."""

    ON_TIME = "on-time"
    # The last day is today or the next working day.
    SOON = "soon"
    LATE = "late"


def lateness(due_on: dt.date, today: dt.date, calendar: WorkingCalendar) -> Lateness:
    """Yellow one working day before, red from the first day after."""
    if today > due_on:
        return Lateness.LATE
    is_soon = calendar.deadline(today, 1).due_on >= due_on
    return Lateness.SOON if is_soon else Lateness.ON_TIME


def working_time(
    began_at: dt.datetime,
    length: dt.timedelta,
    hours: HallHours,
    calendar: WorkingCalendar,
    days: int = LONGEST,
) -> dt.datetime | None:
    """The moment at which so much opening time has passed since `began_at`, aware local time.

    None if these hours do not open often enough within so many days, the first one included.
    """
    left, midnight = length, dt.datetime.combine(began_at.date(), dt.time(), began_at.tzinfo)
    for ahead in range(days):
        day = midnight.date() + ahead * DAY
        for period in periods_of(hours, calendar, day):
            opens = max(dt.datetime.combine(day, period.opens, began_at.tzinfo), began_at)
            closes = dt.datetime.combine(day, period.closes, began_at.tzinfo)
            if closes - opens >= left:
                return opens + left
            left -= max(closes - opens, dt.timedelta())
    return None
