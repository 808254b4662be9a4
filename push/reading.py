"""看过: messages that a recipient opened, one by one or by the page they lead to."""

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
    """Mark a message as read; returns the path of its page, or None if it is not theirs."""
    found = await session.scalar(
        select(InboxMessage).where(InboxMessage.id == message_id, InboxMessage.recipient.in_(whose))
    )
    if found is None:
        return None
    found.read_at = found.read_at or now
    await session.flush()
    return found.leads_to


# A message leads to the page that shows the truth; being on that page is having read it, however
# the person got there.
# Not taken: a number in the notification, which the page itself does not know.
async def page_opened(
    session: AsyncSession, whose: Collection[Recipient], path: str, now: dt.datetime
) -> None:
    """Mark the messages that lead to this page as read."""
    await session.execute(
        update(InboxMessage)
        .where(
            InboxMessage.recipient.in_(whose),
            InboxMessage.leads_to == path,
            InboxMessage.read_at.is_(None),
        )
        .values(read_at=now)
    )
