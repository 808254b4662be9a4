"""诉求: the page of anything a resident is owed an answer to, and the inbox of who answers."""

from __future__ import annotations

from typing import TYPE_CHECKING

from domain.matters.search import entries_of
from domain.words import N_
from web.matters.background import close_by_and_by, erase_by_and_by, settle_by_and_by
from web.matters.desk.inbox import on_staff_home
from web.matters.routes import ROUTES
from web.site.feature import Feature
from web.site.home_row import HomeRow

if TYPE_CHECKING:
    from collections.abc import Iterator

    from domain.places.tables import Community
    from web.site.visit import Visit


def on_community_home(community: Community) -> Iterator[HomeRow]:
    """The way to the community's promises."""
    note = N_("By when, and whether it was kept")
    yield HomeRow(45, f"/c/{community.slug}/promises", N_("What we promised"), note)


def in_sitemap(_visit: Visit, slug: str) -> Iterator[str]:
    """What a community promised."""
    yield f"/c/{slug}/promises"


FEATURE = Feature(
    routes=ROUTES,
    found_by_search=entries_of,
    on_community_home=on_community_home,
    in_sitemap=in_sitemap,
    on_staff_home=on_staff_home,
    background=(settle_by_and_by, close_by_and_by, erase_by_and_by),
)
