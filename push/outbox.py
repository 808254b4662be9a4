"""待发: rows written in the transaction of what happened, and what the operator sees of them.

One row is one message to one destination. A later word on the same subject takes the place of
one that was not sent yet; whoever sends holds a lease, and a row that was replaced meanwhile has
lost its lease, so that the newer word is sent as well.
"""

from __future__ import annotations

import datetime as dt
import logging
from dataclasses import dataclass
from traceback import extract_tb
from typing import TYPE_CHECKING

from sqlalchemy import func, select
from sqlalchemy.exc import DBAPIError, InterfaceError, OperationalError

from domain.store import RETRYABLE, inserting
from push.endpoints import service_of
from push.errors import EndpointRefusedError
from push.messages import RULES, leads_to
from push.preferences import preferences_of
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
    """Something to be told: what, about what, and since when it is so."""

    kind: Kind
    subject: str
    """Such as `ticket/17`."""
    facts: Facts
    at: dt.datetime


@dataclass(frozen=True)
class Ways:
    """The channels that are set up here, and further origins that may be pushed to."""

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
    """Put a message into somebody's inbox and on its way; False if they do not want such."""
    preferences = await preferences_of(session, recipient)
    if RULES[note.kind].subject in preferences.off:
        return False
    await _put_in_inbox(session, recipient, note)
    await _send_by_first(session, preferences, note, ways, preferences.channels)
    return True


# A call must stand whatever is wrong with a message about it. On PostgreSQL a text that was too
# long for its column undid every call of a ticket, so that its hall stood still.
# Not taken: a savepoint for each message, which costs every call two statements a follower; and
# writing messages in a transaction of their own, which a crash would lose.
async def tell_all(
    session: AsyncSession, told: Sequence[tuple[Recipient, Note]], ways: Ways
) -> None:
    """Tell everybody. A message that cannot be written is left out and logged.

    Raises what says that the store itself does not write.
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
    """Whether it concerns the whole unit of work: no disk, no connection, a deadlock.

    After some of these SQLite has undone the unit already: what is written then would be kept
    alone.
    """
    if not isinstance(error, DBAPIError):
        return False
    is_to_be_tried_again = getattr(error.orig, "sqlstate", None) in RETRYABLE
    is_lost = isinstance(error, (OperationalError, InterfaceError)) or error.connection_invalidated
    return is_lost or is_to_be_tried_again


def cause(error: Exception) -> str:
    """What went wrong and where, without the values: they may be what somebody wrote."""
    own = [each for each in extract_tb(error.__traceback__) if "/push/" in each.filename]
    where = f" in {own[-1].name}" if own else ""
    return f"{type(getattr(error, 'orig', None) or error).__name__}{where}"


async def _put_in_inbox(session: AsyncSession, recipient: Recipient, note: Note) -> None:
    """One unread message a subject: what is no longer the newest need not be read."""
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


async def _send_by_first(
    session: AsyncSession,
    preferences: Preferences,
    note: Note,
    ways: Ways,
    channels: Sequence[ChannelKind],
) -> None:
    """Queue for the first of these channels by which the person can be reached."""
    for channel in channels:
        if channel not in ways.channels:
            continue
        found = await _destinations(session, preferences, channel, ways.origins)
        if channel is ChannelKind.WEBHOOK and await _is_in_group_chat(session, note):
            return
        for each in found:
            await put(session, preferences.recipient, note, each)
        if found:
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
    found = []
    for each in await of_recipient(session, preferences.recipient):
        try:
            service = service_of(each.endpoint, origins)
        except EndpointRefusedError:
            continue
        found.append(_Destination(channel, service, each.id))
    return found


async def _is_in_group_chat(session: AsyncSession, note: Note) -> bool:
    """The office's group chat hears of a thing once, however many work there."""
    there = await session.scalar(
        select(OutboxRow.id).where(
            OutboxRow.channel == ChannelKind.WEBHOOK,
            OutboxRow.subject == note.subject,
            OutboxRow.kind == note.kind,
            OutboxRow.created_at == note.at,
        )
    )
    return there is not None


