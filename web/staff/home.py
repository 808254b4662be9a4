"""The staff home: what waits for me now, and the ways to what I may do."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from web.staff.access import StaffPage

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncSession

    from web.pages import Page
    from web.staff.access import StaffVisit
    from web.visit import Visit


@dataclass(frozen=True, kw_only=True)
class StaffHome(StaffPage):
    """工作台."""

    template: ClassVar[str] = "staff/home.html"
    tab: ClassVar[str] = "today"
    places: list[tuple[str, str, str]]
    """Role, name of its place, slug of the community when it is one."""
    lacks_second_factor: bool


async def show(visit: StaffVisit, session: AsyncSession) -> Page:
    """The staff home."""
    return StaffHome(
        actor=visit.actor,
        places=[
            (each.role.value, *place_of(visit, each.subdistrict_id, each.community_id))
            for each in visit.actor.grants
        ],
        lacks_second_factor=visit.session.staff.totp_secret is None,
    )


def place_of(visit: Visit, subdistrict_id: int | None, community_id: int | None) -> tuple[str, str]:
    """The name of a place, and its slug when it is a community."""
    district = visit.published.district
    for subdistrict in district.subdistricts:
        if subdistrict.id == subdistrict_id:
            return subdistrict.name, ""
        for community in subdistrict.communities:
            if community.id == community_id:
                return community.name, community.slug
    return district.name, ""
