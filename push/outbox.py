"""待发: rows written in the transaction of an event, and the outbox as the operator sees it."""

from __future__ import annotations

import datetime as dt
import logging
from dataclasses import dataclass, replace
from traceback import extract_tb
from typing import TYPE_CHECKING

from sqlalchemy import func, select
from sqlalchemy.exc import DBAPIError

from domain.errors import StoreUnavailableError
from domain.store import inserting
from domain.unavailable import is_unavailable
from push.endpoints import service_of
from push.errors import EndpointRefusedError
from push.messages import RULES, leads_to
from push.preferences import preferences_of
from push.recipients import OFFICE
from push.subscriptions import of_recipient
from push.tables import (
    IS_WAITING,
    UNREAD,
    WAITING,
    ChannelKind,
    Facts,
    InboxMessage,
    Kind,
    OutboxRow,
    Preferences,
    SendState,
)

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from sqlalchemy.ext.asyncio import AsyncSession

    from push.recipients import Recipient

log = logging.getLogger("lianxin.push")


@dataclass(frozen=True)
class Note:
    """Something to tell: what, about what, and since when."""

    kind: Kind
    # Such as `ticket/17`.
    subject: str
    facts: Facts
    at: dt.datetime


@dataclass(frozen=True)
class Ways:
    """The channels that are set up here, and additional origins for push."""

    channels: frozenset[ChannelKind] = frozenset({ChannelKind.PUSH})
    origins: frozenset[str] = frozenset()


@dataclass(frozen=True)
class _Destination:
    channel: ChannelKind
    service: str
    subscription_id: int = 0


BY_EMAIL = _Destination(ChannelKind.EMAIL, ChannelKind.EMAIL)
BY_WEBHOOK = _Destination(ChannelKind.WEBHOOK, ChannelKind.WEBHOOK)


async def tell(session: AsyncSession, recipient: Recipient, note: Note, ways: Ways) -> bool:
    """Write a message to the inbox and the outbox; False if the person does not want this kind."""
    preferences = await preferences_of(session, recipient)
    if RULES[note.kind].subject in preferences.off:
        return False
    await _put_in_inbox(session, recipient, note)
    await _send_by_first(session, preferences, note, ways, preferences.channels, note.at)
    return True


# A call must stand whatever is wrong with a message about it. On PostgreSQL a text that was too
# long for its column undid every call of a ticket, so that its hall stood still.
# Not taken: a savepoint for each message, which costs every call two statements a follower; and
# writing messages in a transaction of their own, which a crash would lose.
async def tell_all(
    session: AsyncSession, told: Sequence[tuple[Recipient, Note]], ways: Ways
) -> None:
    """Write all messages. One that cannot be written is left out and logged.

    Raises errors of the store.
    """
    if not told:
        return
    try:
        async with session.begin_nested():
            for recipient, note in told:
                await tell(session, recipient, note, ways)
    except Exception as error:
        if is_of_the_store(error):
            raise
    else:
        return
    for recipient, note in told:
        try:
            async with session.begin_nested():
                await tell(session, recipient, note, ways)
        except Exception as error:
            if is_of_the_store(error):
                raise
            why = cause(error)
            log.error("a message of kind %s was left out: %s", note.kind, why)  # noqa: TRY400 - no values


def is_of_the_store(error: Exception) -> bool:
    """Whether an error concerns the whole unit of work: no disk, no connection, a deadlock.

    After some of these SQLite has undone the unit already: what is written then would be kept
    alone.
    """
    if isinstance(error, StoreUnavailableError):
        # A store says so of every error of its database; what it was stands behind it.
        behind = error.__cause__
        return not isinstance(behind, DBAPIError) or is_of_the_store(behind)
    return is_unavailable(error)


def cause(error: Exception) -> str:
    """What went wrong and where, without values: they may be what a person wrote."""
    own = [frame for frame in extract_tb(error.__traceback__) if "/push/" in frame.filename]
    where = f" in {own[-1].name}" if own else ""
    return f"{type(getattr(error, 'orig', None) or error).__name__}{where}"


# An older message on a subject is not true any more, so the inbox holds only the newest unread
# one.
async def _put_in_inbox(session: AsyncSession, recipient: Recipient, note: Note) -> None:
    """Keep one unread message per subject: only the newest is true."""
    values = {
        "kind": note.kind,
        "facts": note.facts,
        "leads_to": leads_to(note.kind, note.facts),
        "created_at": note.at,
    }
    await session.execute(
        inserting(session, InboxMessage)
        .values(values | {"recipient": recipient, "subject": note.subject})
        .on_conflict_do_update(
            index_elements=["recipient", "subject"], index_where=UNREAD, set_=values
        )
    )


