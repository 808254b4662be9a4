"""What can stop a notification, as facts."""

from __future__ import annotations

from domain.errors import LianxinError


class EndpointRefusedError(LianxinError):
    """We do not send to this endpoint; `reason` is a short English word.

    One of `scheme`, `port`, `user`, `host`, `length`, `form`.
    """

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class KeysRefusedError(LianxinError):
    """The browser's keys are unusable; `reason` says which: `p256dh` or `auth`."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class KeyUnknownError(LianxinError):
    """The subscription was made with an application server key that we do not have (any more)."""


class TooManyWatchesError(LianxinError):
    """The device, or the ticket, has as many watches as are allowed."""


class NothingToFollowError(LianxinError):
    """The ticket is over; nothing more will happen to it."""


class TooManyFollowsError(LianxinError):
    """The recipient follows as much as is allowed."""
