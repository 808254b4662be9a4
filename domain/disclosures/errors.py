"""What can stop a disclosure, as facts."""

from __future__ import annotations

from typing import TYPE_CHECKING

from domain.errors import LianxinError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from domain.disclosures.personal_data import Found


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


class NotOpenForObjectionsError(LianxinError):
    """The 公示期 is over, or there is none."""


class LineGoneError(LianxinError):
    """The ledger has no such line, or not any more."""


class TooManyAskedError(LianxinError):
    """The device asked as much about this disclosure as can be open at once."""


class NotAskableError(LianxinError):
    """Inquiries of this kind are about a disclosure, and this one is about none."""


class NotPublicError(LianxinError):
    """The inquiry is not public, so nobody can want to know its answer too."""


class AnsweredAlreadyError(LianxinError):
    """The answer is there already, or the matter is closed."""


class TooManySupportersError(LianxinError):
    """As many want to know it as can be told."""


class PersonalDataError(LianxinError):
    """Words that would become public hold what looks like personal data: `found`."""

    def __init__(self, found: Sequence[Found]) -> None:
        super().__init__(f"{len(found)} places")
        self.found = tuple(found)


class NoReasonError(LianxinError):
    """The asker is owed a reason."""


class OwnDecisionError(LianxinError):
    """A colleague decides about a disputed decision, not the person who made it."""


class NothingToDisputeError(LianxinError):
    """It is shown as it was asked, waits for a decision, or was disputed before."""


class TooLateToCorrectError(LianxinError):
    """A correction is asked for once, and only in the first days after the application came."""


class PastError(LianxinError):
    """A schedule in the past."""


class TooManyFilesError(LianxinError):
    """A disclosure has at most ten files."""
