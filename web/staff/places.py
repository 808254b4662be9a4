"""Names of the places at which roles are held."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from web.visit import Visit


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
