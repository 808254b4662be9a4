"""What can stop somebody from being told something, as facts."""

from __future__ import annotations

from domain.errors import LianxinError


class EndpointRefusedError(LianxinError):
    """The address to push to is none that we send to; `reason` is a short English word.

    One of `scheme`, `port`, `user`, `host`, `length`, `form`.
    """

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class KeysRefusedError(LianxinError):
    """The browser's keys cannot encrypt anything; `reason` says which: `p256dh` or `auth`."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class KeyUnknownError(LianxinError):
    """The subscription was made with an application server key that is none of ours (any more)."""


class TooManyWatchesError(LianxinError):
    """The device, or everybody together, follows as many tickets as are allowed."""


class NothingToFollowError(LianxinError):
    """The ticket is over; nothing more will happen to it."""
