"""Why something was not done in a matter: each error's word for the templates, and its status."""

from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING

from domain.matters.errors import (
    AwayError,
    ClosedError,
    ExtendedAlreadyError,
    KeyReusedError,
    NotHandlerError,
    NotJoinableError,
    NotOwedError,
    PromiseEndedError,
    RatedAlreadyError,
    ReopenedAlreadyError,
    RunsError,
    StandsStillError,
    StillOpenError,
    TooLateError,
)
from web.site.answers import TooOftenError

if TYPE_CHECKING:
    from web.site.answers import Refusals

CONFLICT = HTTPStatus.CONFLICT


class NotYoursError(Exception):
    """The device may read the matter, not write in it."""


class NoSuchCodeError(Exception):
    """No matter has this code."""


# What a resident does in a matter.
ACTING: Refusals = {
    NotYoursError: ("not-yours", HTTPStatus.FORBIDDEN),
    ClosedError: ("closed", CONFLICT),
    KeyReusedError: ("sent-other", CONFLICT),
    RatedAlreadyError: ("rated", CONFLICT),
    ReopenedAlreadyError: ("reopened", CONFLICT),
    StillOpenError: ("open", CONFLICT),
    TooLateError: ("too-late", CONFLICT),
    TooOftenError: ("often", HTTPStatus.TOO_MANY_REQUESTS),
}
CODES: Refusals = {
    NoSuchCodeError: ("unknown", HTTPStatus.NOT_FOUND),
    TooOftenError: ("often", HTTPStatus.TOO_MANY_REQUESTS),
}
# What someone who answers does. The words are kept on the page in each case.
HANDLING: dict[type[Exception], str] = {
    NotHandlerError: "not-yours",
    ClosedError: "closed",
    KeyReusedError: "sent-other",
    AwayError: "away",
    NotOwedError: "not-now",
    StandsStillError: "not-now",
    RunsError: "not-now",
    ExtendedAlreadyError: "not-now",
    NotJoinableError: "not-joinable",
    PromiseEndedError: "promise-ended",
}
