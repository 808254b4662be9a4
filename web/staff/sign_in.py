"""Signing in and out, and the second step of signing in."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, ClassVar

from starlette.responses import JSONResponse

from domain.staff import sign_in
from domain.staff.accounts import member_by_name
from domain.staff.guesses import WaitError, tallies_of
from domain.staff.sign_in import AuthorityLostError, SignInRefusedError
from web.site.answers import InvalidError, redirect_to, refusal, respond
from web.site.cookies import forget_key, set_key
from web.site.errors import SignInFirstError
from web.site.pages import Page
from web.site.preferences import local_path
from web.site.visits import resident_visit
from web.staff.access import COOKIE, HOME, SECOND_FACTOR, SIGN_IN, signed_in, with_next
from web.staff.known_browser import mark_of, remember
from web.staff.password_check import is_right, wait_until, with_password

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncSession
    from starlette.requests import Request
    from starlette.responses import Response

    from domain.staff.tables import StaffMember, StaffSession
    from web.site.visits import ResidentVisit
    from web.staff.access import StaffVisit


# How long one waits while too many others sign in at the same address.
CROWDED = dt.timedelta(seconds=5)


@dataclass(frozen=True, kw_only=True)
class SignIn(Page):
    """登录."""

    template: ClassVar[str] = "staff/sign_in.html"
    name: str = ""
    next: str = HOME
    # `refused` or `wait`.
    wrong: str | None = None
    wait_until: dt.datetime | None = None


@dataclass(frozen=True, kw_only=True)
class Confirm(Page):
    """第二步验证."""

    template: ClassVar[str] = "staff/confirm.html"
    next: str = HOME
    # `refused` or `wait`.
    wrong: str | None = None
    wait_until: dt.datetime | None = None


async def new(request: Request) -> Response:
    """The page to sign in."""
    visit, found = await resident_visit(request), await signed_in(request)
    if found is None:
        return respond(request, SignIn(next=_next(visit)), visit)
    is_confirmed = found[1].is_confirmed
    return redirect_to(_next(visit) if is_confirmed else with_next(SECOND_FACTOR, _next(visit)))


def _next(visit: ResidentVisit) -> str:
    """Where signing in leads: the page that was asked for, else the staff home."""
    return local_path(visit.form.given("next") or visit.query.get("next") or HOME)


async def create(request: Request) -> Response:
    """Sign in; the answer gives the session's key to the browser."""
    visit = await resident_visit(request)
    try:
        member, key = await _begin_session(request, visit)
    except InvalidError as invalid:
        return await refusal(request, visit, invalid)
    response = redirect_to(_next(visit))
    set_key(request, response, key, visit.services.settings.staff_longest, COOKIE)
    remember(request, response, visit.services.seal, member.id)
    return response


async def _begin_session(request: Request, visit: ResidentVisit) -> tuple[StaffMember, str]:
    """Who signed in, and the key of a new session. Raises `InvalidError`."""
    name = visit.form.text("name", 40).lower()
    page = partial(SignIn, name=name, next=_next(visit))
    try:
        return await _check_and_begin(request, visit, name)
    except WaitError as error:
        waiting = page(wrong="wait", wait_until=wait_until(error, visit))
        raise InvalidError(waiting, error.until - visit.now) from None
    except (SignInRefusedError, AuthorityLostError):
        raise InvalidError(page(wrong="refused")) from None


async def _check_and_begin(
    request: Request, visit: ResidentVisit, name: str
) -> tuple[StaffMember, str]:
    """Raises `WaitError`, `SignInRefusedError`, `AuthorityLostError`."""
    services, now = visit.services, visit.now
    async with services.store.read() as reading:
        member = await member_by_name(reading, name)
    browser = mark_of(request, services.seal, member.id) if member else None
    tallies = tallies_of(name, visit.address, browser)
    password_hash = member.password if member else None
    password = visit.form.secret("password")
    with services.signing_in.one(visit.address) as has_place:
        # One hash at a time is checked: a crowd from one address waits for itself, not all others.
        if not has_place:
            raise WaitError(now + CROWDED)
        has_gone = request.is_disconnected
        right = await is_right(services, password_hash, password, tallies, now, has_gone)
        if not right or member is None:
            raise SignInRefusedError
    before, device, member_id = await signed_in(request), _device(request), member.id

    async def begin(session: AsyncSession) -> str:
        if before is not None:
            # This browser forgets the key of it, and nobody else is to find it.
            actor, old = before
            await sign_in.end_session(session, actor, old.staff_id, old.id, now)
        return await sign_in.begin_session(session, member_id, device, tallies, now)

    return member, await with_password(services, member, begin)


