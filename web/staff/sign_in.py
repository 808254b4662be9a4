"""Signing in and out, and the second step of signing in."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, ClassVar

from starlette.responses import JSONResponse

from domain.keys import failure_key
from domain.staff import sign_in
from domain.staff.accounts import member_by_name
from domain.staff.sign_in import SignInRefusedError, WaitError
from web.site.answers import InvalidError, redirect_to, refusal, respond
from web.site.cookies import forget_key, set_key
from web.site.errors import SignInFirstError
from web.site.pages import Page
from web.site.preferences import local_path
from web.site.visits import resident_visit
from web.staff.access import COOKIE, HOME, SECOND_FACTOR, SIGN_IN, signed_in, with_next
from web.staff.password_check import is_right, wait_until

if TYPE_CHECKING:
    import datetime as dt

    from sqlalchemy.ext.asyncio import AsyncSession
    from starlette.requests import Request
    from starlette.responses import Response

    from domain.staff.tables import StaffSession
    from web.site.visits import ResidentVisit
    from web.staff.access import StaffVisit


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
        key = await _begin_session(visit, _device(request))
    except InvalidError as invalid:
        return refusal(request, visit, invalid)
    response = redirect_to(_next(visit))
    set_key(request, response, key, visit.services.settings.staff_longest, COOKIE)
    return response


async def _begin_session(visit: ResidentVisit, device: str) -> str:
    """The key of a new session, for the name and password typed. Raises `InvalidError`."""
    name = visit.form.text("name", 40).lower()
    page = partial(SignIn, name=name, next=_next(visit))
    try:
        return await _check_and_begin(visit, name, device)
    except WaitError as error:
        waiting = page(wrong="wait", wait_until=wait_until(error, visit))
        raise InvalidError(waiting, error.until - visit.now) from None
    except SignInRefusedError:
        raise InvalidError(page(wrong="refused")) from None


async def _check_and_begin(visit: ResidentVisit, name: str, device: str) -> str:
    """Raises `WaitError`, `SignInRefusedError`."""
    store, now = visit.services.store, visit.now
    keys = [failure_key("name", name), failure_key("address", visit.address)]
    async with store.read() as reading:
        member = await member_by_name(reading, name)
    password_hash = member.password if member else None
    right = await is_right(visit.services, password_hash, visit.form.secret("password"), keys, now)
    if member is None or not right:
        raise SignInRefusedError
    begin = partial(
        sign_in.begin_session, member_id=member.id, device=device, keys=keys[:1], now=now
    )
    return await store.write(begin)


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
    browser = next((name for mark, name in BROWSERS if mark in agent), "?")
    system = next((name for mark, name in SYSTEMS if mark in agent), "?")
    return f"{browser} · {system}"


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
    session = await _begun(request, visit)
    try:
        if not session.is_confirmed:
            await _confirm(visit, session)
    except InvalidError as invalid:
        return refusal(request, visit, invalid)
    return redirect_to(_next(visit))


async def _begun(request: Request, visit: ResidentVisit) -> StaffSession:
    """The session of this browser, confirmed or not. Raises `SignInFirstError`."""
    found = await signed_in(request)
    if found is None:
        raise SignInFirstError(with_next(SIGN_IN, _next(visit)))
    return found[1]


async def _confirm(visit: ResidentVisit, session: StaffSession) -> None:
    """Raises `InvalidError`."""
    code, page = visit.form.text("code", 20), partial(Confirm, next=_next(visit))
    seal = visit.services.seal
    confirming = partial(
        sign_in.confirm_session, session_id=session.id, code=code, seal=seal, now=visit.now
    )
    try:
        is_confirmed = await visit.services.store.write(confirming)
    except WaitError as error:
        waiting = page(wrong="wait", wait_until=wait_until(error, visit))
        raise InvalidError(waiting, error.until - visit.now) from None
    if not is_confirmed:
        raise InvalidError(page(wrong="refused"))


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
    forget_key(request, response, COOKIE)
    return response
