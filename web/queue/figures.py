"""大厅晒成绩: how long people wait, how good the forecast was, and what people say."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from domain.queue.accuracy import Accuracy, accuracy_by_day, together
from domain.ratings.figures import HallResults, results_of
from domain.ratings.tables import RatingLevel
from web.site.pages import Page

if TYPE_CHECKING:
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
    community = await visit.published.community(visit.params["community"])
    hall = community.hall.id
    async with services.store.read() as session:
        days = await accuracy_by_day(session, hall, visit.today - DAYS, visit.today)
        results = await results_of(session, hall, visit.today)
    return HallFigures(
        community=community,
        fresh_until=visit.now + FRESH,
        days=days,
        whole=together(days.values()),
        results=results,
        names={slug: item.name for slug, item in visit.published.handbook.ever.items()},
    )
