"""Why a number or an action was refused: each error's word for the templates, and its status.

One table for taking a number on phone, kiosk and at the counter, and one for a ticket's page.
"""

from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING

from domain.queue.errors import (
    HoldsOneError,
    NobodyWaitsError,
    NoNewNumbersError,
    NotServedError,
    NotYoursError,
    QueueClosedError,
    SoldOutError,
    TooOftenError,
    WrongStateError,
)
from domain.ratings.rating import NotRateableError, RatedAlreadyError
from push.errors import NothingToFollowError, TooManyWatchesError
from web.site import answers

if TYPE_CHECKING:
    from web.site.answers import Refusals

CONFLICT = HTTPStatus.CONFLICT


class OddRequestError(Exception):
    """The choice does not fit together; none of our forms sends it."""


# Why no number is given.
TAKING: Refusals = {
    QueueClosedError: ("closed", CONFLICT),
    NoNewNumbersError: ("stopped", CONFLICT),
    SoldOutError: ("sold-out", CONFLICT),
    NotServedError: ("not-served", CONFLICT),
    OddRequestError: ("odd", HTTPStatus.UNPROCESSABLE_ENTITY),
    answers.TooOftenError: ("too-many", HTTPStatus.TOO_MANY_REQUESTS),
}

# Why an action on a ticket was refused.
ACTING: Refusals = {
    NotYoursError: ("not-yours", HTTPStatus.FORBIDDEN),
    WrongStateError: ("state", CONFLICT),
    QueueClosedError: ("state", CONFLICT),
    TooOftenError: ("often", CONFLICT),
    HoldsOneError: ("holds", CONFLICT),
    NobodyWaitsError: ("alone", CONFLICT),
    NotRateableError: ("state", CONFLICT),
    RatedAlreadyError: ("state", CONFLICT),
    answers.TooOftenError: ("much", HTTPStatus.TOO_MANY_REQUESTS),
    NothingToFollowError: ("state", CONFLICT),
    TooManyWatchesError: ("watches", HTTPStatus.TOO_MANY_REQUESTS),
}
