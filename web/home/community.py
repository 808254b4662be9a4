"""A community's home."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from domain.handbook.guide import LifeEvent
from web.site.pages import Page

if TYPE_CHECKING:
    from domain.handbook.tables import Category
    from domain.hours import HallState
    from domain.places.tables import PersonInCharge
    from web.site.home_row import HomeRow
    from web.site.visit import Visit

PEOPLE_ON_HOME = 3


@dataclass(frozen=True, kw_only=True)
class Home(Page):
    """社区首页: the hall's state, what can be done there, life events, and people to ask."""

    template: ClassVar[str] = "home/show.html"
    tab: ClassVar[str] = "home"
    hall: HallState
    categories: tuple[Category, ...]
    # Service items in the handbook.
    count: int
    events: tuple[LifeEvent, ...] = tuple(LifeEvent)
    people: list[PersonInCharge]
    rows: tuple[HomeRow, ...]


@dataclass(frozen=True, kw_only=True)
class HallStateCard(Page):
    """The hall's state alone, for a page that stays open."""

    template: ClassVar[str] = "home/_hall.html"
    hall: HallState


async def show(visit: Visit) -> Page:
    """A community's home."""
    community = await visit.community()
    state, handbook = visit.hall_state(community), visit.published.handbook
    return Home(
        community=community,
        fresh_until=state.changes_at,
        hall=state,
        categories=handbook.categories,
        count=len(handbook.items),
        people=community.people[:PEOPLE_ON_HOME],
        rows=visit.rows_on_home(community),
    )


async def hall_state(visit: Visit) -> Page:
    """The hall's state as of now."""
    community = await visit.community()
    return HallStateCard(community=community, hall=visit.hall_state(community))
