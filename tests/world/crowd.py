"""Many browsers at once, each with a message that waits for it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import insert, select

from push.subscriptions import _hash
from push.tables import ChannelKind, Language, OutboxRow, SendState, Subscription
from tests.world.followers import Browser, somebody

if TYPE_CHECKING:
    from domain.store import Store


async def crowd(
    store: Store, names: list[str], origin: str, browser: Browser, row: dict[str, Any]
) -> None:
    """So many devices, all with the keys of one browser, that are told the same thing.

    `row` is kind, subject, facts and moments of what they are told.
    """
    given = browser.given()
    keys = {"p256dh": given.p256dh, "auth": given.auth, "key": given.key}
    at = {"created_at": row["created_at"], "renewed_at": row["created_at"]}
    usual = {
        "channel": ChannelKind.PUSH,
        "service": origin.removeprefix("http://"),
        "attempts": 0,
        "state": SendState.WAITING,
        "reason": "",
    }

    async def unit(session: Any) -> None:
        kept = []
        for name in names:
            end = f"{origin}/201/{name}"
            own = {"recipient": somebody(name), "endpoint": end, "endpoint_hash": _hash(end)}
            kept.append({**keys, **at, **own, "language": Language.CHINESE, "failures": 0})
        await session.execute(insert(Subscription), kept)
        found = await session.execute(select(Subscription.recipient, Subscription.id))
        ids = {each.recipient: each.id for each in found}
        rows = []
        for name in names:
            who = somebody(name)
            rows.append({**usual, **row, "recipient": who, "subscription_id": ids[who]})
        await session.execute(insert(OutboxRow), rows)

    await store.write(unit)
