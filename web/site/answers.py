"""From a view to a response: `reads`, `writes`, and `kept` for cached pages."""

from __future__ import annotations

import asyncio
import math
from dataclasses import dataclass, replace
from functools import partial, wraps
from http import HTTPStatus
from typing import TYPE_CHECKING, Any, TypeAlias, TypeVar

from starlette.responses import RedirectResponse, Response

from domain.errors import StoreUnavailableError
from domain.keys import key_hash, new_key
from domain.refused_forms import LARGEST, LASTS, Holder, hold
from web.site.assets import best_encoding, compressed_for
from web.site.cookies import cookie_name, set_key
from web.site.device_key import give_key
from web.site.forms import Form
from web.site.page_cache import CachedPage
from web.site.preferences import Preferences, after_visit, language_in, remember
from web.site.refused import AGAIN, COOKIE, RefusedForm, is_for_anyone, packed_answer
from web.site.visit import MOVED, Visit, home_now, manner_of, midnight_after
from web.site.visits import ResidentVisit, resident_visit, visit_of

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Awaitable, Callable, Coroutine, Mapping

    from sqlalchemy.ext.asyncio import AsyncSession
    from starlette.requests import Request
    from starlette.types import ASGIApp, Receive, Scope, Send

    from web.running.services import Services
    from web.site.pages import Page

    View = Callable[[Visit], Awaitable[Page]]
    Answer: TypeAlias = "Page | Response | Redirect"
    ReadingView = Callable[[ResidentVisit], Coroutine[Any, Any, Answer]]
    WritingView = Callable[[ResidentVisit, AsyncSession], Coroutine[Any, Any, Answer]]
    Refusals = Mapping[type[Exception], tuple[str, HTTPStatus]]
    Again = Callable[[ResidentVisit, str], Awaitable[Page]]
    Check = Callable[[ResidentVisit], Awaitable[None]]
    ServicesView = Callable[[Services, Visit], Awaitable[Page]]
    Endpoint = Callable[[Request], Awaitable[Response]]

V = TypeVar("V", bound=ResidentVisit)
SVG = "image/svg+xml"


@dataclass(frozen=True)
class Redirect:
    """The return value of a writing view that is done: where to go next."""

    path: str


class InvalidError(Exception):
    """Raised by a writing view to roll back and show the form again, with what was typed.

    `wait` is how long until it may be tried again; None when it may be tried at once.
    """

    def __init__(self, page: Page, wait: dt.timedelta | None = None) -> None:
        super().__init__(page.template)
        self.page, self.wait = page, wait


class FieldError(Exception):
    """A field of the form is invalid: `field` is its name, and the word for the template."""

    def __init__(self, field: str) -> None:
        super().__init__(field)
        self.field = field


class TooOftenError(Exception):
    """Something was done too often; `wait` is how long until it is allowed again."""

    def __init__(self, wait: dt.timedelta) -> None:
        super().__init__(str(wait))
        self.wait = wait


def reads(
    view: ReadingView, refused: Refusals | None = None, again: Again | None = None
) -> Endpoint:
    """An endpoint that renders what the view returns, for each request.

    `refused` and `again` say what is shown for an error, as in `writes`.
    """
    return acts(view, refused, again)


def writes(
    view: WritingView,
    refused: Refusals | None = None,
    again: Again | None = None,
    check: Check | None = None,
) -> Endpoint:
    """An endpoint whose view is one unit of work: returning commits, raising rolls back.

    `refused` gives a word and a status for each error that the view or `check` may raise; `again`
    builds the page that shows the word. The community of the address is loaded first. `check` runs
    before the unit of work: it loads what a unit may not wait for, and what a limit refuses there
    costs the store nothing.
    """

    async def one_unit(visit: ResidentVisit) -> Answer:
        # Inside the unit it would wait for a connection of its own, see `Visit.community`.
        if "community" in visit.params:
            await visit.community()
        if check is not None:
            await check(visit)
        return await visit.services.store.write(partial(view, visit))

    endpoint = leads_to(view, acts(one_unit, refused, again))
    # For the test that asks every public form what limits it.
    endpoint.__dict__["check"] = check
    return endpoint


