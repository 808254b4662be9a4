"""Signing in and out, the second factor, and where one is signed in."""

from __future__ import annotations

import asyncio
import datetime as dt
import re
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, ClassVar

import qrcode
from qrcode.image.svg import SvgPathImage

from domain.staff import accounts, passwords
from domain.staff.accounts import SignInRefusedError, WaitError
from web.answering import moved, respond, visit_of
from web.pages import Page
from web.preferences import local_path
from web.staff.access import (
    EVERYBODY,
    SECOND_FACTOR,
    SIGN_IN,
    InvalidError,
    Redirect,
    SignInFirstError,
    StaffPage,
    StaffVisit,
    Where,
    admitted,
    cookie_name,
    form_of,
    set_key,
    signed_in,
)

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncSession
    from starlette.requests import Request
    from starlette.responses import Response

    from domain.staff.tables import StaffSession
    from web.house import House

HASHING = asyncio.Semaphore(2)
"""Password hashes at a time: each takes a core for tens of milliseconds, and pages need one too."""


@dataclass(frozen=True, kw_only=True)
class SignIn(Page):
    """登录."""

    template: ClassVar[str] = "staff/sign_in.html"
    name: str = ""
    next: str = "/staff"
    wrong: str | None = None
    """`refused`, `wait` or `left`."""
    wait_until: dt.datetime | None = None


@dataclass(frozen=True, kw_only=True)
class Confirm(Page):
    """第二步验证."""

    template: ClassVar[str] = "staff/confirm.html"
    is_wrong: bool = False


async def new(request: Request) -> Response:
    """The page to sign in."""
    visit = await visit_of(request, request.app.state.house)
    found = await signed_in(request)
    target = local_path(visit.query.get("next", "/staff"))
    if found is not None:
        return moved(target if found[1].is_confirmed else SECOND_FACTOR)
    return respond(request, SignIn(next=target), visit)


async def create(request: Request) -> Response:
    """Sign in: the password is checked in a thread, outside every transaction."""
    house: House = request.app.state.house
    visit, form, now = await visit_of(request, house), await form_of(request), house.now()
    name, target = form.text("name", 40).lower(), local_path(form.given("next") or "/staff")
    client = request.client.host if request.client else ""
    keys = [accounts.failure_key("name", name), accounts.failure_key("address", client)]
    try:
        key = await _check_and_begin(
            house, name, form.given("password"), keys, _device(request), now
        )
    except WaitError as error:
        page = SignIn(name=name, next=target, wrong="wait", wait_until=error.until)
        response = respond(request, page, visit)
        response.status_code = 429
        seconds = int((error.until - now).total_seconds()) + 1
        response.headers["retry-after"] = str(seconds)
        return response
    except SignInRefusedError:
        response = respond(request, SignIn(name=name, next=target, wrong="refused"), visit)
        response.status_code = 422
        return response
    response = moved(target)
    set_key(request, response, key, house.settings.staff_longest)
    return response


async def _check_and_begin(  # noqa: PLR0913, PLR0917 - everything a sign-in is made of
    house: House, name: str, password: str, keys: list[str], device: str, now: dt.datetime
) -> str:
    async with house.store.read() as reading:
        await accounts.must_wait(reading, keys, now)
        member = await accounts.member_by_name(reading, name)
    kept = member.password if member else None
    async with HASHING:
        right = await asyncio.to_thread(passwords.matches, kept, password[: passwords.LONGEST])
    if member is None or not right:
        await house.store.write(partial(accounts.count_failure, keys=keys, now=now))
        raise SignInRefusedError
    return await house.store.write(
        partial(accounts.begin_session, member_id=member.id, device=device, keys=keys[:1], now=now)
    )


async def confirmation(request: Request) -> Response:
    """The page that asks for the second factor, and the check of what was typed there."""
    house: House = request.app.state.house
    visit, now = await visit_of(request, house), house.now()
    found = await signed_in(request)
    if found is None:
        raise SignInFirstError(SIGN_IN)
    _, session = found
    if session.is_confirmed:
        return moved("/staff")
    if request.method == "GET":
        return respond(request, Confirm(), visit)
    keys = [accounts.failure_key("code", str(session.staff_id))]
    code = (await form_of(request)).text("code", 20)
    async with house.store.read() as reading:
        await accounts.must_wait(reading, keys, now)
    confirmed = await house.store.write(
        partial(accounts.confirm_session, session_id=session.id, code=code, now=now)
    )
    if confirmed:
        return moved("/staff")
    await house.store.write(partial(accounts.count_failure, keys=keys, now=now))
    response = respond(request, Confirm(is_wrong=True), visit)
    response.status_code = 422
    return response


