"""The figures of a day: how many came, how long they waited, how long it took.

Pure functions over rows, which one query brings.
"""

from __future__ import annotations

import datetime as dt
from collections import Counter as Tally
from dataclasses import dataclass
from itertools import groupby, pairwise
from typing import TYPE_CHECKING

from sqlalchemy import select

from domain.queue.tables import (
    CounterShift,
    PriorityKind,
    Ticket,
    TicketPeriod,
    TicketState,
    VisitOutcome,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from sqlalchemy.ext.asyncio import AsyncSession

NOTHING = dt.timedelta()
A_DAY = dt.timedelta(days=1)


# Figures come only from the periods of tickets, never from notes beside them, so the day's table,
# the CSV and the forecast agree.
@dataclass(frozen=True)
class Stay:
    """A period of a ticket, with the ticket's columns that figures need."""

    ticket_id: int
    number: str
    letter: str
    # Slugs of the items the person came for.
    items: tuple[str, ...]
    priority: PriorityKind | None
    state: TicketState
    counter: int | None
    began_at: dt.datetime
    ended_at: dt.datetime | None
    # How the visit ended; None before that.
    outcome: VisitOutcome | None = None


@dataclass(frozen=True)
class Course:
    """The course of one ticket through its day."""

    ticket_id: int
    number: str
    letter: str
    items: tuple[str, ...]
    priority: PriorityKind | None
    # The ticket's present or final state.
    state: TicketState
    # The counter that served it last.
    counter: int | None
    taken_at: dt.datetime
    # When it was first served.
    started_at: dt.datetime | None
    done_at: dt.datetime | None
    # Until it was first served; None if it never was.
    waited: dt.timedelta | None
    # Total time at counters; None until it is done.
    served: dt.timedelta | None
    # From the call until it was first served; None if nobody pressed start.
    way: dt.timedelta | None
    # How often it missed a call.
    passes: int
    # How the visit ended; None before that.
    outcome: VisitOutcome | None = None


@dataclass(frozen=True)
class Span:
    """The mean and the longest of some times."""

    mean: dt.timedelta
    longest: dt.timedelta


@dataclass(frozen=True)
class Figures:
    """Counts and times of a day, or of one category on a day."""

    taken: int
    waiting: int
    served: int
    # Tickets that missed their call and did not come back.
    no_shows: int
    wait: Span | None
    service: Span | None
    way: Span | None
    # How many visits ended in each way that was noted, in the order of `VisitOutcome`.
    outcomes: dict[VisitOutcome, int]


@dataclass(frozen=True)
class CounterTime:
    """A counter's day: how long it was staffed, and how long of that with a person."""

    counter: int
    # Periods of serving a person.
    visits: int
    staffed: dt.timedelta
    # From each call to the end of the visit.
    busy: dt.timedelta

    @property
    def idle(self) -> dt.timedelta:
        """Staffed without a person; pauses are part of it."""
        return max(self.staffed - self.busy, NOTHING)


@dataclass(frozen=True)
class Hour:
    """The figures of one local hour."""

    hour: int
    taken: int
    served: int
    # The waits of those who took a number in this hour.
    wait: Span | None = None


async def stays_of(session: AsyncSession, day_id: int, ticket_id: int | None = None) -> list[Stay]:
    """Every period of a day's tickets, or of one ticket, in the order of taking."""
    wanted = (
        select(TicketPeriod, Ticket)
        .join(Ticket, Ticket.id == TicketPeriod.ticket_id)
        .where(Ticket.day_id == day_id)
        .order_by(Ticket.id, TicketPeriod.id)
    )
    if ticket_id is not None:
        wanted = wanted.where(Ticket.id == ticket_id)
    rows = await session.execute(wanted)
    return [_stay(period, ticket) for period, ticket in rows]


def _stay(period: TicketPeriod, ticket: Ticket) -> Stay:
    return Stay(
        ticket_id=ticket.id,
        number=ticket.label,
        letter=ticket.letter,
        items=tuple(ticket.items),
        priority=ticket.priority,
        state=period.state,
        counter=period.counter,
        began_at=period.began_at,
        ended_at=period.ended_at,
        outcome=ticket.outcome,
    )


def courses(stays: Iterable[Stay]) -> list[Course]:
    """The course of each ticket; the stays must be grouped by ticket, in order."""
    return [_course(list(group)) for _, group in groupby(stays, key=lambda stay: stay.ticket_id)]


def _course(stays: Sequence[Stay]) -> Course:
    first, last = stays[0], stays[-1]
    serving = _services(stays)
    started = serving[0].began_at if serving else None
    done = last.began_at if last.state is TicketState.DONE else None
    waits = [
        stay
        for stay in stays
        if stay.state is TicketState.WAITING and started is not None and stay.began_at <= started
    ]
    return Course(
        ticket_id=first.ticket_id,
        number=first.number,
        letter=first.letter,
        items=first.items,
        priority=first.priority,
        state=last.state,
        counter=serving[-1].counter if serving else None,
        taken_at=first.began_at,
        started_at=started,
        done_at=done,
        waited=None if started is None else _sum(waits),
        served=None if done is None else _sum(serving),
        way=_way(stays),
        passes=sum(stay.state is TicketState.NO_SHOW for stay in stays),
        outcome=last.outcome,
    )


def _services(stays: Sequence[Stay]) -> list[Stay]:
    """The stays at counters; from the call on where nobody pressed start, but finished at once."""
    return [
        before if before.state is TicketState.CALLED and stay.began_at == stay.ended_at else stay
        for before, stay in pairwise(stays)
        if stay.state is TicketState.SERVING
    ]


def _way(stays: Sequence[Stay]) -> dt.timedelta | None:
    """From the call to the start of the first visit; a visit that ended at once has none."""
    for before, stay in pairwise(stays):
        if stay.state is TicketState.SERVING and before.state is TicketState.CALLED:
            return None if stay.began_at == stay.ended_at else stay.began_at - before.began_at
    return None


def _sum(stays: Iterable[Stay]) -> dt.timedelta:
    ended = (stay.ended_at - stay.began_at for stay in stays if stay.ended_at is not None)
    return sum(ended, NOTHING)


def figures(visits: Sequence[Course]) -> Figures:
    states = Tally(visit.state for visit in visits)
    outcomes = Tally(visit.outcome for visit in visits)
    return Figures(
        taken=len(visits),
        waiting=states[TicketState.WAITING],
        served=states[TicketState.DONE],
        no_shows=states[TicketState.NO_SHOW],
        wait=_span([visit.waited for visit in visits if visit.waited is not None]),
        service=_span([visit.served for visit in visits if visit.served is not None]),
        way=_span([visit.way for visit in visits if visit.way is not None]),
        outcomes={each: outcomes[each] for each in VisitOutcome if outcomes[each]},
    )


def by_category(visits: Sequence[Course]) -> dict[str, Figures]:
    """The figures by letter."""
    letters = sorted({visit.letter for visit in visits})
    return {
        letter: figures([visit for visit in visits if visit.letter == letter]) for letter in letters
    }


def by_item(visits: Sequence[Course]) -> dict[str, Figures]:
    """The figures by item, for people who came for one item alone; the most frequent first."""
    alone = [visit for visit in visits if len(visit.items) == 1]
    tally = Tally(visit.items[0] for visit in alone)
    return {
        slug: figures([visit for visit in alone if visit.items[0] == slug])
        for slug, _ in sorted(tally.items(), key=lambda pair: (-pair[1], pair[0]))
    }


def by_hour(visits: Sequence[Course], zone: dt.tzinfo | None) -> list[Hour]:
    """Numbers taken and served in each local hour, from the first to the last with any."""
    taken = Tally(visit.taken_at.astimezone(zone).hour for visit in visits)
    served = Tally(visit.done_at.astimezone(zone).hour for visit in visits if visit.done_at)
    hours = {*taken, *served}
    if not hours:
        return []
    waits: dict[int, list[dt.timedelta]] = {}
    for visit in visits:
        if visit.waited is not None:
            waits.setdefault(visit.taken_at.astimezone(zone).hour, []).append(visit.waited)
    return [
        Hour(hour, taken[hour], served[hour], _span(waits.get(hour, ())))
        for hour in range(min(hours), max(hours) + 1)
    ]


async def shifts_of(
    session: AsyncSession, hall_id: int, begins: dt.datetime
) -> Sequence[CounterShift]:
    """The shifts that began on the day that begins at this moment."""
    within = CounterShift.began_at >= begins, CounterShift.began_at < begins + A_DAY
    shifts = select(CounterShift).where(CounterShift.hall_id == hall_id, *within)
    return (await session.scalars(shifts.order_by(CounterShift.counter))).all()


def by_counter(
    stays: Iterable[Stay], shifts: Iterable[CounterShift], now: dt.datetime
) -> list[CounterTime]:
    """The time of each counter that was staffed or served anybody."""
    staffed: dict[int, dt.timedelta] = {}
    for shift in shifts:
        staffed[shift.counter] = staffed.get(shift.counter, NOTHING) + _length(shift, now)
    visits: Tally[int] = Tally()
    busy: dict[int, dt.timedelta] = {}
    for stay in stays:
        if stay.counter is None or not stay.state.is_at_counter:
            continue
        length = (stay.ended_at or now) - stay.began_at
        busy[stay.counter] = busy.get(stay.counter, NOTHING) + length
        visits[stay.counter] += stay.state is TicketState.SERVING
    return [
        CounterTime(each, visits[each], staffed.get(each, NOTHING), busy.get(each, NOTHING))
        for each in sorted({*staffed, *busy})
    ]


def _length(shift: CounterShift, now: dt.datetime) -> dt.timedelta:
    """How long a clerk sat there: nobody sits through the night who forgot to sign off."""
    ends = shift.ended_at or now
    if ends - shift.began_at > A_DAY / 2:
        ends = shift.last_act_at
    return ends - shift.began_at


def _span(times: Sequence[dt.timedelta]) -> Span | None:
    return Span(sum(times, NOTHING) / len(times), max(times)) if times else None
