"""保存期限: what links a number to somebody's phone is erased after some days; figures stay.

A day is erased as a whole and says so, so that years of old days are never looked at again.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import select, update

from domain.queue.tables import QueueDay, Ticket

if TYPE_CHECKING:
    import datetime as dt

    from sqlalchemy.ext.asyncio import AsyncSession

NOTHING: tuple[str, ...] = ()


async def erase_links(session: AsyncSession, before: dt.date, now: dt.datetime) -> bool:
    """Erase one hall's day before `before`; False when none is left to erase.

    Gone then: which device took a number and by which form, the documents its person had with
    them, and what they were told is missing. What stays says when things happened, not to whom.
    One day a unit of work, so that nobody waits behind it for long.
    """
    day = await session.scalar(
        select(QueueDay)
        .where(QueueDay.day < before, QueueDay.erased_at.is_(None))
        .order_by(QueueDay.day, QueueDay.id)
        .limit(1)
        .with_for_update(skip_locked=True)
    )
    if day is None:
        return False
    await session.execute(
        update(Ticket)
        .where(Ticket.day_id == day.id)
        .values(device_hash=None, request_key=None, brought=NOTHING, missing=NOTHING)
    )
    day.erased_at = now
    return True
