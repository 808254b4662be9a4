"""Documents that come back in a workbook: what is wrong with the file, and what it would change.

The handbook and the communities each have a workbook of their own, and share these pages.
"""

from __future__ import annotations

import datetime as dt
import logging
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, ClassVar
from urllib.parse import quote

from starlette.exceptions import HTTPException
from starlette.responses import Response

from domain.characters import clean
from domain.content import NO_DAY, NO_PHONE, Contradiction
from domain.papers.compare import differences
from domain.papers.sheets.cells import Fault
from domain.papers.sheets.importing import beside, changes_in, import_of
from domain.papers.sheets.unpacking import FileFault, UnreadableError
from domain.words import N_
from web.papers.comparison import Change, changes_of
from web.papers.form.problems import Problem, problem_of
from web.papers.spec import spec_of
from web.running.workbook_process import opened_apart
from web.site.answers import InvalidError
from web.site.errors import found_or_404
from web.site.words import translations
from web.staff.access import StaffPage, StaffVisit

if TYPE_CHECKING:
    from collections.abc import Callable

    from sqlalchemy.ext.asyncio import AsyncSession
    from starlette.datastructures import UploadFile

    from domain.papers.paper import PaperKind
    from domain.papers.sheets.importing import Changed
    from domain.papers.sheets.tables import Place, SheetProblem
    from domain.papers.sheets.unpacking import OpenedSheet
    from domain.papers.tables import PaperImport
    from domain.papers.versions import Published
    from web.papers.form.shape import Group

log = logging.getLogger("lianxin.imports")

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
# Problems that a page lists; the page says how many there are in all.
MOST_LISTED = 200
# Documents whose changes the page tells in full; of the others it says how many there are. With all
# of them the page of a district of 127 communities had 2 MB.
MOST_TOLD = 30
LARGEST_NUMBER = 2**31 - 1

REFUSALS = {
    FileFault.EMPTY: N_("Please choose the file first."),
    FileFault.TOO_LARGE: N_(
        "This file is too large: at most 8 MB, and {} rows on a sheet. Copy your rows into a "
        "freshly downloaded file."
    ),
    FileFault.NO_WORKBOOK: N_("This is not an Excel workbook. Save it as .xlsx and send that."),
    FileFault.OLD_OR_LOCKED: N_(
        "This is an old Excel file, or it has a password. Save it as .xlsx without a password."
    ),
    FileFault.MACROS: N_("This file holds macros. Save it as .xlsx, without macros."),
    FileFault.DAMAGED: N_(
        "This file is damaged. Open it in Excel or WPS, save it as .xlsx once more, and send that."
    ),
    FileFault.TOO_COSTLY: N_(
        "Reading this file takes too long. Copy your rows into a freshly downloaded file."
    ),
}
# What is wrong with a file and with a cell: words to translate.
FAULTS = {
    Fault.UNKNOWN_SHEET: N_("No sheet of this name is read. Delete it, or rename it."),
    Fault.MISSING_SHEET: N_("This sheet is missing. Keep it, even if it is empty."),
    Fault.UNKNOWN_COLUMN: N_("No column with this header is read."),
    Fault.MISSING_COLUMN: N_("The column with this header is missing."),
    Fault.COLUMN_TWICE: N_("This header stands here twice."),
    Fault.TOO_MANY_ROWS: N_("At most %(value)s rows. Anything below was not read."),
    Fault.TOO_MANY_COLUMNS: N_("At most %(value)s columns. Anything further right was not read."),
    Fault.NO_ITEMS: N_("There is no item on this sheet."),
    Fault.MERGED: N_("The cells {} are merged. Split them and fill in each row."),
    Fault.FORMULA: N_("This cell contains a formula. Paste its value instead."),
    Fault.ERROR: N_("This cell contains a spreadsheet error."),
    Fault.BECAME_A_DATE: N_(
        "The spreadsheet turned this into a date or a time. Format the cell as text and "
        "type it again."
    ),
    Fault.NO_DATE: NO_DAY,
    Fault.LOST_ZERO: NO_PHONE,
    Fault.NO_SLUG: N_("Which item does this row belong to?"),
    Fault.BAD_SLUG: N_(
        "Please use lower-case letters, digits and single hyphens; at most 40 characters."
    ),
    Fault.NO_SUCH_ITEM: N_("The first sheet has no item {}."),
    Fault.NO_EVENT: N_("Which life event does this row belong to?"),
    Fault.NO_SUCH_EVENT: N_("There is no life event {}. Choose one from the list."),
    Fault.NO_COMMUNITIES: N_(
        "No sheet of this file is read. Start from a freshly downloaded file."
    ),
    Fault.NO_COMMUNITY: N_("Which community does this row belong to?"),
    Fault.NO_SUCH_COMMUNITY: N_("There is no community {}."),
    Fault.COMMUNITY_TWICE: N_("{} has a row above already."),
    Fault.ENDED_COMMUNITY: N_("{} is no longer a community. Bring it back on its page first."),
    Fault.NO_SUCH_SUBDISTRICT: N_("There is no subdistrict {}."),
    Fault.NO_SUCH_COMPOUND: N_("This community has no compound {}."),
    Fault.NO_PARTS: N_("The sheet {} has no row for this item; at least one, please."),
}


