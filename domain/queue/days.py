"""A hall's day: opened by its first number, locked by everything that changes it, closed by hand.

One row stands for a hall's day, and whoever changes the queue holds it first. Within a hall one
thing happens after the other then, which is what a queue is; halls do not wait for each other.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import select
from sqlalchemy.dialects import postgresql, sqlite

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
from domain.queue.trail import moved_to
from domain.staff.journal import note

if TYPE_CHECKING:
    import datetime as dt
    from typing import Any

    from sqlalchemy.ext.asyncio import AsyncSession

    from domain.staff.acting import Actor


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


async def held_day(
    session: AsyncSession, hall_id: int, now: dt.datetime, *, to_take: bool = False
) -> QueueDay:
    """The hall's day of `now` (aware local time), held until this unit of work ends.

    It is made when there is none yet. Raises `QueueClosedError` when numbers are asked for after
    it was closed.
    """
    found = await _select_held(session, hall_id, now.date())
    if found is None:
        values = {"hall_id": hall_id, "day": now.date(), "opened_at": now}
        await session.execute(inserting(session, QueueDay).values(values).on_conflict_do_nothing())
        found = await _select_held(session, hall_id, now.date())
    if found is None:  # pragma: no cover
        raise AssertionError
    if to_take and found.closed_at is not None:
        raise QueueClosedError(None)
    record(session, QueueChanged(hall_id))
    return found


async def _select_held(session: AsyncSession, hall_id: int, day: dt.date) -> QueueDay | None:
    held = select(QueueDay).where(QueueDay.hall_id == hall_id, QueueDay.day == day)
    found: QueueDay | None = await session.scalar(held.with_for_update())
    return found


def inserting(session: AsyncSession, table: Any) -> Any:
    """An INSERT that can leave a row alone that is there already."""
    is_postgresql = session.get_bind().dialect.name == "postgresql"
    return (postgresql if is_postgresql else sqlite).insert(table)


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
        await moved_to(session, ticket, TicketState.CLOSED, now, staff_id=actor.staff_id)
    shifts = await session.scalars(
        select(CounterShift).where(CounterShift.hall_id == hall_id, CounterShift.ended_at.is_(None))
    )
    for shift in shifts:
        shift.ended_at = now
    day.closed_at, day.closed_by = now, actor.staff_id
    if tickets:
        record(session, HallClosesEarly(hall_id, tuple(each.id for each in tickets), now))
    subject = f"queue/{hall_id}/{day.day}"
    await note(
        session,
        actor,
        "day-closed",
        subject,
        now=now,
        after={"open": [each.shown for each in tickets]},
        community_id=community_id,
    )
    return len(tickets)
