"""领取: leases on rows of the outbox while they are sent, and the results."""

from __future__ import annotations

import datetime as dt
import logging
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, cast

from sqlalchemy import bindparam, delete, or_, select, update

from domain.store import execute_core
from push.addresses import bounced
from push.outbox import Ways, cause, fall_back, has_next, is_of_the_store
from push.subscriptions import remove
from push.tables import (
    IS_WAITING,
    ChannelKind,
    End,
    FollowerNews,
    InboxMessage,
    Kind,
    OutboxRow,
    Preferences,
    SendState,
    Subscription,
    TicketWatch,
    metadata,
)

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from sqlalchemy import ColumnElement
    from sqlalchemy.ext.asyncio import AsyncSession

log = logging.getLogger("lianxin.push")

_rows = metadata.tables[OutboxRow.__tablename__]

# Longer than any sending takes; after a crash a row waits at most this long.
LEASE = dt.timedelta(seconds=60)
KEEP_ROWS = dt.timedelta(days=7)
KEEP_INBOX = dt.timedelta(days=30)
KEEP_WATCHES = dt.timedelta(days=2)
# Rows of a table that are erased in one unit of work.
BATCH = 1_000
# After this time rows, messages and unconfirmed addresses are erased.
KEEP_UNCONFIRMED = dt.timedelta(days=2)


@dataclass(frozen=True)
class Sent:
    """A row that was sent."""

    row: OutboxRow
    # Milliseconds.
    took: int | None = None
    # Whether messages before it were denied.
    was_denied: bool = False


@dataclass(frozen=True)
class Later:
    """A row that is to be tried again."""

    row: OutboxRow
    due_at: dt.datetime
    reason: str = ""
    # Whether it counts as an attempt.
    counts: bool = True


@dataclass(frozen=True)
class Ended:
    """A row that will not be sent."""

    row: OutboxRow
    end: End
    reason: str = ""
    # The endpoint or the e-mail address, if it no longer exists.
    gone: str = ""
    is_denied: bool = False
    # Until then the row waits where no other channel reaches the person.
    else_due_at: dt.datetime | None = None
    # Whether it was tried at all.
    counts: bool = True


# The result of sending a row once.
Done = Sent | Later | Ended


def _is_due(now: dt.datetime, blocked: Collection[str]) -> tuple[ColumnElement[bool], ...]:
    free = or_(OutboxRow.lease_until.is_(None), OutboxRow.lease_until <= now)
    due = (IS_WAITING, OutboxRow.due_at <= now, free)
    return (*due, OutboxRow.service.not_in(blocked)) if blocked else due


async def any_due(session: AsyncSession, now: dt.datetime, blocked: Collection[str] = ()) -> bool:
    """Whether there is anything to claim. Uses a reader, so it does not block writing."""
    due = await session.scalar(select(OutboxRow.id).where(*_is_due(now, blocked)).limit(1))
    return due is not None


# Claiming is one statement on both databases: due rows, skipping those another process takes. A
# result is written only under the very lease the row was sent with, so a row that was replaced
# meanwhile, or claimed again after a crash, is left alone.
async def claim(
    session: AsyncSession, now: dt.datetime, most: int, blocked: Collection[str] = ()
) -> tuple[OutboxRow, ...]:
    """Lease up to `most` due rows of services that are not `blocked`; no one else gets them."""
    due = (
        select(OutboxRow.id)
        .where(*_is_due(now, blocked))
        .order_by(OutboxRow.due_at, OutboxRow.id)
        .limit(most)
        .with_for_update(skip_locked=True)
        .cte("due")
    )
    # As plain rows with the columns as attributes: objects of the session cost more than the rest.
    taken = (
        update(_rows)
        .where(_rows.c.id.in_(select(due.c.id)))
        .values(lease_until=now + LEASE, attempts=_rows.c.attempts + 1)
        .returning(*_rows.c)
    )
    return cast("tuple[OutboxRow, ...]", tuple(await execute_core(session, taken, {})))


async def release_all(session: AsyncSession) -> None:
    """End every lease. Only for the single sending process, when it starts after a crash."""
    held = update(OutboxRow).where(IS_WAITING, OutboxRow.lease_until.is_not(None))
    await session.execute(held.values(lease_until=None))


_SETTLE = (
    update(_rows)
    .where(_rows.c.id == bindparam("row"), _rows.c.lease_until == bindparam("lease"))
    .values(
        state=bindparam("now_state"),
        reason=bindparam("why"),
        due_at=bindparam("again_at"),
        sent_at=bindparam("done_at"),
        took=bindparam("ms"),
        attempts=bindparam("tried"),
        lease_until=None,
    )
)


async def settle(session: AsyncSession, done: Sequence[Done], ways: Ways, now: dt.datetime) -> None:
    """Record results, and what follows from them."""
    plain = [_values(each, now) for each in done if not isinstance(each, Ended)]
    if plain:
        await execute_core(session, _SETTLE, plain)
    await _count_denials(session, done)
    for each in done:
        if isinstance(each, Ended):
            await _end_alone(session, each, ways, now)
        if each.row.kind is Kind.EMAIL_CHECK:
            # The key in it is a secret, which is now the mailbox's, or nobody's.
            over = update(OutboxRow).where(OutboxRow.id == each.row.id, ~IS_WAITING)
            await session.execute(over.values(facts={}))


