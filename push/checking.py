"""发前: checks claimed rows just before they are sent, in a few queries."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from typing import TYPE_CHECKING, cast

from sqlalchemy import func, select

from push.channels import Address
from push.leases import Ended, Later
from push.messages import RULES, Message, message
from push.outbox import cause, is_of_the_store
from push.preferences import quiet_until
from push.subscriptions import REMOVED
from push.tables import (
    ChannelKind,
    End,
    InboxMessage,
    Kind,
    Language,
    OutboxRow,
    Preferences,
    Subscription,
    metadata,
)
from push.truth import Truth
from push.wanted import why_unwanted

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Sequence

    from sqlalchemy.ext.asyncio import AsyncSession

    from domain.store import Store
    from push.leases import Done
    from push.recipients import Recipient

log = logging.getLogger("lianxin.push")

_subscriptions = metadata.tables[Subscription.__tablename__]


@dataclass(frozen=True)
class Ready:
    """A message that is true and wanted now, with its address."""

    row: OutboxRow
    message: Message
    address: Address
    # How often in a row its service denied messages to it.
    denials: int = 0


# Truth and quiet hours are checked just before sending, for a batch of rows in a few queries; there
# is no second queue in which they could grow old. "Three ahead" becomes "two ahead", or nothing.
async def check(
    session: AsyncSession, rows: Sequence[OutboxRow], now: dt.datetime
) -> list[Ready | Done]:
    """What to do with each claimed row; `now` is aware local time."""
    known = await _Known.read(session, rows)
    truth = Truth(session, now)
    await truth.read(rows)
    return [await _check(row, known, truth, now) for row in rows]


async def check_alone(store: Store, row: OutboxRow, now: dt.datetime) -> Ready | Done:
    """The same for one row. What this version cannot read or check is our fault, and is logged."""
    try:
        async with store.read() as session:
            [checked] = await check(session, [row], now)
    except Exception as error:
        if is_of_the_store(error):
            raise
        why = cause(error)
        log.error("message %s of kind %s cannot be checked: %s", row.id, row.kind, why)  # noqa: TRY400 - no values
        return Ended(row, End.OUR_FAULT, f"unreadable: {why}")
    return checked


@dataclass(frozen=True)
class _Known:
    """What is known of the rows' recipients."""

    preferences: dict[Recipient, Preferences]
    subscriptions: dict[int, Subscription]
    unread: dict[Recipient, int]
    # Why rows are unwanted, by their ids.
    unwanted: dict[int, str]

    @classmethod
    async def read(cls, session: AsyncSession, rows: Sequence[OutboxRow]) -> _Known:
        who = {row.recipient for row in rows}
        at = {row.subscription_id for row in rows if row.subscription_id}
        preferences = await session.scalars(
            select(Preferences).where(Preferences.recipient.in_(who))
        )
        # Plain rows, as in `claim`.
        subscriptions = await session.execute(select(_subscriptions).where(Subscription.id.in_(at)))
        unread = await session.execute(
            select(InboxMessage.recipient, func.count().label("how_many"))
            .where(InboxMessage.recipient.in_(who), InboxMessage.read_at.is_(None))
            .group_by(InboxMessage.recipient)
        )
        return cls(
            {preference.recipient: preference for preference in preferences},
            {found.id: cast("Subscription", found) for found in subscriptions},
            {row.recipient: row.how_many for row in unread},
            await why_unwanted(session, rows),
        )


async def _check(row: OutboxRow, known: _Known, truth: Truth, now: dt.datetime) -> Ready | Done:
    facts = await truth.of(row.kind, row.facts)
    if facts is None:
        return Ended(row, End.UNTRUE, "untrue")
    why = _why_not(row, known)
    if why is not None:
        return Ended(row, End.UNWANTED, why)
    if row.expires_at <= now:
        return Ended(row, End.TOO_LATE, "expired")
    preferences = known.preferences.get(row.recipient)
    if preferences is not None and preferences.says_titles:
        facts = await truth.titled(facts)
    rings = RULES[row.kind].rings_always
    until = None if preferences is None or rings else quiet_until(preferences, now)
    if until is not None:
        return Later(row, until, "quiet hours", counts=False)
    found = _address(row, known)
    if found is None:
        removed = row.reason if row.reason in REMOVED else "gone"
        return Ended(row, End.THEIRS, removed)
    address, language, denials = found
    left = row.expires_at - now
    told = message(row.kind, facts, language, row.recipient, row.subject, left, row.created_at)
    return Ready(row, told, address, denials)


def _why_not(row: OutboxRow, known: _Known) -> str | None:
    """Why the recipient must not get this message, whether or not it is true; None if they may."""
    preferences = known.preferences.get(row.recipient)
    is_off = preferences is not None and RULES[row.kind].subject in preferences.off
    return "unwanted" if is_off else known.unwanted.get(row.id)


def _address(row: OutboxRow, known: _Known) -> tuple[Address, Language, int] | None:
    """Where it goes, in which language, and how often it was denied there.

    None when that is no more, or another's now.
    """
    preferences = known.preferences.get(row.recipient)
    language = Language.CHINESE if preferences is None else preferences.language
    if row.channel is ChannelKind.WEBHOOK:
        return Address(""), language, 0
    if row.channel is ChannelKind.EMAIL:
        # The message that asks whether an address is right is the only one before it is known.
        is_confirmed = preferences is not None and preferences.email_confirmed_at is not None
        may_go = is_confirmed or row.kind is Kind.EMAIL_CHECK
        if preferences is None or not preferences.email or not may_go:
            return None
        return Address(preferences.email, key=preferences.email_stop_key or ""), language, 0
    found = known.subscriptions.get(row.subscription_id)
    if found is None or found.recipient != row.recipient:
        return None
    unread = known.unread.get(row.recipient, 0)
    address = Address(found.endpoint, found.p256dh, found.auth, found.key, unread)
    return address, found.language, found.failures
