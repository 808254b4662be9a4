"""A hall's queue now: read with a few queries, however many pages show it."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING

from sqlalchemy import or_, select

from domain.queue.days import day_of, rules_of
from domain.queue.order import before_each, beside, in_order, may_call
from domain.queue.seats import is_sitting, left_over
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

# How many calls a screen shows, and for how long it still announces one: none of that time is left
# out, however many counters call.
RECENT_CALLS, ANNOUNCED = 8, dt.timedelta(minutes=1)


@dataclass(frozen=True)
class Call:
    """A call on the screen. `id` rises, so a screen announces each call once."""

    id: int
    number: str
    counter: int
    called_at: dt.datetime
    # Whether the hall still waits for the person.
    is_current: bool


@dataclass(frozen=True)
class Desk:
    """A staffed counter: what it calls, who is there, and whether it is paused."""

    counter: int
    letters: tuple[str, ...]
    pause_reason: str | None
    is_paused: bool
    ticket: Ticket | None
    staff_id: int
    paused_at: dt.datetime | None = None
    # When the clerk means to be back; None if they did not say.
    back_at: dt.datetime | None = None


@dataclass(frozen=True)
class QueueNow:
    """排队现况: everything that is shown of a hall's queue at one moment."""

    hall_id: int
    now: dt.datetime
    day: QueueDay | None
    rules: QueueRules
    # Every ticket that is not over, missed ones included.
    tickets: tuple[Ticket, ...]
    desks: tuple[Desk, ...]
    # Newest first.
    calls: tuple[Call, ...]
    # What the hall's counters serve by default, by number.
    usual: dict[int, tuple[str, ...]]

    def at(self, now: dt.datetime) -> QueueNow:
        """The same rows at a later moment of the day."""
        calls = tuple(
            call
            for place, call in enumerate(self.calls)
            if place < RECENT_CALLS or call.called_at >= now - ANNOUNCED
        )
        return replace(self, now=now, calls=calls)

    @property
    def is_closed(self) -> bool:
        """Whether staff have closed the day, whatever the clock says."""
        return self.day is not None and self.day.closed_at is not None

    @property
    def is_stopped(self) -> bool:
        """Whether no new numbers are given, while those who wait are still called."""
        return self.day is not None and self.day.stopped_at is not None and not self.is_closed

    @cached_property
    def waiting(self) -> tuple[Ticket, ...]:
        """The waiting tickets, the next first."""
        waits = (ticket for ticket in self.tickets if ticket.state is TicketState.WAITING)
        return tuple(in_order(waits, self.rules, self.now))

    @cached_property
    def serving(self) -> dict[int, tuple[str, ...]]:
        """What each counter calls now: staffed counters, or the defaults if none is staffed."""
        staffed = {desk.counter: desk.letters for desk in self.desks if not desk.is_paused}
        return staffed or self.usual

    def is_called(self, ticket_or_letter: Ticket | str) -> bool:
        """Whether a staffed counter that is not paused calls this ticket, or this letter, now."""
        desks = (desk for desk in self.desks if not desk.is_paused)
        if isinstance(ticket_or_letter, str):
            return any(ticket_or_letter in desk.letters for desk in desks)
        ticket = ticket_or_letter
        return any(self.may_call(ticket, desk.counter, desk.letters) for desk in desks)

    def may_call(self, ticket: Ticket, counter: int, letters: Sequence[str]) -> bool:
        """Whether a counter that calls these letters may call this ticket now."""
        seats = {desk.counter for desk in self.desks}
        return may_call(ticket, counter, letters, seats, self.rules, self.now)

    @cached_property
    def _devices_at_counters(self) -> set[str]:
        return {each.device_hash for each in self.tickets if each.counter and each.device_hash}

    def is_elsewhere(self, ticket: Ticket) -> bool:
        """Whether the person who waits with this ticket is at a counter with another one."""
        return ticket.counter is None and ticket.device_hash in self._devices_at_counters

    @cached_property
    def by_id(self) -> dict[int, Ticket]:
        return {ticket.id: ticket for ticket in self.tickets}

    @cached_property
    def _ahead(self) -> dict[int, float]:
        return before_each(self.waiting, self.serving, lambda _: 1)

    def ahead(self, ticket: Ticket) -> int:
        """How many tickets are called before this one by counters that may call it."""
        return int(self._ahead.get(ticket.id, 0))

    def beside(self, ticket: Ticket) -> list[Ticket]:
        """The other waiting tickets that a counter which calls this one calls too, in order."""
        return beside(ticket, self.waiting, self.serving)

    def waiting_for(self, letter: str) -> int:
        return sum(ticket.category == letter for ticket in self.waiting)

    def is_sold_out(self, letter: str, given: int) -> bool:
        """Whether all of today's numbers of a category are given."""
        return self.rules.most_a_day is not None and given >= self.rules.most_a_day


def usual_of(hall: Hall) -> dict[int, tuple[str, ...]]:
    """What each counter serves by default, by number."""
    return {counter.number: tuple(counter.categories) for counter in hall.counters}


# A few queries per hall, not per phone: every page looks its own ticket up in the snapshot, so a
# crowd in front of the screen costs the store nothing more.
async def queue_now(session: AsyncSession, hall: Hall, now: dt.datetime) -> QueueNow:
    """The queue of a hall (loaded with its counters) at `now`, aware local time."""
    day = await day_of(session, hall.id, now.date())
    tickets = *await _tickets(session, day), *await left_over(session, hall.id, now)
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
        desks=tuple(_desk(shift, tickets) for shift in shifts),
        calls=await _calls(session, day, now),
        usual=usual_of(hall),
    )


async def _tickets(session: AsyncSession, day: QueueDay | None) -> tuple[Ticket, ...]:
    if day is None:
        return ()
    shown = [*ACTIVE, TicketState.NO_SHOW]
    tickets = await session.scalars(
        select(Ticket).where(Ticket.day_id == day.id, Ticket.state.in_(shown)).order_by(Ticket.id)
    )
    return tuple(tickets)


def _desk(shift: CounterShift, tickets: Sequence[Ticket]) -> Desk:
    at = next((ticket for ticket in tickets if ticket.counter == shift.counter), None)
    return Desk(
        counter=shift.counter,
        letters=tuple(shift.letters),
        pause_reason=shift.pause_reason,
        is_paused=shift.paused_at is not None,
        ticket=at,
        staff_id=shift.staff_id,
        paused_at=shift.paused_at,
        back_at=shift.back_at,
    )


async def _calls(session: AsyncSession, day: QueueDay | None, now: dt.datetime) -> tuple[Call, ...]:
    if day is None:
        return ()
    is_told = TicketCall.day_id == day.id, TicketCall.undone_at.is_(None)
    newest = select(TicketCall.id).where(*is_told).order_by(TicketCall.id.desc())
    is_fresh = TicketCall.called_at >= now.astimezone(dt.UTC) - ANNOUNCED
    rows = await session.execute(
        select(TicketCall, Ticket)
        .join(Ticket, Ticket.id == TicketCall.ticket_id)
        .where(*is_told, or_(TicketCall.id.in_(newest.limit(RECENT_CALLS)), is_fresh))
        .order_by(TicketCall.id.desc())
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
