"""公开情况报表: what an office sends upward, and a community's yearly page."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from starlette.exceptions import HTTPException

from domain.disclosures.catalogue import Carrier, ItemPeriod, period_of
from domain.disclosures.content import DisclosureKind
from domain.disclosures.duties import Span
from domain.disclosures.reports import CommunityReport, YearReport, reports_of, year_of
from domain.disclosures.tables import AffairsDayKind
from domain.staff.actor import EDITING
from web.site.csv_files import as_file
from web.site.pages import Page
from web.staff.access import StaffPage
from web.staff.places import by_subdistrict

if TYPE_CHECKING:
    import datetime as dt

    from sqlalchemy.ext.asyncio import AsyncSession
    from starlette.responses import Response

    from domain.places.tables import Subdistrict
    from web.site.visits import ResidentVisit
    from web.staff.access import StaffVisit

FIRST_YEAR = 2020
# Of the file that goes upward, in Chinese whatever the page is read in.
KINDS, CARRIERS = ("党务", "居务", "财务"), ("网页", "公开栏", "居民群", "会议")
COLUMNS = (
    "社区",
    *(f"{kind}（{carrier}）" for kind in KINDS for carrier in CARRIERS),
    "议政日",
    "公开日",
    "质询日",
    "评议成员",
    "应公开",
    "按期",
    "逾期后公开",
    "未到期",
    "逾期未公开",
)
ALL = "合计"


@dataclass(frozen=True, kw_only=True)
class PeriodReport(StaffPage):
    """公开情况 of a subdistrict's communities in a period."""

    template: ClassVar[str] = "disclosures/report.html"
    tab: ClassVar[str] = "places"
    subdistrict: Subdistrict
    period: ItemPeriod
    # Other periods to choose.
    periods: list[ItemPeriod]
    reports: list[CommunityReport]


@dataclass(frozen=True, kw_only=True)
class YearPage(Page):
    """公开年度报告 of a community."""

    template: ClassVar[str] = "disclosures/year.html"
    tab: ClassVar[str] = "disclosures"
    year: int
    # Whether the year is over, so that its figures do not change any more.
    is_over: bool
    found: YearReport


async def show(visit: StaffVisit, session: AsyncSession) -> Page:
    """The report of a period, for those communities of the subdistrict that this person edits."""
    subdistrict, period, reports = await _reports(visit, session)
    return PeriodReport(
        actor=visit.actor,
        subdistrict=subdistrict,
        period=period,
        periods=_periods(visit.today),
        reports=reports,
    )


async def as_csv(visit: StaffVisit, session: AsyncSession) -> Response:
    """The same as a table, with a line of sums."""
    subdistrict, period, reports = await _reports(visit, session)
    rows = [_cells(report) for report in reports]
    sums = [sum(column) for column in zip(*rows, strict=True)]
    names = [report.community.name for report in reports]
    table = [[name, *row] for name, row in zip(names, rows, strict=True)]
    return as_file(f"disclosures-{subdistrict.slug}-{period.word}", COLUMNS, [*table, [ALL, *sums]])


def _cells(report: CommunityReport) -> list[int]:
    by_kind = [
        report.by_carrier[carrier].get(kind, 0) for kind in DisclosureKind for carrier in Carrier
    ]
    duties = report.duties
    stand = [duties.kept, duties.late, duties.open + duties.soon, duties.overdue]
    return [
        *by_kind,
        *(report.meetings.get(kind, 0) for kind in AffairsDayKind),
        report.members_assessed,
        sum(stand),
        *stand,
    ]


async def _reports(
    visit: StaffVisit, session: AsyncSession
) -> tuple[Subdistrict, ItemPeriod, list[CommunityReport]]:
    """Raises 404 for a subdistrict in which this person edits nothing."""
    for subdistrict, communities in by_subdistrict(visit, EDITING):
        if subdistrict.slug == visit.params["subdistrict"]:
            period = period_of(visit.query.get("period", "")) or _periods(visit.today)[0]
            span, calendar = Span(period.first, period.last), visit.published.calendar
            found = await reports_of(session, communities, span, calendar, visit.now)
            return subdistrict, period, found
    raise HTTPException(404)


def _periods(today: dt.date) -> list[ItemPeriod]:
    """The periods that are reported: the last three months, the quarters of this year and the last.

    The first is the month before this one.
    """
    months = [f"{year}-{month:02}" for year, month in _months_before(today)]
    quarters = [f"{year}-Q{number}" for year in (today.year, today.year - 1) for number in QUARTERS]
    years = [str(today.year), str(today.year - 1)]
    found = (period_of(word) for word in (*months, *quarters, *years))
    return [period for period in found if period is not None and period.first <= today]


QUARTERS = (4, 3, 2, 1)


def _months_before(today: dt.date) -> list[tuple[int, int]]:
    """The three months before this one, the latest first, and then this one."""
    count = today.year * 12 + today.month - 1
    return [(at // 12, at % 12 + 1) for at in (count - 1, count - 2, count - 3, count)]


async def of_year(visit: ResidentVisit) -> Page:
    """A community's year in figures, as far as it has gone."""
    year = int(visit.params["year"])
    if not FIRST_YEAR <= year <= visit.today.year:
        raise HTTPException(404)
    community = await visit.community()
    async with visit.services.store.read() as session:
        found = await year_of(session, community, year, visit.published.calendar, visit.now)
    return YearPage(community=community, year=year, is_over=year < visit.today.year, found=found)
