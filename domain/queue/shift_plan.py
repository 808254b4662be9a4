"""When counters usually stand empty: learnt from the pauses and shifts of the days before.

Nobody enters a plan. A counter that paused from 11:30 to 13:30 on most days will probably do so
today, so the forecast draws one of the last days for each counter in each simulation.
"""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from dataclasses import dataclass, field
from itertools import pairwise
from typing import TYPE_CHECKING

from sqlalchemy import select

from domain.queue.tables import CounterPause, CounterShift

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from sqlalchemy import Row
    from sqlalchemy.ext.asyncio import AsyncSession

    # Counter, beginning, end, and since when it paused.
    ShiftRow = Row[int, dt.datetime, dt.datetime | None, dt.datetime | None]
    # Counter, beginning and end.
    PauseRow = Row[int, dt.datetime, dt.datetime]

# Days of a counter to learn from, and how far back to look for them.
DAYS, LAST_DAYS = 15, dt.timedelta(days=30)
# Minutes; anything shorter is no pause.
SHORTEST = 5.0
# Minutes by which pauses of two days may begin apart and still be the same usual pause.
APART = 45.0
# Minutes after its usual beginning at which a pause of a free counter will not come any more.
LATE = 20.0


@dataclass(frozen=True)
class Absence:
    """When a counter called nobody, in minutes of the day."""

    begins: float
    ends: float

    def is_like(self, other: Absence) -> bool:
        """Whether both can be the same usual pause, at different times or of other lengths."""
        meets = self.begins < other.ends + APART and other.begins < self.ends + APART
        shorter, longer = sorted((self.ends - self.begins, other.ends - other.begins))
        return meets and shorter * 2 >= longer


@dataclass(frozen=True)
class ShiftPlan:
    """The absences of each counter, day by day."""

    # The last days on which the counter was staffed.
    before: Mapping[int, Sequence[Sequence[Absence]]] = field(default_factory=dict)
    # Those that are over today.
    today: Mapping[int, Sequence[Absence]] = field(default_factory=dict)

    def days(self, counter: int, idle_since: float) -> list[list[Absence]]:
        """What each of the last days leads to expect of the rest of today.

        `idle_since` is the minute from which the counter could have paused.
        """
        taken = self.today.get(counter, ())
        return [
            [
                absence
                for absence in absences
                if absence.begins >= idle_since - LATE
                and not any(absence.is_like(other) for other in taken)
            ]
            for absences in self.before.get(counter, ())
        ]

    def ends(self, counter: int, began: float, now: float) -> list[float]:
        """When pauses that began about then ended, of those that lasted longer than this one."""
        return [
            absence.ends
            for absences in self.before.get(counter, ())
            for absence in absences
            if abs(absence.begins - began) <= APART and absence.ends > now
        ]


async def shift_plan_of(session: AsyncSession, hall_id: int, now: dt.datetime) -> ShiftPlan:
    """The plan in the last days' shifts and pauses; `now` is aware local time."""
    since = now - LAST_DAYS
    shifts = await session.execute(
        select(
            CounterShift.counter,
            CounterShift.began_at,
            CounterShift.ended_at,
            CounterShift.paused_at,
        )
        .where(CounterShift.hall_id == hall_id, CounterShift.began_at >= since)
        .order_by(CounterShift.began_at)
    )
    pauses = await session.execute(
        select(CounterPause.counter, CounterPause.began_at, CounterPause.ended_at).where(
            CounterPause.hall_id == hall_id, CounterPause.began_at >= since
        )
    )
    return shift_plan_from(shifts.all(), pauses.all(), now)


def shift_plan_from(
    shifts: Iterable[ShiftRow], pauses: Iterable[PauseRow], now: dt.datetime
) -> ShiftPlan:
    """The plan in these shifts, the oldest first, and pauses."""
    staffed: dict[tuple[dt.date, int], list[Absence]] = defaultdict(list)
    absences: dict[tuple[dt.date, int], list[Absence]] = defaultdict(list)
    for counter, began, ended, paused in shifts:
        day = began.astimezone(now.tzinfo).date()
        until = paused if ended and paused else ended or now
        staffed[day, counter].append(Absence(_minute(began, now), _minute(until, now)))
        if ended and paused:
            absences[day, counter].append(Absence(_minute(paused, now), _minute(ended, now)))
    for counter, began, ended in pauses:
        day = began.astimezone(now.tzinfo).date()
        absences[day, counter].append(Absence(_minute(began, now), _minute(ended, now)))
    before, today = defaultdict[int, list[list[Absence]]](list), dict[int, list[Absence]]()
    for (day, counter), present in sorted(staffed.items(), reverse=True):
        gaps = [Absence(one.ends, next_.begins) for one, next_ in pairwise(present)]
        known = [
            one for one in (*gaps, *absences[day, counter]) if one.ends - one.begins >= SHORTEST
        ]
        if day == now.date():
            today[counter] = known
        elif len(before[counter]) < DAYS:
            before[counter].append(known)
    return ShiftPlan(before, today)


def minute_of(moment: dt.datetime) -> float:
    """The minute of the day of an aware local time."""
    return moment.hour * 60 + moment.minute + moment.second / 60


def _minute(moment: dt.datetime, now: dt.datetime) -> float:
    return minute_of(moment.astimezone(now.tzinfo))