def _values(done: Sent | Later, now: dt.datetime) -> dict[str, object]:
    row = done.row
    common: dict[str, object] = {"row": row.id, "lease": row.lease_until}
    if isinstance(done, Sent):
        sent = {"now_state": SendState.SENT, "why": "", "done_at": now, "ms": done.took}
        return common | sent | {"again_at": row.due_at, "tried": row.attempts}
    waits = {"now_state": SendState.WAITING, "why": done.reason[:120], "done_at": None, "ms": None}
    return common | waits | {"again_at": done.due_at, "tried": row.attempts - (not done.counts)}


async def _count_denials(session: AsyncSession, done: Sequence[Done]) -> None:
    denied = [
        each.row.subscription_id for each in done if isinstance(each, Ended) and each.is_denied
    ]
    taken = [
        each.row.subscription_id for each in done if isinstance(each, Sent) and each.was_denied
    ]
    for ids, failures in ((denied, Subscription.failures + 1), (taken, 0)):
        if ids:
            counted = update(Subscription).where(Subscription.id.in_(ids))
            await session.execute(counted.values(failures=failures))


async def _end_alone(session: AsyncSession, done: Ended, ways: Ways, now: dt.datetime) -> None:
    """End a row so that its trouble is not that of the rows settled with it."""
    try:
        async with session.begin_nested():
            await _end(session, done, ways, now)
    except Exception as error:
        if is_of_the_store(error):
            raise
        log.error("the next channel for %s was not asked: %s", done.row.kind, cause(error))  # noqa: TRY400 - no values
        await _end(session, replace(done, else_due_at=None), Ways(frozenset()), now)


# There is no other way for a row to end than this. Whatever ends here without being untrue or
# unwanted asks the next channel; two ways to end a row were two chances to forget that. A
# subscription that is removed leaves its rows to be found without one, and ended here.
async def _end(session: AsyncSession, done: Ended, ways: Ways, now: dt.datetime) -> None:
    """End a row that will not be sent, and ask the next channel if it is still worth having."""
    row = done.row
    if done.gone:
        await _remove(session, row, done.gone, now)
    if done.else_due_at is not None and not await has_next(session, row, ways):
        waits = Later(row, done.else_due_at, done.reason, done.counts)
        await execute_core(session, _SETTLE, _values(waits, now))
        return
    held = await session.scalar(
        update(OutboxRow)
        .where(OutboxRow.id == row.id, OutboxRow.lease_until == row.lease_until)
        .values(state=done.end.state, ended=done.end, reason=done.reason[:120], lease_until=None)
        .returning(OutboxRow.id)
        .execution_options(synchronize_session=False)
    )
    if held is None:
        return
    if done.end.asks_next:
        await fall_back(session, row, ways, now)
    if row.kind is Kind.TICKET_NEAR and done.end in {End.UNTRUE, End.TOO_LATE}:
        await _rearm(session, row)


async def _remove(session: AsyncSession, row: OutboxRow, endpoint: str, now: dt.datetime) -> None:
    if row.channel is ChannelKind.EMAIL:
        await bounced(session, row.recipient, endpoint, now)
        return
    # Its browser may have moved to another endpoint while this one answered that it is gone.
    mine = Subscription.id == row.subscription_id, Subscription.endpoint == endpoint
    gone = await session.scalars(select(Subscription.id).where(*mine))
    await remove(session, gone.all(), "gone")


async def _rearm(session: AsyncSession, near: OutboxRow) -> None:
    # Another ticket came between; when this one is near again, its watchers are told.
    await session.execute(
        update(TicketWatch)
        .where(TicketWatch.recipient == near.recipient)
        .where(TicketWatch.ticket_id == near.facts["ticket"])
        .values(is_told_near=False)
    )


# A publication with a hundred thousand followers has as many messages, which are old in the same
# second; to erase them in one unit of work held the writer for longer than a call may wait.
async def erase_old(session: AsyncSession, now: dt.datetime) -> bool:
    """Erase old rows, messages, news, watches and unconfirmed addresses.

    At most `BATCH` of each; whether there may be more.
    """
    is_more = False
    for table, keep in (
        (OutboxRow, KEEP_ROWS),
        (InboxMessage, KEEP_INBOX),
        (TicketWatch, KEEP_WATCHES),
        (FollowerNews, KEEP_ROWS),
    ):
        old = select(table.id).where(table.created_at <= now - keep).limit(BATCH)
        erased = await session.execute(delete(table).where(table.id.in_(old)))
        is_more |= erased.rowcount == BATCH  # type: ignore[attr-defined]
    unconfirmed = update(Preferences).where(
        Preferences.email_confirmed_at.is_(None),
        Preferences.email_asked_at <= now - KEEP_UNCONFIRMED,
    )
    await session.execute(unconfirmed.values(email=None, email_key_hash=None))
    return is_more
