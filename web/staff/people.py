"""Staff accounts, as administrators manage them: invitations, roles, sessions, the end."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from sqlalchemy import select
from sqlalchemy.orm import selectinload
from starlette.exceptions import HTTPException

from domain.staff import accounts, credentials, guesses, invitations, roles, sign_in
from domain.staff.actor import MANAGING, Grant
from domain.staff.tables import Role, StaffMember
from web.site.answers import InvalidError, Redirect
from web.site.words import minute_after
from web.staff.access import StaffPage, StaffVisit

if TYPE_CHECKING:
    import datetime as dt

    from sqlalchemy.ext.asyncio import AsyncSession

    from domain.staff.tables import StaffSession
    from web.site.pages import Page


@dataclass(frozen=True)
class Place:
    """A place a role can be held at, as a form's choice: `district`, `s:3` or `c:17`."""

    value: str
    name: str
    depth: int


@dataclass(frozen=True, kw_only=True)
class People(StaffPage):
    """工作人员."""

    template: ClassVar[str] = "staff/people.html"
    tab: ClassVar[str] = "people"
    # Each with roles as (role, name of its place).
    members: list[tuple[StaffMember, list[tuple[str, str]]]]
    places: list[Place]
    roles: tuple[Role, ...]
    typed: dict[str, str]
    wrong: dict[str, str]


@dataclass(frozen=True, kw_only=True)
class Invited(StaffPage):
    """The one-time link, shown once, with its QR code."""

    template: ClassVar[str] = "staff/invited.html"
    tab: ClassVar[str] = "people"
    full_name: str
    path: str
    address: str


@dataclass(frozen=True, kw_only=True)
class Person(StaffPage):
    """One account."""

    template: ClassVar[str] = "staff/person.html"
    tab: ClassVar[str] = "people"
    member: StaffMember
    # Roles as (role, place's value, place's name).
    held: list[tuple[str, str, str]]
    places: list[Place]
    roles: tuple[Role, ...]
    sessions: list[StaffSession]
    # Until when somewhere nobody can try to sign in by their name; None if everyone can.
    wait_until: dt.datetime | None
    wrong: str | None = None


async def index(visit: StaffVisit, session: AsyncSession) -> Page:
    """The people that this administrator manages."""
    return await _people(visit, session)


async def _people(
    visit: StaffVisit,
    session: AsyncSession,
    typed: dict[str, str] | None = None,
    wrong: dict[str, str] | None = None,
) -> People:
    found = await session.scalars(
        select(StaffMember)
        .options(selectinload(StaffMember.roles))
        .order_by(StaffMember.ended_at.isnot(None), StaffMember.name)
    )
    return People(
        actor=visit.actor,
        members=[
            (member, [(role, place) for role, _, place in _held(visit, member)])
            for member in found
            if manages(visit, member)
        ],
        places=places_of(visit),
        roles=tuple(Role),
        typed=typed or {},
        wrong=wrong or {},
    )


async def invite(visit: StaffVisit, session: AsyncSession) -> Page:
    """Make a one-time link for someone new."""
    full_name = visit.form.text("full_name", 80)
    grant = _grant(visit, visit.form.given("role"), visit.form.given("place"))
    if not full_name or grant is None:
        raise await _incomplete(visit, session, full_name, grant)
    key = await invitations.invite(session, visit.actor, full_name, grant, visit.now)
    return _invited(visit, full_name, key)


async def _incomplete(
    visit: StaffVisit, session: AsyncSession, full_name: str, grant: Grant | None
) -> InvalidError:
    """The page with what was typed, and what of it is missing or not allowed."""
    wrong = {} if full_name else {"full_name": "missing"}
    if grant is None:
        wrong["place"] = "place"
    typed = {name: visit.form.text(name) for name in ("full_name", "role", "place")}
    return InvalidError(await _people(visit, session, typed, wrong))


def _invited(visit: StaffVisit, full_name: str, key: str) -> Invited:
    path = f"/invitations/{key}"
    return Invited(
        actor=visit.actor, full_name=full_name, path=path, address=visit.manner.origin + path
    )


async def show(visit: StaffVisit, session: AsyncSession) -> Page:
    """One person."""
    return await _person(visit, session, await _member(visit, session))


async def _person(
    visit: StaffVisit, session: AsyncSession, member: StaffMember, wrong: str | None = None
) -> Person:
    until = await guesses.wait_of(session, member.name, visit.now)
    return Person(
        actor=visit.actor,
        member=member,
        held=_held(visit, member),
        places=places_of(visit),
        roles=tuple(Role),
        sessions=await sign_in.sessions_of(session, member.id, visit.now, *visit.limits),
        wait_until=minute_after(visit.local(until)) if until else None,
        wrong=wrong,
    )


async def set_roles(visit: StaffVisit, session: AsyncSession) -> Redirect:
    """Give a person other roles. What this administrator does not manage stays as it is."""
    member = await _colleague(visit, session)
    held = accounts.actor_for(member, None).grants
    grants = [*(grant for grant in held if not _may(visit, grant)), *_wanted(visit)]
    try:
        await roles.set_roles(session, visit.actor, member.id, grants, visit.now)
    except roles.LastAdministratorError:
        raise InvalidError(await _person(visit, session, member, "last")) from None
    return Redirect(f"/staff/people/{member.id}")


