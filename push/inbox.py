"""收件箱: the messages of a recipient, for the page, and which of them are unread."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import select, update

from push.messages import RULES, worded
from push.outbox import is_of_the_store
from push.tables import Facts, InboxMessage, Kind, Language
from push.truth import Truth

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Collection, Iterable

    from sqlalchemy.ext.asyncio import AsyncSession

    from push.recipients import Recipient

# Messages that are asked whether they are still so: as many as a page shows.
MOST = 50


@dataclass(frozen=True)
class Told:
    """A message of an inbox, as it stands now."""

    id: int
    kind: Kind
    # As they are now, or as they were when it was still so.
    facts: Facts
    leads_to: str
    created_at: dt.datetime
    is_read: bool
    # Whether what it says is still so.
    is_so: bool

    @property
    def is_new(self) -> bool:
        """Whether the badge counts it: what is not so any more is no news."""
        return self.is_so and not self.is_read


# The inbox holds what was told, and a queue moves on: "three ahead" is read long after that person
# was served. So it is asked again when it is shown.
async def messages(
    session: AsyncSession, recipient: Recipient, now: dt.datetime, most: int = MOST
) -> tuple[Told, ...]:
    """The newest messages, the newest first, without those that this version cannot word.

    `now` is aware local time. `push.messages.worded` gives title and body in a language.
    """
    newest = await session.scalars(
        select(InboxMessage)
        .where(InboxMessage.recipient == recipient)
        .order_by(InboxMessage.created_at.desc(), InboxMessage.id.desc())
        .limit(most)
    )
    return await _told(session, newest.all(), now)


async def unread(
    session: AsyncSession, whose: Collection[Recipient], now: dt.datetime
) -> tuple[Told, ...]:
    """The new messages, `MOST` of them: as many as the app's badge says."""
    found = await session.scalars(
        select(InboxMessage)
        .where(InboxMessage.recipient.in_(whose), InboxMessage.read_at.is_(None))
        .order_by(InboxMessage.id.desc())
        .limit(MOST)
    )
    return tuple(each for each in await _told(session, found.all(), now) if each.is_new)


async def _told(
    session: AsyncSession, found: Iterable[InboxMessage], now: dt.datetime
) -> tuple[Told, ...]:
    truth = Truth(session, now)
    readable = [each for each in found if can_be_worded(each)]
    await truth.read(readable)
    return tuple([await _one(truth, each) for each in readable])


async def _one(truth: Truth, message: InboxMessage) -> Told:
    facts = await _facts_now(truth, message)
    return Told(
        message.id,
        message.kind,
        facts or message.facts,
        message.leads_to,
        message.created_at,
        is_read=message.read_at is not None,
        is_so=facts is not None,
    )


async def _facts_now(truth: Truth, message: InboxMessage) -> Facts | None:
    try:
        return await truth.of(message.kind, message.facts)
    except Exception as error:
        # What it is about is gone, or its facts do not say: then it is not so.
        if is_of_the_store(error):
            raise
        return None


# Before a rollback, or by a second server, a later version may have written it.
def can_be_worded(message: InboxMessage) -> bool:
    """Whether this version knows the message's kind, and its facts hold all that its words name."""
    try:
        worded(message.kind, message.facts, Language.CHINESE)
    except (KeyError, ValueError, TypeError, AttributeError):
        return False
    return message.kind in RULES


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
