"""Staff accounts, as administrators manage them: invitations, roles, sessions, the end."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from sqlalchemy import select
from sqlalchemy.orm import selectinload
from starlette.exceptions import HTTPException

from domain.staff import accounts, credentials, guesses, invitations, roles, sign_in
from domain.staff.actor import MANAGING, Grant
from domain.staff.tables import Invitation, Role, StaffMember
from web.site.answers import InvalidError, Redirect
from web.site.forms import number
from web.site.words import minute_after
from web.staff.access import StaffPage, StaffVisit

if TYPE_CHECKING:
    import datetime as dt

    from sqlalchemy.ext.asyncio import AsyncSession

    from domain.staff.tables import StaffSession
    from web.site.pages import Page

# People on a page.
PAGE = 50


@dataclass(frozen=True)
class Place:
    """A place a role can be held at, as a form's choice: `district`, `s:3` or `c:17`."""

    value: str
    name: str
    depth: int


@dataclass(frozen=True)
class Link:
    """A one-time link: what it gives, who gave it, and whether it still opens something."""

    invitation: Invitation
    # Empty for a link to a new password.
    role: str
    place: str
    given_by: str
    is_open: bool


@dataclass(frozen=True, kw_only=True)
class People(StaffPage):
    """工作人员."""

    template: ClassVar[str] = "staff/people.html"
    tab: ClassVar[str] = "people"
    # Each with roles as (role, name of its place).
    members: list[tuple[StaffMember, list[tuple[str, str]]]]
    # What was searched for, and how many people it finds.
    words: str
    count: int
    # Where the pages before and after this one begin; None when there is none.
    before: int | None
    after: int | None
    given_links: list[Link]
    places: list[Place]
    roles: tuple[Role, ...]
    typed: dict[str, str]
    wrong: dict[str, str]


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
    """The people that this administrator manages, or those of them that were searched for."""
    return await people_page(visit, session)


async def people_page(
    visit: StaffVisit,
    session: AsyncSession,
    typed: dict[str, str] | None = None,
    wrong: dict[str, str] | None = None,
) -> People:
    """A page of people, with what was typed into the form below it and what of it is wrong."""
    words = visit.query.get("q", "").strip()[:40]
    found = [each for each in await _managed(visit, session) if _is_meant(each, words)]
    first = min(number(visit.query.get("from", "")) or 0, len(found))
    return People(
        actor=visit.actor,
        members=found[first : first + PAGE],
        words=words,
        count=len(found),
        before=max(first - PAGE, 0) if first else None,
        after=first + PAGE if first + PAGE < len(found) else None,
        given_links=await links_of(visit, session),
        places=places_of(visit),
        roles=tuple(Role),
        typed=typed or {},
        wrong=wrong or {},
    )


async def _managed(
    visit: StaffVisit, session: AsyncSession
) -> list[tuple[StaffMember, list[tuple[str, str]]]]:
    found = await session.scalars(
        select(StaffMember)
        .options(selectinload(StaffMember.roles))
        .order_by(StaffMember.ended_at.isnot(None), StaffMember.name)
    )
    return [
        (member, [(role, place) for role, _, place in _held(visit, member)])
        for member in found
        if manages(visit, member)
    ]


def _is_meant(row: tuple[StaffMember, list[tuple[str, str]]], words: str) -> bool:
    """Whether each word is a part of the full name, the login name, or the name of a place."""
    member, held = row
    said = " ".join((member.full_name, member.name, *(place for _, place in held))).lower()
    return all(word in said for word in words.lower().split())


async def links_of(visit: StaffVisit, session: AsyncSession) -> list[Link]:
    """Links that this administrator could give, with who gave them and what became of them."""
    found = [
        link
        for link in await invitations.recent_invitations(session, visit.now)
        if _may_withdraw(visit, link)
    ]
    names = await accounts.full_names(session, [link.invited_by for link in found])
    return [
        Link(
            link,
            "" if link.role is None else link.role.value,
            visit.place_of(link.subdistrict_id, link.community_id)[0],
            names.get(link.invited_by, ""),
            is_open=link.used_at is None and link.expires_at > visit.now,
        )
        for link in found
    ]


def _may_withdraw(visit: StaffVisit, link: Invitation) -> bool:
    """Whether the role is theirs to give; a link to a new password is their own, or any's above."""
    grant = invitations.grant_of(link)
    if grant is not None:
        return may_give(visit, grant)
    return link.invited_by == visit.actor.staff_id or visit.actor.may_everywhere(MANAGING)


async def link_of(visit: StaffVisit, session: AsyncSession) -> Invitation:
    """The invitation in the address, if it is theirs to withdraw; 404 otherwise."""
    link = await session.get(Invitation, int(visit.params["invitation"]))
    if link is None or not _may_withdraw(visit, link):
        raise HTTPException(404)
    return link


