"""我的: what this phone remembers, shown by the phone itself; the server knows none of it."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from domain.handbook.search import EVENTS
from web.site.pages import Page
from web.site.preferences import SIZES
from web.site.words import translations

if TYPE_CHECKING:
    from domain.places.tables import Community
    from web.site.visit import Visit


@dataclass(frozen=True, kw_only=True)
class Mine(Page):
    """Ticked checklists, home, view, text size, theme and language.

    `names` and `items` let the phone say in words what it remembers as slugs.
    """

    template: ClassVar[str] = "home/mine.html"
    tab: ClassVar[str] = "mine"
    sizes: tuple[str, ...]
    # Community names by slug, as JSON.
    names: str
    # Names of items and life events by what is below the handbook in their address, as JSON.
    items: str


async def show(visit: Visit) -> Page:
    """What the phone needs to show what it remembers."""
    published = visit.published
    word = translations(visit.lang).gettext
    names = {slug: item.name for slug, item in published.handbook.items.items()}
    names |= {f"events/{event.value}": word(name) for event, (name, _) in EVENTS.items()}
    return Mine(
        sizes=SIZES,
        names=json.dumps(published.names, ensure_ascii=False),
        items=json.dumps(names, ensure_ascii=False),
    )


@dataclass(frozen=True, kw_only=True)
class Here(Page):
    """我的社区和楼栋: the one thing on the page that the cookie knows and no kept page may."""

    template: ClassVar[str] = "home/_here.html"
    # Compound and building, when the code on a door was scanned.
    place: str | None


async def here(visit: Visit) -> Page:
    """Where this device says it is at home."""
    preferences = visit.preferences
    if preferences.community not in visit.published.names:
        return Here(place=None)
    community = await visit.published.community(preferences.community)
    return Here(community=community, place=_place(community, preferences.building))


def _place(community: Community, building_slug: str | None) -> str | None:
    """Names of compound and building; None when the community has no such building."""
    slug = community.building_now(building_slug)
    for compound in community.compounds:
        for building in compound.buildings:
            if building.slug == slug:
                return compound.name_of(building)
    return None
