"""限制: who may not write for a time, set by the people who answer and reviewed by a colleague."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from http import HTTPStatus
from typing import TYPE_CHECKING, ClassVar

from starlette.exceptions import HTTPException

from domain.contacts import limits
from domain.contacts.limits import OwnLimitError
from domain.contacts.tables import LineLimit
from domain.matters.holders import may_handle
from domain.staff.accounts import full_names
from web.matters.desk.matter import found
from web.site.answers import InvalidError, Redirect
from web.site.forms import number
from web.staff.access import StaffPage

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncSession

    from domain.matters.tables import Matter
    from domain.places.tables import Community
    from web.site.pages import Page
    from web.staff.access import StaffVisit

LENGTHS = (1, 7, 30)


@dataclass(frozen=True)
class LimitRow:
    """A limit in the list. The device itself is shown nowhere."""

    id: int
    reason: str
    by: str
    since: dt.datetime
    until: dt.datetime
    is_reviewed: bool
    # Whether the reader may review it: not their own.
    is_theirs: bool


@dataclass(frozen=True, kw_only=True)
class SetLimit(StaffPage):
    template: ClassVar[str] = "contacts/set_limit.html"
    tab: ClassVar[str] = "matters"
    matter_id: int
    subject: str
    reason: str
    lengths: tuple[int, ...] = LENGTHS
    is_wrong: bool = False


@dataclass(frozen=True, kw_only=True)
class Limits(StaffPage):
    template: ClassVar[str] = "contacts/limits.html"
    tab: ClassVar[str] = "places"
    place: Community
    rows: list[LimitRow]


async def ask(visit: StaffVisit, session: AsyncSession) -> Page:
    """The form: for how long, and why."""
    matter = await _handled(visit, session)
    return SetLimit(actor=visit.actor, matter_id=matter.id, subject=matter.subject, reason="")


async def _handled(visit: StaffVisit, session: AsyncSession) -> Matter:
    """The matter in the address, for its handler; 404 for all others."""
    matter, community = await found(visit, session)
    if not await may_handle(session, visit.actor, matter, community):
        raise HTTPException(HTTPStatus.NOT_FOUND)
    return matter


async def set_limit(visit: StaffVisit, session: AsyncSession) -> Redirect:
    """Limit the devices that wrote this matter."""
    matter = await _handled(visit, session)
    reason, days = visit.form.text("reason", 500), number(visit.form.text("days"))
    if not reason or days not in LENGTHS:
        raise InvalidError(_ask_again(visit, matter, reason))
    length = dt.timedelta(days=days)
    await limits.limit_all(session, visit.actor, matter, length, reason, visit.now)
    return Redirect(f"/staff/matters/{matter.id}")


def _ask_again(visit: StaffVisit, matter: Matter, reason: str) -> SetLimit:
    return SetLimit(
        actor=visit.actor,
        matter_id=matter.id,
        subject=matter.subject,
        reason=reason,
        is_wrong=True,
    )


async def index(visit: StaffVisit, session: AsyncSession) -> Page:
    """The limits that hold in a community, or wait for a review."""
    to_review = await limits.limits_to_review(session, [visit.place.id], visit.now)
    names = await full_names(session, [limit.staff_id for limit in to_review])
    rows = [_row(visit, limit, names.get(limit.staff_id, "")) for limit in to_review]
    return Limits(actor=visit.actor, place=visit.place, rows=rows)


def _row(visit: StaffVisit, limit: LineLimit, by: str) -> LimitRow:
    return LimitRow(
        id=limit.id,
        reason=limit.reason,
        by=by,
        since=visit.local(limit.since),
        until=visit.local(limit.until),
        is_reviewed=limit.reviewed_at is not None,
        is_theirs=limit.staff_id == visit.actor.staff_id,
    )


async def review(visit: StaffVisit, session: AsyncSession) -> Redirect:
    """Confirm a colleague's limit, or lift it."""
    limit = await session.get(LineLimit, int(visit.params["limit"]))
    if limit is None or limit.community_id != visit.place.id:
        raise HTTPException(HTTPStatus.NOT_FOUND)
    try:
        lift = visit.form.text("decision") == "lift"
        await limits.review(session, visit.actor, limit, visit.now, lift=lift)
    except OwnLimitError:
        raise InvalidError(await index(visit, session)) from None
    return Redirect(f"/staff/c/{visit.place.slug}/limits")
