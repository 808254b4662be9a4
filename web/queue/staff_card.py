"""The halls in which a clerk serves, on the staff home."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from domain.queue.days import days_left_open
from domain.queue.halls import NOBODY, counts_of_halls
from domain.staff.actor import SERVING
from web.queue.counter.seats import seat_of
from web.site.pages import Card
from web.staff.places import communities_for

if TYPE_CHECKING:
    import datetime as dt

    from sqlalchemy.ext.asyncio import AsyncSession

    from web.staff.access import StaffVisit


@dataclass(frozen=True)
class HallQueueSummary:
    """A hall to serve in: the link to its counters, and how many wait."""

    address: str
    name: str
    # The counter where this clerk is signed on; None if at none of this hall.
    counter: int | None
    waiting: int
    # Earlier days that nobody closed, each with how many tickets it still owes.
    left_open: list[tuple[dt.date, int]]
    # The address of the page that closes one.
    closing: str


@dataclass(frozen=True, kw_only=True)
class HallsCard(Card):
    template: ClassVar[str] = "queue/_staff_card.html"
    halls: tuple[HallQueueSummary, ...]


async def on_staff_home(visit: StaffVisit, session: AsyncSession) -> list[Card]:
    """The hall where this clerk is signed on, and the halls of their roles.

    A role in the whole district names no hall: a list of every hall there is would not help.
    """
    if not visit.actor.serves:
        return []
    seat = await seat_of(visit, session)
    own = {grant.community_id for grant in visit.actor.grants if grant.role in SERVING}
    counts = await counts_of_halls(session, visit.today)
    halls = []
    for place in communities_for(visit, SERVING):
        counter = seat[1] if seat is not None and seat[0] == place.slug else None
        if counter is None and place.id not in own:
            continue
        community = await visit.published.community(place.slug, session)
        waiting = counts.get(community.hall.id, NOBODY).waiting
        left = await days_left_open(session, community.hall.id, visit.today)
        home = f"/staff/c/{place.slug}"
        to = f"{home}/counters/{counter}" if counter is not None else f"{home}/counters"
        closing = f"{home}/day/closing"
        halls.append(HallQueueSummary(to, place.name, counter, waiting, left, closing))
    return [HallsCard(halls=tuple(halls))] if halls else []
