"""大厅现在: how many wait in a community's hall and how long it takes, on the community's home."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from web.queue.offers import Numbers, numbers_of, offered, span_of
from web.site.pages import Page

if TYPE_CHECKING:
    from domain.hours import HallState
    from domain.queue.forecast import Forecast
    from web.site.visits import ResidentVisit


@dataclass(frozen=True, kw_only=True)
class HallNowCard(Page):
    template: ClassVar[str] = "queue/_hall_now.html"
    hall: HallState
    numbers: Numbers
    waiting: int
    # From the shortest to the longest of its categories; None while no counter calls any of them.
    wait: Forecast | None


async def part(visit: ResidentVisit) -> Page:
    """The hall's state as of now, for a page that stays open."""
    community = await visit.community()
    async with visit.services.store.read() as session:
        queue, found = await offered(session, visit.services, visit, community.hall)
    return HallNowCard(
        community=community,
        hall=visit.hall_state(community),
        numbers=numbers_of(queue, found),
        waiting=len(queue.waiting),
        wait=span_of(found),
    )
