"""The places at which roles are held: their names, and where a person may act."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from domain.places.tables import Community, Subdistrict
    from domain.staff.tables import Role
    from web.staff.access import StaffVisit


def by_subdistrict(
    visit: StaffVisit, roles: frozenset[Role]
) -> list[tuple[Subdistrict, list[Community]]]:
    """The communities in which this person may act in one of these roles."""
    found = (
        (subdistrict, [each for each in subdistrict.communities if visit.actor.may(roles, each)])
        for subdistrict in visit.published.district.subdistricts
    )
    return [(subdistrict, group) for subdistrict, group in found if group]


def communities_for(visit: StaffVisit, roles: frozenset[Role]) -> list[Community]:
    """The same, one after the other."""
    return [each for _, group in by_subdistrict(visit, roles) for each in group]
