"""大厅晒成绩: how long people wait, whether forecasts were right, and how people rate visits."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from domain.queue.accuracy import Accuracy, accuracy_by_day, together
from domain.ratings.figures import HallResults, results_of
from domain.ratings.tables import RatingLevel
from web.site.pages import Page

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncSession

    from domain.places.tables import Community
    from web.running.services import Services
    from web.site.visit import Visit

DAYS = dt.timedelta(days=30)
# How long the page is cached: these are figures of days and months.
FRESH = dt.timedelta(minutes=30)


@dataclass(frozen=True, kw_only=True)
class HallFigures(Page):
    template: ClassVar[str] = "queue/figures.html"
    # Newest first; the days among the last `DAYS` on which anyone was called.
    days: dict[dt.date, Accuracy]
    # All these days together.
    whole: Accuracy | None
    results: HallResults
    # Of items, by slug.
    names: dict[str, str]
    levels: tuple[RatingLevel, ...] = tuple(RatingLevel)


async def show(services: Services, visit: Visit) -> Page:
    """The figures of a community's hall."""
    community = await visit.community()
    async with services.store.read() as session:
        return await _figures(session, visit, community)


async def _figures(session: AsyncSession, visit: Visit, community: Community) -> HallFigures:
    hall, today = community.hall.id, visit.today
    days = await accuracy_by_day(session, hall, today - DAYS, today)
    return HallFigures(
        community=community,
        fresh_until=visit.now + FRESH,
        days=days,
        whole=together(days.values()),
        results=await results_of(session, hall, today),
        names={slug: each.name for slug, each in visit.published.handbook.ever.items()},
    )
