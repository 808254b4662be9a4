"""The clerks and people at counters that the office removes."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import select, update

from domain.events import record
from domain.queue import seats
from domain.queue.days import QueueChanged
from domain.queue.snapshot import queue_now
from domain.queue.tables import CounterShift, QueueDay, Ticket

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Collection

    from sqlalchemy.ext.asyncio import AsyncSession

    from domain.places.tables import Hall


@dataclass(frozen=True)
class LeftBehind:
    """Clerks and people that a hall's new counters would leave behind at this moment."""

    # Number of the counter, and the full name of the clerk who sits there.
    clerks: tuple[tuple[int, str], ...]
    # Letter of a category that no counter would call any more, and how many people wait for it.
    waiting: tuple[tuple[str, int], ...]


async def left_behind(
    session: AsyncSession,
    hall: Hall,
    counters: Collection[int],
    letters: Collection[str],
    now: dt.datetime,
) -> LeftBehind:
    """Of a hall that has only these counters, and calls only these letters."""
    queue = await queue_now(session, hall, now)
    seated = await seats.seats_of(session, hall.id, now)
    waits = Counter(ticket.category for ticket in queue.waiting)
    return LeftBehind(
        clerks=tuple((at, seat.name) for at, seat in sorted(seated.items()) if at not in counters),
        waiting=tuple((each, waits[each]) for each in sorted(waits) if each not in letters),
    )


async def end_removed_counters(session: AsyncSession, hall: Hall, now: dt.datetime) -> None:
    """Sign clerks off at counters that the hall no longer has.

    The person there is first in line again. Tickets for such a counter go to any.
    """
    numbers = [counter.number for counter in hall.counters]
    for counter, seat in (await seats.seats_of(session, hall.id, now)).items():
        if counter not in numbers:
            await seats.first_in_line(session, seat.shift, now)
    removed = CounterShift.counter.not_in(numbers)
    await seats.end_shifts(session, now, CounterShift.hall_id == hall.id, removed)
    days = select(QueueDay.id).where(QueueDay.hall_id == hall.id, QueueDay.closed_at.is_(None))
    await session.execute(
        update(Ticket)
        .where(Ticket.day_id.in_(days), Ticket.for_counter.not_in(numbers))
        .values(for_counter=None)
    )
    record(session, QueueChanged(hall.id))
    await session.flush()
