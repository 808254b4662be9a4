"""收件箱: what somebody was told, whether or not it reached their phone, and where it leads."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from http import HTTPStatus
from typing import TYPE_CHECKING, ClassVar

from starlette.exceptions import HTTPException
from starlette.responses import JSONResponse, Response

from push.inbox import messages, unread
from push.messages import worded
from push.reading import open_message, page_opened
from web.notifications.recipients import device_of, everybody_here, language_of
from web.site.answers import redirect_to, respond
from web.site.forms import form_of
from web.site.pages import Page
from web.site.preferences import local_path
from web.site.visits import visit_of

if TYPE_CHECKING:
    import datetime as dt

    from sqlalchemy.ext.asyncio import AsyncSession
    from starlette.requests import Request

    from push.recipients import Recipient
    from web.running.services import Services
    from web.site.visit import Visit

NEWEST, MOST = 5, 50
"""Messages on 我的, and on the page of all."""
NO_STORE = {"cache-control": "no-store"}


@dataclass(frozen=True)
class Told:
    """A message as it stands on the page."""

    id: int
    title: str
    body: str
    at: dt.datetime
    """Aware local time."""
    is_new: bool


@dataclass(frozen=True, kw_only=True)
class InboxPart(Page):
    """The newest messages, on 我的."""

    template: ClassVar[str] = "notifications/_mine.html"
    told: tuple[Told, ...]
    has_key: bool
    """Whether the device can be told anything at all."""


@dataclass(frozen=True, kw_only=True)
class Inbox(Page):
    """收件箱, also without a script."""

    template: ClassVar[str] = "notifications/inbox.html"
    tab: ClassVar[str] = "mine"
    told: tuple[Told, ...]


async def told(
    session: AsyncSession, recipient: Recipient, visit: Visit, most: int
) -> tuple[Told, ...]:
    """What somebody was told, in the page's language, the newest first."""
    found = []
    for each in await messages(session, recipient, most):
        title, body = worded(each.kind, each.facts, language_of(visit))
        at = each.created_at.astimezone(visit.now.tzinfo)
        found.append(Told(each.id, title, body, at, each.read_at is None))
    return tuple(found)


async def part(request: Request) -> Response:
    """The newest, for 我的."""
    visit, found, has_key = await _of_device(request, NEWEST)
    return respond(request, InboxPart(told=found, has_key=has_key), visit)


async def show(request: Request) -> Response:
    """All of them."""
    visit, found, _ = await _of_device(request, MOST)
    return respond(request, Inbox(told=found), visit)


async def _of_device(request: Request, most: int) -> tuple[Visit, tuple[Told, ...], bool]:
    services: Services = request.app.state.services
    visit, recipient = await visit_of(request, services), device_of(request)
    if recipient is None:
        return visit, (), False
    async with services.store.read() as session:
        return visit, await told(session, recipient, visit, most), True


async def count(request: Request) -> Response:
    """How many are new, for the app's badge and the dot on the tab."""
    services: Services = request.app.state.services
    here = await everybody_here(request)
    async with services.store.read() as session:
        new = sum([await unread(session, each) for each in here])
    return JSONResponse({"unread": new}, headers=NO_STORE)


async def read_one(request: Request) -> Response:
    """Open one message: it is read now, and leads to its page."""
    services: Services = request.app.state.services
    reading = partial(
        open_message,
        whose=await everybody_here(request),
        message_id=int(request.path_params["message"]),
        now=services.now(),
    )
    leads_to = await services.store.write(reading)
    if leads_to is None:
        raise HTTPException(HTTPStatus.NOT_FOUND)
    return redirect_to(leads_to)


async def read_page(request: Request) -> Response:
    """Somebody is on the page that messages lead to, by a notification or by themselves."""
    services: Services = request.app.state.services
    here = await everybody_here(request)
    path = local_path((await form_of(request)).text("path"))
    if here:
        reading = partial(page_opened, whose=here, path=path, now=services.now())
        await services.store.write(reading)
    return await count(request)