def acts(
    view: ReadingView, refused: Refusals | None = None, again: Again | None = None
) -> Endpoint:
    """Like `writes`, for a view that makes its own units of work.

    A unit of work holds the store's only writer, so what takes long comes before it, such as the
    hashing of a password.
    """
    return answers(view, resident_visit, refused, again)


def answers(
    view: Callable[[V], Awaitable[Answer]],
    visit_from: Callable[[Request], Awaitable[V]],
    refused: Refusals | None = None,
    again: Callable[[V, str], Awaitable[Page]] | None = None,
) -> Endpoint:
    """Like `acts`, for a view with a visit of its own kind, which `visit_from` builds."""
    table = refused or {}
    handled: tuple[type[Exception], ...] = (FieldError, *table)

    async def endpoint(request: Request) -> Response:
        visit = await visit_from(request)
        try:
            answer = await view(visit)
        except InvalidError as invalid:
            return await refusal(request, visit, invalid)
        except handled as error:
            if again is None:  # pragma: no cover
                raise
            return await _refused(request, visit, again, table, error)
        finally:
            # Photographs of a form wait in files.
            await request.close()
        return to_response(request, answer, visit)

    return leads_to(view, endpoint)


async def _refused(
    request: Request,
    visit: V,
    again: Callable[[V, str], Awaitable[Page]],
    table: Refusals,
    error: Exception,
) -> Response:
    """The page of `again` with the word and the status of an error in `table`."""
    if isinstance(error, FieldError):
        word, status = error.field, HTTPStatus.UNPROCESSABLE_ENTITY
    else:
        word, status = table[type(error)]
    page = await again(visit, word)
    wait = error.wait if isinstance(error, TooOftenError) else None
    return await _to_refused(request, visit, page, _status_of(page, status), wait)


async def refusal(request: Request, visit: Visit, invalid: InvalidError) -> Response:
    """Leads to the page that says why something was not done.

    Its status is 429 when there is a time to wait, else the page's own, else 422.
    """
    status = _status_of(invalid.page, HTTPStatus.UNPROCESSABLE_ENTITY)
    if invalid.wait is not None:
        status = HTTPStatus.TOO_MANY_REQUESTS
    return await _to_refused(request, visit, invalid.page, status, invalid.wait)


def _status_of(page: Page, status: int) -> int:
    return status if page.status == HTTPStatus.OK else page.status


# An address of its own: a browser that goes back, or loads the page again, asks for it without
# sending the form once more. One of several servers holds it in the store, where each finds it;
# what staff are answered comes at once there, because only the visit knows what they may see.
async def _to_refused(
    request: Request, visit: Visit, page: Page, status: int, wait: dt.timedelta | None
) -> Response:
    """Redirects to the page of a refused form."""
    services: Services = request.app.state.services
    retry_after = seconds(wait) if wait is not None else ""
    if request.method != "POST" or not (services.store.is_sqlite or is_for_anyone(visit)):
        return refused_page(request, page, visit, status, retry_after)
    owner = request.cookies.get(cookie_name(request, COOKIE)) or new_key()
    # What was posted is not held: the page has what it shows of it.
    posted: dict[str, Any] = {"form": Form({})} if hasattr(visit, "form") else {}
    visit = replace(visit, **posted)
    route = request.scope["route"].path
    answer = RefusedForm(page, visit, route, status, retry_after, key_hash(owner))
    key = await _hold(services, answer, owner)
    if key is None:
        return refused_page(request, page, visit, status, retry_after)
    response = redirect_to(f"{visit.path}?{AGAIN}={key}")
    set_key(request, response, owner, LASTS, COOKIE)
    return response


async def _hold(services: Services, answer: RefusedForm, owner: str) -> str | None:
    """Hold an answer; the key of its address, or None where it cannot be held."""
    if services.store.is_sqlite:
        return services.refused.hold(answer)
    key = new_key()
    packed = packed_answer(answer, key, services.renderer)
    if len(packed) > LARGEST:
        return None
    holder = Holder(key, owner)
    holding = partial(hold, holder=holder, answer=packed, now=answer.visit.now)
    try:
        await services.store.write(holding)
    except StoreUnavailableError:
        return None
    return key


def refused_page(
    request: Request, page: Page, visit: Visit, status: int, retry_after: str
) -> Response:
    """The page of a refused form; `retry_after` is its header, empty for none."""
    response = respond(request, page, visit)
    response.status_code = status
    if retry_after:
        response.headers["retry-after"] = retry_after
    return response


