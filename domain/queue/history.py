"""What a hall took before: times at the counter, how fast each clerk is, who does not come."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field
from functools import cached_property
from random import Random
from statistics import fmean
from typing import TYPE_CHECKING

from sqlalchemy import select

from domain.queue.shift_plan import ShiftPlan, shift_plan_of
from domain.queue.tables import QueueDay, Ticket, TicketPeriod, TicketState

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from sqlalchemy import Row
    from sqlalchemy.ext.asyncio import AsyncSession

    # Ticket, category, items, day, state, clerk, beginning and end.
    PeriodRow = Row[
        int, str, tuple[str, ...], dt.date, TicketState, int | None, dt.datetime, dt.datetime | None
    ]

# Minutes at a counter where nothing is known.
MEAN = 10.0
# How many observations `MEAN` counts as.
WEIGHT = 5
# Minutes; anything beyond means that a button was pressed too late or at once.
SHORTEST, LONGEST = 0.5, 45.0
LAST_DAYS = dt.timedelta(days=60)
MOST_PERIODS = 1500
# Visits today that set today's pace, and visits that set a clerk's pace.
PACE_OF, CLERK_OF = 20, 60
# How many visits at the usual pace are added to them.
PACE_WEIGHT, CLERK_WEIGHT = 10, 10
# Times of visits as multiples of the expected one, where nothing is known: what a gamma
# distribution of this shape draws.
SHAPE = 3.0
_RANDOM = Random(1)  # noqa: S311 - no secret
USUAL = sorted(_RANDOM.gammavariate(SHAPE, 1 / SHAPE) for _ in range(2000))[50::100]
# Observed multiples to draw from.
MOST_MULTIPLES = 400


@dataclass(frozen=True)
class Visit:
    """A visit that is over, with the minutes it took at counters."""

    letter: str
    items: tuple[str, ...]
    minutes: float
    # The clerk who served last.
    staff_id: int | None = None
    is_today: bool = False


@dataclass(frozen=True)
class History:
    """What a hall took before."""

    # Newest first.
    visits: Sequence[Visit] = ()
    # The share of calls to which nobody came.
    no_show: float = 0.0
    plan: ShiftPlan = field(default_factory=ShiftPlan)

    @cached_property
    def _by_letter(self) -> dict[str, float]:
        known: dict[str, list[float]] = {}
        for visit in self.visits:
            known.setdefault(visit.letter, []).append(visit.minutes)
        return {letter: _shrunk(minutes, MEAN) for letter, minutes in known.items()}

    @cached_property
    def _of_item(self) -> dict[str, list[float]]:
        """Minutes by item, of visits for that item alone."""
        known: dict[str, list[float]] = {}
        for visit in self.visits:
            if len(visit.items) == 1:
                known.setdefault(visit.items[0], []).append(visit.minutes)
        return known

    @cached_property
    def _usual(self) -> dict[tuple[str, tuple[str, ...]], float]:
        return {}

    def usual(self, letter: str, items: tuple[str, ...] = ()) -> float:
        """Minutes for an item, drawn towards its category's where little is known."""
        if (letter, items) not in self._usual:
            of_letter = self._by_letter.get(letter, MEAN)
            known = self._of_item.get(items[0], ()) if len(items) == 1 else ()
            self._usual[letter, items] = _shrunk(known, of_letter) if known else of_letter
        return self._usual[letter, items]

    @cached_property
    def _multiples(self) -> list[float]:
        """The time of each visit as a multiple of the usual one."""
        return [visit.minutes / self.usual(visit.letter, visit.items) for visit in self.visits]

    # The usual time is a trimmed mean, so the true mean is a little above it.
    @cached_property
    def _mean_multiple(self) -> float:
        return fmean([*self._multiples, *USUAL])

    @cached_property
    def clerks(self) -> dict[int, float]:
        """Each clerk's times as a multiple of the hall's, drawn to 1 where little is known."""
        known: dict[int, list[float]] = {}
        for visit, multiple in zip(self.visits, self._multiples, strict=True):
            of_clerk = known.setdefault(visit.staff_id, []) if visit.staff_id is not None else []
            if len(of_clerk) < CLERK_OF:
                of_clerk.append(multiple / self._mean_multiple)
        return {staff_id: _around_one(own, CLERK_WEIGHT) for staff_id, own in known.items()}

    @cached_property
    def _own_multiples(self) -> list[float]:
        """The time of each visit as a multiple of its clerk's usual one."""
        return [
            multiple / self.clerks.get(visit.staff_id or 0, 1.0)
            for visit, multiple in zip(self.visits, self._multiples, strict=True)
        ]

    @cached_property
    def pace(self) -> float:
        """Today's times as a multiple of the usual ones, drawn to 1 where little is known."""
        own = zip(self.visits, self._own_multiples, strict=True)
        today = [multiple / self._mean_multiple for visit, multiple in own if visit.is_today]
        return _around_one(today[:PACE_OF], PACE_WEIGHT)

    @cached_property
    def multiples(self) -> list[float]:
        """Multiples of the expected time to draw from, the smallest first."""
        return sorted([*self._own_multiples[:MOST_MULTIPLES], *USUAL])

    def expected(self, ticket: Ticket) -> float:
        """Minutes for a ticket at today's pace."""
        return self.usual(ticket.category, ticket.items) * self.pace


