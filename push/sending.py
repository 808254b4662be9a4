"""Web Push: seals a message for one browser and sends it (RFC 8030), signed as RFC 8292 says."""

from __future__ import annotations

import datetime as dt
import time
from dataclasses import dataclass, replace
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import jwt

from domain.errors import LianxinError
from push.channels import Address, Outcome, Result
from push.client import Client, NoAnswerError
from push.encryption import encrypted
from push.endpoints import service_of
from push.errors import EndpointRefusedError, KeysRefusedError, KeyUnknownError
from push.messages import LARGEST

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping

    from push.client import Answer
    from push.keys import KeyRing, VapidKey
    from push.messages import Message

# Seconds a signature is valid; Apple accepts at most a day (as does RFC 8292, 2).
SIGNED_FOR = 12 * 3600
# Seconds after which a service gets a new signature.
SIGNED_AGAIN = SIGNED_FOR // 2
# Services whose signatures are cached; in practice there are a handful.
ORIGINS = 1000
PORTS = {"https": 443, "http": 80}
# A service may ask for patience, but not silence us for a day with one header.
# A longer Retry-After is cut to this.
LONGEST_WAIT = dt.timedelta(hours=1)
# Digits of a number of seconds that is longer than any wait.
DIGITS = 9
TOO_MANY = 429
# Why a message was not sealed.
MISSING_KEY = "key-missing"
# Microsoft's word for too many messages to one browser.
WNS_THROTTLED = 406
# Characters of a reason; a service can say more than an operator reads.
LONGEST_REASON = 100


class MessageTooLargeError(LianxinError):
    """The message does not fit into one record; our own fault."""


class _Signer:
    """VAPID headers (RFC 8292), signed once per service and half a day."""

    def __init__(self, key: VapidKey, contact: str) -> None:
        self._key, self._contact = key, contact
        self._headers: dict[str, tuple[float, str]] = {}

    def header(self, endpoint: str) -> str:
        """The header for an endpoint's origin."""
        # Parsed only to be signed.
        origin = "/".join(endpoint.split("/", 3)[:3])
        now = time.time()
        signed_at, header = self._headers.get(origin, (0.0, ""))
        if not signed_at <= now < signed_at + SIGNED_AGAIN:
            claims = {
                "aud": _audience(endpoint),
                "exp": int(now) + SIGNED_FOR,
                "sub": self._contact,
            }
            token = jwt.encode(claims, self._key.private, algorithm="ES256")
            header = f"vapid t={token}, k={self._key.public}"
            if len(self._headers) >= ORIGINS:
                self._headers.clear()
            self._headers[origin] = now, header
        return header


def _audience(endpoint: str) -> str:
    """The origin of an endpoint as RFC 6454 writes it: without the port that its scheme implies."""
    parts = urlsplit(endpoint)
    port = "" if parts.port in {None, PORTS[parts.scheme]} else f":{parts.port}"
    return f"{parts.scheme}://{parts.hostname}{port}"


@dataclass(frozen=True)
class Sealed:
    """A request to a push service without its address."""

    headers: Mapping[str, str]
    body: bytes


class Sealer:
    """Encrypts messages for one browser each, and signs them."""

    def __init__(self, ring: KeyRing, contact: str) -> None:
        self._ring, self._contact = ring, contact
        self._signers: dict[str, _Signer] = {}

    def seal(self, plain: bytes, address: Address, message: Message) -> Sealed:
        """The request. Raises `MessageTooLargeError`, `KeysRefusedError`, `KeyUnknownError`."""
        if len(plain) > LARGEST:
            raise MessageTooLargeError(f"{message.kind}: {len(plain)} bytes")
        headers = {
            "Authorization": self._signer(address.key).header(address.to),
            "Content-Encoding": "aes128gcm",
            "Content-Type": "application/octet-stream",
            "TTL": str(message.ttl),
            "Urgency": message.urgency.value,
            "Topic": message.tag,
        }
        return Sealed(headers, encrypted(plain, address.p256dh, address.auth))

    def _signer(self, public: str) -> _Signer:
        """What signs with the key a browser knows. Raises `KeyUnknownError`."""
        signer = self._signers.get(public)
        if signer is None:
            key = self._ring.by_public.get(public)
            if key is None:
                raise KeyUnknownError
            signer = self._signers[public] = _Signer(key, self._contact)
        return signer


