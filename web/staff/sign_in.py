"""Signing in and out, the second factor, and where one is signed in."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, ClassVar

import qrcode
from qrcode.image.svg import SvgPathImage
from starlette.exceptions import HTTPException
from starlette.responses import JSONResponse

from domain.staff import accounts, passwords
from domain.staff.accounts import SignInRefusedError, WaitError
from web.site.answers import InvalidError, Redirect, redirect_to, respond
from web.site.cookies import forget_key, set_key
from web.site.errors import SignInFirstError
from web.site.forms import form_of
from web.site.pages import Page
from web.site.preferences import local_path
from web.site.visits import visit_of
from web.site.words import minute_after
from web.staff.access import (
    COOKIE,
    EVERYBODY,
    HOME,
    SECOND_FACTOR,
    SIGN_IN,
    StaffPage,
    StaffVisit,
    Where,
    admitted,
    signed_in,
    with_next,
)

if TYPE_CHECKING:
    import datetime as dt

    from sqlalchemy.ext.asyncio import AsyncSession
    from starlette.requests import Request
    from starlette.responses import Response

    from domain.staff.tables import StaffSession
    from web.running.services import Services
    from web.site.visit import Visit


@dataclass(frozen=True, kw_only=True)
class SignIn(Page):
    """登录."""

    template: ClassVar[str] = "staff/sign_in.html"
    name: str = ""
    next: str = HOME
    wrong: str | None = None
    """`refused` or `wait`."""
    wait_until: dt.datetime | None = None


@dataclass(frozen=True, kw_only=True)
class Confirm(Page):
    """第二步验证."""

    template: ClassVar[str] = "staff/confirm.html"
    next: str = HOME
    wrong: str | None = None
    """`refused` or `wait`."""
    wait_until: dt.datetime | None = None


async def new(request: Request) -> Response:
    """The page to sign in."""
    visit = await visit_of(request, request.app.state.services)
    found = await signed_in(request)
    target = local_path(visit.query.get("next") or HOME)
    if found is not None:
        return redirect_to(target if found[1].is_confirmed else with_next(SECOND_FACTOR, target))
    return respond(request, SignIn(next=target), visit)


async def create(request: Request) -> Response:
    """Sign in: the password is checked in a thread, outside every transaction."""
    services: Services = request.app.state.services
    visit, form, now = await visit_of(request, services), await form_of(request), services.now()
    name, target = form.text("name", 40).lower(), local_path(form.given("next") or HOME)
    client = request.client.host if request.client else ""
    keys = [accounts.failure_key("name", name), accounts.failure_key("address", client)]
    try:
        key = await _check_and_begin(
            services, name, form.secret("password"), keys, _device(request), now
        )
    except WaitError as error:
        until = _local(error.until, visit)
        page = SignIn(name=name, next=target, wrong="wait", wait_until=until)
        return _told_to_wait(request, page, visit, error)
    except SignInRefusedError:
        return _refused(request, SignIn(name=name, next=target, wrong="refused"), visit)
    response = redirect_to(target)
    set_key(request, response, key, services.settings.staff_longest, COOKIE)
    return response


async def _check_and_begin(  # noqa: PLR0913, PLR0917 - everything a sign-in is made of
    services: Services, name: str, password: str, keys: list[str], device: str, now: dt.datetime
) -> str:
    async with services.store.read() as reading:
        member = await accounts.member_by_name(reading, name)
    right = await _is_right(services, member.password if member else None, password, keys, now)
    if member is None or not right:
        raise SignInRefusedError
    return await services.store.write(
        partial(accounts.begin_session, member_id=member.id, device=device, keys=keys[:1], now=now)
    )


# Attempts are checked and counted in the same turn, so that twenty guesses at once do not get
# around the wait. Changing the password or switching off the second factor asks for it again,
# counted alike. Codes of the second factor are short and need no slow hash: wait, check and count
# are one unit of work under the person's lock.
async def _is_right(
    services: Services, kept: str | None, password: str, keys: list[str], now: dt.datetime
) -> bool:
    """Whether this is the password kept; a failure is counted. Raises `WaitError`.

    Failures are looked at and counted in one turn with the check: of many guesses at once all
    but the first few would otherwise be let in before any of them has failed.
    """
    async with services.hashing:
        async with services.store.read() as reading:
            await accounts.must_wait(reading, keys, now)
        right = await services.in_background_thread(
            passwords.matches, kept, password[: passwords.LONGEST]
        )
        if not right:
            await services.store.write(partial(accounts.count_failure, keys=keys, now=now))
    return right


def _refused(request: Request, page: Page, visit: Visit) -> Response:
    """The form again, with what is wrong."""
    response = respond(request, page, visit)
    response.status_code = 422
    return response


def _told_to_wait(request: Request, page: Page, visit: Visit, error: WaitError) -> Response:
    """The form again, with the moment from which on one may try."""
    response = respond(request, page, visit)
    response.status_code = 429
    seconds = math.ceil((error.until - visit.now).total_seconds())
    response.headers["retry-after"] = str(max(seconds, 1))
    return response


def _local(until: dt.datetime, visit: Visit) -> dt.datetime:
    """The moment as one says it: pages know no seconds."""
    return minute_after(until.astimezone(visit.now.tzinfo))


async def confirmation(request: Request) -> Response:
    """The page that asks for the second factor, and the check of what was typed there."""
    services: Services = request.app.state.services
    visit, now = await visit_of(request, services), services.now()
    found, form = await signed_in(request), await form_of(request)
    target = local_path(form.given("next") or visit.query.get("next") or HOME)
    if found is None:
        raise SignInFirstError(with_next(SIGN_IN, target))
    session = found[1]
    if session.is_confirmed:
        return redirect_to(target)
    if request.method == "GET":
        return respond(request, Confirm(next=target), visit)
    code = form.text("code", 20)
    try:
        is_confirmed = await services.store.write(
            partial(accounts.confirm_session, session_id=session.id, code=code, now=now)
        )
    except WaitError as error:
        page = Confirm(next=target, wrong="wait", wait_until=_local(error.until, visit))
        return _told_to_wait(request, page, visit, error)
    if not is_confirmed:
        return _refused(request, Confirm(next=target, wrong="refused"), visit)
    return redirect_to(target)


async def current(visit: StaffVisit, session: AsyncSession) -> Response:
    """Whose session this is, as JSON: a page asks before it sends what was typed on it."""
    return JSONResponse({"member": visit.actor.staff_id}, headers={"cache-control": "no-store"})


async def ending(request: Request) -> Response:
    """Sign out."""
    services: Services = request.app.state.services
    found = await signed_in(request)
    if found is not None:
        actor, session = found
        await services.store.write(
            partial(
                accounts.end_session,
                actor=actor,
                staff_id=session.staff_id,
                session_id=session.id,
                now=services.now(),
            )
        )
    response = redirect_to(SIGN_IN)
    forget_key(request, response, COOKIE)
    return response


@dataclass(frozen=True, kw_only=True)
class Account(StaffPage):
    """我的账号: where I am signed in, password, second factor."""

    template: ClassVar[str] = "staff/account.html"
    tab: ClassVar[str] = "account"
    sessions: list[StaffSession]
    current: int
    has_second_factor: bool
    codes_left: int
    wrong: dict[str, str]
    wait_until: dt.datetime | None = None
    done: str | None = None


async def account(visit: StaffVisit, session: AsyncSession) -> Page:
    """One's own account."""
    return await _account(visit, session, done=visit.query.get("done"))