def seconds(wait: dt.timedelta) -> str:
    """A time to wait as the header Retry-After says it: whole seconds, at least 1."""
    return str(max(1, math.ceil(wait.total_seconds())))


def to_response(request: Request, answer: Answer, visit: ResidentVisit) -> Response:
    """The response for a view's answer. Sets the device's cookie if its key was just made."""
    if isinstance(answer, Redirect):
        response: Response = redirect_to(answer.path)
    elif isinstance(answer, Response):
        response = _drawn(request, answer) if answer.media_type == SVG else answer
    else:
        response = respond(request, answer, visit)
    if "own_key" in vars(visit):
        give_key(request, response, visit.own_key)
    return response


def _drawn(request: Request, drawing: Response) -> Response:
    """A drawing in the best encoding: a code is 21 KB plain, and 3 KB by brotli."""
    ours = {"content-type", "content-length"}
    headers = {name: value for name, value in drawing.headers.items() if name not in ours}
    return compressed_response(request, bytes(drawing.body), SVG, headers, drawing.status_code)


def kept(view: View) -> Endpoint:
    """Like `reads`, but the page is cached.

    The view may depend on the path, the day and the language, never on the query or the visitor.
    """

    @wraps(view)
    async def shared(_services: Services, visit: Visit) -> Page:
        return await view(visit)

    return cached_with_services(shared)


def kept_unless_asked(view: Callable[[Visit], Coroutine[Any, Any, Page]], *names: str) -> Endpoint:
    """Like `kept` at the bare address; what its query asks for is rendered for each request.

    `names` are those of the query that ask for something; without them all do.
    """
    bare, asked = kept(view), reads(view)

    async def endpoint(request: Request) -> Response:
        given = request.query_params
        is_asked = any(name in given for name in names) if names else bool(request.url.query)
        return await (asked if is_asked else bare)(request)

    return leads_to(view, endpoint)


def cached_with_services(
    view: ServicesView, worn: Callable[[Visit], Visit] = lambda visit: visit
) -> Endpoint:
    """Like `kept`, for a view that needs the services; its page says until when it is fresh.

    `worn` gives the visit a manner that the address decides and not the visitor.
    """

    async def endpoint(request: Request) -> Response:
        services: Services = request.app.state.services
        # A cached page says the same whatever else its address asks for.
        visit = worn(await visit_of(request, services)).without_query()
        shared = partial(view, services)
        page = await cached_page(services, visit, shared, request.scope["route"].path)
        return _CachedResponse(page, visit.preferences)

    return leads_to(view, endpoint)


def leads_to(view: Callable[..., object], endpoint: Endpoint) -> Endpoint:
    """The endpoint, labelled with its view for the list of routes and for tracebacks."""
    endpoint.__name__ = view.__qualname__
    endpoint.__dict__["view"] = view
    return endpoint


async def cached_page(services: Services, visit: Visit, view: View, route: str) -> CachedPage:
    """The cached page for this visit, rendered and cached first if need be."""
    found = services.kept.get(visit.path, visit.manner, visit.now)
    if found is not None:
        return found
    page = await view(visit)
    rendered = CachedPage(
        status=page.status,
        media_type=page.media_type,
        body=services.renderer.render(page, visit).encode(),
        route=route,
        # Who reads what a merged community published is not at home there again.
        community=page.community.slug if page.community and not page.community.ended else None,
        fresh_until=page.fresh_until or midnight_after(visit.now),
    )
    _keep(services, visit, rendered)
    return rendered


async def cached_bytes(
    request: Request,
    build: Callable[[Visit], Awaitable[tuple[bytes, str | None, dt.datetime | None]]],
    media_type: str,
) -> Response:
    """A response with bytes that are costly to build, cached until they are stale.

    `build` returns the bytes, the slug of their community, and until when they are true (None for
    the end of the day).
    """
    services: Services = request.app.state.services
    visit = await visit_of(request, services)
    async with services.building:
        found = services.kept.get(visit.path, visit.manner, visit.now)
        if found is not None:
            return _CachedResponse(found, visit.preferences)
        body, community, fresh_until = await build(visit)
        page = CachedPage(
            status=200,
            media_type=media_type,
            body=body,
            route=request.scope["route"].path,
            community=community,
            fresh_until=fresh_until or midnight_after(visit.now),
        )
        # Compressing a megabyte takes long enough to keep others waiting.
        await asyncio.to_thread(lambda: page.variants)
        _keep(services, visit, page)
    return _CachedResponse(page, visit.preferences)


