"""A hall's day: opened by its first number, locked by every change, closed by hand."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

from sqlalchemy import bindparam, select, update

from domain.events import Event, record
from domain.queue.errors import QueueClosedError
from domain.queue.happened import HallClosesEarly
from domain.queue.tables import (
    CounterShift,
    HallQueue,
    QueueDay,
    QueueRules,
    Ticket,
    TicketState,
)
from domain.queue.trail import enter_state
from domain.staff.journal import note
from domain.store import INSERTS, dialect_of, execute_core

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Sequence

    from sqlalchemy.ext.asyncio import AsyncSession

    from domain.staff.actor import Actor


@dataclass(frozen=True)
class QueueChanged(Event):
    """The queue of a hall changed; its pages, screens and counters look again."""

    hall_id: int


async def rules_of(session: AsyncSession, hall_id: int) -> QueueRules:
    """The hall's own rules, or the defaults."""
    own = await session.scalar(select(HallQueue.rules).where(HallQueue.hall_id == hall_id))
    return own or QueueRules()


async def day_of(session: AsyncSession, hall_id: int, day: dt.date) -> QueueDay | None:
    """The hall's day without a lock; None before its first number."""
    queue_day: QueueDay | None = await session.scalar(
        select(QueueDay).where(QueueDay.hall_id == hall_id, QueueDay.day == day)
    )
    return queue_day


class HeldDay(NamedTuple):
    """A hall's day, locked until the unit of work ends."""

    id: int
    closed_at: dt.datetime | None


# One row stands for a hall's day, and every change of its queue locks that row first; SQLite's
# single writer has the same effect. So a number is never given twice and a person never called to
# two counters. Halls do not wait for each other.
# Not taken: optimistic updates with retries, which are fast until the morning's rush.
async def held_day(
    session: AsyncSession, hall_id: int, now: dt.datetime, *, to_take: bool = False
) -> HeldDay:
    """Lock the hall's day of `now` (aware local time) until this unit of work ends.

    The day is created if there is none. Raises `QueueClosedError` if `to_take` is set and the day
    is closed.
    """
    asked = {"hall_id": hall_id, "day": now.date()}
    rows = await execute_core(session, _HELD, asked)
    if not rows:
        await execute_core(session, _OPENED[dialect_of(session)], {**asked, "opened_at": now})
        rows = await execute_core(session, _HELD, asked)
    day = HeldDay(rows[0].id, rows[0].closed_at)
    if to_take and day.closed_at is not None:
        raise QueueClosedError(None)
    record(session, QueueChanged(hall_id))
    return day


_HELD = (
    select(QueueDay.id, QueueDay.closed_at)
    .where(QueueDay.hall_id == bindparam("hall_id"), QueueDay.day == bindparam("day"))
    .with_for_update()
)
_OPENED = {name: insert(QueueDay).on_conflict_do_nothing() for name, insert in INSERTS.items()}


# Never by the clock alone: people may be sitting in the hall, and staff have to tell them.
async def close_day(
    session: AsyncSession, actor: Actor, hall_id: int, community_id: int, now: dt.datetime
) -> int:
    """Close the hall's day: close open tickets and sign everyone off. Returns how many were open.

    Raises `QueueClosedError` if it is already closed.
    """
    day = await held_day(session, hall_id, now, to_take=True)
    tickets = await _unfinished_tickets(session, day.id)
    for ticket in tickets:
        await enter_state(session, ticket, TicketState.CLOSED, now, staff_id=actor.staff_id)
    await session.execute(
        update(CounterShift)
        .where(CounterShift.hall_id == hall_id, CounterShift.ended_at.is_(None))
        .values(ended_at=now)
    )
    closed = {"closed_at": now, "closed_by": actor.staff_id}
    await session.execute(update(QueueDay).where(QueueDay.id == day.id).values(closed))
    if tickets:
        record(session, HallClosesEarly(hall_id, tuple(ticket.id for ticket in tickets), now))
    subject = f"queue/{hall_id}/{now.date()}"
    await note(
        session,
        actor,
        "day-closed",
        subject,
        now=now,
        after={"open": [ticket.label for ticket in tickets]},
        community_id=community_id,
    )
    return len(tickets)


async def _unfinished_tickets(session: AsyncSession, day_id: int) -> Sequence[Ticket]:
    unfinished = [state for state in TicketState if state.is_active]
    tickets = await session.scalars(
        select(Ticket).where(Ticket.day_id == day_id, Ticket.state.in_(unfinished))
    )
    return tickets.all()
