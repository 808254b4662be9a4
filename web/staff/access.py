"""The way into staff pages: sign-in, roles, and one transaction for each change.

Each staff route says which roles it is for and where they must be held. A test computes the
list of routes from that and tries every one as a stranger, so a new route cannot be forgotten.
"""

from __future__ import annotations

import datetime as dt
from copy import copy
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import TYPE_CHECKING, Any, TypeVar
from urllib.parse import quote, urlsplit

from starlette.datastructures import UploadFile
from starlette.exceptions import HTTPException
from starlette.routing import Match

from domain.errors import CommunityNotFoundError
from domain.staff.sign_in import TOUCH, AuthorityLostError, actor_of, still_acts, touch_session
from domain.staff.tables import Role
from web.site.answers import InvalidError, Redirect, leads_to, redirect_to, refusal, respond
from web.site.cookies import cookie_name
from web.site.errors import SignInFirstError
from web.site.forms import Form, form_of
from web.site.live import LiveStream
from web.site.pages import Page
from web.site.preferences import local_path
from web.site.visit import Visit
from web.site.visits import visit_of

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Coroutine

    from sqlalchemy.ext.asyncio import AsyncSession
    from starlette.requests import Request
    from starlette.responses import Response

    from domain.places.tables import Community
    from domain.staff.actor import Actor
    from domain.staff.tables import StaffSession
    from domain.store import Store
    from web.running.services import Services
    from web.running.settings import Settings
    from web.site.feature import Feature
    from web.site.live import Words

T = TypeVar("T")

COOKIE = "staff"
HOME = "/staff"
SIGN_IN = "/staff/sessions/new"
SECOND_FACTOR = "/staff/second-factor/confirmation"
SET_SECOND_FACTOR = "/staff/second-factor"
# Seconds after which a stream must show its session again: it may have ended.
FOLLOWS = 120.0
# Everybody who is signed in, also without a role; in a community, those with a role there.
EVERYBODY = frozenset(Role)


class Where(StrEnum):
    """Where a role must be held for a route."""

    ANYWHERE = "anywhere"
    DISTRICT = "district"
    # In the community that the route's address names.
    COMMUNITY = "community"


@dataclass(frozen=True, kw_only=True)
class StaffPage(Page):
    """A page for a member of staff; the bar shows what they may do."""

    actor: Actor


@dataclass(frozen=True)
class StaffVisit(Visit):
    """A visit of someone who works here."""

    actor: Actor
    session: StaffSession
    # The community in the address, when the route is about one.
    community_here: Community | None
    form: Form
    settings: Settings
    features: tuple[Feature, ...]
    # What the route asked of this person.
    roles: frozenset[Role]
    where: Where

    async def is_still_admitted(self, request: Request) -> bool:
        """Whether the same person is signed in, and may see this still."""
        try:
            visit = await admitted(request, self.roles, self.where)
        except (SignInFirstError, HTTPException, CommunityNotFoundError):
            return False
        return visit.actor.staff_id == self.actor.staff_id

    @property
    def place(self) -> Community:
        """The community in the address, for the views of routes that are about one."""
        if self.community_here is None:  # pragma: no cover
            raise AssertionError
        return self.community_here

    @property
    def limits(self) -> tuple[dt.timedelta, dt.timedelta]:
        """How long a session lasts unused, and at all."""
        return self.settings.staff_idle, self.settings.staff_longest


if TYPE_CHECKING:
    Endpoint = Callable[[Request], Awaitable[Response]]
    StaffView = Callable[[StaffVisit, AsyncSession], Awaitable[Page | Redirect | Response]]
    ActingView = Callable[[StaffVisit, Services], Awaitable[Page | Redirect | Response]]
    FileView = Callable[
        [StaffVisit, Services, UploadFile | None], Awaitable[Page | Redirect | Response]
    ]


