"""我的通知 of a resident's device: the page and its forms, which also work without a script."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from http import HTTPStatus
from typing import TYPE_CHECKING, ClassVar

from domain.keys import key_hash, new_key
from push import addresses, recipients
from push.recipients import Recipient
from web.notifications import settings
from web.notifications.recipients import device_of
from web.notifications.settings import Notifications, RefusedError, notifications
from web.site.answers import redirect_to, respond
from web.site.device_key import device_key, give_key
from web.site.forms import form_of
from web.site.pages import Page
from web.site.visits import visit_of

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from sqlalchemy.ext.asyncio import AsyncSession
    from starlette.requests import Request
    from starlette.responses import Response

    from web.running.services import Services
    from web.site.forms import Form
    from web.site.visit import Visit

    Change = Callable[[AsyncSession, Recipient, Notifications, Form, Visit], Awaitable[None]]

BASE = "/mine/notifications"
NOBODY = Recipient("d:")
"""A device that was given no key yet: it has what is usual."""


@dataclass(frozen=True, kw_only=True)
class MyNotifications(Page):
    """我的通知."""

    template: ClassVar[str] = "notifications/notifications.html"
    tab: ClassVar[str] = "mine"
    mine: Notifications


async def show(request: Request) -> Response:
    """What is chosen at present."""
    services: Services = request.app.state.services
    visit = await visit_of(request, services)
    async with services.store.read() as session:
        whose = device_of(request) or NOBODY
        page = await notifications(session, whose, BASE, visit, services.settings.ways)
    return respond(request, MyNotifications(mine=page), visit)


async def save(request: Request) -> Response:
    """Keep what was chosen."""
    return await _change(request, settings.save, "saved")


async def ask(request: Request) -> Response:
    """Ask the reader of an address whether it is theirs."""
    return await _change(request, settings.ask, "asked")


async def _change(request: Request, change: Change, done: str) -> Response:
    """Change something for this device; its first change gives it a key."""
    services: Services = request.app.state.services
    visit, form = await visit_of(request, services), await form_of(request)
    device = device_key(request) or new_key()
    recipient = recipients.device(key_hash(device))

    async def unit(session: AsyncSession) -> None:
        page = await notifications(session, recipient, BASE, visit, services.settings.ways)
        await change(session, recipient, page, form, visit)

    try:
        await services.store.write(unit)
    except RefusedError as refused:
        response = respond(request, MyNotifications(mine=refused.page), visit)
        response.status_code = HTTPStatus.UNPROCESSABLE_ENTITY
        return response
    response = redirect_to(f"{BASE}?done={done}")
    give_key(request, response, device)
    return response


async def forget_address(request: Request) -> Response:
    """Write no more letters."""
    services: Services = request.app.state.services
    recipient = device_of(request)
    if recipient is not None:
        await services.store.write(partial(addresses.forget, recipient=recipient))
    return redirect_to(f"{BASE}?done=forgotten")


async def stop(request: Request) -> Response:
    """End one browser's notifications."""
    services: Services = request.app.state.services
    recipient, browser = device_of(request), int(request.path_params["browser"])
    if recipient is not None:
        await services.store.write(partial(settings.stop, recipient=recipient, browser=browser))
    return redirect_to(f"{BASE}?done=stopped")
