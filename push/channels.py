"""渠道: what all ways of reaching a person have in common."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    import datetime as dt

    from push.messages import Message


class Result(StrEnum):
    """The result of sending one message."""

    SENT = "sent"
    # Not now; perhaps later.
    AGAIN = "again"
    # No answer at all: later, or another way.
    SILENT = "silent"
    # The destination no longer exists: it is deleted.
    GONE = "gone"
    # The service rejects our credentials: the operator has to look.
    DENIED = "denied"
    # This message will never arrive this way.
    REFUSED = "refused"
    # What it takes to send it is not here; another process may have it.
    OURS = "ours"


@dataclass(frozen=True)
class Outcome:
    """The result, the reason in a word, and how long the service asks us to wait."""

    result: Result
    reason: str = ""
    wait: dt.timedelta | None = None
    # Whether trouble concerns this destination alone, and not the whole service.
    of_one: bool = False
    # Whether a request left this machine: what did not says nothing of the service.
    went_out: bool = True


@dataclass(frozen=True)
class Address:
    """Where a message goes: an endpoint with its browser's keys, an e-mail address, or nothing.

    With an e-mail address, `key` is of the link that ends its letters.
    """

    to: str
    p256dh: str = ""
    auth: str = ""
    key: str = ""
    # The number on the app's badge; None leaves the badge alone.
    unread: int | None = None


class Channel(Protocol):
    """A way to reach a person."""

    async def send(self, message: Message, address: Address) -> Outcome:
        """Send once. Never raises for anything the other side does."""
        ...

    async def close(self) -> None:
        """Close the connections."""
        ...
