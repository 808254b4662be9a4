"""The front page, a community's home, and what a phone remembers."""

from __future__ import annotations

from typing import TYPE_CHECKING

from web.home import community, mine
from web.home.routes import ROUTES
from web.site.feature import Feature, Kept

if TYPE_CHECKING:
    from collections.abc import Iterator

    from domain.places.tables import Community
    from web.site.visit import Visit


def kept_offline(_visit: Visit, place: Community) -> Iterator[Kept]:
    """The community's home, and what the phone itself remembers."""
    yield Kept("/c/{community}", community.show, {"community": place.slug})
    yield Kept("/mine", mine.show, {})


def in_sitemap(_visit: Visit, slug: str) -> Iterator[str]:
    """The community's home."""
    yield f"/c/{slug}"


FEATURE = Feature(routes=ROUTES, kept_offline=kept_offline, in_sitemap=in_sitemap)
