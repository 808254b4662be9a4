"""Figures of a day: how many came, how long they waited and how long it took.

Everything comes from the periods that tickets went through, never from what somebody noted
beside them. Pure functions over rows; one query brings the rows.
"""

from __future__ import annotations

import datetime as dt
from collections import Counter as Tally
from dataclasses import dataclass
from itertools import groupby
from typing import TYPE_CHECKING

from sqlalchemy import select

from domain.queue.tables import PriorityKind, Ticket, TicketPeriod, TicketState

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from sqlalchemy.ext.asyncio import AsyncSession

NOTHING = dt.timedelta()


@dataclass(frozen=True)
class Stay:
    """A period of a ticket, with what the figures need to know of the ticket."""

    ticket_id: int
    number: str
    letter: str
    items: tuple[str, ...]
    """Slugs of what the person came for."""
    priority: PriorityKind | None
    state: TicketState
    counter: int | None
    began_at: dt.datetime
    ended_at: dt.datetime | None


@dataclass(frozen=True)
class Course:
    """What one ticket went through on its day."""

    ticket_id: int
    number: str
    letter: str
    items: tuple[str, ...]
    priority: PriorityKind | None
    state: TicketState
    """What it is now, or was in the end."""
    counter: int | None
    """The counter that served it last."""
    taken_at: dt.datetime
    started_at: dt.datetime | None
    """When it was first served."""
    done_at: dt.datetime | None
    waited: dt.timedelta | None
    """Until it was first served; None for who was not."""
    served: dt.timedelta | None
    """How long the counters had it in all; None until it is done."""
    passes: int
    """How often it was called in vain."""


@dataclass(frozen=True)
class Span:
    """The mean and the longest of some times."""

    mean: dt.timedelta
    longest: dt.timedelta


@dataclass(frozen=True)
class Figures:
    """Counts and times, of a day or of one category on it."""

    taken: int
    waiting: int
    served: int
    no_shows: int
    """Those who were passed and did not come back."""
    wait: Span | None
    service: Span | None


@dataclass(frozen=True)
class Hour:
    """What happened in one hour of the day."""

    hour: int
    taken: int
    served: int
    wait: Span | None = None
    """How long those waited who took a number in it."""


async def stays_of(session: AsyncSession, day_id: int, ticket_id: int | None = None) -> list[Stay]:
    """Every period of every ticket of a day, or of one of them, in the order of taking."""
    wanted = (
        select(TicketPeriod, Ticket)
        .join(Ticket, Ticket.id == TicketPeriod.ticket_id)
        .where(Ticket.day_id == day_id)
        .order_by(Ticket.id, TicketPeriod.id)
    )
    if ticket_id is not None:
        wanted = wanted.where(Ticket.id == ticket_id)
    rows = await session.execute(wanted)
    return [
        Stay(
            ticket_id=ticket.id,
            number=ticket.label,
            letter=ticket.letter,
            items=tuple(ticket.items),
            priority=ticket.priority,
            state=period.state,
            counter=period.counter,
            began_at=period.began_at,
            ended_at=period.ended_at,
        )
        for period, ticket in rows
    ]


def courses(stays: Iterable[Stay]) -> list[Course]:
    """What each ticket went through; the stays of one ticket stand together, in order."""
    return [_course(list(group)) for _, group in groupby(stays, key=lambda each: each.ticket_id)]


def _course(stays: Sequence[Stay]) -> Course:
    first, last = stays[0], stays[-1]
    serving = [each for each in stays if each.state is TicketState.SERVING]
    started = serving[0].began_at if serving else None
    done = last.began_at if last.state is TicketState.DONE else None
    waits = [
        each
        for each in stays
        if each.state is TicketState.WAITING and started is not None and each.began_at <= started
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
        passes=sum(each.state is TicketState.NO_SHOW for each in stays),
    )


def _sum(stays: Iterable[Stay]) -> dt.timedelta:
    ended = (each.ended_at - each.began_at for each in stays if each.ended_at is not None)
    return sum(ended, NOTHING)


def figures(found: Sequence[Course]) -> Figures:
    """The figures of these tickets."""
    states = Tally(each.state for each in found)
    return Figures(
        taken=len(found),
        waiting=states[TicketState.WAITING],
        served=states[TicketState.DONE],
        no_shows=states[TicketState.NO_SHOW],
        wait=_span([each.waited for each in found if each.waited is not None]),
        service=_span([each.served for each in found if each.served is not None]),
    )


def by_category(found: Sequence[Course]) -> dict[str, Figures]:
    """The figures of each letter that was taken."""
    letters = sorted({each.letter for each in found})
    return {
        letter: figures([each for each in found if each.letter == letter]) for letter in letters
    }


def by_item(found: Sequence[Course]) -> dict[str, Figures]:
    """The figures of each item that somebody came for alone, the most asked for first."""
    alone = [each for each in found if len(each.items) == 1]
    tally = Tally(each.items[0] for each in alone)
    return {
        slug: figures([each for each in alone if each.items[0] == slug])
        for slug, _ in sorted(tally.items(), key=lambda pair: (-pair[1], pair[0]))
    }


def by_hour(found: Sequence[Course], zone: dt.tzinfo | None) -> list[Hour]:
    """Taken and served in each local hour, from the first with anything to the last."""
    taken = Tally(each.taken_at.astimezone(zone).hour for each in found)
    served = Tally(each.done_at.astimezone(zone).hour for each in found if each.done_at)
    hours = {*taken, *served}
    if not hours:
        return []
    waits: dict[int, list[dt.timedelta]] = {}
    for each in found:
        if each.waited is not None:
            waits.setdefault(each.taken_at.astimezone(zone).hour, []).append(each.waited)
    return [
        Hour(each, taken[each], served[each], _span(waits.get(each, ())))
        for each in range(min(hours), max(hours) + 1)
    ]


def _span(times: Sequence[dt.timedelta]) -> Span | None:
    return Span(sum(times, NOTHING) / len(times), max(times)) if times else None
