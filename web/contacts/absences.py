"""请假: when I am away, and when people are away whose posts I keep."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from starlette.exceptions import HTTPException

from domain.contacts import absences
from domain.contacts.absences import EndsTooEarlyError, TooLongError
from domain.contacts.tables import PostAbsence
from domain.staff.actor import EDITING
from web.site.answers import InvalidError, Redirect
from web.staff.access import StaffPage
from web.staff.places import communities_for

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncSession

    from domain.staff.tables import StaffMember
    from web.site.pages import Page
    from web.staff.access import StaffVisit

PATH = "/staff/absences"
WRONG = {EndsTooEarlyError: "early", TooLongError: "long"}


@dataclass(frozen=True)
class AbsenceRow:
    """An absence with local times, and whose it is; empty for my own."""

    id: int
    name: str
    since: dt.datetime
    until: dt.datetime
    has_begun: bool


@dataclass(frozen=True, kw_only=True)
class Absences(StaffPage):
    """请假: absences to come, and the form for another."""

    template: ClassVar[str] = "contacts/absences.html"
    tab: ClassVar[str] = "account"
    own: list[AbsenceRow]
    of_others: list[AbsenceRow]
    # Whose absences this person may enter, beside their own.
    people: list[StaffMember]
    # What was typed, by the field's name.
    typed: dict[str, str]
    # Why it was not taken: `time`, `early`, `long`; empty before.
    wrong: str


async def show(visit: StaffVisit, session: AsyncSession) -> Page:
    """The absences to come."""
    return await _page(visit, session)


async def _page(visit: StaffVisit, session: AsyncSession, wrong: str = "") -> Absences:
    people = await _people(visit, session)
    names = {person.id: person.full_name for person in people}
    me = visit.session.staff_id
    rows = [
        AbsenceRow(
            id=row.id,
            name=names.get(row.staff_id, ""),
            since=visit.local(row.since),
            until=visit.local(row.until),
            has_begun=row.since <= visit.now,
        )
        for row in await absences.absences_ahead(session, {me, *names}, visit.now)
    ]
    return Absences(
        actor=visit.actor,
        own=[row for row in rows if not row.name],
        of_others=[row for row in rows if row.name],
        people=people,
        typed={name: visit.form.text(name) for name in ("person", "since", "until")},
        wrong=wrong,
    )


async def _people(visit: StaffVisit, session: AsyncSession) -> list[StaffMember]:
    """Holders and substitutes in the communities that this person keeps, without themselves."""
    here = [community.id for community in communities_for(visit, EDITING)]
    people = await absences.people_of_posts(session, here)
    return [person for person in people if person.id != visit.session.staff_id]


async def enter(visit: StaffVisit, session: AsyncSession) -> Redirect:
    """Enter an absence: of the person who is here, or of someone whose post they keep."""
    whose = await _whose(visit, session)
    since, until = _moment(visit, "since"), _moment(visit, "until")
    if since is None or until is None:
        raise InvalidError(await _page(visit, session, "time"))
    try:
        await absences.enter(session, visit.actor, whose, since, until, visit.now)
    except tuple(WRONG) as error:
        raise InvalidError(await _page(visit, session, WRONG[type(error)])) from None
    return Redirect(PATH)


async def _whose(visit: StaffVisit, session: AsyncSession) -> int:
    """Whose absence it is; 404 for a person who is none of theirs."""
    name = visit.form.text("person")
    if not name:
        return visit.session.staff_id
    for person in await _people(visit, session):
        if person.name == name:
            return person.id
    raise HTTPException(404)


def _moment(visit: StaffVisit, name: str) -> dt.datetime | None:
    """A day and a time as a browser sends them, in the deployment's time zone."""
    try:
        typed = dt.datetime.fromisoformat(visit.form.text(name))
        return typed.replace(tzinfo=visit.now.tzinfo) if typed.tzinfo is None else None
    except ValueError:
        return None


async def end(visit: StaffVisit, session: AsyncSession) -> Redirect:
    """Cancel an absence, or come back from it now."""
    absence = await session.get(PostAbsence, int(visit.params["absence"]))
    allowed = {visit.session.staff_id, *(each.id for each in await _people(visit, session))}
    if absence is None or absence.staff_id not in allowed:
        raise HTTPException(404)
    try:
        await absences.end(session, visit.actor, absence, visit.now)
    except EndsTooEarlyError:
        # It is over: what was wanted is already so.
        return Redirect(PATH)
    return Redirect(PATH)
