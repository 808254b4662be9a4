"""报错 at the office: what is open, page by page, and how each is closed."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, ClassVar

from domain.mistakes import reports
from domain.mistakes.reports import ClosedError
from domain.mistakes.tables import LONGEST_ANSWER, Outcome
from domain.papers.kinds import paper_of
from domain.papers.paper import Paper, current_number
from domain.staff.actor import EDITING
from web.papers.spec import specs_of
from web.site.answers import InvalidError, Redirect
from web.site.errors import found_or_404
from web.staff.access import StaffPage
from web.staff.places import communities_for

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sqlalchemy.ext.asyncio import AsyncSession

    from domain.mistakes.tables import MistakeReport
    from domain.places.tables import Community
    from web.site.pages import Page
    from web.staff.access import StaffVisit

DESK = "/staff/mistakes"


@dataclass(frozen=True)
class ReportRow:
    """A report, and the slug and name of its community."""

    report: MistakeReport
    slug: str
    place: str


@dataclass(frozen=True)
class PageRow:
    """A page, or pages of several communities made of one document, with what was said of it."""

    title: str
    # The newest version of the document it is made of; 0 for a page without one.
    version: int
    # Addresses of forms, and what kinds of documents they are: those that this person may edit.
    editors: list[tuple[str, str]]
    rows: list[ReportRow] = field(default_factory=list)


@dataclass(frozen=True, kw_only=True)
class MistakeDesk(StaffPage):
    """本页有误 of all communities in which this person edits."""

    template: ClassVar[str] = "mistakes/desk.html"
    tab: ClassVar[str] = "today"
    pages: list[PageRow]
    count: int
    closed: list[ReportRow]
    # Why a report was not closed, which one, and what was typed; empty and 0 at first.
    trouble: str = ""
    at: int = 0
    answer: str = ""


async def show(visit: StaffVisit, session: AsyncSession) -> Page:
    """What is open, and what was closed lately."""
    return await _page(visit, session)


async def _page(visit: StaffVisit, session: AsyncSession, trouble: str = "") -> MistakeDesk:
    places = {community.id: community for community in communities_for(visit, EDITING)}
    found = await reports.open_reports(session, places)
    closed = await reports.closed_reports(session, places)
    return MistakeDesk(
        actor=visit.actor,
        pages=await _by_page(visit, session, found, places),
        count=await reports.count_open(session, places),
        closed=[_row(report, places) for report in closed],
        trouble=trouble,
        at=int(visit.params.get("mistake", 0)) if trouble else 0,
        answer=visit.form.text("answer", LONGEST_ANSWER),
    )


def _row(report: MistakeReport, places: dict[int, Community]) -> ReportRow:
    place = places[report.community_id]
    return ReportRow(report, place.slug, place.name)


# A guide is one document on the pages of all communities, and what is wrong is corrected once.
async def _by_page(
    visit: StaffVisit,
    session: AsyncSession,
    found: Iterable[MistakeReport],
    places: dict[int, Community],
) -> list[PageRow]:
    pages: dict[str, PageRow] = {}
    for report in found:
        key = report.paper or report.page
        if key not in pages:
            version = await current_number(session, report.paper) if report.paper else 0
            pages[key] = PageRow(report.title, version, _editors(visit, report, places))
        pages[key].rows.append(_row(report, places))
    return list(pages.values())


def _editors(
    visit: StaffVisit, report: MistakeReport, places: dict[int, Community]
) -> list[tuple[str, str]]:
    """The forms of the documents that the page is made of, if this person may edit them."""
    paper = paper_of(report.paper) if report.paper else None
    if paper is None:
        return []
    slug = places[report.community_id].slug
    specs = specs_of(visit.features)
    shown_at = next(spec.shown_at for spec in specs if spec.kind is paper.kind)
    return [
        (f"/staff/{Paper(spec.kind, slug, paper.key).subject}", spec.name)
        for spec in specs
        if {*shown_at} & {*spec.shown_at}
        and (spec.kind.is_of_community or visit.actor.edits_district)
    ]


async def close(visit: StaffVisit, session: AsyncSession) -> Redirect:
    """Mark a report as corrected, or set it aside with a word."""
    report = found_or_404(
        await reports.locked(session, visit.place.id, int(visit.params["mistake"]))
    )
    given, answer = visit.form.text("outcome"), visit.form.text("answer", LONGEST_ANSWER)
    if given not in set(Outcome):
        raise InvalidError(await _page(visit, session, "outcome"))
    if given == Outcome.SET_ASIDE and not answer:
        raise InvalidError(await _page(visit, session, "answer"))
    try:
        await reports.close(session, visit.actor, report, Outcome(given), answer, visit.now)
    except ClosedError:
        raise InvalidError(await _page(visit, session, "closed")) from None
    return Redirect(DESK)