BROWSERS = (
    ("Edg/", "Edge"), ("Firefox/", "Firefox"), ("Chrome/", "Chrome"), ("Safari/", "Safari"),
)  # fmt: skip
# Parts of a browser's `User-Agent`, most telling first: Edge claims to be Chrome too.
SYSTEMS = (
    ("Android", "Android"), ("iPhone", "iPhone"), ("iPad", "iPad"),
    ("Windows", "Windows"), ("Mac OS", "Mac"), ("Linux", "Linux"),
)  # fmt: skip


def _device(request: Request) -> str:
    """What the browser says it is, in two words that a person recognises."""
    agent = request.headers.get("user-agent", "")
    browser = next((name for mark, name in BROWSERS if mark in agent), "")
    system = next((name for mark, name in SYSTEMS if mark in agent), "")
    return " · ".join(filter(None, (browser, system)))


async def confirmation(request: Request) -> Response:
    """The page that asks for the second factor."""
    visit = await resident_visit(request)
    session = await _begun(request, visit)
    if session.is_confirmed:
        return redirect_to(_next(visit))
    return respond(request, Confirm(next=_next(visit)), visit)


async def confirm(request: Request) -> Response:
    """Check the code that was typed, and let the session in."""
    visit = await resident_visit(request)
    session, key = await _begun(request, visit), None
    try:
        if not session.is_confirmed:
            key = await _confirm(visit, session)
    except InvalidError as invalid:
        return await refusal(request, visit, invalid)
    response = redirect_to(_next(visit))
    if key is not None:
        set_key(request, response, key, visit.services.settings.staff_longest, COOKIE)
    return response


async def _begun(request: Request, visit: ResidentVisit) -> StaffSession:
    """The session of this browser, confirmed or not. Raises `SignInFirstError`."""
    found = await signed_in(request)
    if found is None:
        raise SignInFirstError(with_next(SIGN_IN, _next(visit)))
    return found[1]


async def _confirm(visit: ResidentVisit, session: StaffSession) -> str:
    """The session's key from now on. Raises `InvalidError`."""
    code, page = visit.form.text("code", 20), partial(Confirm, next=_next(visit))
    seal = visit.services.seal
    confirming = partial(
        sign_in.confirm_session, session_id=session.id, code=code, seal=seal, now=visit.now
    )
    try:
        key = await visit.services.store.write(confirming)
    except WaitError as error:
        waiting = page(wrong="wait", wait_until=wait_until(error, visit))
        raise InvalidError(waiting, error.until - visit.now) from None
    if key is None:
        raise InvalidError(page(wrong="refused"))
    return key


async def current(visit: StaffVisit, _session: AsyncSession) -> Response:
    """Whose session this is, as JSON: a page asks before it sends what was typed on it."""
    return JSONResponse({"member": visit.actor.staff_id}, headers={"cache-control": "no-store"})


async def ending(request: Request) -> Response:
    """Sign out; also for a session that waits for its second factor."""
    visit, found = await resident_visit(request), await signed_in(request)
    if found is not None:
        actor, session = found
        end = partial(sign_in.end_session, actor=actor, staff_id=session.staff_id)
        await visit.services.store.write(partial(end, session_id=session.id, now=visit.now))
    response = redirect_to(SIGN_IN)
    # Also what the browser would show when someone goes back.
    response.headers["clear-site-data"] = '"cache"'
    forget_key(request, response, COOKIE)
    return response
