"""办公群: posts messages for the office to the address of its group chat.

In our own form the body is JSON, and the header `X-Lianxin-Signature: t=<seconds>,v1=<hex>` is an
HMAC-SHA256 over `<seconds>.<body>` with the shared secret. The receiver computes the same, compares
in constant time, and refuses what is older than five minutes. `push.chat_forms` has the others.
"""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from push.channels import Address, Outcome, Result
from push.chat_forms import outcome_in_chat, posting
from push.client import Client, ForbiddenAddressError, NoAnswerError, is_public

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Callable, Collection

    from push.chat_forms import Webhook
    from push.messages import Message


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
        now = self._clock()
        request = posting(self._webhook, message, self._origin, int(now.timestamp()))
        try:
            answer = await self._client.post(request.url, request.body, request.headers)
        except ForbiddenAddressError as error:
            return Outcome(Result.REFUSED, error.reason)
        except NoAnswerError as error:
            return Outcome(Result.SILENT, error.reason)
        return outcome_in_chat(self._webhook.taken_as, answer, now)

    async def close(self) -> None:
        await self._client.close()