def _wanted(visit: StaffVisit) -> list[Grant]:
    """The grants in the form; 404 when one of them is not this administrator's to give."""
    pairs = zip(visit.form.all("role"), visit.form.all("place"), strict=False)
    grants = [_grant(visit, role, place) for role, place in pairs if role]
    if None in grants:
        raise HTTPException(404)
    return [grant for grant in grants if grant is not None]


async def require_second_factor(visit: StaffVisit, session: AsyncSession) -> Redirect:
    """Require a second factor of a person, or stop requiring it."""
    member = await _other(visit, session)
    required = visit.form.given("required") == "yes"
    await credentials.require_second_factor(
        session, visit.actor, member.id, visit.now, required=required
    )
    return Redirect(f"/staff/people/{member.id}")


async def remove_second_factor(visit: StaffVisit, session: AsyncSession) -> Redirect:
    """For someone who lost the phone and the recovery codes."""
    member = await _other(visit, session)
    await credentials.remove_second_factor(session, visit.actor, member.id, visit.now)
    return Redirect(f"/staff/people/{member.id}")


async def new_password(visit: StaffVisit, session: AsyncSession) -> Page:
    """A one-time link for someone who forgot the password."""
    member = await _other(visit, session)
    key = await invitations.invite_to_new_password(session, visit.actor, member, visit.now)
    return _invited(visit, member.full_name, key)


async def lift_waits(visit: StaffVisit, session: AsyncSession) -> Redirect:
    """For someone whose name others tried to sign in by."""
    member = await _colleague(visit, session)
    await guesses.lift_waits(session, visit.actor, member, visit.now)
    return Redirect(f"/staff/people/{member.id}")


async def end_session(visit: StaffVisit, session: AsyncSession) -> Redirect:
    member = await _colleague(visit, session)
    session_id = int(visit.params["session"])
    if not await sign_in.end_session(session, visit.actor, member.id, session_id, visit.now):
        raise HTTPException(404)
    return Redirect(f"/staff/people/{member.id}")


async def deactivate(visit: StaffVisit, session: AsyncSession) -> Redirect:
    """End an account."""
    member = await _colleague(visit, session)
    try:
        await roles.deactivate(session, visit.actor, member.id, visit.now)
    except roles.LastAdministratorError:
        raise InvalidError(await _person(visit, session, member, "last")) from None
    return Redirect("/staff/people")


async def _colleague(visit: StaffVisit, session: AsyncSession) -> StaffMember:
    """The person in the address, if they still work here: an ended account stays as it was."""
    member = await _member(visit, session)
    if member.ended_at is not None:
        raise HTTPException(404)
    return member


# The own account's page asks for the password first. A desk left open must not be a way around it.
async def _other(visit: StaffVisit, session: AsyncSession) -> StaffMember:
    """The same, unless it is who asks: 404 for the own account."""
    member = await _colleague(visit, session)
    if member.id == visit.actor.staff_id:
        raise HTTPException(404)
    return member


async def _member(visit: StaffVisit, session: AsyncSession) -> StaffMember:
    """The person in the address, if this administrator manages them; 404 otherwise."""
    found = await session.scalar(
        select(StaffMember)
        .where(StaffMember.id == int(visit.params["person"]))
        .options(selectinload(StaffMember.roles))
    )
    if found is None or not manages(visit, found):
        raise HTTPException(404)
    member: StaffMember = found
    return member


def manages(visit: StaffVisit, member: StaffMember) -> bool:
    """Whether all of a person's roles lie at or below a place this administrator manages."""
    grants = accounts.actor_for(member, None).grants
    return (
        all(_may(visit, each) for each in grants)
        if grants
        else visit.actor.may_everywhere(MANAGING)
    )


def _may(visit: StaffVisit, grant: Grant) -> bool:
    return visit.actor.may_grant(grant, _subdistrict_of(visit))


def _subdistrict_of(visit: StaffVisit) -> dict[int, int]:
    return {
        community.id: subdistrict.id
        for subdistrict in visit.published.district.subdistricts
        for community in subdistrict.communities
    }


def _held(visit: StaffVisit, member: StaffMember) -> list[tuple[str, str, str]]:
    return [
        (
            each.role.value,
            _value(each.subdistrict_id, each.community_id),
            visit.place_of(each.subdistrict_id, each.community_id)[0],
        )
        for each in member.roles
    ]


def _value(subdistrict_id: int | None, community_id: int | None) -> str:
    if community_id is not None:
        return f"c:{community_id}"
    return f"s:{subdistrict_id}" if subdistrict_id is not None else "district"


def places_of(visit: StaffVisit) -> list[Place]:
    """The places this administrator may bind roles to."""
    district = visit.published.district
    every = [(Grant(Role.CLERK), Place("district", district.name, 0))]
    for subdistrict in district.subdistricts:
        grant = Grant(Role.CLERK, subdistrict_id=subdistrict.id)
        every.append((grant, Place(_value(subdistrict.id, None), subdistrict.name, 1)))
        for community in subdistrict.communities:
            grant = Grant(Role.CLERK, community_id=community.id)
            every.append((grant, Place(_value(None, community.id), community.name, 2)))
    return [place for grant, place in every if _may(visit, grant)]


def _grant(visit: StaffVisit, role: str, place: str) -> Grant | None:
    """The grant a form asks for; None when it is none, or not this administrator's to give."""
    if role not in set(Role) or place not in {each.value for each in places_of(visit)}:
        return None
    kind, _, number = place.partition(":")
    return Grant(
        Role(role),
        subdistrict_id=int(number) if kind == "s" else None,
        community_id=int(number) if kind == "c" else None,
    )
