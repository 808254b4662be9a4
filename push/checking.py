"""发前: checks claimed rows just before they are sent, in a few queries."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import func, select

from domain.staff.tables import StaffMember
from push.channels import Address
from push.leases import Done
from push.messages import RULES, Message, message
from push.preferences import quiet_until
from push.recipients import staff, staff_id
from push.tables import (
    ChannelKind,
    InboxMessage,
    Kind,
    Language,
    OutboxRow,
    Preferences,
    SendState,
    Subscription,
)
from push.truth import Truth

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Sequence

    from sqlalchemy.ext.asyncio import AsyncSession

    from push.recipients import Recipient


@dataclass(frozen=True)
class Ready:
    """A message that is true and wanted now, with its address."""

    row: OutboxRow
    message: Message
    address: Address


# Truth and quiet hours are checked just before sending, for up to sixteen rows in a few queries;
# there is no second queue in which they could grow old. "Three ahead" becomes "two ahead", or
# nothing.
async def check(
    session: AsyncSession, rows: Sequence[OutboxRow], now: dt.datetime
) -> list[Ready | Done]:
    """What to do with each claimed row; `now` is aware local time."""
    known = await _Known.read(session, rows)
    truth = Truth(session, now)
    return [await _check(row, known, truth, now) for row in rows]


@dataclass(frozen=True)
class _Known:
    """What is known of the rows' recipients."""

    preferences: dict[Recipient, Preferences]
    subscriptions: dict[int, Subscription]
    unread: dict[Recipient, int]
    # Staff who no longer work here.
    left: set[Recipient]

    @classmethod
    async def read(cls, session: AsyncSession, rows: Sequence[OutboxRow]) -> _Known:
        who = {row.recipient for row in rows}
        at = {row.subscription_id for row in rows if row.subscription_id}
        preferences = await session.scalars(
            select(Preferences).where(Preferences.recipient.in_(who))
        )
        subscriptions = await session.scalars(select(Subscription).where(Subscription.id.in_(at)))
        unread = await session.execute(
            select(InboxMessage.recipient, func.count().label("how_many"))
            .where(InboxMessage.recipient.in_(who), InboxMessage.read_at.is_(None))
            .group_by(InboxMessage.recipient)
        )
        return cls(
            {preference.recipient: preference for preference in preferences},
            {subscription.id: subscription for subscription in subscriptions},
            {row.recipient: row.how_many for row in unread},
            await _left(session, who),
        )


async def _left(session: AsyncSession, who: set[Recipient]) -> set[Recipient]:
    asked = [number for recipient in who if (number := staff_id(recipient)) is not None]
    if not asked:
        return set()
    ended = select(StaffMember.id).where(
        StaffMember.id.in_(asked), StaffMember.ended_at.is_not(None)
    )
    return {staff(number) for number in await session.scalars(ended)}


async def _check(row: OutboxRow, known: _Known, truth: Truth, now: dt.datetime) -> Ready | Done:
    why = _why_not(row, known, now)
    if why is not None:
        return Done(row, SendState.STALE, why)
    facts = await truth.of(row.kind, row.facts)
    if facts is None:
        return Done(row, SendState.STALE, "untrue")
    preferences = known.preferences.get(row.recipient)
    if preferences is not None and preferences.says_titles:
        facts = await truth.titled(facts)
    rings = RULES[row.kind].rings_always
    until = None if preferences is None or rings else quiet_until(preferences, now)
    if until is not None:
        return Done(row, SendState.WAITING, "quiet hours", due_at=until, counts=False)
    found = _address(row, known)
    if found is None:
        return Done(row, SendState.FAILED, "gone")
    address, language = found
    left = row.expires_at - now
    told = message(row.kind, facts, language, row.recipient, row.subject, left, row.created_at)
    return Ready(row, told, address)


def _why_not(row: OutboxRow, known: _Known, now: dt.datetime) -> str | None:
    """Why the recipient must not get this message, whether or not it is true; None if they may."""
    if row.expires_at <= now:
        return "expired"
    if row.recipient in known.left:
        return "left the office"
    preferences = known.preferences.get(row.recipient)
    is_off = preferences is not None and RULES[row.kind].subject in preferences.off
    return "unwanted" if is_off else None


def _address(row: OutboxRow, known: _Known) -> tuple[Address, Language] | None:
    """Where it goes and in which language; None when that is no more, or another's now."""
    preferences = known.preferences.get(row.recipient)
    language = Language.CHINESE if preferences is None else preferences.language
    if row.channel is ChannelKind.WEBHOOK:
        return Address(""), language
    if row.channel is ChannelKind.EMAIL:
        # The message that asks whether an address is right is the only one before it is known.
        is_confirmed = preferences is not None and preferences.email_confirmed_at is not None
        may_go = is_confirmed or row.kind is Kind.EMAIL_CHECK
        if preferences is None or not preferences.email or not may_go:
            return None
        return Address(preferences.email, key=preferences.email_stop_key or ""), language
    found = known.subscriptions.get(row.subscription_id)
    if found is None or found.recipient != row.recipient:
        return None
    unread = known.unread.get(row.recipient, 0)
    address = Address(found.endpoint, found.p256dh, found.auth, found.key, unread)
    return address, found.language
