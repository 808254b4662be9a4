"""A hall's day: opened by its first number, locked by everything that changes it, closed by hand.

One row stands for a hall's day, and whoever changes the queue holds it first. Within a hall one
thing happens after the other then, which is what a queue is; halls do not wait for each other.
"""

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
from domain.store import INSERTS, dialect_of, fetched

if TYPE_CHECKING:
    import datetime as dt

    from sqlalchemy.ext.asyncio import AsyncSession

    from domain.staff.actor import Actor


@dataclass(frozen=True)
class QueueChanged(Event):
    """Something happened in a hall's queue; whoever shows it looks again."""

    hall_id: int


async def rules_of(session: AsyncSession, hall_id: int) -> QueueRules:
    """The hall's own rules, or the usual ones."""
    own = await session.scalar(select(HallQueue.rules).where(HallQueue.hall_id == hall_id))
    return own or QueueRules()


async def day_of(session: AsyncSession, hall_id: int, day: dt.date) -> QueueDay | None:
    """The hall's day, to look at; None before its first number."""
    found: QueueDay | None = await session.scalar(
        select(QueueDay).where(QueueDay.hall_id == hall_id, QueueDay.day == day)
    )
    return found


class HeldDay(NamedTuple):
    """A hall's day, as whoever holds it needs it."""

    id: int
    closed_at: dt.datetime | None


async def held_day(
    session: AsyncSession, hall_id: int, now: dt.datetime, *, to_take: bool = False
) -> HeldDay:
    """The hall's day of `now` (aware local time), held until this unit of work ends.

    It is made when there is none yet. Raises `QueueClosedError` when numbers are asked for after
    it was closed.
    """
    asked = {"hall_id": hall_id, "day": now.date()}
    found = await fetched(session, _HELD, asked)
    if not found:
        await fetched(session, _OPENED[dialect_of(session)], {**asked, "opened_at": now})
        found = await fetched(session, _HELD, asked)
    day = HeldDay(found[0].id, found[0].closed_at)
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


async def close_day(
    session: AsyncSession, actor: Actor, hall_id: int, community_id: int, now: dt.datetime
) -> int:
    """End a hall's day: what is still open is closed, everybody signs off. How many were open.

    Never by the clock alone: people may sit there whom somebody has to tell. Raises
    `QueueClosedError` when it is closed already.
    """
    day = await held_day(session, hall_id, now, to_take=True)
    unfinished = [each for each in TicketState if each.is_active]
    tickets = (
        await session.scalars(
            select(Ticket).where(Ticket.day_id == day.id, Ticket.state.in_(unfinished))
        )
    ).all()
    for ticket in tickets:
        await enter_state(session, ticket, TicketState.CLOSED, now, staff_id=actor.staff_id)
    shifts = await session.scalars(
        select(CounterShift).where(CounterShift.hall_id == hall_id, CounterShift.ended_at.is_(None))
    )
    for shift in shifts:
        shift.ended_at = now
    closed = {"closed_at": now, "closed_by": actor.staff_id}
    await session.execute(update(QueueDay).where(QueueDay.id == day.id).values(closed))
    if tickets:
        record(session, HallClosesEarly(hall_id, tuple(each.id for each in tickets), now))
    subject = f"queue/{hall_id}/{now.date()}"
    await note(
        session,
        actor,
        "day-closed",
        subject,
        now=now,
        after={"open": [each.label for each in tickets]},
        community_id=community_id,
    )
    return len(tickets)
