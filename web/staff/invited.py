"""One-time links that administrators give: for someone new, a new password, or a return."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from starlette.exceptions import HTTPException

from domain.staff import invitations
from web.site.answers import InvalidError, Redirect
from web.staff.access import StaffPage, StaffVisit
from web.staff.people import (
    grant_from,
    link_of,
    member_here,
    other_member,
    people_page,
    person_page,
)

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncSession

    from domain.staff.actor import Grant
    from web.site.pages import Page


@dataclass(frozen=True, kw_only=True)
class Invited(StaffPage):
    """The one-time link, shown once, with its QR code."""

    template: ClassVar[str] = "staff/invited.html"
    tab: ClassVar[str] = "people"
    full_name: str
    path: str
    address: str


async def invite(visit: StaffVisit, session: AsyncSession) -> Page:
    """Make a one-time link for someone new."""
    full_name = visit.form.text("full_name", 80)
    grant = _asked_grant(visit)
    if not full_name or grant is None:
        raise await _incomplete(visit, session, full_name, grant)
    key = await invitations.invite(session, visit.actor, full_name, grant, visit.now)
    return _invited(visit, full_name, key)


def _asked_grant(visit: StaffVisit) -> Grant | None:
    return grant_from(visit, visit.form.given("role"), visit.form.given("place"))


async def _incomplete(
    visit: StaffVisit, session: AsyncSession, full_name: str, grant: Grant | None
) -> InvalidError:
    """The page with what was typed, and what of it is missing or not allowed."""
    wrong = {} if full_name else {"full_name": "missing"}
    typed = {name: visit.form.text(name) for name in ("full_name", "role", "place")}
    wrong |= {name: "missing" for name in ("role", "place") if not typed[name]}
    if grant is None and typed["role"] and typed["place"]:
        wrong["place"] = "place"
    return InvalidError(await people_page(visit, session, typed, wrong))


def _invited(visit: StaffVisit, full_name: str, key: str) -> Invited:
    path = f"/invitations/{key}"
    return Invited(
        actor=visit.actor, full_name=full_name, path=path, address=visit.manner.origin + path
    )


async def new_password(visit: StaffVisit, session: AsyncSession) -> Page:
    """A one-time link for someone who forgot the password."""
    member = await other_member(visit, session)
    key = await invitations.invite_to_new_password(session, visit.actor, member, visit.now)
    return _invited(visit, member.full_name, key)


async def invite_back(visit: StaffVisit, session: AsyncSession) -> Page:
    """A one-time link for someone who left, with the role they have from now on."""
    member = await member_here(visit, session)
    if member.ended_at is None:
        raise HTTPException(404)
    grant = _asked_grant(visit)
    if grant is None:
        raise InvalidError(await person_page(visit, session, member, "place"))
    key = await invitations.invite_back(session, visit.actor, member, grant, visit.now)
    return _invited(visit, member.full_name, key)


async def withdraw(visit: StaffVisit, session: AsyncSession) -> Redirect:
    """Take a link back; one that was used or is over shows as what it is."""
    link = await link_of(visit, session)
    with suppress(invitations.InvitationSpentError):
        await invitations.withdraw(session, visit.actor, link, visit.now)
    return Redirect("/staff/people#links")
