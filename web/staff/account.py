"""我的账号: where a member of staff is signed in, and their password."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, ClassVar

from starlette.exceptions import HTTPException

from domain.staff import credentials, sign_in
from domain.staff.guesses import WaitError
from domain.staff.sign_in import AuthorityLostError
from web.site.answers import InvalidError, Redirect
from web.staff.access import StaffPage
from web.staff.password_check import hashed, is_own, wait_until, weakness_of, with_password

if TYPE_CHECKING:
    import datetime as dt

    from sqlalchemy.ext.asyncio import AsyncSession

    from domain.staff.tables import StaffSession
    from web.running.services import Services
    from web.site.pages import Page
    from web.staff.access import StaffVisit

PATH = "/staff/account"


@dataclass(frozen=True, kw_only=True)
class Account(StaffPage):
    """我的账号: sessions, password, second factor."""

    template: ClassVar[str] = "staff/account.html"
    tab: ClassVar[str] = "account"
    sessions: list[StaffSession]
    # The id of the session that looks.
    current: int
    has_second_factor: bool
    # Recovery codes.
    codes_left: int
    # Field to what is wrong: `refused`, `wait`, or a weakness of the new password.
    wrong: dict[str, str]
    wait_until: dt.datetime | None = None
    done: str | None = None


async def show(visit: StaffVisit, session: AsyncSession) -> Page:
    """The member's own account."""
    return await _page(visit, session, done=visit.query.get("done"))


async def _page(
    visit: StaffVisit,
    session: AsyncSession,
    wrong: dict[str, str] | None = None,
    wait_until: dt.datetime | None = None,
    done: str | None = None,
) -> Account:
    member = visit.session.staff
    return Account(
        actor=visit.actor,
        sessions=await sign_in.sessions_of(session, member.id, visit.now, *visit.limits),
        current=visit.session.id,
        has_second_factor=member.totp_secret is not None,
        codes_left=len(member.recovery_codes),
        wrong=wrong or {},
        wait_until=wait_until,
        done=done,
    )


async def end_session(visit: StaffVisit, session: AsyncSession) -> Redirect:
    """End one session of the account; 404 when it has none of that number."""
    staff_id, session_id = visit.session.staff_id, int(visit.params["session"])
    if not await sign_in.end_session(session, visit.actor, staff_id, session_id, visit.now):
        raise HTTPException(404)
    return Redirect(f"{PATH}?done=ended")


async def change_password(visit: StaffVisit, services: Services) -> Redirect:
    """Change the member's password, when the old one is right."""
    new, member = visit.form.secret("new"), visit.session.staff
    wrong = await wrong_password(visit, services, "current")
    if weak := await weakness_of(services, visit, new, member.name, member.full_name):
        wrong["new"] = weak
    if wrong:
        raise await refused(visit, services, wrong)
    change = partial(credentials.change_password, actor=visit.actor, now=visit.now)
    changing = partial(change, password_hash=await hashed(services, new))
    try:
        await with_password(services, member, changing)
    except AuthorityLostError:
        raise await refused(visit, services, {"current": "refused"}) from None
    return Redirect(f"{PATH}?done=password")


async def wrong_password(visit: StaffVisit, services: Services, field: str) -> dict[str, str]:
    """The field with the account's own password, and `refused` when it is wrong; else empty.

    Raises `InvalidError` when it was wrong too often.
    """
    try:
        right = await is_own(services, visit, visit.form.secret(field))
    except WaitError as error:
        async with services.store.read() as reading:
            page = await _page(visit, reading, {field: "wait"}, wait_until(error, visit))
        raise InvalidError(page, error.until - visit.now) from None
    return {} if right else {field: "refused"}


async def refused(visit: StaffVisit, services: Services, wrong: dict[str, str]) -> InvalidError:
    """The account's page, with what is wrong."""
    async with services.store.read() as reading:
        return InvalidError(await _page(visit, reading, wrong))