def _keep(services: Services, visit: Visit, page: CachedPage) -> None:
    """Cache a page, unless the content changed while it was made."""
    if services.is_current and services.kept.revision == visit.published.revision:
        services.kept.put(visit.path, visit.manner, page)


def respond(request: Request, page: Page, visit: Visit) -> Response:
    """Renders the page as an uncached response."""
    services: Services = request.app.state.services
    response = uncached(request, page, services.renderer.render(page, visit))
    after = after_visit(visit.preferences, None, language_in(request.scope["query_string"]))
    if after != visit.preferences or MOVED in request.scope:
        remember(response, after, secure=request.url.scheme == "https")
    return response


def uncached(request: Request, page: Page, text: str) -> Response:
    """A rendered page as a response that nobody keeps."""
    headers = {"cache-control": "no-store", "vary": "Cookie, Accept-Language"}
    return compressed_response(request, text.encode(), page.media_type, headers, page.status)


def compressed_response(
    request: Request, body: bytes, media_type: str, headers: dict[str, str], status: int = 200
) -> Response:
    """A response in the best encoding the browser accepts."""
    accepted = request.headers.get("accept-encoding", "")
    encoding, body = compressed_for(accepted, body, media_type)
    if encoding != "identity":
        headers["content-encoding"] = encoding
    headers["vary"] = ", ".join(filter(None, (headers.get("vary"), "Accept-Encoding")))
    return Response(body, status, headers, media_type)


def redirect_to(path: str, status: int = 303) -> RedirectResponse:
    """A redirect within this site."""
    return RedirectResponse(path, status, {"cache-control": "no-store"})


class _CachedResponse(Response):
    """A cached page as a Starlette response, so that one function sends it in both cases."""

    def __init__(self, page: CachedPage, preferences: Preferences) -> None:
        self.page, self.preferences = page, preferences
        self.background = None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        await send_cached(self.page, self.preferences, scope, send)


# Cached pages are looked up before routing. The key is path and `Manner`, which holds the origin:
# codes and links contain it, so a forged `Host` could otherwise poison a page for
# others. What only the device knows (remembered building, ticks) is never on a cached page: it is
# a fragment, or the phone's own script.
class CachedFirst:
    """Answers with a cached page before any routing; passes everything else on."""

    def __init__(self, app: ASGIApp, services: Services) -> None:
        self.app, self.services = app, services

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Send the cached page if there is one."""
        services = self.services
        asks = scope["type"] == "http" and scope["method"] in {"GET", "HEAD"}
        if asks and services.is_current and not scope["query_string"]:
            manner, preferences = manner_of(scope, services.settings.public_url)
            page = services.kept.get(scope["path"], manner, services.now())
            if page is not None:
                scope["lianxin.route"] = page.route
                home = home_now(await services.published(), preferences, scope)
                await send_cached(page, home, scope, send)
                return
        await self.app(scope, receive, send)


async def send_cached(page: CachedPage, preferences: Preferences, scope: Scope, send: Send) -> None:
    """Send a cached page: 304 if the browser has it, with a cookie that remembers its community."""
    given = dict(scope["headers"])
    _, answer = best_encoding(page.answers, given.get(b"accept-encoding", b"").decode("latin-1"))
    status, headers, body = page.status, answer.headers, answer.body
    if answer.etag in given.get(b"if-none-match", b""):
        status, headers, body = HTTPStatus.NOT_MODIFIED, answer.unchanged_headers, b""
    after = after_visit(preferences, page.community, language_in(scope["query_string"]))
    if after != preferences or MOVED in scope:
        headers = [*headers, *_remembering(after, scope)]
    await send({"type": "http.response.start", "status": int(status), "headers": headers})
    if scope["method"] == "HEAD":
        body = b""
    await send({"type": "http.response.body", "body": body})


def _remembering(preferences: Preferences, scope: Scope) -> list[tuple[bytes, bytes]]:
    response = Response()
    remember(response, preferences, secure=scope["scheme"] == "https")
    return [pair for pair in response.raw_headers if pair[0] == b"set-cookie"]
