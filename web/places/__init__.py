"""A community's facilities, people, partners and hall, its map and its codes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from domain.places.search import entries_of
from web.places import pages
from web.places.routes import ROUTES
from web.site.feature import Feature, Kept

if TYPE_CHECKING:
    from collections.abc import Iterator

    from domain.places.tables import Community
    from web.site.visit import Visit

PAGES = {
    "facilities": pages.facilities,
    "people": pages.people,
    "partners": pages.partners,
    "brand": pages.brand,
    "hall": pages.hall,
}


def kept_offline(_visit: Visit, community: Community) -> Iterator[Kept]:
    """Every page about the community itself."""
    for name, view in PAGES.items():
        yield Kept(f"/c/{{community}}/{name}", view, {"community": community.slug})


def in_sitemap(_visit: Visit, slug: str) -> Iterator[str]:
    """Every page about the community itself."""
    for name in PAGES:
        yield f"/c/{slug}/{name}"


FEATURE = Feature(
    routes=ROUTES,
    kept_offline=kept_offline,
    in_sitemap=in_sitemap,
    found_by_search=entries_of,
)