# Each route names the roles and the place where they must be held. A test reads the route table
# and tries every route as a stranger, with a lower role, and with another place's role. A visitor
# who may not see a thing gets 404.
# Not taken: checks inside views, which the next view forgets.
def staff_reads(
    view: StaffView, roles: frozenset[Role] = EVERYBODY, where: Where = Where.ANYWHERE
) -> Endpoint:
    """An endpoint that shows staff something, if they may see it."""

    async def endpoint(request: Request) -> Response:
        services: Services = request.app.state.services
        visit = await admitted(request, roles, where)
        async with services.store.read() as session:
            answer = await view(visit, session)
        return staff_response(request, answer, visit)

    return _marked(endpoint, view, roles, where)


def staff_writes(
    view: StaffView, roles: frozenset[Role] = EVERYBODY, where: Where = Where.ANYWHERE
) -> Endpoint:
    """An endpoint that lets staff change something: the view is one unit of work.

    Returning commits, raising rolls back; the page is rendered after the commit.
    """

    async def endpoint(request: Request) -> Response:
        services: Services = request.app.state.services
        visit = await admitted(request, roles, where)
        visit = replace(visit, form=await form_of(request))

        async def unit(session: AsyncSession) -> Page | Redirect | Response:
            return await view(visit, session)

        store = HeldStore(services.store, visit.actor)
        return await _answered(request, visit, store.write(unit))

    return _marked(endpoint, view, roles, where)


def staff_sends(
    view: FileView, roles: frozenset[Role] = EVERYBODY, where: Where = Where.ANYWHERE
) -> Endpoint:
    """An endpoint to which staff send a file, as the field `file`.

    The view makes its own units of work: a file is read before them, never within one.
    """

    async def endpoint(request: Request) -> Response:
        services: Services = request.app.state.services
        visit = await admitted(request, roles, where)
        async with request.form(max_files=1, max_fields=1) as form:
            given = form.get("file")
            file = given if isinstance(given, UploadFile) else None
            return await _answered(request, visit, view(visit, held(services, visit), file))

    return _marked(endpoint, view, roles, where)


def staff_acts(
    view: ActingView, roles: frozenset[Role] = EVERYBODY, where: Where = Where.ANYWHERE
) -> Endpoint:
    """Like `staff_writes`, for a view that makes its own units of work.

    Passwords are hashed before a unit of work, never within one.
    """

    async def endpoint(request: Request) -> Response:
        services: Services = request.app.state.services
        visit = await admitted(request, roles, where)
        visit = replace(visit, form=await form_of(request))
        return await _answered(request, visit, view(visit, held(services, visit)))

    return _marked(endpoint, view, roles, where)


class HeldStore:
    """The store in the hands of a member of staff: each unit asks again whether they may act."""

    def __init__(self, store: Store, actor: Actor) -> None:
        self._store, self._actor = store, actor
        self.read = store.read

    async def write(self, work: Callable[[AsyncSession], Coroutine[Any, Any, T]]) -> T:
        """Like `Store.write`. Raises `AuthorityLostError` when they may not any more."""

        async def whole(session: AsyncSession) -> T:
            await still_acts(session, self._actor)
            return await work(session)

        return await self._store.write(whole)


def held(services: Services, visit: StaffVisit) -> Services:
    """The services, with a store that asks again at each unit of work."""
    found = copy(services)
    found.store = HeldStore(services.store, visit.actor)  # type: ignore[assignment]
    return found


async def _answered(
    request: Request, visit: StaffVisit, answering: Awaitable[Page | Redirect | Response]
) -> Response:
    """What a view that changes something answers, also when it refuses."""
    try:
        answer = await answering
    except InvalidError as invalid:
        return await refusal(request, visit, invalid)
    except AuthorityLostError:
        raise SignInFirstError(_asked_for(request, SIGN_IN)) from None
    finally:
        await request.close()
    return staff_response(request, answer, visit)


def staff_follows(words: Words, roles: frozenset[Role], where: Where = Where.COMMUNITY) -> Endpoint:
    """An endpoint that tells staff of every change in the hall of the address's community."""

    async def endpoint(request: Request) -> Response:
        visit = await admitted(request, roles, where)
        return LiveStream(request.app.state.services.live, visit.place.hall, words, FOLLOWS)

    return _marked(endpoint, words, roles, where)


