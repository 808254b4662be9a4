"""看过: messages of an inbox that somebody opened, one by one or by the page they led to."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import select, update

from push.tables import InboxMessage

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Collection

    from sqlalchemy.ext.asyncio import AsyncSession

    from push.recipients import Recipient


async def open_message(
    session: AsyncSession, whose: Collection[Recipient], message_id: int, now: dt.datetime
) -> str | None:
    """Mark one message as read; the page it leads to. None when it is nobody's of these."""
    found = await session.scalar(
        select(InboxMessage).where(InboxMessage.id == message_id, InboxMessage.recipient.in_(whose))
    )
    if found is None:
        return None
    found.read_at = found.read_at or now
    await session.flush()
    return found.leads_to


async def page_opened(
    session: AsyncSession, whose: Collection[Recipient], path: str, now: dt.datetime
) -> None:
    """Whoever is on the page that messages lead to has read them."""
    await session.execute(
        update(InboxMessage)
        .where(
            InboxMessage.recipient.in_(whose),
            InboxMessage.leads_to == path,
            InboxMessage.read_at.is_(None),
        )
        .values(read_at=now)
    )
