"""From a view to an answer: `reads(view)`, and `kept(view)` for pages that all share."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from functools import partial, wraps
from http import HTTPStatus
from typing import TYPE_CHECKING

from starlette.responses import RedirectResponse, Response

from web.site.assets import compressed, negotiated
from web.site.forms import clean
from web.site.page_cache import KeptPage
from web.site.preferences import Preferences, remember
from web.site.visit import Visit, manner_of, midnight_after

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Awaitable, Callable

    from starlette.requests import Request
    from starlette.types import ASGIApp, Receive, Scope, Send

    from web.running.services import House
    from web.site.pages import Page

    View = Callable[[Visit], Awaitable[Page]]
    HouseView = Callable[[House, Visit], Awaitable[Page]]
    Endpoint = Callable[[Request], Awaitable[Response]]


@dataclass(frozen=True)
class Redirect:
    """What a writing view returns when it is done: where to look next."""

    path: str


def reads(view: View) -> Endpoint:
    """An endpoint that renders what the view returns, anew for each request."""

    async def endpoint(request: Request) -> Response:
        house: House = request.app.state.house
        visit = await visit_of(request, house)
        return respond(request, await view(visit), visit)

    return leads_to(view, endpoint)


def kept(view: View) -> Endpoint:
    """Like `reads`, and the page is kept.

    The view may depend on the path, the day and the language, never on the query or on who asks.
    """

    @wraps(view)
    async def of_house(_house: House, visit: Visit) -> Page:
        return await view(visit)

    return kept_figures(of_house)


def kept_figures(view: HouseView) -> Endpoint:
    """Like `kept`, for a view that counts something; its page says until when it is fresh."""

    async def endpoint(request: Request) -> Response:
        house: House = request.app.state.house
        visit = await visit_of(request, house)
        shared = partial(view, house)
        page = await kept_page(house, visit, shared, request.scope["route"].path)
        return _KeptResponse(page, visit.preferences)

    return leads_to(view, endpoint)


def leads_to(view: Callable[..., object], endpoint: Endpoint) -> Endpoint:
    """The endpoint with its view written on it, for the list of routes and for tracebacks."""
    endpoint.__name__ = view.__qualname__
    endpoint.__dict__["view"] = view
    return endpoint


async def kept_page(house: House, visit: Visit, view: View, route: str) -> KeptPage:
    """The page of this visit, from among those kept or rendered now and kept."""
    found = house.kept.get(visit.path, visit.manner, visit.now)
    if found is not None:
        return found
    page = await view(visit)
    rendered = KeptPage(
        status=page.status,
        media_type=page.media_type,
        body=house.renderer.render(page, visit).encode(),
        route=route,
        community=page.community.slug if page.community else None,
        fresh_until=page.fresh_until or midnight_after(visit.now),
    )
    _keep(house, visit, rendered)
    return rendered


async def keep_bytes(
    request: Request,
    build: Callable[[Visit], Awaitable[tuple[bytes, str | None, dt.datetime | None]]],
    media_type: str,
) -> Response:
    """Answer with bytes that are costly to build, until the content changes or they are stale.

    `build` returns the bytes, the slug of the community they belong to, and until when they are
    true (None for the end of the day).
    """
    house: House = request.app.state.house
    visit = await visit_of(request, house)
    async with house.building:
        found = house.kept.get(visit.path, visit.manner, visit.now)
        if found is not None:
            return _KeptResponse(found, visit.preferences)
        body, community, fresh_until = await build(visit)
        page = KeptPage(
            status=200,
            media_type=media_type,
            body=body,
            route=request.scope["route"].path,
            community=community,
            fresh_until=fresh_until or midnight_after(visit.now),
        )
        # Compressing a megabyte takes long enough to keep others waiting.
        await asyncio.to_thread(lambda: page.variants)
        _keep(house, visit, page)
    return _KeptResponse(page, visit.preferences)


def _keep(house: House, visit: Visit, page: KeptPage) -> None:
    """Keep a page, unless the content changed while it was made."""
    if house.is_current and house.kept.revision == visit.published.revision:
        house.kept.put(visit.path, visit.manner, page)


async def visit_of(request: Request, house: House) -> Visit:
    """The visit that a request is."""
    manner, preferences = manner_of(request.scope, house.settings.public_url)
    return Visit(
        path=clean(request.scope["path"]),
        params=request.path_params,
        query={name: clean(value) for name, value in request.query_params.items()},
        manner=manner,
        preferences=preferences,
        now=house.now(),
        published=await house.published(),
    )


def respond(request: Request, page: Page, visit: Visit) -> Response:
    """The page as an answer that nobody keeps."""
    house: House = request.app.state.house
    body = house.renderer.render(page, visit).encode()
    headers = {"cache-control": "no-store", "vary": "Cookie, Accept-Language"}
    return compact(request, body, page.media_type, headers, page.status)


def compact(
    request: Request, body: bytes, media_type: str, headers: dict[str, str], status: int = 200
) -> Response:
    """An answer compressed the way this browser takes it."""
    accepted = request.headers.get("accept-encoding", "")
    encoding, body = negotiated(compressed(body, media_type), accepted)
    if encoding != "identity":
        headers["content-encoding"] = encoding
    headers["vary"] = ", ".join(filter(None, (headers.get("vary"), "Accept-Encoding")))
    return Response(body, status, headers, media_type)


def moved(path: str, status: int = 303) -> RedirectResponse:
    """Somewhere else on this site."""
    return RedirectResponse(path, status, {"cache-control": "no-store"})


class _KeptResponse(Response):
    """A kept page as a Starlette response, so that one function sends it in both cases."""

    def __init__(self, page: KeptPage, preferences: Preferences) -> None:
        self.page, self.preferences = page, preferences
        self.background = None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        await send_kept(self.page, self.preferences, scope, send)


class KeptFirst:
    """Answers with a kept page before any routing happens; everything else goes on."""

    def __init__(self, app: ASGIApp, house: House) -> None:
        self.app, self.house = app, house

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Send the kept page if there is one."""
        house = self.house
        asks = scope["type"] == "http" and scope["method"] in {"GET", "HEAD"}
        if asks and house.is_current and not scope["query_string"]:
            manner, preferences = manner_of(scope, house.settings.public_url)
            page = house.kept.get(scope["path"], manner, house.now())
            if page is not None:
                scope["lianxin.route"] = page.route
                await send_kept(page, preferences, scope, send)
                return
        await self.app(scope, receive, send)


async def send_kept(page: KeptPage, preferences: Preferences, scope: Scope, send: Send) -> None:
    """Send a kept page: 304 when the browser has it, and remember whose pages were looked at."""
    given = dict(scope["headers"])
    _, answer = negotiated(page.answers, given.get(b"accept-encoding", b"").decode("latin-1"))
    status, headers, body = page.status, answer.headers, answer.body
    if answer.etag in given.get(b"if-none-match", b""):
        status, headers, body = HTTPStatus.NOT_MODIFIED, answer.unchanged_headers, b""
    if page.community not in {None, preferences.community}:
        headers = [*headers, *_remembering(preferences.at(str(page.community)), scope)]
    await send({"type": "http.response.start", "status": int(status), "headers": headers})
    if scope["method"] == "HEAD":
        body = b""
    await send({"type": "http.response.body", "body": body})


def _remembering(preferences: Preferences, scope: Scope) -> list[tuple[bytes, bytes]]:
    response = Response()
    remember(response, preferences, secure=scope["scheme"] == "https")
    return [pair for pair in response.raw_headers if pair[0] == b"set-cookie"]
