"""渠道: what every way of reaching somebody has in common."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    import datetime as dt

    from push.messages import Message


class Result(StrEnum):
    """What became of one message."""

    SENT = "sent"
    AGAIN = "again"
    """Not now; later perhaps."""
    GONE = "gone"
    """The destination is no more: it is forgotten."""
    DENIED = "denied"
    """The service does not take us for who we are: the operator has to look."""
    REFUSED = "refused"
    """This message never arrives this way."""


@dataclass(frozen=True)
class Outcome:
    """The result, why in a word, and how long the service asks us to wait."""

    result: Result
    reason: str = ""
    wait: dt.timedelta | None = None


@dataclass(frozen=True)
class Address:
    """Where a message goes: an endpoint with its browser's keys, an e-mail address, or nothing."""

    to: str
    p256dh: str = ""
    auth: str = ""
    key: str = ""
    unread: int | None = None
    """What the app's badge is to show."""


class Channel(Protocol):
    """A way to reach somebody."""

    async def send(self, message: Message, address: Address) -> Outcome:
        """Send once, without raising for anything that the other side does."""
        ...

    async def close(self) -> None:
        """Let go of connections."""
        ...
