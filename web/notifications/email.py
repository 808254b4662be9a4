"""确认邮箱: the link in a letter. Looking changes nothing, because programs look at links too."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from http import HTTPStatus
from typing import TYPE_CHECKING, ClassVar

from push.addresses import confirm
from web.site.answers import respond
from web.site.pages import Page
from web.site.visits import visit_of

if TYPE_CHECKING:
    from starlette.requests import Request
    from starlette.responses import Response

    from web.running.services import Services


@dataclass(frozen=True, kw_only=True)
class AddressPage(Page):
    """确认邮箱."""

    template: ClassVar[str] = "notifications/address.html"
    state: str
    """`asked`, `confirmed`, `gone`."""
    key: str


async def show(request: Request) -> Response:
    """Ask once more, by a button."""
    visit = await visit_of(request, request.app.state.services)
    return respond(request, AddressPage(state="asked", key=visit.params["key"]), visit)


async def say_yes(request: Request) -> Response:
    """The reader of the mailbox says yes."""
    services: Services = request.app.state.services
    visit = await visit_of(request, services)
    key = visit.params["key"]
    is_right = await services.store.write(partial(confirm, key=key, now=visit.now))
    page = AddressPage(state="confirmed" if is_right else "gone", key=key)
    response = respond(request, page, visit)
    if not is_right:
        response.status_code = HTTPStatus.GONE
    return response
