"""The table from errors to status, words and next step."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from http import HTTPStatus
from typing import TYPE_CHECKING, ClassVar, TypeVar

from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect
from starlette.responses import PlainTextResponse
from starlette.routing import Match

from domain.errors import (
    CommunityEndedError,
    CommunityNotFoundError,
    ItemNotFoundError,
    LianxinError,
    NothingPublishedError,
    StoreUnavailableError,
)
from web.site.answers import redirect_to, respond, uncached
from web.site.pages import Page
from web.site.preferences import local_path
from web.site.visit import manner_of
from web.site.visits import visit_of

if TYPE_CHECKING:
    from starlette.requests import Request
    from starlette.responses import Response

    from domain.published import Published
    from web.running.services import Services
    from web.site.visit import Visit

log = logging.getLogger("lianxin.errors")

T = TypeVar("T")


class SignInFirstError(Exception):
    """Nobody is signed in; `path` is where the visitor wanted to go."""

    def __init__(self, path: str) -> None:
        super().__init__(path)
        self.path = path


def found_or_404(found: T | None) -> T:
    """What was looked for; None is answered with 404."""
    if found is None:
        raise HTTPException(404)
    return found


@dataclass(frozen=True, kw_only=True)
class NotFound(Page):
    """404: the nearest names, a search, and the way home."""

    template: ClassVar[str] = "errors/not_found.html"
    status: ClassVar[int] = 404
    what: str
    # (address, name) of what may have been meant.
    nearest: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, kw_only=True)
class Refused(Page):
    """A refused request, and what to do instead."""

    template: ClassVar[str] = "errors/refused.html"
    status: ClassVar[int] = 400


@dataclass(frozen=True, kw_only=True)
class Trouble(Page):
    """Our own fault, with the number to give when calling."""

    template: ClassVar[str] = "errors/trouble.html"
    status: ClassVar[int] = 500
    request_id: str


@dataclass(frozen=True, kw_only=True)
class Ended(Page):
    """410: the community was merged, into `community` unless nobody said into which."""

    template: ClassVar[str] = "errors/ended.html"
    status: ClassVar[int] = 410
    place: str


@dataclass(frozen=True, kw_only=True)
class NoDistrict(Page):
    """Before the first district: what the person who installs does next."""

    template: ClassVar[str] = "errors/no_district.html"


@dataclass(frozen=True, kw_only=True)
class Unavailable(Page):
    """503: the store does not answer. It names 12345, the hotline of every city in China."""

    template: ClassVar[str] = "errors/unavailable.html"
    status: ClassVar[int] = 503
    path: str


# One table for all facts that no view handles itself, so that the same fact has the same words and
# the same status everywhere.
async def page_of_error(error: Exception, published: Published) -> Page | None:
    """The page for an error; None for errors nobody expected."""
    if isinstance(error, CommunityEndedError):
        gone = published.ended[error.slug]
        community = await published.community(error.successor) if error.successor else None
        return Ended(place=gone.name, community=community)
    if isinstance(error, CommunityNotFoundError):
        near = tuple((f"/c/{slug}", name) for slug, name in error.nearest)
        return NotFound(what="community", nearest=near)
    if isinstance(error, ItemNotFoundError):
        base = f"/c/{error.community}/handbook"
        near = tuple((f"{base}/{slug}", name) for slug, name in error.nearest)
        community = await published.community(error.community)
        return NotFound(what="item", nearest=near, community=community)
    if isinstance(error, HTTPException) and error.status_code == HTTPStatus.NOT_FOUND:
        return NotFound(what="page")
    return None


async def answer_error(request: Request, error: Exception) -> Response:
    """The response for an error."""
    services: Services = request.app.state.services
    if outside := _outside(request, services, error):
        return outside
    if elsewhere := _elsewhere(request, error):
        return elsewhere
    try:
        visit = await visit_of(request, services)
    except LianxinError as trouble:
        return await answer_error(request, trouble)
    if onward := _onward(request, visit, error):
        return redirect_to(onward)
    page = await page_of_error(error, visit.published)
    if page is None and isinstance(error, HTTPException):
        response = respond(request, Refused(), visit)
        response.status_code = error.status_code
        response.headers.update(error.headers or {})
        return response
    if page is None:
        log.error("unexpected", exc_info=error)
        page = Trouble(request_id=request.scope.get("lianxin.id", ""))
    return respond(request, page, visit)


# Not for ever: a browser that kept it would not come back when the office brings a community back.
def _onward(request: Request, visit: Visit, error: Exception) -> str | None:
    """The same page of the community that followed, or the choice of one.

    None for any other error, for a form, which must not seem to be sent, and for a part of a page.
    """
    if not isinstance(error, CommunityEndedError) or request.method == "POST":
        return None
    if visit.path.startswith("/f/"):
        return None
    if error.successor is None:
        return "/communities"
    home = f"/c/{error.slug}"
    below = visit.path.removeprefix(home) if visit.path.startswith(home) else ""
    if below.startswith("/b/"):
        _, door = visit.published.now_at(error.slug, below.removeprefix("/b/"))
        below = f"/b/{door}" if door else ""
    asked = "" if below else f"?was={error.slug}"
    return f"/c/{error.successor}{below}{asked}"


def _outside(request: Request, services: Services, error: Exception) -> Response | None:
    """The response when no district can be shown: none is there, no store, or nobody to read it."""
    if isinstance(error, ClientDisconnect):
        # A phone lost its network while it sent. This is for the log, and no fault of ours.
        return PlainTextResponse("", HTTPStatus.BAD_REQUEST)
    if isinstance(error, NothingPublishedError):
        response = _outside_page(request, services, NoDistrict())
        if not _is_opened(request):
            response.status_code = HTTPStatus.SERVICE_UNAVAILABLE
        return response
    if isinstance(error, StoreUnavailableError):
        log.error("store unavailable: %s", error)
        response = _outside_page(
            request, services, Unavailable(path=local_path(request.scope["path"]))
        )
        response.headers["retry-after"] = "30"
        return response
    return None


# A phone that still holds a form or asks for a part of a page must not take this for its answer.
def _is_opened(request: Request) -> bool:
    """Whether a browser opens this address, and no script and no form asks."""
    is_page = request.method in {"GET", "HEAD"} and not request.url.path.startswith("/f/")
    return is_page and "text/html" in request.headers.get("accept", "")


def _outside_page(request: Request, services: Services, page: Page) -> Response:
    manner, _ = manner_of(request.scope, services.settings.public_url)
    return uncached(request, page, services.renderer.render_outside(page, manner))


def _elsewhere(request: Request, error: Exception) -> Response | None:
    """The way in, for who is not signed in, or the address without its slash."""
    if isinstance(error, SignInFirstError):
        return redirect_to(error.path)
    if slashless := _without_slash(request, error):
        return redirect_to(slashless, HTTPStatus.PERMANENT_REDIRECT)
    return None


def _without_slash(request: Request, error: Exception) -> str | None:
    """The path without its trailing slash, if that is a route; otherwise None."""
    path = request.url.path
    is_missing = isinstance(error, HTTPException) and error.status_code == HTTPStatus.NOT_FOUND
    if not is_missing or request.method != "GET" or not path.endswith("/"):
        return None
    target = local_path(path.rstrip("/") or "/")
    asked = {**request.scope, "path": target}
    is_route = any(r.matches(asked)[0] is Match.FULL for r in request.app.router.routes)
    return target if is_route and target != "/" else None


# Errors that the application answers itself; anything else is `Trouble`.
HANDLED = (LianxinError, HTTPException, SignInFirstError)