async def show(visit: StaffVisit, session: AsyncSession) -> Page:
    """One person."""
    return await person_page(visit, session, await member_here(visit, session))


async def person_page(
    visit: StaffVisit, session: AsyncSession, member: StaffMember, wrong: str | None = None
) -> Person:
    """The page of a person, with what was wrong in a form on it."""
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


async def rename(visit: StaffVisit, session: AsyncSession) -> Redirect:
    """Give a person another full name: a typing error, or a marriage."""
    member = await _colleague(visit, session)
    full_name = visit.form.text("full_name", 80)
    if not full_name:
        raise InvalidError(await person_page(visit, session, member, "name"))
    await accounts.rename(session, visit.actor, member.id, full_name, visit.now)
    return Redirect(f"/staff/people/{member.id}")


async def set_roles(visit: StaffVisit, session: AsyncSession) -> Redirect:
    """Give a person other roles. What this administrator does not manage stays as it is."""
    member = await _colleague(visit, session)
    held = accounts.actor_for(member, None).grants
    grants = [*(grant for grant in held if not may_give(visit, grant)), *_wanted(visit)]
    try:
        await roles.set_roles(session, visit.actor, member.id, grants, visit.now)
    except roles.LastAdministratorError:
        raise InvalidError(await person_page(visit, session, member, "last")) from None
    return Redirect(f"/staff/people/{member.id}")


def _wanted(visit: StaffVisit) -> list[Grant]:
    """The grants in the form; 404 when one of them is not this administrator's to give."""
    pairs = zip(visit.form.all("role"), visit.form.all("place"), strict=False)
    grants = [grant_from(visit, role, place) for role, place in pairs if role]
    if None in grants:
        raise HTTPException(404)
    return [grant for grant in grants if grant is not None]


async def require_second_factor(visit: StaffVisit, session: AsyncSession) -> Redirect:
    """Require a second factor of a person, or stop requiring it."""
    member = await other_member(visit, session)
    required = visit.form.given("required") == "yes"
    await credentials.require_second_factor(
        session, visit.actor, member.id, visit.now, required=required
    )
    return Redirect(f"/staff/people/{member.id}")


async def remove_second_factor(visit: StaffVisit, session: AsyncSession) -> Redirect:
    """For someone who lost the phone and the recovery codes."""
    member = await other_member(visit, session)
    await credentials.remove_second_factor(session, visit.actor, member.id, visit.now)
    return Redirect(f"/staff/people/{member.id}")


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
        raise InvalidError(await person_page(visit, session, member, "last")) from None
    return Redirect("/staff/people")


async def _colleague(visit: StaffVisit, session: AsyncSession) -> StaffMember:
    """The person in the address, if they still work here: an ended account stays as it was."""
    member = await member_here(visit, session)
    if member.ended_at is not None:
        raise HTTPException(404)
    return member


# The own account's page asks for the password first. A desk left open must not be a way around it.
async def other_member(visit: StaffVisit, session: AsyncSession) -> StaffMember:
    """The same, unless it is who asks: 404 for the own account."""
    member = await _colleague(visit, session)
    if member.id == visit.actor.staff_id:
        raise HTTPException(404)
    return member


async def member_here(visit: StaffVisit, session: AsyncSession) -> StaffMember:
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
        all(may_give(visit, each) for each in grants)
        if grants
        else visit.actor.may_everywhere(MANAGING)
    )


def may_give(visit: StaffVisit, grant: Grant) -> bool:
    """Whether this role is theirs to give and to take."""
    return visit.actor.may_grant(grant, _subdistrict_of(visit))


def _subdistrict_of(visit: StaffVisit) -> dict[int, int]:
    # A role in a community that was merged is still held by who can read what was there.
    every = (*visit.published.communities, *visit.published.ended.values())
    return {each.id: each.subdistrict_id for each in every}


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
    subdistrict_of = _subdistrict_of(visit)
    return [place for grant, place in every if visit.actor.may_grant(grant, subdistrict_of)]


def grant_from(visit: StaffVisit, role: str, place: str) -> Grant | None:
    """The grant a form asks for; None when it is none, or not this administrator's to give."""
    if role not in set(Role) or place not in {each.value for each in places_of(visit)}:
        return None
    return grant_at(Role(role), place)


def grant_at(role: Role, place: str) -> Grant:
    """The role at a place, as a form has it: `district`, `s:3` or `c:17`."""
    kind, _, number = place.partition(":")
    return Grant(
        role,
        subdistrict_id=int(number) if kind == "s" else None,
        community_id=int(number) if kind == "c" else None,
    )