@dataclass(frozen=True)
class WayWords:
    """What the pages say of a workbook: words to translate."""

    heading: str
    lead: str
    # Which sheets there are, and how they are filled in.
    holds: str
    edit: str
    download: str
    # What is not in a file.
    stays: str
    new: str
    changed: str
    home: str
    back: str
    # What is left to do about something new, before it is published and afterwards.
    new_waits: str = ""
    new_is_there: str = ""


@dataclass(frozen=True)
class Way:
    """A workbook's way out and in."""

    words: WayWords
    page: str
    book: str
    imports: str
    # The page of the office that it belongs to.
    home: str
    tab: str
    # What it is called where people save it, in Chinese and for programs that know none.
    file_name: str
    plain_name: str
    most_rows: int
    # Whether it holds what communities keep true, and not the handbook.
    is_of_communities: bool = False


@dataclass(frozen=True)
class Listed:
    """A problem on the page: where, and what."""

    place: Place
    problem: Problem


@dataclass(frozen=True)
class ItemChange:
    """An item or a life event that a file would bring or change; `path` is its address."""

    path: str
    # An item's name in addresses; empty for a community's document.
    slug: str
    name: str
    is_new: bool
    # How many places differ, also where `changes` does not tell them.
    count: int
    changes: list[Change]


@dataclass(frozen=True, kw_only=True)
class Spreadsheet(StaffPage):
    """表格: the way out, the way in, and what is wrong with the file that was sent."""

    template: ClassVar[str] = "papers/spreadsheet.html"
    way: Way
    file_name: str = ""
    refusal: Problem | None = None
    problems: list[Listed] = field(default_factory=list)
    # Of all problems, also those not listed.
    count: int = 0

    @property
    def tab(self) -> str:  # type: ignore[override]
        """The tab of what the workbook holds."""
        return self.way.tab


@dataclass(frozen=True, kw_only=True)
class DryRun(StaffPage):
    """What an import would change, or what it did."""

    template: ClassVar[str] = "papers/import.html"
    way: Way
    number: int
    file_name: str
    published_at: dt.datetime | None
    new: list[ItemChange]
    changed: list[ItemChange]
    unchanged: int
    # Names of documents that were published since the file was looked through.
    meanwhile: list[str]
    # Names of those that were left as they are when the others were published.
    left: list[str]
    reason: str
    wrong: str | None

    @property
    def tab(self) -> str:  # type: ignore[override]
        """The tab of what the workbook holds."""
        return self.way.tab


def start(visit: StaffVisit, way: Way) -> Spreadsheet:
    """The way out and the way in; the door sends those here whose file it refused."""
    refusal = _refusal(way, FileFault.TOO_LARGE) if "too-large" in visit.query else None
    return Spreadsheet(actor=visit.actor, way=way, refusal=refusal)


def _refusal(way: Way, fault: FileFault) -> Problem:
    return Problem(REFUSALS[fault], f"{way.most_rows:,}")


def attached(visit: StaffVisit, way: Way, body: bytes) -> Response:
    """A workbook to be saved."""
    name = quote(f"{way.file_name}-{visit.today}.xlsx")
    headers = {
        "content-disposition": f'attachment; filename="{way.plain_name}-{visit.today}.xlsx"; '
        f"filename*=UTF-8''{name}",
        "cache-control": "no-store",
    }
    return Response(body, headers=headers, media_type=XLSX)