class WebPushChannel:
    def __init__(
        self,
        sealer: Sealer,
        *,
        origin: str = "",
        allowed: Collection[str] = (),
        clock: Callable[[], dt.datetime],
    ) -> None:
        self._sealer, self._origin, self._allowed = sealer, origin, frozenset(allowed)
        self._clock = clock
        self._client = Client()

    async def send(self, message: Message, address: Address) -> Outcome:
        """Encrypt and send; the endpoint is checked again."""
        try:
            service_of(address.to, self._allowed)
            plain = message.declarative(self._origin, address.unread)
            sealed = self._sealer.seal(plain, address, message)
        except (EndpointRefusedError, KeysRefusedError) as error:
            return Outcome(Result.GONE, type(error).__name__, went_out=False)
        except KeyUnknownError:
            # The subscription is good: the key is missing here, and perhaps not elsewhere.
            return Outcome(Result.OURS, MISSING_KEY, went_out=False)
        except MessageTooLargeError as error:
            return Outcome(Result.REFUSED, f"too large: {error}", went_out=False)
        try:
            answer = await self._client.post(address.to, sealed.body, sealed.headers)
        except NoAnswerError as error:
            return Outcome(Result.SILENT, error.reason)
        return outcome_of_push(answer, self._clock())

    async def close(self) -> None:
        await self._client.close()


def outcome_of_push(answer: Answer, now: dt.datetime) -> Outcome:
    """The meaning of a push service's answer. Microsoft's says in its headers what came of it."""
    status, headers = answer.status, answer.headers
    said = headers.get("x-wns-status") or headers.get("x-wns-notificationstatus") or ""
    if said.lower() == "channelthrottled" or status == WNS_THROTTLED:
        status = TOO_MANY
    elif said.lower() == "dropped":
        return Outcome(Result.REFUSED, f"{status} dropped")
    outcome = outcome_of(status, headers.get("retry-after"), now)
    # A limit is mostly one browser's; the service itself speaks in 503.
    outcome = replace(outcome, of_one=status == TOO_MANY)
    why = " ".join([said, headers.get("x-wns-error-description", "")]).strip()
    if outcome.result is Result.SENT or not why:
        return outcome
    return replace(outcome, reason=f"{outcome.reason} {why}"[:LONGEST_REASON])


def outcome_of(status: int, retry_after: str | None, now: dt.datetime) -> Outcome:
    """The meaning of a status (RFC 8030, 5, 7.3 and 8.4)."""
    reason = str(status)
    if 200 <= status < 300:  # noqa: PLR2004 - HTTP's own
        return Outcome(Result.SENT)
    if status in {404, 410}:
        return Outcome(Result.GONE, reason)
    if status in {401, 403}:
        return Outcome(Result.DENIED, reason)
    if status in {408, 425, 429} or status >= 500:  # noqa: PLR2004 - HTTP's own
        return Outcome(Result.AGAIN, reason, wait_of(retry_after, now))
    return Outcome(Result.REFUSED, reason)


def wait_of(retry_after: str | None, now: dt.datetime) -> dt.timedelta | None:
    """Retry-After as a time: seconds or a date (RFC 9110, 10.2.3), at most `LONGEST_WAIT`."""
    text = (retry_after or "").strip()
    if text.isascii() and text.isdigit():
        # Python refuses to read thousands of digits.
        seconds = int(text) if len(text) < DIGITS else 10**DIGITS
        return min(dt.timedelta(seconds=seconds), LONGEST_WAIT)
    try:
        until = parsedate_to_datetime(text)
        wait = (until if until.tzinfo else until.replace(tzinfo=dt.UTC)) - now
    except (ValueError, OverflowError):
        return None
    return max(dt.timedelta(), min(wait, LONGEST_WAIT))