async def _account(
    visit: StaffVisit,
    session: AsyncSession,
    wrong: dict[str, str] | None = None,
    wait_until: dt.datetime | None = None,
    done: str | None = None,
) -> Account:
    member = visit.session.staff
    return Account(
        actor=visit.actor,
        sessions=await accounts.sessions_of(session, member.id, visit.now, *visit.limits),
        current=visit.session.id,
        has_second_factor=member.totp_secret is not None,
        codes_left=len(member.recovery_codes),
        wrong=wrong or {},
        wait_until=wait_until,
        done=done,
    )


async def end_one(visit: StaffVisit, session: AsyncSession) -> Redirect:
    """End one of one's own sessions."""
    staff_id, session_id = visit.session.staff_id, int(visit.params["session"])
    if not await accounts.end_session(session, visit.actor, staff_id, session_id, visit.now):
        raise HTTPException(404)
    return Redirect("/staff/account?done=ended")


@dataclass(frozen=True, kw_only=True)
class SecondFactor(StaffPage):
    """第二步验证的设置: scan, then prove it with a code."""

    template: ClassVar[str] = "staff/second_factor.html"
    tab: ClassVar[str] = "account"
    secret: str
    code_svg: str
    is_wrong: bool = False
    must: bool


@dataclass(frozen=True, kw_only=True)
class RecoveryCodes(StaffPage):
    """恢复码, shown once."""

    template: ClassVar[str] = "staff/recovery_codes.html"
    tab: ClassVar[str] = "account"
    codes: tuple[str, ...]