async def opened_or_refused(
    visit: StaffVisit, way: Way, file: UploadFile | None, file_name: str
) -> list[OpenedSheet]:
    """The sheets of a file. Raises `InvalidError` with the page that says why it is unreadable."""
    data = await file.read() if file else b""
    try:
        return await opened_apart(data, most_rows=way.most_rows, every_sheet=way.is_of_communities)
    except UnreadableError as error:
        log.warning("a workbook was refused: %s, %d bytes", error.fault, len(data))
        refusal = _refusal(way, error.fault)
        page = Spreadsheet(actor=visit.actor, way=way, file_name=file_name, refusal=refusal)
        raise InvalidError(page) from None


def name_of(file: UploadFile | None) -> str:
    """A file's name without the folders that some browsers send along."""
    file_name = (file.filename if file else None) or ""
    return clean(file_name.replace("\\", "/").rpartition("/")[2]).strip()[:120]


def problem_page(
    visit: StaffVisit,
    way: Way,
    file_name: str,
    problems: list[SheetProblem],
    kind_of: Callable[[Place], PaperKind],
) -> Spreadsheet:
    """What is wrong with a file; `kind_of` says whose form has the words for a place in it."""
    return Spreadsheet(
        actor=visit.actor,
        way=way,
        file_name=file_name,
        problems=[
            Listed(each.place, in_words(spec_of(visit.features, kind_of(each.place)).form, each))
            for each in problems[:MOST_LISTED]
        ],
        count=len(problems),
    )


def in_words(form: Group, problem: SheetProblem) -> Problem:
    """What is wrong with one cell, in the words of the form."""
    what = problem.what
    if isinstance(what, Fault):
        return Problem(FAULTS[what], problem.value)
    if isinstance(what, Contradiction):
        return Problem(what.why, what.value)
    return problem_of(form, what)


async def import_here(
    visit: StaffVisit, way: Way, session: AsyncSession, *, to_publish: bool = False
) -> PaperImport:
    """The import in the address, if this person made it in this way; otherwise 404."""
    number = int(visit.params["number"])
    if number > LARGEST_NUMBER:
        raise HTTPException(404)
    kept = await import_of(session, visit.actor, number, to_publish=to_publish)
    found = found_or_404(kept)
    if any(each.is_of_communities != way.is_of_communities for each in changes_in(found)):
        raise HTTPException(404)
    return found


async def dry_run_of(  # noqa: PLR0913, PLR0917 - everything the page says
    visit: StaffVisit,
    way: Way,
    session: AsyncSession,
    kept: PaperImport,
    reason: str,
    wrong: str | None = None,
) -> DryRun:
    """What an import would change, or what it did."""
    changed = changes_in(kept)
    pairs = list(zip(changed, await beside(session, changed), strict=True))
    told = [
        _item_change(visit, *pair, is_told=n < MOST_TOLD)
        for n, pair in enumerate(pairs)
        if not pair[0].is_left
    ]
    return DryRun(
        actor=visit.actor,
        way=way,
        number=kept.id,
        file_name=kept.file_name,
        published_at=kept.published_at,
        new=[each for each in told if each.is_new],
        changed=[each for each in told if not each.is_new],
        unchanged=kept.unchanged,
        meanwhile=[
            called(visit, item)
            for item, current in pairs
            # One that says the same was published from this file before the server was stopped.
            if kept.published_at is None
            and current.number != item.base
            and current.document != item.document
        ],
        left=[called(visit, item) for item in changed if item.is_left],
        reason=reason,
        wrong=wrong,
    )


def _item_change(
    visit: StaffVisit, item: Changed, current: Published, *, is_told: bool
) -> ItemChange:
    """What the file would change in a document, beside what is published of it."""
    found = differences(current.document or {}, item.document)
    form = spec_of(visit.features, item.paper.kind).form
    return ItemChange(
        path=f"/staff/{item.paper.subject}",
        slug=item.slug,
        name=called(visit, item),
        is_new=not item.base,
        count=len(found),
        changes=changes_of(form, found, item.document, visit.lang) if is_told else [],
    )


def called(visit: StaffVisit, item: Changed) -> str:
    """What the document of a change is called."""
    spec = spec_of(visit.features, item.paper.kind)
    spec_name = translations(visit.lang).gettext(spec.name)
    if item.community is not None:
        place = visit.published.names.get(item.community, item.community)
        return f"{place} · {spec_name}"
    return str(
        item.document.get("name") or spec.called(item.paper, "", "", visit.lang) or spec_name
    )
