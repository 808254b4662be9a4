"""确认邮箱: the link in a letter. Looking changes nothing, because programs look at links too."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from http import HTTPStatus
from typing import TYPE_CHECKING, ClassVar

from push.addresses import confirm
from web.site.answers import respond, visit_of
from web.site.pages import Page

if TYPE_CHECKING:
    from starlette.requests import Request
    from starlette.responses import Response

    from web.running.services import House


@dataclass(frozen=True, kw_only=True)
class AddressPage(Page):
    """确认邮箱."""

    template: ClassVar[str] = "notifications/address.html"
    state: str
    """`asked`, `confirmed`, `gone`."""
    key: str


async def show(request: Request) -> Response:
    """Ask once more, by a button."""
    visit = await visit_of(request, request.app.state.house)
    return respond(request, AddressPage(state="asked", key=visit.params["key"]), visit)


async def say_yes(request: Request) -> Response:
    """The reader of the mailbox says yes."""
    house: House = request.app.state.house
    visit = await visit_of(request, house)
    key = visit.params["key"]
    is_right = await house.store.write(partial(confirm, key=key, now=visit.now))
    page = AddressPage(state="confirmed" if is_right else "gone", key=key)
    response = respond(request, page, visit)
    if not is_right:
        response.status_code = HTTPStatus.GONE
    return response