async def second_factor(visit: StaffVisit, session: AsyncSession) -> Page | Redirect:
    """A new secret to scan; whoever has one switches that off first, which asks for the password.

    Else whoever finds a desk left open could lock its owner out.
    """
    if visit.session.staff.totp_secret is not None:
        return Redirect("/staff/account")
    return _second_factor(visit, passwords.new_secret())


def _second_factor(visit: StaffVisit, secret: str, *, is_wrong: bool = False) -> SecondFactor:
    address = passwords.provisioning_address(secret, visit.actor.name)
    drawn = qrcode.make(address, image_factory=SvgPathImage, border=2)
    text = drawn.to_string(encoding="unicode")
    return SecondFactor(
        secret=secret,
        code_svg=re.sub(r'(width|height)="[^"]*mm"', "", text, count=2),
        is_wrong=is_wrong,
        actor=visit.actor,
        must=visit.session.staff.must_have_second_factor,
    )


async def set_second_factor(visit: StaffVisit, session: AsyncSession) -> Page | Redirect:
    """The secret was scanned and a code proves it."""
    if visit.session.staff.totp_secret is not None:
        return Redirect("/staff/account")
    secret = visit.form.text("secret", 64)
    if not passwords.is_secret(secret):
        raise InvalidError(_second_factor(visit, passwords.new_secret(), is_wrong=True))
    codes = await accounts.set_second_factor(
        session, visit.actor, secret, visit.form.text("code", 20), visit.now
    )
    if codes is None:
        raise InvalidError(_second_factor(visit, secret, is_wrong=True))
    return RecoveryCodes(actor=visit.actor, codes=codes)


def _device(request: Request) -> str:
    """What the browser says it is, in two words a person recognises."""
    agent = request.headers.get("user-agent", "")
    browsers = (
        ("Edg/", "Edge"),
        ("Firefox/", "Firefox"),
        ("Chrome/", "Chrome"),
        ("Safari/", "Safari"),
    )
    systems = (
        ("Android", "Android"), ("iPhone", "iPhone"), ("iPad", "iPad"),
        ("Windows", "Windows"), ("Mac OS", "Mac"), ("Linux", "Linux"),
    )  # fmt: skip
    browser = next((name for mark, name in browsers if mark in agent), "?")
    system = next((name for mark, name in systems if mark in agent), "?")
    return f"{browser} · {system}"


async def change_password(request: Request) -> Response:
    """Change one's own password; the hashing happens before the unit of work."""
    services: Services = request.app.state.services
    visit = await admitted(request, EVERYBODY, Where.ANYWHERE)
    form, member = await form_of(request), visit.session.staff
    new = form.secret("new")
    wrong: dict[str, str] = {}
    try:
        if not await _is_own(services, visit, form.secret("current")):
            wrong["current"] = "refused"
    except WaitError as error:
        return await _account_of_who_waits(request, visit, "current", error)
    if weak := passwords.weakness(new, member.name, member.full_name):
        wrong["new"] = weak
    if wrong:
        async with services.store.read() as reading:
            page = await _account(visit, reading, wrong)
        return _refused(request, page, visit)
    async with services.hashing:
        password_hash = await services.in_background_thread(passwords.hashed, new)
    await services.store.write(
        partial(
            accounts.change_password, actor=visit.actor, password_hash=password_hash, now=visit.now
        )
    )
    return redirect_to("/staff/account?done=password")


