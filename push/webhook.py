"""办公群: posts a signed message to the address that the office set for its group chat.

The body is JSON. The header `X-Lianxin-Signature: t=<seconds>,v1=<hex>` is an HMAC-SHA256 over
`<seconds>.<body>` with the shared secret. The receiver computes the same, compares in constant
time, and refuses what is older than five minutes.
"""

from __future__ import annotations

import hashlib
import hmac
import json
from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from push.channels import Address, Outcome, Result
from push.client import Client, ForbiddenAddressError, NoAnswerError, is_public
from push.sending import outcome_of

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Callable, Collection

    from push.messages import Message

SIGNATURE = "X-Lianxin-Signature"


@dataclass(frozen=True)
class Webhook:
    """The address of the office's group chat, and the secret that signs messages to it."""

    url: str
    secret: str


class WebhookChannel:
    def __init__(
        self,
        webhook: Webhook,
        *,
        origin: str,
        allowed: Collection[str] = (),
        clock: Callable[[], dt.datetime],
    ) -> None:
        self._webhook, self._origin, self._clock = webhook, origin, clock
        parts = urlsplit(webhook.url)
        is_allowed = f"{parts.scheme}://{parts.netloc}" in allowed
        self._is_safe = is_allowed or parts.scheme == "https"
        # The address is a setting, but names can be pointed elsewhere later: what it resolves to is
        # checked at each connection, so that it never becomes a way into the network.
        self._client = Client(None if is_allowed else is_public)

    async def send(self, message: Message, _address: Address) -> Outcome:
        """Post a message; never to an address inside our own network."""
        if not self._is_safe:
            return Outcome(Result.REFUSED, "private address")
        body = self._body(message)
        seconds = int(self._clock().timestamp())
        headers = {
            "Content-Type": "application/json",
            SIGNATURE: f"t={seconds},v1={signature(self._webhook.secret, seconds, body)}",
        }
        try:
            answer = await self._client.post(self._webhook.url, body, headers)
        except ForbiddenAddressError as error:
            return Outcome(Result.REFUSED, error.reason)
        except NoAnswerError as error:
            return Outcome(Result.AGAIN, error.reason)
        outcome = outcome_of(answer.status, answer.headers.get("retry-after"), self._clock())
        # The address is a setting: when it is gone, that is the operator's to mend.
        return Outcome(Result.DENIED, outcome.reason) if outcome.result is Result.GONE else outcome

    def _body(self, message: Message) -> bytes:
        plain = {
            "kind": message.kind,
            "title": message.title,
            "body": message.body,
            "url": f"{self._origin}{message.path}",
        }
        return json.dumps(plain, ensure_ascii=False).encode()

    async def close(self) -> None:
        await self._client.close()


def signature(secret: str, seconds: int, body: bytes) -> str:
    """The hexadecimal HMAC, as the receiver computes it."""
    return hmac.new(secret.encode(), b"%d." % seconds + body, hashlib.sha256).hexdigest()
