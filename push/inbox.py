"""收件箱: the messages of a recipient, for the page, and how many are unread."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import func, select, update

from push.tables import InboxMessage

if TYPE_CHECKING:
    import datetime as dt

    from sqlalchemy.ext.asyncio import AsyncSession

    from push.recipients import Recipient


async def messages(
    session: AsyncSession, recipient: Recipient, most: int = 50
) -> tuple[InboxMessage, ...]:
    """The messages, newest first. `push.messages.worded` gives title and body in a language."""
    newest = await session.scalars(
        select(InboxMessage)
        .where(InboxMessage.recipient == recipient)
        .order_by(InboxMessage.created_at.desc(), InboxMessage.id.desc())
        .limit(most)
    )
    return tuple(newest)


async def unread(session: AsyncSession, recipient: Recipient) -> int:
    """The number of unread messages, for the app's badge."""
    counted = select(func.count()).where(
        InboxMessage.recipient == recipient, InboxMessage.read_at.is_(None)
    )
    return await session.scalar(counted) or 0


async def read(
    session: AsyncSession, recipient: Recipient, now: dt.datetime, up_to: int | None = None
) -> None:
    """Mark all messages as read, or those up to the message `up_to`."""
    new = update(InboxMessage).where(
        InboxMessage.recipient == recipient, InboxMessage.read_at.is_(None)
    )
    if up_to is not None:
        new = new.where(InboxMessage.id <= up_to)
    await session.execute(new.values(read_at=now))
