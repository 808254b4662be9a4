"""How many people wait in each hall of the district: one query for all of them."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from sqlalchemy import and_, func, select

from domain.queue.tables import QueueDay, Ticket, TicketState

if TYPE_CHECKING:
    import datetime as dt

    from sqlalchemy.ext.asyncio import AsyncSession


class HallCount(NamedTuple):
    """The people who wait in a hall, and whether staff have closed its day or stopped numbers."""

    waiting: int
    is_closed: bool
    is_stopped: bool


NOBODY = HallCount(0, is_closed=False, is_stopped=False)


async def counts_of_halls(
    session: AsyncSession, day: dt.date, letter: str = ""
) -> dict[int, HallCount]:
    """The counts by hall, of one category if `letter` is given; none of a hall without a day."""
    waits = and_(Ticket.day_id == QueueDay.id, Ticket.state == TicketState.WAITING)
    if letter:
        waits = and_(waits, Ticket.category == letter)
    marks = QueueDay.closed_at, QueueDay.stopped_at
    rows = await session.execute(
        select(QueueDay.hall_id, func.count(Ticket.id), *marks)
        .outerjoin(Ticket, waits)
        .where(QueueDay.day == day)
        .group_by(QueueDay.id, QueueDay.hall_id, *marks)
    )
    return {
        hall: HallCount(waiting, closed is not None, stopped is not None)
        for hall, waiting, closed, stopped in rows
    }
