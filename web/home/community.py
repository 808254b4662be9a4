"""A community's home."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from domain.handbook.guide import LifeEvent
from domain.places.compounds import door_of
from web.site.pages import Page

if TYPE_CHECKING:
    from domain.handbook.tables import Category
    from domain.hours import HallState
    from domain.places.compounds import Door
    from domain.places.tables import Community, PersonInCharge
    from domain.queue.forecast import Forecast
    from web.site.home_row import HomeRow
    from web.site.visit import Visit

PEOPLE_ON_HOME = 3


@dataclass(frozen=True, kw_only=True)
class Home(Page):
    """社区首页: the hall's state, what can be done there, life events, and people to ask."""

    template: ClassVar[str] = "home/show.html"
    tab: ClassVar[str] = "home"
    takes_reports: ClassVar[bool] = True
    hall: HallState
    categories: tuple[Category, ...]
    # Service items in the handbook.
    count: int
    events: tuple[LifeEvent, ...] = tuple(LifeEvent)
    people: list[PersonInCharge]
    rows: tuple[HomeRow, ...]
    # What the page fetches once it is open: one page is kept for all, and the queue moves on.
    numbers: str = "given"
    waiting: int | None = None
    wait: Forecast | None = None
    # The building that ended and whose code led here; None for none.
    door: Door | None = None
    # The community that was merged into this one and whose address led here; empty for none.
    was: str = ""


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
        door=_ended_door(visit, community),
        was=_was(visit, community),
    )


def _was(visit: Visit, community: Community) -> str:
    """The name of the community in the address that this one followed."""
    gone = visit.published.ended.get(visit.query.get("was", ""))
    follows = gone is not None and visit.published.now_at(gone.slug)[0] == community.slug
    return gone.name if gone and follows else ""


def _ended_door(visit: Visit, community: Community) -> Door | None:
    """The building that the address names, if it ended."""
    asked = visit.query.get("door", "")
    door = door_of(community, asked) if asked else None
    return door if door and door.ended else None
