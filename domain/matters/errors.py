"""What is refused in a matter."""

from __future__ import annotations

from domain.errors import LianxinError


class NotHandlerError(LianxinError):
    """Someone else has the matter now."""


class ClosedError(LianxinError):
    """The matter is closed; it can be reopened."""


class StillOpenError(LianxinError):
    """The matter is open, so there is nothing to reopen or to rate."""


class TooLateError(LianxinError):
    """The time in which a closed matter can be reopened or rated is over."""


class ReopenedAlreadyError(LianxinError):
    """It was opened again as often as a matter of its kind can be."""


class NotOwedError(LianxinError):
    """No answer is owed, so there is no clock to stop or to extend."""


class StandsStillError(LianxinError):
    """The clock stands still already."""


class RunsError(LianxinError):
    """The clock does not stand still."""


class ExtendedAlreadyError(LianxinError):
    """The time was extended once; it cannot be twice."""


class RatedAlreadyError(LianxinError):
    """The round was rated already."""


class KeyReusedError(LianxinError):
    """The form's key was used for other words."""


class AwayError(LianxinError):
    """The person it was to be handed to is away or has left."""


class PromiseEndedError(LianxinError):
    """The promise was kept or broken already."""


class TooManyFollowedError(LianxinError):
    """The device follows as many promises as it may, or the promise has as many followers."""


class NotJoinableError(LianxinError):
    """The two matters cannot be one."""