async def _send_by_first(  # noqa: PLR0913, PLR0917 - what, who to, by which ways, and when
    session: AsyncSession,
    preferences: Preferences,
    note: Note,
    ways: Ways,
    channels: Sequence[ChannelKind],
    now: dt.datetime,
) -> None:
    """Queue the message for the first of these channels that reaches the person."""
    for channel in channels:
        if channel not in ways.channels:
            continue
        destinations = await _destinations(session, preferences, channel, ways.origins)
        if channel is ChannelKind.WEBHOOK:
            await _put_in_group_chat(session, note, now)
            return
        for destination in destinations:
            await put(session, preferences.recipient, note, destination, now)
        if destinations:
            return


async def _destinations(
    session: AsyncSession,
    preferences: Preferences,
    channel: ChannelKind,
    origins: Collection[str],
) -> list[_Destination]:
    if channel is ChannelKind.EMAIL:
        confirmed = preferences.email is not None and preferences.email_confirmed_at is not None
        return [BY_EMAIL] if confirmed else []
    if channel is ChannelKind.WEBHOOK:
        return [BY_WEBHOOK]
    destinations = []
    for subscription in await of_recipient(session, preferences.recipient):
        try:
            service = service_of(subscription.endpoint, origins)
        except EndpointRefusedError:
            continue
        destinations.append(_Destination(channel, service, subscription.id))
    return destinations


# The chat belongs to no editor: quiet hours, language or a lost role must not decide what all of
# them read. So its row belongs to the office, and names no member of staff.
async def _put_in_group_chat(session: AsyncSession, note: Note, now: dt.datetime) -> None:
    if not await _is_in_group_chat(session, note):
        facts = {name: fact for name, fact in note.facts.items() if name != "staff"}
        await put(session, OFFICE, replace(note, facts=facts), BY_WEBHOOK, now)


async def _is_in_group_chat(session: AsyncSession, note: Note) -> bool:
    """Whether the office's group chat already has this message: it gets one for all staff."""
    there = await session.scalar(
        select(OutboxRow.id).where(
            OutboxRow.channel == ChannelKind.WEBHOOK,
            OutboxRow.subject == note.subject,
            OutboxRow.kind == note.kind,
            OutboxRow.created_at == note.at,
        )
    )
    return there is not None


# A person with a phone and a desktop has two rows, and one browser's trouble is not the other's. A
# unique index over what waits makes a later message on a subject replace an earlier one. A row
# that is replaced loses its lease, so the newer message is sent even if the older was in flight.
async def put(
    session: AsyncSession,
    recipient: Recipient,
    note: Note,
    destination: _Destination,
    now: dt.datetime | None = None,
) -> None:
    """Write a row that lasts from `now` on; it replaces a waiting one on the same subject."""
    key = {
        "recipient": recipient,
        "subject": note.subject,
        "channel": destination.channel,
        "subscription_id": destination.subscription_id,
    }
    values = {"service": destination.service, **unsent(note, now or note.at)}
    await session.execute(
        inserting(session, OutboxRow)
        .values(key | values)
        .on_conflict_do_update(index_elements=list(key), index_where=WAITING, set_=values)
    )


def unsent(note: Note, now: dt.datetime) -> dict[str, object]:
    """The columns of a message that nobody has tried to send, and that lasts from `now` on."""
    return {
        "kind": note.kind,
        "facts": note.facts,
        "created_at": note.at,
        "due_at": now,
        "expires_at": now + RULES[note.kind].lasts,
        "lease_until": None,
        "attempts": 0,
        "state": SendState.WAITING,
        "ended": None,
        "reason": "",
    }


async def has_next(session: AsyncSession, row: OutboxRow, ways: Ways) -> bool:
    """Whether a channel after the row's own reaches the person."""
    preferences = await preferences_of(session, row.recipient)
    for channel in _after(row, preferences, ways):
        if await _destinations(session, preferences, channel, ways.origins):
            return True
    return False


def _after(row: OutboxRow, preferences: Preferences, ways: Ways) -> Sequence[ChannelKind]:
    """The channels that come after the row's own; all, if the person no longer chooses it."""
    rule = RULES.get(row.kind)
    # A letter that asks whether its address is right holds a key for its reader alone.
    if rule is None or rule.subject is None:
        return ()
    chosen = [each for each in preferences.channels if each in ways.channels or each is row.channel]
    return chosen[chosen.index(row.channel) + 1 :] if row.channel in chosen else chosen


async def fall_back(session: AsyncSession, row: OutboxRow, ways: Ways, now: dt.datetime) -> None:
    """After a row ended, use the person's next channel, unless another browser has the message."""
    preferences = await preferences_of(session, row.recipient)
    after = _after(row, preferences, ways)
    if not after or await _is_reached(session, row):
        return
    note = Note(row.kind, row.subject, row.facts, row.created_at)
    # It lasts from now on: a letter that comes late is better than none while what it says is so.
    await _send_by_first(session, preferences, note, ways, after, now)


