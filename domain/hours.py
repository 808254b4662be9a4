"""大厅时间: whether a hall is open, until when, and when it opens next.

The kind of day decides, by the working-day calendar: a make-up working Sunday has working hours,
and a Monday off has holiday hours. An exception for a date goes before the kind of day.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import TYPE_CHECKING

from domain.calendar import SATURDAY, DayKind, WorkingCalendar

if TYPE_CHECKING:
    from domain.content import OpeningPeriod
    from domain.places.content import HallHours, HoursException

# Days to search for the next opening: longer than the longest holiday.
LOOK_AHEAD = 30
# A day's last minute: a period that closes in it has no end.
UNTIL_MIDNIGHT = dt.time(23, 59)


@dataclass(frozen=True)
class HallState:
    """Whether a hall is open at one moment. All times are local wall times."""

    is_open: bool
    day_kind: DayKind
    today: tuple[OpeningPeriod, ...]
    # None while the hall is closed.
    closes_at: dt.time | None
    # None while the hall is open, or if it does not open within `LOOK_AHEAD` days.
    opens_at: dt.datetime | None
    # Until when this state is valid: the next opening, closing or midnight.
    changes_at: dt.datetime
    # The exception for today, if any.
    exception: HoursException | None = None
    # Whether the office has entered hours at all: without them nobody knows when it opens.
    knows_hours: bool = True


def exception_on(hours: HallHours, day: dt.date) -> HoursException | None:
    """The exception for a day, or None."""
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
    return periods


# `changes_at` includes midnight, because the state says "today": a cached page must not carry it
# into the next day.
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
        knows_hours=hours.is_written,
    )


def last_closing(periods: tuple[OpeningPeriod, ...], now: dt.datetime) -> dt.datetime | None:
    """When a hall with these periods closes for the day of `now`; None if it does not.

    A hall that is open until midnight goes on the next day.
    """
    closes = max((each.closes for each in periods), default=UNTIL_MIDNIGHT)
    if closes >= UNTIL_MIDNIGHT:
        return None
    return dt.datetime.combine(now.date(), closes, now.tzinfo)


def is_in_break(periods: tuple[OpeningPeriod, ...], now: dt.datetime) -> bool:
    """Whether a hall with these periods is closed at `now` and opens again the same day."""
    time = now.time()
    is_open = any(each.opens <= time < each.closes for each in periods)
    return not is_open and any(time < each.opens for each in periods)


def opens_after_today(
    hours: HallHours, calendar: WorkingCalendar, now: dt.datetime
) -> dt.datetime | None:
    """When a hall opens on the next day that it does; None if not within `LOOK_AHEAD` days."""
    return _next_opening(hours, calendar, dt.datetime.combine(now.date(), dt.time.max, now.tzinfo))


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