async def ending(request: Request) -> Response:
    """Sign out."""
    house: House = request.app.state.house
    found = await signed_in(request)
    if found is not None:
        actor, session = found
        await house.store.write(
            partial(
                accounts.end_session,
                actor=actor,
                staff_id=session.staff_id,
                session_id=session.id,
                now=house.now(),
            )
        )
    response = moved(SIGN_IN)
    response.delete_cookie(cookie_name(request))
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
    done: str | None = None


async def account(visit: StaffVisit, session: AsyncSession) -> Page:
    """One's own account."""
    return await _account(visit, session, done=visit.query.get("done"))


async def _account(
    visit: StaffVisit,
    session: AsyncSession,
    wrong: dict[str, str] | None = None,
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
        done=done,
    )


async def end_one(visit: StaffVisit, session: AsyncSession) -> Redirect:
    """End one of one's own sessions."""
    staff_id, session_id = visit.session.staff_id, int(visit.params["session"])
    await accounts.end_session(session, visit.actor, staff_id, session_id, visit.now)
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


async def second_factor(visit: StaffVisit, session: AsyncSession) -> Page:
    """A new secret to scan."""
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


async def set_second_factor(visit: StaffVisit, session: AsyncSession) -> Page:
    """The secret was scanned and a code proves it."""
    secret = visit.form.text("secret", 64)
    if not re.fullmatch(r"[A-Z2-7]{16,64}", secret):
        raise InvalidError(_second_factor(visit, passwords.new_secret(), is_wrong=True))
    codes = await accounts.set_second_factor(
        session, visit.actor, secret, visit.form.text("code", 20), visit.now
    )
    if codes is None:
        raise InvalidError(_second_factor(visit, secret, is_wrong=True))
    return RecoveryCodes(actor=visit.actor, codes=codes)


async def remove_second_factor(visit: StaffVisit, session: AsyncSession) -> Redirect:
    """Stop asking for a second factor at one's own account."""
    await accounts.remove_second_factor(session, visit.actor, visit.session.staff_id, visit.now)
    return Redirect("/staff/account?done=second-factor")


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
    house: House = request.app.state.house
    visit = await admitted(request, EVERYBODY, Where.ANYWHERE)
    form, member = await form_of(request), visit.session.staff
    new = form.given("new")
    async with HASHING:
        right = await asyncio.to_thread(passwords.matches, member.password, form.given("current"))
    wrong: dict[str, str] = {}
    if not right:
        wrong["current"] = "refused"
    if weak := passwords.weakness(new, member.name, member.full_name):
        wrong["new"] = weak
    if wrong:
        async with house.store.read() as reading:
            page = await _account(visit, reading, wrong)
        response = respond(request, page, visit)
        response.status_code = 422
        return response
    async with HASHING:
        password_hash = await asyncio.to_thread(passwords.hashed, new)
    await house.store.write(
        partial(
            accounts.change_password, actor=visit.actor, password_hash=password_hash, now=visit.now
        )
    )
    return moved("/staff/account?done=password")


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
    house: House = request.app.state.house
    visit, key, now = await visit_of(request, house), request.path_params["key"], house.now()
    try:
        async with house.store.read() as reading:
            found = await accounts.open_invitation(reading, key, now)
        if request.method == "GET":
            page = Welcome(
                key=key, full_name=found.full_name, is_new=found.staff_id is None, wrong={}
            )
            return respond(request, page, visit)
        form = await form_of(request)
        name, password = form.text("name", 40).lower(), form.given("password")
        is_new = found.staff_id is None
        wrong: dict[str, str] = {}
        if is_new and not accounts.NAME.match(name):
            wrong["name"] = "name"
        if weak := passwords.weakness(password, name):
            wrong["password"] = weak
        if not wrong:
            async with HASHING:
                password_hash = await asyncio.to_thread(passwords.hashed, password)
            try:
                await house.store.write(
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
                return moved(SIGN_IN)
        page = Welcome(key=key, full_name=found.full_name, is_new=is_new, name=name, wrong=wrong)
        response = respond(request, page, visit)
        response.status_code = 422
    except accounts.InvitationSpentError:
        return respond(request, Spent(), visit)
    return response
