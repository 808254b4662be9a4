"""领取: leases on rows of the outbox while they are sent, and the results."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import bindparam, delete, or_, select, update

from push.outbox import Ways, fall_back
from push.subscriptions import remove
from push.tables import (
    IS_WAITING,
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
class Done:
    """The result of sending a row once. `state` is WAITING if it is to be tried again."""

    row: OutboxRow
    state: SendState
    reason: str = ""
    due_at: dt.datetime | None = None
    # Milliseconds.
    took: int | None = None
    # Whether it counts as an attempt.
    counts: bool = True
    # Whether the subscription no longer exists.
    is_gone: bool = False


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
    taken = await session.scalars(
        update(OutboxRow)
        .where(OutboxRow.id.in_(select(due.c.id)))
        .values(lease_until=now + LEASE, attempts=OutboxRow.attempts + 1)
        .returning(OutboxRow)
        .execution_options(synchronize_session=False)
    )
    return tuple(taken)


async def release_all(session: AsyncSession) -> None:
    """End every lease. Only for the single sending process, when it starts after a crash."""
    held = update(OutboxRow).where(IS_WAITING, OutboxRow.lease_until.is_not(None))
    await session.execute(held.values(lease_until=None))


_rows = metadata.tables[OutboxRow.__tablename__]
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
    final = {SendState.STALE, SendState.FAILED}
    plain = [outcome for outcome in done if outcome.state not in final]
    if plain:
        await session.execute(_SETTLE, [_values(outcome, now) for outcome in plain])
    await _count_failures(session, plain)
    for outcome in done:
        if outcome.state in final:
            await _end(session, outcome, ways, now)
        if outcome.row.kind is Kind.EMAIL_CHECK:
            # The key in it is a secret, which is now the mailbox's, or nobody's.
            over = update(OutboxRow).where(OutboxRow.id == outcome.row.id, ~IS_WAITING)
            await session.execute(over.values(facts={}))


def _values(done: Done, now: dt.datetime) -> dict[str, object]:
    return {
        "row": done.row.id,
        "lease": done.row.lease_until,
        "now_state": done.state,
        "why": done.reason[:120],
        "again_at": done.due_at or done.row.due_at,
        "done_at": now if done.state is SendState.SENT else None,
        "ms": done.took,
        "tried": done.row.attempts - (not done.counts),
    }


async def _count_failures(session: AsyncSession, done: Sequence[Done]) -> None:
    again = [
        outcome.row.subscription_id
        for outcome in done
        if outcome.state is SendState.WAITING and outcome.counts and outcome.row.subscription_id
    ]
    if again:
        failing = update(Subscription).where(Subscription.id.in_(again))
        await session.execute(failing.values(failures=Subscription.failures + 1))
    arrived = [
        outcome.row.subscription_id
        for outcome in done
        if outcome.state is SendState.SENT and outcome.row.attempts > 1
    ]
    if arrived:
        well = update(Subscription).where(Subscription.id.in_(arrived))
        await session.execute(well.values(failures=0))


async def _end(session: AsyncSession, done: Done, ways: Ways, now: dt.datetime) -> None:
    """End a row that will not be sent, because it is no longer true or cannot be delivered."""
    row = done.row
    held = await session.scalar(
        update(OutboxRow)
        .where(OutboxRow.id == row.id, OutboxRow.lease_until == row.lease_until)
        .values(state=done.state, reason=done.reason[:120], lease_until=None)
        .returning(OutboxRow.id)
        .execution_options(synchronize_session=False)
    )
    if done.is_gone:
        await remove(session, [row.subscription_id], "gone")
    if held is None:
        return
    if done.state is SendState.FAILED:
        await fall_back(session, row, ways, now)
    elif row.kind is Kind.TICKET_NEAR:
        await _rearm(session, row)


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
