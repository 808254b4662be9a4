"""订阅: a browser says where it can be reached; a script of ours asks it to."""

from __future__ import annotations

import math
from functools import partial
from http import HTTPStatus
from typing import TYPE_CHECKING

from starlette.responses import JSONResponse, Response

from domain.staff.passwords import key_hash, new_key
from push import recipients, subscriptions
from push.errors import EndpointRefusedError, KeysRefusedError, KeyUnknownError
from push.subscriptions import Given, Known
from web.notifications.recipients import language_of, member_here
from web.site.device_key import device_key, give_key
from web.site.forms import form_of
from web.site.visits import visit_of

if TYPE_CHECKING:
    import datetime as dt

    from sqlalchemy.ext.asyncio import AsyncSession
    from starlette.requests import Request

    from push.recipients import Recipient
    from push.tables import Language
    from web.running.services import Services
    from web.site.forms import Form

LONGEST = 2000
"""Characters of a field; push refuses endpoints of half that."""
NO_STORE = {"cache-control": "no-store"}


async def current_key(request: Request) -> Response:
    """The application server key that a browser is to subscribe with."""
    services: Services = request.app.state.services
    return JSONResponse({"key": services.keys.current.public}, headers=NO_STORE)


# A browser stores its endpoint, its key and its owner where page and worker both find them. Once a
# day the page sends them again; a browser whose endpoint changed or whose key was rotated does so
# at once. A subscription that its owner ended elsewhere gets 410, so that nothing starts again by
# itself. A browser belongs to one recipient: the last who subscribed in it.
async def subscribe(request: Request) -> Response:
    """Keep a browser's subscription: a new one, a renewed one, or a moved one.

    It is the device's, or with `whose=staff` that of whoever of the office is signed in here.
    """
    services: Services = request.app.state.services
    visit, form = await visit_of(request, services), await form_of(request)
    address = request.client.host if request.client else ""
    if wait := services.browsers_by_address.wait(address, visit.now):
        response = _said("often", "Too often. Try again later.", HTTPStatus.TOO_MANY_REQUESTS)
        response.headers["retry-after"] = str(math.ceil(wait.total_seconds()))
        return response
    device = device_key(request) or new_key()
    is_staff = form.text("whose") == "staff"
    recipient = await member_here(request) if is_staff else recipients.device(key_hash(device))
    if recipient is None:
        return _said("sign-in", "Sign in first.", HTTPStatus.FORBIDDEN)
    keeping = partial(
        _keep,
        form=form,
        recipient=recipient,
        known=Known(services.settings.ways.origins, frozenset(services.keys.by_public)),
        language=language_of(visit),
        now=visit.now,
    )
    try:
        response = await services.store.write(keeping)
    except (EndpointRefusedError, KeysRefusedError, KeyUnknownError) as error:
        return _refusal(error)
    if response.status_code == HTTPStatus.NO_CONTENT and not is_staff:
        give_key(request, response, device)
    return response


async def _keep(  # noqa: PLR0913 - what was said, whose it is, and what we accept
    session: AsyncSession,
    *,
    form: Form,
    recipient: Recipient,
    known: Known,
    language: Language,
    now: dt.datetime,
) -> Response:
    given = Given(
        endpoint=form.text("endpoint", LONGEST),
        p256dh=form.text("p256dh"),
        auth=form.text("auth"),
        key=form.text("key"),
        language=language,
    )
    old = form.text("old", LONGEST)
    if form.text("renews") and not await _is_theirs(session, recipient, given.endpoint):
        # Somebody ended it on another of their browsers: then it is not begun again by itself.
        return Response(status_code=HTTPStatus.GONE, headers=NO_STORE)
    if old:
        await subscriptions.move(session, recipient, old, given, known, now)
    else:
        await subscriptions.keep(session, recipient, given, known, now)
    return Response(status_code=HTTPStatus.NO_CONTENT, headers=NO_STORE)


async def _is_theirs(session: AsyncSession, recipient: Recipient, endpoint: str) -> bool:
    return any(
        each.endpoint == endpoint for each in await subscriptions.of_recipient(session, recipient)
    )


def _refusal(error: Exception) -> Response:
    """Why a subscription is not kept, for the script and for whoever looks over its shoulder."""
    if isinstance(error, EndpointRefusedError):
        words = f"This is no address that we push to ({error.reason})."
        return _said(f"endpoint-{error.reason}", words)
    if isinstance(error, KeysRefusedError):
        words = f"Nothing can be encrypted to this key ({error.reason})."
        return _said(f"keys-{error.reason}", words)
    return _said("key", "The application server key is none of ours.")


def _said(
    trouble: str, words: str, status: HTTPStatus = HTTPStatus.UNPROCESSABLE_ENTITY
) -> Response:
    return JSONResponse({"trouble": trouble, "words": words}, status, NO_STORE)
