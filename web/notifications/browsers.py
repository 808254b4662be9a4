"""订阅: a script tells us where its browser can be reached. All answers are JSON."""

from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING

from starlette.responses import JSONResponse, Response

from domain.errors import LianxinError
from push import ended, subscriptions
from push.errors import EndpointRefusedError, KeysRefusedError, KeyUnknownError
from push.subscriptions import Given, Known
from web.notifications.recipients import language_of, lasting_recipient_of, member_at
from web.site.answers import TooOftenError, seconds, to_response
from web.site.visits import resident_visit

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncSession
    from starlette.requests import Request

    from push.recipients import Recipient
    from web.site.answers import Refusals
    from web.site.visits import ResidentVisit

# Characters of a field; push refuses endpoints of half that.
LONGEST = 2000
NO_STORE = {"cache-control": "no-store"}


class NotSignedInError(LianxinError):
    """A subscription for staff, from a browser on which no member of staff is signed in."""


class EndedError(LianxinError):
    """A subscription that its owner ended on another browser is not renewed by a script."""


REFUSED: Refusals = {
    TooOftenError: ("often", HTTPStatus.TOO_MANY_REQUESTS),
    NotSignedInError: ("sign-in", HTTPStatus.FORBIDDEN),
    EndedError: ("ended", HTTPStatus.GONE),
    EndpointRefusedError: ("endpoint", HTTPStatus.UNPROCESSABLE_ENTITY),
    KeysRefusedError: ("keys", HTTPStatus.UNPROCESSABLE_ENTITY),
    KeyUnknownError: ("key", HTTPStatus.UNPROCESSABLE_ENTITY),
}
WORDS = {
    "often": "Too often. Try again later.",
    "sign-in": "Sign in first.",
    "ended": "The owner of this subscription ended it.",
    "endpoint": "We do not push to this address.",
    "keys": "Nothing can be encrypted to this key.",
    "key": "The application server key is not ours.",
}


async def current_key(request: Request) -> Response:
    """The application server key with which a browser subscribes."""
    key = request.app.state.services.keys.current.public
    return JSONResponse({"key": key}, headers=NO_STORE)


# A browser stores its endpoint, its key and its owner where page and worker both find them. Once a
# day the page sends them again; a browser whose endpoint changed or whose key was rotated does so
# at once. A subscription that its owner ended elsewhere gets 410, so that nothing starts again by
# itself. A browser belongs to one recipient: the last who subscribed in it.
async def subscribe(request: Request) -> Response:
    """Keep a browser's subscription: a new one, a renewed one, or a moved one.

    It is the device's, or with `whose=staff` that of the member of staff who is signed in here.
    """
    visit = await resident_visit(request)
    try:
        await _keep(visit, await _recipient(request, visit))
    except tuple(REFUSED) as error:
        return _refusal(error)
    return to_response(request, Response(status_code=204, headers=NO_STORE), visit)


async def _recipient(request: Request, visit: ResidentVisit) -> Recipient:
    """Raises `TooOftenError`, `NotSignedInError`."""
    if wait := visit.wait_at_address(visit.services.browsers_by_address):
        raise TooOftenError(wait)
    if visit.form.text("whose") != "staff":
        return lasting_recipient_of(visit)
    member = await member_at(request)
    if member is None:
        raise NotSignedInError
    return member


async def _keep(visit: ResidentVisit, recipient: Recipient) -> None:
    """Raises `EndedError`, and what `push.subscriptions` refuses."""
    form, services = visit.form, visit.services
    given = Given(
        endpoint=form.text("endpoint", LONGEST),
        p256dh=form.text("p256dh"),
        auth=form.text("auth"),
        key=form.text("key"),
        language=language_of(visit),
    )
    old, is_renewal = form.text("old", LONGEST), bool(form.text("renews"))
    known = Known(services.settings.ways.origins, frozenset(services.keys.by_public))

    async def unit(session: AsyncSession) -> None:
        if is_renewal and not await _is_theirs(session, recipient, given.endpoint):
            raise EndedError
        if old and await ended.has_ended(session, old):
            raise EndedError
        if old:
            await subscriptions.move(session, recipient, old, given, known, visit.now)
        else:
            await subscriptions.keep(session, recipient, given, known, visit.now)
            await ended.begin_again(session, given.endpoint)

    await services.store.write(unit)


async def _is_theirs(session: AsyncSession, recipient: Recipient, endpoint: str) -> bool:
    theirs = await subscriptions.of_recipient(session, recipient)
    return any(subscription.endpoint == endpoint for subscription in theirs)


def _refusal(error: Exception) -> Response:
    """Why a subscription is not kept, as JSON: a word for the script, a sentence for its author."""
    trouble, status = REFUSED[type(error)]
    words, headers = WORDS[trouble], dict(NO_STORE)
    if isinstance(error, TooOftenError):
        headers["retry-after"] = seconds(error.wait)
    if isinstance(error, EndpointRefusedError | KeysRefusedError):
        trouble, words = f"{trouble}-{error.reason}", f"{words} ({error.reason})"
    return JSONResponse({"trouble": trouble, "words": words}, status, headers)
