"""保存期限: after some days, erases what links a number to a phone; figures stay."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import select, update

from domain.queue.tables import QueueDay, Ticket

if TYPE_CHECKING:
    import datetime as dt

    from sqlalchemy.ext.asyncio import AsyncSession

NOTHING: tuple[str, ...] = ()


# A day is erased as a whole and says so, under an index of the days that were not erased, so years
# of old days are never looked at again.
async def erase_links(session: AsyncSession, before: dt.date, now: dt.datetime) -> bool:
    """Erase the links of one hall's day before `before`; False if none is left.

    Erases which device took each number, with which form and after which number of an earlier day,
    the documents its holder had, and what they were told is missing. What stays says when things
    happened, not to which person. One day per unit of work, so that nobody waits behind it for
    long.
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
        .values(
            device_hash=None,
            request_key=None,
            brought=NOTHING,
            missing=NOTHING,
            left_id=None,
            refused_priority=None,
        )
    )
    day.erased_at = now
    return True
