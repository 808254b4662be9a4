"""What can stop a disclosure, as facts."""

from __future__ import annotations

from domain.errors import LianxinError


class ChangedMeanwhileError(LianxinError):
    """The draft is another one than this person saw."""


class NotYourStepError(LianxinError):
    """The next step is for others, or this person took one already."""


class StepsMissingError(LianxinError):
    """A draft is published only after its last step."""


class NothingWrittenError(LianxinError):
    """There is no draft, or it says what is published."""


class WithdrawnError(LianxinError):
    """It was withdrawn; only what is shown can be corrected or withdrawn."""


class NotShownError(LianxinError):
    """Only what residents see hangs on a board."""


class PastError(LianxinError):
    """A schedule in the past."""