async def _is_reached(session: AsyncSession, row: OutboxRow) -> bool:
    """Whether another row brought, or will bring, this message or a newer one on its subject."""
    reached = await session.scalar(
        select(OutboxRow.id).where(
            OutboxRow.recipient == row.recipient,
            OutboxRow.subject == row.subject,
            OutboxRow.created_at >= row.created_at,
            OutboxRow.state.in_((SendState.WAITING, SendState.SENT)),
        )
    )
    return reached is not None


# What the operator sees


@dataclass(frozen=True)
class Failure:
    """How many messages of today a service refused for one reason."""

    service: str
    reason: str
    count: int


@dataclass(frozen=True)
class OutboxStatus:
    """发送情况: the outbox as the operator sees it; today's, except for what waits."""

    waiting: int
    # Of those waiting, how many were due a minute ago.
    overdue: int
    # By service.
    sent: dict[str, int]
    stale: int
    failures: tuple[Failure, ...]
    # Services that reject our credentials (401, 403): the operator has to look.
    denied: tuple[str, ...]
    p50: dt.timedelta | None
    # From the event to sending, for messages that quiet hours do not hold back.
    p99: dt.timedelta | None


# The prefix of the reason when a service rejected our credentials.
DENIED = "denied "
A_MINUTE = dt.timedelta(minutes=1)


async def outbox_status(session: AsyncSession, now: dt.datetime) -> OutboxStatus:
    """The outbox now; `now` is aware local time, and today begins at its midnight."""
    today = now.replace(hour=0, minute=0, second=0, microsecond=0)
    counted = func.count()
    rows = await session.execute(
        select(OutboxRow.service, OutboxRow.state, OutboxRow.reason, counted)
        .where(OutboxRow.created_at >= today, ~IS_WAITING)
        .group_by(OutboxRow.service, OutboxRow.state, OutboxRow.reason)
        .order_by(counted.desc(), OutboxRow.service, OutboxRow.reason)
    )
    done = rows.all()
    waiting = select(counted).select_from(OutboxRow).where(IS_WAITING)
    failed = [row for row in done if row.state is SendState.FAILED]
    return OutboxStatus(
        waiting=await session.scalar(waiting) or 0,
        overdue=await session.scalar(waiting.where(OutboxRow.due_at <= now - A_MINUTE)) or 0,
        sent={row.service: row[3] for row in done if row.state is SendState.SENT},
        stale=sum(row[3] for row in done if row.state is SendState.STALE),
        failures=tuple(Failure(row.service, row.reason, row[3]) for row in failed),
        denied=tuple(sorted({row.service for row in failed if row.reason.startswith(DENIED)})),
        p50=await _took(session, today, 0.5),
        p99=await _took(session, today, 0.99),
    )


async def _took(session: AsyncSession, today: dt.datetime, share: float) -> dt.timedelta | None:
    """The time within which this share of today's messages was sent; None if none was."""
    sent = OutboxRow.created_at >= today, OutboxRow.took.is_not(None)
    count = await session.scalar(select(func.count()).select_from(OutboxRow).where(*sent)) or 0
    if not count:
        return None
    at = min(int(count * share), count - 1)
    ordered = select(OutboxRow.took).where(*sent).order_by(OutboxRow.took).offset(at).limit(1)
    return dt.timedelta(milliseconds=(await session.scalars(ordered)).one() or 0)


async def failed(session: AsyncSession, now: dt.datetime, most: int = 100) -> tuple[OutboxRow, ...]:
    """Today's failures, newest first, for the operator to look at and retry."""
    today = now.replace(hour=0, minute=0, second=0, microsecond=0)
    rows = await session.scalars(
        select(OutboxRow)
        .where(OutboxRow.created_at >= today, OutboxRow.state == SendState.FAILED)
        .order_by(OutboxRow.id.desc())
        .limit(most)
    )
    return tuple(rows)


async def retry(session: AsyncSession, row_id: int, now: dt.datetime) -> bool:
    """Send a failed row again, if it is still true then. False if a newer one waits."""
    row = await session.get(OutboxRow, row_id, with_for_update=True)
    # Without facts its key is gone: the person asks for another letter.
    if row is None or row.state is not SendState.FAILED or not row.facts:
        return False
    newer = await session.scalar(
        select(OutboxRow.id).where(
            OutboxRow.recipient == row.recipient,
            OutboxRow.subject == row.subject,
            OutboxRow.channel == row.channel,
            OutboxRow.subscription_id == row.subscription_id,
            OutboxRow.id != row.id,
            OutboxRow.created_at >= row.created_at,
        )
    )
    if newer is not None:
        return False
    row.state, row.ended, row.reason, row.attempts = SendState.WAITING, None, "", 0
    row.due_at, row.expires_at = now, now + RULES[row.kind].lasts
    await session.flush()
    return True
