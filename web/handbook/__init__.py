"""The service handbook: guides, search, working days."""

from __future__ import annotations

from typing import TYPE_CHECKING

from domain.handbook.guide import LifeEvent
from domain.words import N_
from web.handbook import elsewhere, events, guides, search
from web.handbook.categories_paper import CATEGORIES
from web.handbook.elsewhere_paper import ELSEWHERE
from web.handbook.event_paper import EVENT
from web.handbook.first_steps import first_steps
from web.handbook.guide_paper import GUIDE
from web.handbook.holidays_paper import HOLIDAYS
from web.handbook.own_paper import OWN
from web.handbook.printed import printed_codes
from web.handbook.routes import ROUTES
from web.site.feature import Feature, Kept
from web.site.home_row import HomeRow

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Iterator

    from domain.places.tables import Community
    from web.site.visit import Visit

HANDBOOK = "/c/{community}/handbook"


def kept_offline(visit: Visit, community: Community) -> Iterator[Kept]:
    """The whole handbook, and the search that works without us."""
    here, handbook = {"community": community.slug}, visit.published.handbook
    yield Kept(HANDBOOK, guides.index, here)
    for category in handbook.categories:
        params = {**here, "category": category.slug}
        yield Kept(f"{HANDBOOK}/categories/{{category}}", guides.category, params)
    for event in LifeEvent:
        yield Kept(f"{HANDBOOK}/events/{{event}}", events.show, {**here, "event": event.value})
    for slug, item in handbook.items.items():
        yield Kept(f"{HANDBOOK}/{{item}}", guides.guide, {**here, "item": slug})
        for number, document in enumerate(item.guide.documents, 1):
            if document.blank:
                params = {**here, "item": slug, "number": str(number)}
                yield Kept(f"{HANDBOOK}/{{item}}/forms/{{number}}", guides.form, params)
    yield Kept("/c/{community}/elsewhere", elsewhere.show, here)
    yield Kept("/c/{community}/search", search.show, here)


def in_sitemap(visit: Visit, slug: str) -> Iterator[str | tuple[str, dt.date]]:
    """The handbook's list, its categories, events and guides, and what is done elsewhere."""
    handbook = visit.published.handbook
    yield f"/c/{slug}/handbook"
    yield f"/c/{slug}/elsewhere"
    for category in handbook.categories:
        yield f"/c/{slug}/handbook/categories/{category.slug}"
    for event in LifeEvent:
        yield f"/c/{slug}/handbook/events/{event.value}"
    for name, item in handbook.items.items():
        yield f"/c/{slug}/handbook/{name}", item.guide.assured.date


def on_community_home(_community: Community) -> Iterator[HomeRow]:
    """The calculator, which is the same everywhere."""
    note = N_("When will it be ready?")
    yield HomeRow(40, "/working-days", N_("Working-day calculator"), note)


FEATURE = Feature(
    routes=ROUTES,
    kept_offline=kept_offline,
    in_sitemap=in_sitemap,
    on_community_home=on_community_home,
    first_steps=first_steps,
    printed_codes=printed_codes,
    papers=(GUIDE, CATEGORIES, EVENT, HOLIDAYS, ELSEWHERE, OWN),
)
