"""What a community keeps true: its documents, what it adds to the handbook, and its hours."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar

from domain.papers import kinds, versions
from domain.papers.paper import Paper
from domain.staff.actor import EDITING
from web.papers.spec import specs_of
from web.site.answers import Redirect
from web.staff.access import StaffPage, StaffVisit
from web.staff.places import by_subdistrict, communities_for

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncSession

    from domain.handbook.tables import Category, ServiceItem
    from domain.papers.versions import StaleNote
    from domain.places.content import HoursException
    from domain.places.tables import Community, Subdistrict
    from web.papers.form.problems import Problem
    from web.site.pages import Page

    Choose = list[tuple[Category, list["ItemNotes"]]]


@dataclass(frozen=True, kw_only=True)
class Communities(StaffPage):
    """The communities this person may edit."""

    template: ClassVar[str] = "papers/communities.html"
    tab: ClassVar[str] = "places"
    subdistricts: list[tuple[Subdistrict, list[Community]]]
    # Also those without a community, for a new one.
    every_subdistrict: list[Subdistrict]
    # Those that are no longer one, for who writes the district.
    ended: list[Community]


@dataclass(frozen=True)
class ItemNotes:
    """An item, what the community adds to it, and whether the district's text changed since."""

    item: ServiceItem
    is_noted: bool
    is_stale: bool


@dataclass(frozen=True, kw_only=True)
class CommunityDesk(StaffPage):
    """What a community keeps true."""

    template: ClassVar[str] = "papers/community.html"
    tab: ClassVar[str] = "places"
    place: Community
    # Addresses, and what kinds of documents they are, to translate.
    documents: list[tuple[str, str]]
    noted: list[ItemNotes]
    categories: Choose
    # Days to come on which the hall is open otherwise than usual.
    exceptions: list[HoursException]
    values: dict[str, Any]
    problems: dict[str, Problem]


async def choose(visit: StaffVisit, _session: AsyncSession) -> Page | Redirect:
    """The communities this person may edit; straight to the only one."""
    found = communities_for(visit, EDITING)
    if len(found) == 1 and not visit.actor.edits_district:
        return Redirect(f"/staff/c/{found[0].slug}")
    return Communities(
        actor=visit.actor,
        subdistricts=by_subdistrict(visit, EDITING),
        every_subdistrict=visit.published.district.subdistricts,
        ended=list(visit.published.ended.values()) if visit.actor.edits_district else [],
    )


async def show(visit: StaffVisit, session: AsyncSession) -> Page:
    """What one community keeps true."""
    return await community_page(visit, session, await _to_type(visit, session), {})


async def _to_type(visit: StaffVisit, session: AsyncSession) -> dict[str, Any]:
    """What stands in the form for other hours: those of the day that is asked for, or nothing."""
    asked = visit.query.get("day", "")
    for exception in await _exceptions(visit, session):
        if str(exception.day) == asked:
            return exception.model_dump(mode="json") | {
                "periods": [f"{each.opens:%H:%M}-{each.closes:%H:%M}" for each in exception.periods]
            }
    return {"day": str(visit.today), "periods": [], "reason": None}


async def community_page(
    visit: StaffVisit, session: AsyncSession, values: dict[str, Any], problems: dict[str, Problem]
) -> CommunityDesk:
    """The page, with what was typed into the form for other hours on one day."""
    categories = await _categories(visit, session)
    return CommunityDesk(
        actor=visit.actor,
        place=visit.place,
        documents=_documents(visit),
        noted=[row for _, rows in categories for row in rows if row.is_noted],
        categories=categories,
        exceptions=await _exceptions(visit, session),
        values=values,
        problems=problems,
    )


def _documents(visit: StaffVisit) -> list[tuple[str, str]]:
    """Those of which a community has one; what it adds to items is listed by item."""
    specs = specs_of(visit.features)
    own = [spec for spec in specs if spec.kind.is_of_community and not spec.is_about_item]
    return [(f"/staff/{Paper(spec.kind, visit.place.slug).subject}", spec.name) for spec in own]


async def _categories(visit: StaffVisit, session: AsyncSession) -> Choose:
    place = visit.place
    stale = {note.item_id for note in await versions.stale_notes(session, place.id)}
    noted = {note.item_id for note in place.notes}
    return [
        (category, [ItemNotes(item, item.id in noted, item.id in stale) for item in category.items])
        for category in visit.published.handbook.categories
    ]


async def _exceptions(visit: StaffVisit, session: AsyncSession) -> list[HoursException]:
    hall: Any = await Paper(kinds.HALL, visit.place.slug).read(session)
    coming = [exception for exception in hall.hours.exceptions if exception.day >= visit.today]
    return sorted(coming, key=lambda exception: exception.day)


async def stale_for(visit: StaffVisit, session: AsyncSession) -> list[StaleNote]:
    """Notes that this person should look at: the district changed the text under them."""
    slugs = {community.slug for community in communities_for(visit, EDITING)}
    return [note for note in await versions.stale_notes(session) if note.community in slugs]