async def put(
    session: AsyncSession, recipient: Recipient, note: Note, destination: _Destination
) -> None:
    """One row, in the place of an earlier one on the same subject that was not sent yet."""
    key = {
        "recipient": recipient,
        "subject": note.subject,
        "channel": destination.channel,
        "subscription_id": destination.subscription_id,
    }
    values = {
        "service": destination.service,
        "kind": note.kind,
        "facts": note.facts,
        "created_at": note.at,
        "due_at": note.at,
        "expires_at": note.at + RULES[note.kind].lasts,
        "lease_until": None,
        "attempts": 0,
        "state": SendState.WAITING,
        "reason": "",
    }
    await session.execute(
        inserting(session, OutboxRow)
        .values(key | values)
        .on_conflict_do_update(index_elements=list(key), index_where=WAITING, set_=values)
    )


async def fall_back(session: AsyncSession, row: OutboxRow, ways: Ways, now: dt.datetime) -> None:
    """A row failed for good: take the person's next channel, unless another browser has it."""
    preferences = await preferences_of(session, row.recipient)
    if row.expires_at <= now or row.channel not in preferences.channels:
        return
    reached = await session.scalar(
        select(OutboxRow.id).where(
            OutboxRow.recipient == row.recipient,
            OutboxRow.subject == row.subject,
            OutboxRow.created_at >= row.created_at,
            OutboxRow.state.in_((SendState.WAITING, SendState.SENT)),
        )
    )
    if reached is None:
        after = preferences.channels[preferences.channels.index(row.channel) + 1 :]
        note = Note(row.kind, row.subject, row.facts, row.created_at)
        await _send_by_first(session, preferences, note, ways, after)


# What the operator sees


@dataclass(frozen=True)
class Failure:
    """So many messages that one service did not take today, for one reason."""

    service: str
    reason: str
    count: int


@dataclass(frozen=True)
class OutboxStatus:
    """发送情况: the outbox as the operator sees it; today's, but for what waits."""

    waiting: int
    overdue: int
    """Of those that wait, how many could have been sent a minute ago."""
    sent: dict[str, int]
    """By service."""
    stale: int
    failures: tuple[Failure, ...]
    denied: tuple[str, ...]
    """Services that do not take us for who we are (401, 403): somebody has to look."""
    p50: dt.timedelta | None
    p99: dt.timedelta | None
    """From what happened to its being sent, of what quiet hours do not hold back."""


DENIED = "denied "
"""How the reason begins when a service refused our identity."""
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
    failed = [each for each in done if each.state is SendState.FAILED]
    return OutboxStatus(
        waiting=await session.scalar(waiting) or 0,
        overdue=await session.scalar(waiting.where(OutboxRow.due_at <= now - A_MINUTE)) or 0,
        sent={each.service: each[3] for each in done if each.state is SendState.SENT},
        stale=sum(each[3] for each in done if each.state is SendState.STALE),
        failures=tuple(Failure(each.service, each.reason, each[3]) for each in failed),
        denied=tuple(sorted({each.service for each in failed if each.reason.startswith(DENIED)})),
        p50=await _took(session, today, 0.5),
        p99=await _took(session, today, 0.99),
    )


async def _took(session: AsyncSession, today: dt.datetime, share: float) -> dt.timedelta | None:
    """How long that share of today's messages took at most."""
    sent = OutboxRow.created_at >= today, OutboxRow.took.is_not(None)
    count = await session.scalar(select(func.count()).select_from(OutboxRow).where(*sent)) or 0
    if not count:
        return None
    at = min(int(count * share), count - 1)
    ordered = select(OutboxRow.took).where(*sent).order_by(OutboxRow.took).offset(at).limit(1)
    return dt.timedelta(milliseconds=(await session.scalars(ordered)).one() or 0)


async def failed(session: AsyncSession, now: dt.datetime, most: int = 100) -> tuple[OutboxRow, ...]:
    """Today's failures, the newest first, for the operator to look at and retry."""
    today = now.replace(hour=0, minute=0, second=0, microsecond=0)
    found = await session.scalars(
        select(OutboxRow)
        .where(OutboxRow.created_at >= today, OutboxRow.state == SendState.FAILED)
        .order_by(OutboxRow.id.desc())
        .limit(most)
    )
    return tuple(found)


async def retry(session: AsyncSession, row_id: int, now: dt.datetime) -> bool:
    """Send a failed row once more, if it is still true then. False when a newer one waits."""
    row = await session.get(OutboxRow, row_id, with_for_update=True)
    if row is None or row.state is not SendState.FAILED:
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
    row.state, row.reason, row.attempts = SendState.WAITING, "", 0
    row.due_at, row.expires_at = now, now + RULES[row.kind].lasts
    await session.flush()
    return True
