"""How many people wait in each hall of the district: one query for all of them."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from sqlalchemy import and_, func, select

from domain.queue.tables import QueueDay, Ticket, TicketState

if TYPE_CHECKING:
    import datetime as dt

    from sqlalchemy.ext.asyncio import AsyncSession


class HallCount(NamedTuple):
    """The people who wait in a hall, and whether staff have closed its day."""

    waiting: int
    is_closed: bool


async def counts_of_halls(
    session: AsyncSession, day: dt.date, letter: str = ""
) -> dict[int, HallCount]:
    """The counts by hall, of one category if `letter` is given; none of a hall without a day."""
    waits = and_(Ticket.day_id == QueueDay.id, Ticket.state == TicketState.WAITING)
    if letter:
        waits = and_(waits, Ticket.category == letter)
    rows = await session.execute(
        select(QueueDay.hall_id, QueueDay.closed_at, func.count(Ticket.id))
        .outerjoin(Ticket, waits)
        .where(QueueDay.day == day)
        .group_by(QueueDay.id, QueueDay.hall_id, QueueDay.closed_at)
    )
    return {hall: HallCount(waiting, closed is not None) for hall, closed, waiting in rows}
