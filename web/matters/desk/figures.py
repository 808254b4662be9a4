"""The figures of a community's matters, on a page and as a file."""

from __future__ import annotations

import datetime as dt
from dataclasses import asdict, dataclass, fields
from typing import TYPE_CHECKING, ClassVar

from domain.matters.figures import MatterFigures, figures_of
from domain.matters.growth import FEWEST, MORE, SubjectCount, ranked
from web.site.csv_files import as_file
from web.staff.access import StaffPage

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sqlalchemy.ext.asyncio import AsyncSession
    from starlette.responses import Response

    from domain.places.tables import Community
    from web.site.pages import Page
    from web.staff.access import StaffVisit

PERIODS = (30, 90, 365)
# Rows of subjects on the page; the file has all.
MOST_SUBJECTS = 10


@dataclass(frozen=True)
class Period:
    """The matters of a period, and what they were about."""

    figures: MatterFigures
    # What grew most on top; None where there is no period before to compare with.
    subjects: list[SubjectCount] | None


@dataclass(frozen=True, kw_only=True)
class FiguresPage(StaffPage):
    template: ClassVar[str] = "matters/desk/figures.html"
    tab: ClassVar[str] = "places"
    place: Community
    # By days back from today.
    periods: dict[int, Period]
    most: int = MOST_SUBJECTS
    # Of `growth`, for the rule in words.
    fewest: int = FEWEST
    more: int = MORE


async def show(visit: StaffVisit, session: AsyncSession) -> Page:
    """The last month, quarter and year."""
    return FiguresPage(actor=visit.actor, place=visit.place, periods=await _all(visit, session))


async def _all(visit: StaffVisit, session: AsyncSession) -> dict[int, Period]:
    subjects = await _subjects(visit, session)
    return {
        days: Period(
            await figures_of(
                session, visit.place.id, visit.now - dt.timedelta(days=days), visit.now
            ),
            ranked(subjects[days]) if days in subjects else None,
        )
        for days in PERIODS
    }


async def _subjects(visit: StaffVisit, session: AsyncSession) -> dict[int, list[SubjectCount]]:
    """Those of every kind of matter, by period in days."""
    keep_days = visit.settings.keep_matters
    found: dict[int, list[SubjectCount]] = {}
    for feature in visit.features:
        for spec in feature.matters:
            given = await spec.subjects(visit, session, visit.place, PERIODS, keep_days)
            for days, counts in given.items():
                found.setdefault(days, []).extend(counts)
    return found


async def as_csv(visit: StaffVisit, session: AsyncSession) -> Response:
    """The same: a line for each period, and one for each subject in it.

    A subject's line has `began`, and the columns at the end.
    """
    periods = await _all(visit, session)
    figures = [field.name for field in fields(MatterFigures)]
    rows = [row for days, period in periods.items() for row in _rows(days, period)]
    head = ["days", *figures, "subject_kind", "subject", "began_before", "is_growing"]
    return as_file(
        f"lianxin-matters-{visit.place.slug}-{visit.today}",
        head,
        ([row.get(name, "") for name in head] for row in rows),
    )


def _rows(days: int, period: Period) -> Iterator[dict[str, object]]:
    yield {"days": days, **asdict(period.figures)}
    for subject in period.subjects or ():
        yield {
            "days": days,
            "began": subject.now,
            "subject_kind": subject.kind,
            "subject": subject.name,
            "began_before": subject.before,
            "is_growing": subject.is_growing,
        }