def _marked(endpoint: Endpoint, view: Any, roles: frozenset[Role], where: Where) -> Endpoint:
    """The endpoint with what it asks for written on it, for the test that tries every route."""
    endpoint.__dict__.update(roles=roles, where=where)
    return leads_to(view, endpoint)


def staff_response(request: Request, answer: Page | Redirect | Response, visit: Visit) -> Response:
    """The answer of a staff view; staff pages are kept nowhere."""
    if isinstance(answer, Redirect):
        return redirect_to(answer.path)
    if isinstance(answer, Page):
        return respond(request, answer, visit)
    return answer


async def admitted(request: Request, roles: frozenset[Role], where: Where) -> StaffVisit:
    """Who asks, if they may. Raises `SignInFirstError`, or 404 for what is not theirs to see."""
    visit = await visit_of(request, request.app.state.services)
    found = await signed_in(request)
    if found is None:
        raise SignInFirstError(_asked_for(request, SIGN_IN))
    actor, session = found
    if not session.is_confirmed:
        raise SignInFirstError(_asked_for(request, SECOND_FACTOR))
    if _owes_second_factor(session) and not request.url.path.startswith("/staff/second-factor"):
        raise SignInFirstError(SET_SECOND_FACTOR)
    community = None
    if where is Where.COMMUNITY:
        community = await visit.published.community(request.path_params["community"])
        allowed = actor.may(roles, community)
    elif where is Where.DISTRICT:
        allowed = actor.may_everywhere(roles)
    else:
        allowed = roles == EVERYBODY or actor.has(roles)
    if not allowed:
        raise HTTPException(404)
    return StaffVisit(
        **vars(visit),
        actor=actor,
        session=session,
        community_here=community,
        form=Form({}),
        settings=request.app.state.services.settings,
        features=request.app.state.features,
        roles=roles,
        where=where,
    )


def _owes_second_factor(session: StaffSession) -> bool:
    return session.staff.must_have_second_factor and session.staff.totp_secret is None


def _asked_for(request: Request, first: str) -> str:
    """The page that comes first, and from there on to what was asked for."""
    if request.method != "GET":
        return with_next(first, _page_of_form(request) or HOME)
    query = f"?{request.url.query}" if request.url.query else ""
    return with_next(first, request.url.path + query)


def _page_of_form(request: Request) -> str | None:
    """The staff page that a form was sent from, by its Referer; None if that cannot be opened.

    After signing in, people find their form again, and its script what they typed there.
    The header is only a hint: what leads away from this site or to no page is left out.
    """
    try:
        referer = urlsplit(request.headers.get("referer", ""))
    except ValueError:
        return None
    public_url = request.app.state.services.settings.public_url
    own = {request.headers.get("host", ""), urlsplit(public_url or "").netloc} - {""}
    if referer.scheme not in {"http", "https"} or referer.netloc not in own:
        return None
    path = local_path(referer.path)
    asked = {**request.scope, "method": "GET", "path": path}
    is_page = any(route.matches(asked)[0] is Match.FULL for route in request.app.router.routes)
    if not is_page or not (path == HOME or path.startswith(f"{HOME}/")):
        return None
    return local_path(f"{path}?{referer.query}" if referer.query else path)


def with_next(first: str, then: str) -> str:
    """The address of a page that leads on to another."""
    return first if then == HOME else f"{first}?next={quote(then, safe='')}"


async def signed_in(request: Request) -> tuple[Actor, StaffSession] | None:
    """Whose session this is, confirmed or not; its use is remembered about once a minute."""
    services: Services = request.app.state.services
    key = request.cookies.get(cookie_name(request, COOKIE))
    if not key:
        return None
    now = services.now()
    limits = services.settings.staff_idle, services.settings.staff_longest
    async with services.store.read() as reading:
        found = await actor_of(reading, key, now, *limits)
    if found is not None and now - found[1].used_at > TOUCH:
        session_id = found[1].id

        async def touch(session: AsyncSession) -> None:
            await touch_session(session, session_id, now)

        await services.store.write(touch)
    return found