async def _is_own(services: Services, visit: StaffVisit, password: str) -> bool:
    """Whether whoever sits here knows the account's password. Raises `WaitError`.

    Guessing it is counted like signing in: a device left open is no way around it.
    """
    member = visit.session.staff
    keys = [accounts.failure_key("name", member.name)]
    return await _is_right(services, member.password, password, keys, visit.now)


async def _account_of_who_waits(
    request: Request, visit: StaffVisit, field: str, error: WaitError
) -> Response:
    services: Services = request.app.state.services
    async with services.store.read() as reading:
        page = await _account(visit, reading, {field: "wait"}, _local(error.until, visit))
    return _told_to_wait(request, page, visit, error)


async def remove_second_factor(request: Request) -> Response:
    """Stop asking for a second factor at one's own account, for whoever knows its password."""
    services: Services = request.app.state.services
    visit = await admitted(request, EVERYBODY, Where.ANYWHERE)
    form = await form_of(request)
    try:
        is_own = await _is_own(services, visit, form.secret("password"))
    except WaitError as error:
        return await _account_of_who_waits(request, visit, "password", error)
    if not is_own:
        async with services.store.read() as reading:
            page = await _account(visit, reading, {"password": "refused"})
        return _refused(request, page, visit)
    await services.store.write(
        partial(
            accounts.remove_second_factor,
            actor=visit.actor,
            staff_id=visit.session.staff_id,
            now=visit.now,
        )
    )
    return redirect_to("/staff/account?done=second-factor")


@dataclass(frozen=True, kw_only=True)
class Welcome(Page):
    """邀请: choose a name and a password, once."""

    template: ClassVar[str] = "staff/welcome.html"
    key: str
    full_name: str
    is_new: bool
    """False when only a new password is set."""
    name: str = ""
    wrong: dict[str, str]


@dataclass(frozen=True, kw_only=True)
class Spent(Page):
    """An invitation that opens nothing any more."""

    template: ClassVar[str] = "staff/spent.html"
    status: ClassVar[int] = 404


async def invitation(request: Request) -> Response:
    """The page behind an invitation's link, and what is sent from it."""
    services: Services = request.app.state.services
    visit, key, now = await visit_of(request, services), request.path_params["key"], services.now()
    try:
        async with services.store.read() as reading:
            found = await accounts.open_invitation(reading, key, now)
            known = await accounts.known_of(reading, found)
        if request.method == "GET":
            page = Welcome(
                key=key, full_name=found.full_name, is_new=found.staff_id is None, wrong={}
            )
            return respond(request, page, visit)
        form = await form_of(request)
        name, password = form.text("name", 40).lower(), form.secret("password")
        is_new = found.staff_id is None
        wrong: dict[str, str] = {}
        if is_new and not accounts.NAME.match(name):
            wrong["name"] = "name"
        if weak := passwords.weakness(password, name, *known):
            wrong["password"] = weak
        if not wrong:
            async with services.hashing:
                password_hash = await services.in_background_thread(passwords.hashed, password)
            try:
                await services.store.write(
                    partial(
                        accounts.accept_invitation,
                        key=key,
                        name=name,
                        password_hash=password_hash,
                        now=now,
                    )
                )
            except accounts.NameTakenError:
                wrong["name"] = "taken"
            else:
                return redirect_to(SIGN_IN)
        page = Welcome(key=key, full_name=found.full_name, is_new=is_new, name=name, wrong=wrong)
        return _refused(request, page, visit)
    except accounts.InvitationSpentError:
        return respond(request, Spent(), visit)
