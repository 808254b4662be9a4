"""大厅时间: whether a hall is open, until when, and when it opens next.

The kind of day decides, by the working-day calendar: a make-up working day on a Sunday
has working hours, a Monday that is a day off has holiday hours. What the hall says about one
day goes before its kind.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import TYPE_CHECKING

from domain.calendar import SATURDAY, DayKind, WorkingCalendar

if TYPE_CHECKING:
    from domain.places.content import HallHours, HoursException, OpeningPeriod

LOOK_AHEAD = 30
"""Days to look for the next opening: longer than the longest holiday."""


@dataclass(frozen=True)
class HallState:
    """What stands on the hall's door at one moment. Times are local wall times."""

    is_open: bool
    day_kind: DayKind
    today: tuple[OpeningPeriod, ...]
    closes_at: dt.time | None
    """When it closes, if it is open."""
    opens_at: dt.datetime | None
    """When it opens next, if it is closed; None when not within `LOOK_AHEAD` days."""
    changes_at: dt.datetime
    """Until when this state holds: the next opening, closing or midnight."""
    exception: HoursException | None = None
    """What is other than usual today."""


def exception_on(hours: HallHours, day: dt.date) -> HoursException | None:
    """What is other than usual on a day."""
    return next((exception for exception in hours.exceptions if exception.day == day), None)


def periods_of(
    hours: HallHours, calendar: WorkingCalendar, day: dt.date
) -> tuple[OpeningPeriod, ...]:
    """The opening periods of a day, in order."""
    kind, exception = calendar.kind(day), exception_on(hours, day)
    if exception is not None:
        periods = exception.periods
    elif kind.counts:
        periods = hours.working_day
    elif kind is DayKind.HOLIDAY:
        periods = hours.public_holiday
    else:
        periods = hours.saturday if day.weekday() == SATURDAY else hours.sunday
    return tuple(sorted(periods, key=lambda period: period.opens))


def hall_state(hours: HallHours, calendar: WorkingCalendar, now: dt.datetime) -> HallState:
    """The state of a hall at `now`, an aware local time."""
    today, time = now.date(), now.time()
    periods = periods_of(hours, calendar, today)
    current = next((period for period in periods if period.opens <= time < period.closes), None)
    midnight = dt.datetime.combine(today + dt.timedelta(days=1), dt.time(), now.tzinfo)
    opens_at = None if current else _next_opening(hours, calendar, now)
    if current:
        changes_at = dt.datetime.combine(today, current.closes, now.tzinfo)
    else:
        changes_at = min(midnight, opens_at) if opens_at else midnight
    return HallState(
        is_open=current is not None,
        day_kind=calendar.kind(today),
        today=periods,
        closes_at=current.closes if current else None,
        opens_at=opens_at,
        changes_at=changes_at,
        exception=exception_on(hours, today),
    )


def _next_opening(
    hours: HallHours, calendar: WorkingCalendar, now: dt.datetime
) -> dt.datetime | None:
    for ahead in range(LOOK_AHEAD):
        day = now.date() + dt.timedelta(days=ahead)
        for period in periods_of(hours, calendar, day):
            opens = dt.datetime.combine(day, period.opens, now.tzinfo)
            if opens > now:
                return opens
    return None
