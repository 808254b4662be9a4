"""Browsers that allowed notifications, and what they hold."""

from __future__ import annotations

import base64
import os
from functools import partial
from typing import TYPE_CHECKING, Any

import http_ece
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from sqlalchemy import insert, select

from domain.keys import key_hash
from push import recipients, subscriptions
from push.channels import Address
from push.subscriptions import Given, Known
from push.tables import ChannelKind, Language, OutboxRow, SendState, Subscription
from tests.world.clock import NOW

if TYPE_CHECKING:
    from domain.store import Store
    from push.keys import KeyRing
    from push.recipients import Recipient

FCM = "https://fcm.googleapis.com/fcm/send/"
OURS = "BOur-application-server-key"
KNOWN = Known(frozenset(), frozenset({OURS}))


def device_of(name: str = "li") -> Recipient:
    """A resident's device."""
    return recipients.device(name.encode().hex().ljust(64, "0"))


def base64url(value: bytes) -> str:
    """As browsers write keys."""
    return base64.urlsafe_b64encode(value).rstrip(b"=").decode()


class PushBrowser:
    """One browser: its endpoint, its private key, and what it says to the server."""

    def __init__(self, endpoint: str = f"{FCM}browser", key: str = OURS) -> None:
        self.private = ec.generate_private_key(ec.SECP256R1())
        self.secret = os.urandom(16)
        self.endpoint, self.key = endpoint, key

    @property
    def point(self) -> bytes:
        return self.private.public_key().public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)

    def given(self, **other: Any) -> Given:
        """What it posts."""
        said = {
            "endpoint": self.endpoint,
            "p256dh": base64url(self.point),
            "auth": base64url(self.secret),
            "key": self.key,
            "language": Language.CHINESE,
        }
        return Given(**{**said, **other})

    async def subscribe(
        self, store: Store, recipient: Recipient, known: Known = KNOWN, **other: Any
    ) -> Subscription:
        """Someone allowed notifications here."""
        now = other.pop("now", NOW)
        keep = partial(
            subscriptions.keep, recipient=recipient, given=self.given(**other), known=known, now=now
        )
        return await store.write(keep)


def address(browser: PushBrowser, ring: KeyRing) -> Address:
    given = browser.given()
    return Address(given.endpoint, given.p256dh, given.auth, ring.current.public)


def decrypted(browser: PushBrowser, body: bytes) -> bytes:
    """What the browser reads, by an implementation that is not ours."""
    plain: bytes = http_ece.decrypt(
        body, private_key=browser.private, auth_secret=browser.secret, version="aes128gcm"
    )
    return plain


async def crowd(
    store: Store, names: list[str], origin: str, browser: PushBrowser, row: dict[str, Any]
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
            own = {"recipient": device_of(name), "endpoint": end, "endpoint_hash": key_hash(end)}
            kept.append({**keys, **at, **own, "language": Language.CHINESE, "failures": 0})
        await session.execute(insert(Subscription), kept)
        found = await session.execute(select(Subscription.recipient, Subscription.id))
        ids = {each.recipient: each.id for each in found}
        rows = []
        for name in names:
            who = device_of(name)
            rows.append({**usual, **row, "recipient": who, "subscription_id": ids[who]})
        await session.execute(insert(OutboxRow), rows)

    await store.write(unit)