def _around_one(multiples: Sequence[float], weight: int) -> float:
    return (sum(multiples) + weight) / (len(multiples) + weight)


def _shrunk(known: Sequence[float], towards: float) -> float:
    """The trimmed mean (without a tenth at each end), drawn to `towards` where little is known."""
    cut = len(known) // 10
    kept = sorted(known)[cut : len(known) - cut]
    return (sum(kept) + towards * WEIGHT) / (len(kept) + WEIGHT)


async def history_of(session: AsyncSession, hall_id: int, now: dt.datetime) -> History:
    """What the hall took in the last weeks; at most `MOST_PERIODS` periods."""
    known = {TicketState.CALLED, TicketState.SERVING, TicketState.NO_SHOW}
    periods = await session.execute(
        select(
            Ticket.id,
            Ticket.category,
            Ticket.items,
            QueueDay.day,
            TicketPeriod.state,
            TicketPeriod.staff_id,
            TicketPeriod.began_at,
            TicketPeriod.ended_at,
        )
        .join(Ticket, Ticket.id == TicketPeriod.ticket_id)
        .join(QueueDay, QueueDay.id == Ticket.day_id)
        .where(
            QueueDay.hall_id == hall_id,
            QueueDay.day >= (now - LAST_DAYS).date(),
            TicketPeriod.state.in_(known),
            Ticket.state.in_((TicketState.DONE, TicketState.NO_SHOW)),
        )
        .order_by(TicketPeriod.id.desc())
        .limit(MOST_PERIODS)
    )
    plan = await shift_plan_of(session, hall_id, now)
    return history_from(periods.all(), plan, now.date())


def history_from(periods: Iterable[PeriodRow], plan: ShiftPlan, today: dt.date) -> History:
    """The history in these periods, newest first: of a visit, its calls and services are added."""
    minutes: dict[int, float] = {}
    served: dict[int, tuple[str, tuple[str, ...], int | None, bool]] = {}
    calls = missed = 0
    for ticket, letter, slugs, day, state, staff_id, began, ended in periods:
        calls += state is TicketState.CALLED
        missed += state is TicketState.NO_SHOW
        if state is TicketState.NO_SHOW or ended is None:
            continue
        if state is TicketState.SERVING:
            served.setdefault(ticket, (letter, slugs, staff_id, day == today))
        minutes[ticket] = minutes.get(ticket, 0.0) + (ended - began).total_seconds() / 60
    visits = tuple(
        Visit(letter, slugs, min(max(minutes[ticket], SHORTEST), LONGEST), staff_id, is_today)
        for ticket, (letter, slugs, staff_id, is_today) in served.items()
    )
    return History(visits, missed / calls if calls else 0.0, plan)
