"""A hall's day: opened by its first number, locked by every change, closed by hand."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

from sqlalchemy import bindparam, func, select, update

from domain.events import SIGNALS, Event, record
from domain.queue.errors import QueueClosedError, TooLateError
from domain.queue.happened import HallClosesEarly, TicketRequeued
from domain.queue.tables import (
    ACTIVE,
    CounterShift,
    HallQueue,
    QueueDay,
    QueueRules,
    Ticket,
    TicketState,
)
from domain.queue.trail import enter_state, state_before
from domain.queue.versions import raise_version
from domain.staff.journal import note
from domain.store import INSERTS, dialect_of, execute_core

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from sqlalchemy.ext.asyncio import AsyncSession

    from domain.staff.actor import Actor


# How long a day closed by mistake can be reopened.
REOPEN = dt.timedelta(hours=1)


@dataclass(frozen=True)
class QueueChanged(Event):
    """The queue of a hall changed; its pages, screens and counters look again."""

    hall_id: int

    @property
    def signal(self) -> str:
        return f"hall/{self.hall_id}"

    async def keep(self, session: AsyncSession) -> None:
        """Raise the hall's version: no snapshot from before is true any more."""
        await raise_version(session, self.hall_id)


SIGNALS["hall"] = lambda number: QueueChanged(int(number))


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
    stopped_at: dt.datetime | None


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
    day = HeldDay(rows[0].id, rows[0].closed_at, rows[0].stopped_at)
    if to_take and day.closed_at is not None:
        raise QueueClosedError(None)
    record(session, QueueChanged(hall_id))
    return day


_HELD = (
    select(QueueDay.id, QueueDay.closed_at, QueueDay.stopped_at)
    .where(QueueDay.hall_id == bindparam("hall_id"), QueueDay.day == bindparam("day"))
    .with_for_update()
)
_OPENED = {name: insert(QueueDay).on_conflict_do_nothing() for name, insert in INSERTS.items()}


async def stop_numbers(
    session: AsyncSession, actor: Actor, hall_id: int, community_id: int, now: dt.datetime
) -> None:
    """停止发号: give no new numbers today, and go on calling those who wait.

    Raises `QueueClosedError` if the day is closed.
    """
    day = await held_day(session, hall_id, now, to_take=True)
    if day.stopped_at is None:
        tickets = await unfinished_tickets(session, day.id)
        await _set_stopped(session, day, now, actor.staff_id)
        today = now.date()
        await _note(session, actor, "numbers-stopped", hall_id, community_id, today, tickets, now)


async def give_numbers_again(
    session: AsyncSession, actor: Actor, hall_id: int, community_id: int, now: dt.datetime
) -> None:
    """Take `stop_numbers` back. Raises `QueueClosedError` if the day is closed."""
    day = await held_day(session, hall_id, now, to_take=True)
    if day.stopped_at is not None:
        tickets = await unfinished_tickets(session, day.id)
        await _set_stopped(session, day, None, None)
        today = now.date()
        await _note(session, actor, "numbers-resumed", hall_id, community_id, today, tickets, now)


async def _set_stopped(
    session: AsyncSession, day: HeldDay, at: dt.datetime | None, by: int | None
) -> None:
    stopped = {"stopped_at": at, "stopped_by": by}
    await session.execute(update(QueueDay).where(QueueDay.id == day.id).values(stopped))


# Never by the clock alone: people may be sitting in the hall, and staff have to tell them. So a day
# can stay open, and is closed later by its date.
async def close_day(  # noqa: PLR0913, PLR0917 - who closes which hall's day, and when
    session: AsyncSession,
    actor: Actor,
    hall_id: int,
    community_id: int,
    now: dt.datetime,
    day: dt.date | None = None,
) -> int:
    """Close the hall's day: close open tickets and sign everyone off. Returns how many were open.

    The day is that of `now`, or an earlier one. Raises `QueueClosedError` if it is already closed,
    or an earlier one never began.
    """
    is_over = day is not None and day < now.date()
    end = dt.datetime.combine(day, dt.time.max, now.tzinfo) if day and is_over else now
    if is_over and await day_of(session, hall_id, end.date()) is None:
        raise QueueClosedError(None)
    held = await held_day(session, hall_id, end, to_take=True)
    tickets = await unfinished_tickets(session, held.id)
    for ticket in tickets:
        await enter_state(session, ticket, TicketState.CLOSED, now, staff_id=actor.staff_id)
    await session.execute(
        update(CounterShift)
        .where(
            CounterShift.hall_id == hall_id,
            CounterShift.ended_at.is_(None),
            CounterShift.began_at <= end,
        )
        .values(ended_at=now)
    )
    await _set_closed(session, held, now, actor.staff_id)
    # The message says that nobody is called today any more.
    if tickets and not is_over:
        record(session, HallClosesEarly(hall_id, tuple(ticket.id for ticket in tickets), now))
    await _note(session, actor, "day-closed", hall_id, community_id, end.date(), tickets, now)
    return len(tickets)


