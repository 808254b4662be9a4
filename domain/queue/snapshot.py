"""A hall's queue as of now: read in a few queries, whoever looks and however many look.

One event in a hall costs these queries once; every phone's own place is looked up in it.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from sqlalchemy import select

from domain.queue.days import day_of, rules_of
from domain.queue.order import before_each, in_order
from domain.queue.seats import is_sitting
from domain.queue.tables import (
    ACTIVE,
    CounterShift,
    QueueDay,
    QueueRules,
    Ticket,
    TicketCall,
    TicketState,
)

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy.ext.asyncio import AsyncSession

    from domain.places.tables import Hall

RECENT_CALLS = 8


@dataclass(frozen=True)
class Call:
    """One call on the screen; `id` rises, so that a screen says each once."""

    id: int
    number: str
    counter: int
    called_at: dt.datetime
    is_current: bool
    """Whether the person is still being waited for."""


@dataclass(frozen=True)
class Desk:
    """A counter that is staffed: what it calls, whom it has, and whether it pauses."""

    counter: int
    letters: tuple[str, ...]
    pause_reason: str | None
    is_paused: bool
    ticket: Ticket | None
    staff_id: int


@dataclass(frozen=True)
class QueueNow:
    """排队现况: everything that anybody is shown of a hall's queue at one moment."""

    hall_id: int
    now: dt.datetime
    day: QueueDay | None
    rules: QueueRules
    tickets: tuple[Ticket, ...]
    """All that are not over, passed ones with them."""
    desks: tuple[Desk, ...]
    calls: tuple[Call, ...]
    """The newest first."""
    usual: dict[int, tuple[str, ...]]
    """What the hall's counters usually serve, by number."""

    @property
    def is_closed(self) -> bool:
        """Whether staff have closed the day, whatever the clock says."""
        return self.day is not None and self.day.closed_at is not None

    @cached_property
    def waiting(self) -> tuple[Ticket, ...]:
        """Those who wait, the next first."""
        waits = (each for each in self.tickets if each.state is TicketState.WAITING)
        return tuple(in_order(waits, self.rules, self.now))

    @cached_property
    def serving(self) -> dict[int, tuple[str, ...]]:
        """Which counters call what now: those that are staffed, else what is usual."""
        staffed = {each.counter: each.letters for each in self.desks if not each.is_paused}
        return staffed or self.usual

    @cached_property
    def by_id(self) -> dict[int, Ticket]:
        """Each ticket that is not over, by its id."""
        return {each.id: each for each in self.tickets}

    @cached_property
    def _ahead(self) -> dict[int, float]:
        return before_each(self.waiting, self.serving, lambda _: 1)

    def ahead(self, ticket: Ticket) -> int:
        """How many are called before this one by the counters that may call it."""
        return int(self._ahead.get(ticket.id, 0))

    def waiting_for(self, letter: str) -> int:
        """How many wait for a category."""
        return sum(each.category == letter for each in self.waiting)

    def is_sold_out(self, letter: str, given: int) -> bool:
        """Whether the day's numbers of a category are all given."""
        return self.rules.most_a_day is not None and given >= self.rules.most_a_day


async def queue_now(session: AsyncSession, hall: Hall, now: dt.datetime) -> QueueNow:
    """The queue of a hall (loaded with its counters) at `now`, aware local time."""
    day = await day_of(session, hall.id, now.date())
    tickets = await _tickets(session, day)
    shifts = await session.scalars(
        select(CounterShift)
        .where(CounterShift.hall_id == hall.id, is_sitting(now))
        .order_by(CounterShift.counter)
    )
    return QueueNow(
        hall_id=hall.id,
        now=now,
        day=day,
        rules=await rules_of(session, hall.id),
        tickets=tickets,
        desks=tuple(_desk(each, tickets) for each in shifts),
        calls=await _calls(session, day),
        usual={each.number: tuple(each.categories) for each in hall.counters},
    )


async def _tickets(session: AsyncSession, day: QueueDay | None) -> tuple[Ticket, ...]:
    if day is None:
        return ()
    shown = [*ACTIVE, TicketState.NO_SHOW]
    found = await session.scalars(
        select(Ticket).where(Ticket.day_id == day.id, Ticket.state.in_(shown))
    )
    return tuple(found)


def _desk(shift: CounterShift, tickets: Sequence[Ticket]) -> Desk:
    at = next((each for each in tickets if each.counter == shift.counter), None)
    return Desk(
        counter=shift.counter,
        letters=tuple(shift.letters),
        pause_reason=shift.pause_reason,
        is_paused=shift.paused_at is not None,
        ticket=at,
        staff_id=shift.staff_id,
    )


async def _calls(session: AsyncSession, day: QueueDay | None) -> tuple[Call, ...]:
    if day is None:
        return ()
    rows = await session.execute(
        select(TicketCall, Ticket)
        .join(Ticket, Ticket.id == TicketCall.ticket_id)
        .where(TicketCall.day_id == day.id, TicketCall.undone_at.is_(None))
        .order_by(TicketCall.id.desc())
        .limit(RECENT_CALLS)
    )
    return tuple(
        Call(
            id=call.id,
            number=ticket.label,
            counter=call.counter,
            called_at=call.called_at,
            is_current=ticket.state is TicketState.CALLED and ticket.counter == call.counter,
        )
        for call, ticket in rows
    )
