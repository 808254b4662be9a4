"""Browsers that allowed notifications, and what they hold."""

from __future__ import annotations

import base64
import os
from functools import partial
from typing import TYPE_CHECKING, Any

from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from push import recipients, subscriptions
from push.subscriptions import Given, Known
from push.tables import Language
from tests.conftest import NOW

if TYPE_CHECKING:
    from domain.store import Store
    from push.recipients import Recipient
    from push.tables import Subscription

FCM = "https://fcm.googleapis.com/fcm/send/"
OURS = "BOur-application-server-key"
KNOWN = Known(frozenset(), frozenset({OURS}))


def somebody(name: str = "li") -> Recipient:
    """A resident's device."""
    return recipients.device(name.encode().hex().ljust(64, "0"))


def base64url(value: bytes) -> str:
    """As browsers write keys."""
    return base64.urlsafe_b64encode(value).rstrip(b"=").decode()


class Browser:
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
        """Somebody allowed notifications here."""
        now = other.pop("now", NOW)
        keep = partial(
            subscriptions.keep, recipient=recipient, given=self.given(**other), known=known, now=now
        )
        return await store.write(keep)
