"""应公开: what a community owes, soonest first, and a press that begins the disclosure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar
from urllib.parse import urlencode

from domain.disclosures.catalogue import DutyState, Often, Owes
from domain.disclosures.duties import (
    Counts,
    catalogue_of,
    counts_of,
    duties_by_community,
    duties_of,
)
from domain.disclosures.wishes import waiting_in
from domain.staff.actor import EDITING
from web.site.pages import Card
from web.staff.access import StaffPage
from web.staff.places import communities_for

if TYPE_CHECKING:
    import datetime as dt

    from sqlalchemy.ext.asyncio import AsyncSession

    from domain.disclosures.catalogue import CatalogueItem
    from domain.disclosures.duties import Duty
    from domain.places.tables import Community
    from web.site.pages import Page
    from web.staff.access import StaffVisit

NOT_YET = {DutyState.OVERDUE, DutyState.SOON, DutyState.OPEN}
PRESSING = {DutyState.OVERDUE, DutyState.SOON}


@dataclass(frozen=True)
class OwedRow:
    """A duty, and the address at which its disclosure is begun with everything filled in."""

    duty: Duty
    begins_at: str


@dataclass(frozen=True, kw_only=True)
class OwedPage(StaffPage):
    """应公开 of a community."""

    template: ClassVar[str] = "disclosures/owed.html"
    tab: ClassVar[str] = "places"
    place: Community
    counts: Counts
    rows: list[OwedRow]
    # Items that are owed whenever there is something.
    on_events: list[tuple[CatalogueItem, str]]
    # Wishes that the office has not looked at.
    wishes: int


@dataclass(frozen=True)
class CommunityOwed:
    """How much of a community is late or due soon, and by when the first."""

    address: str
    name: str
    overdue: int
    soon: int
    first: dt.date | None
    # Wishes that the office has not looked at.
    wishes: int


@dataclass(frozen=True, kw_only=True)
class OwedCard(Card):
    """What this person's communities owe."""

    template: ClassVar[str] = "disclosures/_owed_card.html"
    communities: tuple[CommunityOwed, ...]


async def show(visit: StaffVisit, session: AsyncSession) -> Page:
    """What is not published yet, soonest first."""
    place = visit.place
    duties = await duties_of(session, place, visit.published.calendar, visit.now)
    own = [duty for duty in duties if duty.owes is Owes.COMMUNITY]
    catalogue = await catalogue_of(session, place.settlement)
    return OwedPage(
        actor=visit.actor,
        place=place,
        counts=counts_of(own),
        rows=[OwedRow(duty, begins_at(place, duty)) for duty in own if duty.state in NOT_YET],
        on_events=[
            (item, _begins(place, item.kind.value, item.slug, ""))
            for item in catalogue.items
            if item.often is Often.EACH_EVENT and item.owes is Owes.COMMUNITY
        ],
        wishes=(await waiting_in(session, [place.id])).get(place.id, 0),
    )


def begins_at(place: Community, duty: Duty) -> str:
    """The form of a new disclosure with the duty's kind, item and period in it."""
    return _begins(place, duty.kind.value, duty.slug, duty.period or "")


def _begins(place: Community, kind: str, item: str, period: str) -> str:
    given = {"kind": kind, "item": item, "period": period}
    query = urlencode({name: value for name, value in given.items() if value})
    return f"/staff/c/{place.slug}/disclosures/new?{query}"


# Not for people of the whole district: a hundred communities on the first page tell nobody what to
# do, and counting them all would make that page slow. The subdistricts' comparison is for them.
async def on_staff_home(visit: StaffVisit, session: AsyncSession) -> list[Card]:
    """What is late or due soon where this person edits, the most pressing first."""
    near = [
        community
        for community in communities_for(visit, EDITING)
        if any(
            grant.role in EDITING and not grant.is_district_wide and grant.covers(community)
            for grant in visit.actor.grants
        )
    ]
    if not near:
        return []
    duties = await duties_by_community(session, near, visit.published.calendar, visit.now)
    waiting = await waiting_in(session, [community.id for community in near])
    found = [_owed(each, duties[each.id], waiting.get(each.id, 0)) for each in near]
    rows = [row for row in found if row.overdue or row.soon or row.wishes]
    rows.sort(key=lambda row: (row.first is None, row.first))
    return [OwedCard(communities=tuple(rows))] if rows else []


def _owed(community: Community, duties: list[Duty], wishes: int) -> CommunityOwed:
    counts = counts_of(duties)
    pressing = [
        duty.due_on
        for duty in duties
        if duty.state in PRESSING and duty.owes is Owes.COMMUNITY and duty.due_on is not None
    ]
    return CommunityOwed(
        address=f"/staff/c/{community.slug}/disclosures/owed",
        name=community.name,
        overdue=counts.overdue,
        soon=counts.soon,
        first=min(pressing, default=None),
        wishes=wishes,
    )
