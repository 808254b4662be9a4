"""订阅: one per browser. The browser renews and moves it; it goes when the device is forgotten."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import delete, func, select, update

from domain.keys import key_hash
from domain.store import inserting
from push.endpoints import check_keys, service_of
from push.errors import KeyUnknownError
from push.tables import (
    IS_WAITING,
    InboxMessage,
    Language,
    OutboxRow,
    Preferences,
    Subscription,
    TicketWatch,
)

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Collection, Sequence

    from sqlalchemy.ext.asyncio import AsyncSession

    from push.recipients import Recipient

# Subscriptions of one recipient; a sixth replaces the one renewed longest ago.
MOST = 5


@dataclass(frozen=True)
class Given:
    """What a browser says of its subscription (PushSubscription.toJSON and its options)."""

    endpoint: str
    p256dh: str
    auth: str
    # The application server key it was made with, base64url without padding.
    key: str
    language: Language


@dataclass(frozen=True)
class Known:
    """What we accept: additional origins of push services, and our application server keys."""

    origins: frozenset[str]
    keys: frozenset[str]


# One row per browser, found by a hash of its endpoint: endpoints are up to 1,000 characters long.
async def keep(
    session: AsyncSession, recipient: Recipient, given: Given, known: Known, now: dt.datetime
) -> Subscription:
    """Store or renew a subscription; one row per browser, which belongs to its last recipient.

    Raises `EndpointRefusedError`, `KeysRefusedError`, `KeyUnknownError`.
    """
    _check(given, known)
    kept = await _of_endpoint(session, given.endpoint)
    if kept is None or kept.recipient != recipient:
        await _make_room(session, recipient)
    if kept is not None and kept.recipient != recipient:
        # The browser has a new user, who must not see messages that wait for the previous one.
        await _leave(session, [kept.id], "moved")
    values = {"recipient": recipient, "renewed_at": now, **_columns_of(given)}
    # A page and its worker may both say so at once.
    upsert = (
        inserting(session, Subscription)
        .values(
            values | {"endpoint_hash": key_hash(given.endpoint), "created_at": now, "failures": 0}
        )
        .on_conflict_do_update(index_elements=["endpoint_hash"], set_=values)
        .returning(Subscription)
    )
    renewed = await session.scalars(upsert, execution_options={"populate_existing": True})
    subscription: Subscription = renewed.one()
    return subscription


def _columns_of(given: Given) -> dict[str, object]:
    return {
        "endpoint": given.endpoint,
        "p256dh": given.p256dh.rstrip("="),
        "auth": given.auth.rstrip("="),
        "key": given.key,
        "language": given.language,
    }


def _check(given: Given, known: Known) -> None:
    service_of(given.endpoint, known.origins)
    check_keys(given.p256dh, given.auth)
    if given.key not in known.keys:
        raise KeyUnknownError


async def _of_endpoint(session: AsyncSession, endpoint: str) -> Subscription | None:
    subscription: Subscription | None = await session.scalar(
        select(Subscription).where(Subscription.endpoint_hash == key_hash(endpoint))
    )
    return subscription


async def _make_room(session: AsyncSession, recipient: Recipient) -> None:
    """Delete the oldest subscriptions, so that a new one stays within `MOST`."""
    oldest = await session.scalars(
        select(Subscription.id)
        .where(Subscription.recipient == recipient)
        .order_by(Subscription.renewed_at.desc(), Subscription.id.desc())
        .offset(MOST - 1)
    )
    await remove(session, oldest.all(), "replaced")


async def move(  # noqa: PLR0913, PLR0917 - what was, what is, whose, and what we accept
    session: AsyncSession,
    recipient: Recipient,
    old_endpoint: str,
    given: Given,
    known: Known,
    now: dt.datetime,
) -> Subscription:
    """Replace a subscription (pushsubscriptionchange); waiting messages go to the new one.

    The old one is only removed if it belongs to the recipient. Raises like `keep`.
    """
    _check(given, known)
    old = await _of_endpoint(session, old_endpoint)
    if old is not None and old.recipient == recipient and old_endpoint != given.endpoint:
        new = await _of_endpoint(session, given.endpoint)
        if new is None:
            await _point(session, old, given.endpoint, service_of(given.endpoint, known.origins))
        else:
            await remove(session, [old.id], "replaced")
    return await keep(session, recipient, given, known, now)


async def _point(session: AsyncSession, old: Subscription, endpoint: str, service: str) -> None:
    """Point a subscription and its waiting messages to another endpoint."""
    old.endpoint, old.endpoint_hash, old.failures = endpoint, key_hash(endpoint), 0
    await session.execute(
        update(OutboxRow)
        .where(OutboxRow.recipient == old.recipient, OutboxRow.subscription_id == old.id)
        .where(IS_WAITING)
        .values(service=service)
    )
    await session.flush()


async def of_recipient(session: AsyncSession, recipient: Recipient) -> tuple[Subscription, ...]:
    subscriptions = await session.scalars(
        select(Subscription).where(Subscription.recipient == recipient).order_by(Subscription.id)
    )
    return tuple(subscriptions)


async def stop(session: AsyncSession, recipient: Recipient, endpoint: str) -> bool:
    """End one browser's subscription; returns whether it was the recipient's."""
    kept = await _of_endpoint(session, endpoint)
    if kept is None or kept.recipient != recipient:
        return False
    await remove(session, [kept.id], "stopped")
    return True


async def remove(session: AsyncSession, ids: Sequence[int], reason: str) -> None:
    """Delete subscriptions; their waiting messages are left for the next channel."""
    if not ids:
        return
    await _leave(session, ids, reason)
    await session.execute(delete(Subscription).where(Subscription.id.in_(ids)))


# Only who sends ends a row, and asks the next channel then. Here it is left without a subscription
# of its recipient's, with the reason.
async def _leave(session: AsyncSession, ids: Sequence[int], reason: str) -> None:
    whose = select(Subscription.recipient).where(Subscription.id.in_(ids))
    await session.execute(
        update(OutboxRow)
        .where(OutboxRow.recipient.in_(whose), OutboxRow.subscription_id.in_(ids), IS_WAITING)
        .values(reason=reason)
    )


# Why a subscription went; the rows that waited for it keep the word.
REMOVED = frozenset({"gone", "stopped", "replaced", "moved", "key-forgotten"})


async def remove_other_keys(session: AsyncSession, keys: Collection[str]) -> int:
    """Delete subscriptions of application server keys that we no longer hold; returns how many."""
    lost = await session.scalars(select(Subscription.id).where(Subscription.key.not_in(keys)))
    ids = lost.all()
    await remove(session, ids, "key-forgotten")
    return len(ids)


async def made_elsewhere(session: AsyncSession, keys: Collection[str]) -> tuple[int, int]:
    """How many subscriptions were made with none of these keys, and how many there are."""
    counted = select(func.count()).select_from(Subscription)
    elsewhere = await session.scalar(counted.where(Subscription.key.not_in(keys)))
    return elsewhere or 0, await session.scalar(counted) or 0


async def forget(session: AsyncSession, recipient: Recipient) -> None:
    """Delete everything that push knows of a recipient."""
    for table in (Subscription, Preferences, TicketWatch, InboxMessage, OutboxRow):
        await session.execute(delete(table).where(table.recipient == recipient))
