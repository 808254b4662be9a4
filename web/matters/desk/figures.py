"""The figures of a community's matters, on a page and as a file."""

from __future__ import annotations

import datetime as dt
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, ClassVar

from domain.matters.figures import MatterFigures, figures_of
from web.site.csv_files import as_file
from web.staff.access import StaffPage

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncSession
    from starlette.responses import Response

    from domain.places.tables import Community
    from web.site.pages import Page
    from web.staff.access import StaffVisit

PERIODS = (30, 90, 365)


@dataclass(frozen=True, kw_only=True)
class FiguresPage(StaffPage):
    template: ClassVar[str] = "matters/desk/figures.html"
    tab: ClassVar[str] = "places"
    place: Community
    # By days back from today.
    periods: dict[int, MatterFigures]


async def show(visit: StaffVisit, session: AsyncSession) -> Page:
    """The last month, quarter and year."""
    return FiguresPage(actor=visit.actor, place=visit.place, periods=await _all(visit, session))


async def _all(visit: StaffVisit, session: AsyncSession) -> dict[int, MatterFigures]:
    return {
        days: await figures_of(
            session, visit.place.id, visit.now - dt.timedelta(days=days), visit.now
        )
        for days in PERIODS
    }


async def as_csv(visit: StaffVisit, session: AsyncSession) -> Response:
    """The same, one period a line."""
    periods = await _all(visit, session)
    head = ["days", *asdict(periods[PERIODS[0]])]
    rows = ([days, *asdict(found).values()] for days, found in periods.items())
    return as_file(f"lianxin-matters-{visit.place.slug}-{visit.today}", head, rows)
