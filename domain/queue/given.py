"""What a hall has given on a day: the numbers of each letter, and the ticket of a request."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import select

from domain.queue.tables import QueueNumber, Ticket

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncSession

    from domain.queue.tables import QueueDay


async def given_on(session: AsyncSession, day: QueueDay | None) -> dict[str, int]:
    """The last number given of each letter; nothing before the day's first."""
    if day is None:
        return {}
    found = await session.execute(
        select(QueueNumber.letter, QueueNumber.last).where(QueueNumber.day_id == day.id)
    )
    return {row[0]: row[1] for row in found}


async def taken_with(session: AsyncSession, request_key: str) -> Ticket | None:
    """The ticket that this request has led to already, whatever has closed or run out since."""
    found: Ticket | None = await session.scalar(
        select(Ticket).where(Ticket.request_key == request_key)
    )
    return found