async def reopen_day(
    session: AsyncSession, actor: Actor, hall_id: int, community_id: int, now: dt.datetime
) -> int:
    """Take today's closing back. Returns how many people the day has again.

    They wait in their places; those on hold stay on hold. Clerks sign on again. An open day
    stays as it is. Raises `TooLateError` after `REOPEN`.
    """
    held = await held_day(session, hall_id, now)
    if held.closed_at is None:
        return 0
    if now - held.closed_at > REOPEN:
        raise TooLateError
    tickets = await _tickets_in(session, held.id, {TicketState.CLOSED})
    for ticket in tickets:
        await _take_up(session, ticket, now, actor.staff_id)
    await _set_closed(session, held, None, None)
    await _note(session, actor, "day-reopened", hall_id, community_id, now.date(), tickets, now)
    return len(tickets)


async def _take_up(
    session: AsyncSession, ticket: Ticket, now: dt.datetime, staff_id: int | None
) -> None:
    """Give a closed ticket its state back; who was at a counter waits, in the old place."""
    was_held = await state_before(session, ticket.id) is TicketState.ON_HOLD
    state = TicketState.ON_HOLD if was_held else TicketState.WAITING
    await enter_state(session, ticket, state, now, staff_id=staff_id, reason="reopened")
    if not was_held:
        record(session, TicketRequeued(ticket.id, now))


async def _set_closed(
    session: AsyncSession, day: HeldDay, at: dt.datetime | None, by: int | None
) -> None:
    closed = {"closed_at": at, "closed_by": by}
    await session.execute(update(QueueDay).where(QueueDay.id == day.id).values(closed))


async def _note(  # noqa: PLR0913, PLR0917 - everything the entry says
    session: AsyncSession,
    actor: Actor,
    action: str,
    hall_id: int,
    community_id: int,
    day: dt.date,
    tickets: Sequence[Ticket],
    now: dt.datetime,
) -> None:
    await note(
        session,
        actor,
        action,
        f"queue/{hall_id}/{day}",
        now=now,
        after={"open": [ticket.label for ticket in tickets]},
        community_id=community_id,
    )


async def unfinished_tickets(session: AsyncSession, day_id: int) -> Sequence[Ticket]:
    """The tickets that a day still owes something, in the order of taking."""
    return await _tickets_in(session, day_id, ACTIVE)


async def _tickets_in(
    session: AsyncSession, day_id: int, states: Collection[TicketState]
) -> Sequence[Ticket]:
    tickets = await session.scalars(
        select(Ticket).where(Ticket.day_id == day_id, Ticket.state.in_(states)).order_by(Ticket.id)
    )
    return tickets.all()


async def days_left_open(
    session: AsyncSession, hall_id: int, today: dt.date
) -> list[tuple[dt.date, int]]:
    """The days before `today` that nobody closed, each with how many tickets it still owes.

    The earliest first. A day that owes nothing is not among them.
    """
    rows = await session.execute(
        select(QueueDay.day, func.count())
        .join(Ticket, Ticket.day_id == QueueDay.id)
        .where(
            QueueDay.hall_id == hall_id,
            QueueDay.day < today,
            QueueDay.closed_at.is_(None),
            Ticket.state.in_(ACTIVE),
        )
        .group_by(QueueDay.day)
        .order_by(QueueDay.day)
    )
    return [(day, count) for day, count in rows]
