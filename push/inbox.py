"""收件箱: the messages of a recipient, for the page, and how many are unread."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import select, update

from push.tables import InboxMessage

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Collection

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


async def unread(session: AsyncSession, whose: Collection[Recipient]) -> tuple[InboxMessage, ...]:
    """The unread messages: as many as the app's badge says."""
    found = await session.scalars(
        select(InboxMessage).where(
            InboxMessage.recipient.in_(whose), InboxMessage.read_at.is_(None)
        )
    )
    return tuple(found)


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
