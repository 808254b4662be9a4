"""The handbook as a spreadsheet: download it, send it back, see what it changes, publish that."""

from __future__ import annotations

import asyncio
import datetime as dt
import logging
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, ClassVar
from urllib.parse import quote

from starlette.exceptions import HTTPException
from starlette.responses import Response

from domain.content import Contradiction
from domain.papers.compare import differences
from domain.papers.kinds import ItemGuide
from domain.papers.sheets.cells import Fault
from domain.papers.sheets.importing import (
    ItemsPublishedMeanwhileError,
    beside,
    categories_of,
    changed_items,
    changes_in,
    import_of,
    keep_import,
    publish_import,
    standing_items,
)
from domain.papers.sheets.reading import read_sheets
from domain.papers.sheets.unpacking import FileFault, UnreadableError
from domain.papers.sheets.writing import workbook_of
from web.papers.comparison import Change, changes_of
from web.papers.desk.publishing import LONGEST_REASON
from web.papers.fields import BY_TYPE, BY_WIDGET, Problem, Widget, form_of_shape, problem_of
from web.papers.labels import N_
from web.running.workbook_process import opened_apart
from web.site.answers import InvalidError, Redirect
from web.site.forms import clean
from web.staff.access import StaffPage, StaffVisit

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncSession
    from starlette.datastructures import UploadFile

    from domain.papers.sheets.reading import Place, Reading, SheetProblem
    from domain.papers.tables import PaperImport
    from web.running.services import Services
    from web.site.pages import Page

log = logging.getLogger("lianxin.imports")

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
MOST_LISTED = 200
"""Problems that a page lists; whoever has more mends these first."""
LARGEST_NUMBER = 2**31 - 1
GUIDE = form_of_shape(ItemGuide)

REFUSALS = {
    FileFault.EMPTY: N_("Please choose the file first."),
    FileFault.TOO_LARGE: N_(
        "This is more than a handbook holds: at most 8 MB, and 2,000 rows on a sheet. "
        "Copy your rows into a freshly downloaded file."
    ),
    FileFault.NO_WORKBOOK: N_("This is no Excel workbook. Save it as .xlsx and send that."),
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
FAULTS = {
    Fault.UNKNOWN_SHEET: N_("The handbook has no sheet of this name. Delete it, or rename it."),
    Fault.MISSING_SHEET: N_("This sheet is missing. Keep it, also when it is empty."),
    Fault.UNKNOWN_COLUMN: N_("The handbook has no column with this header."),
    Fault.MISSING_COLUMN: N_("The column with this header is missing."),
    Fault.COLUMN_TWICE: N_("This header stands here twice."),
    Fault.TOO_MANY_ROWS: N_("At most %(value)s rows. What stands below was not read."),
    Fault.TOO_MANY_COLUMNS: N_(
        "At most %(value)s columns. What stands further right was not read."
    ),
    Fault.NO_ITEMS: N_("There is no item on this sheet."),
    Fault.FORMULA: N_("Here stands a formula. Paste its value instead."),
    Fault.ERROR: N_("Here stands an error of the spreadsheet."),
    Fault.BECAME_A_DATE: N_(
        "The spreadsheet made a date or a time of this. Format the cell as text and type it again."
    ),
    Fault.NO_DATE: BY_TYPE["date_parsing"],
    Fault.LOST_ZERO: BY_WIDGET[Widget.PHONE],
    Fault.NO_SLUG: N_("Which item does this row belong to?"),
    Fault.BAD_SLUG: N_("Small letters, digits and single hyphens, please; at most 40."),
    Fault.NO_SUCH_ITEM: N_("The first sheet has no item {}."),
    Fault.NO_PARTS: N_("The sheet {} has no row for this item; at least one, please."),
}
"""What is wrong with a file and with a cell: words to translate."""


@dataclass(frozen=True)
class Listed:
    """A problem on the page: where, and what."""

    place: Place
    problem: Problem


@dataclass(frozen=True)
class ItemChange:
    """An item that a file would bring or change."""

    slug: str
    name: str
    changes: list[Change]


@dataclass(frozen=True, kw_only=True)
class Spreadsheet(StaffPage):
    """手册表格: the way out, the way in, and what is wrong with the file that was sent."""

    template: ClassVar[str] = "papers/spreadsheet.html"
    tab: ClassVar[str] = "papers"
    file_name: str = ""
    refusal: Problem | None = None
    problems: list[Listed]
    count: int = 0
    """Of all problems, also those not listed."""


@dataclass(frozen=True, kw_only=True)
class DryRun(StaffPage):
    """What an import would change, or what it did."""

    template: ClassVar[str] = "papers/import.html"
    tab: ClassVar[str] = "papers"
    number: int
    file_name: str
    published_at: dt.datetime | None
    new: list[ItemChange]
    changed: list[ItemChange]
    unchanged: int
    meanwhile: list[str]
    """Names of items that somebody published since the file was looked through."""
    reason: str
    wrong: str | None


async def show(visit: StaffVisit, _session: AsyncSession) -> Page:
    """The way out and the way in."""
    return Spreadsheet(actor=visit.actor, problems=[])


async def download(visit: StaffVisit, session: AsyncSession) -> Response:
    """The whole handbook as a workbook."""
    guides = {slug: each.guide for slug, each in (await standing_items(session)).items()}
    categories = await categories_of(session)
    body = await asyncio.to_thread(workbook_of, guides, categories)
    name = quote(f"服务手册-{visit.today}.xlsx")
    headers = {
        "content-disposition": f'attachment; filename="handbook-{visit.today}.xlsx"; '
        f"filename*=UTF-8''{name}",
        "cache-control": "no-store",
    }
    return Response(body, headers=headers, media_type=XLSX)


async def send(visit: StaffVisit, services: Services, file: UploadFile | None) -> Redirect:
    """Look a file through; nothing is stored of one that has problems."""
    file_name = _bare((file.filename if file else None) or "")
    async with services.store.read() as session:
        standing = await standing_items(session)
        letters = [letter for letter, _ in await categories_of(session)]
    async with services.reading:
        data = await file.read() if file else b""
        try:
            sheets = await opened_apart(data)
        except UnreadableError as error:
            log.warning("a handbook was refused: %s, %d bytes", error.fault, len(data))
            refusal = Problem(REFUSALS[error.fault])
            page = Spreadsheet(actor=visit.actor, file_name=file_name, refusal=refusal, problems=[])
            raise InvalidError(page) from None
        reading = await asyncio.to_thread(read_sheets, sheets, standing, letters)
    if reading.problems:
        raise InvalidError(_problem_page(visit, file_name, reading))
    changed = changed_items(standing, reading.guides)
    unchanged = len(reading.guides) - len(changed)

    async def unit(session: AsyncSession) -> int:
        return await keep_import(session, visit.actor, file_name, changed, unchanged, visit.now)

    number = await services.store.write(unit)
    return Redirect(f"/staff/handbook/imports/{number}")


def _bare(file_name: str) -> str:
    """A file's name without the folders that some browsers send along."""
    return clean(file_name.replace("\\", "/").rpartition("/")[2]).strip()[:120]


def _problem_page(visit: StaffVisit, file_name: str, reading: Reading) -> Spreadsheet:
    return Spreadsheet(
        actor=visit.actor,
        file_name=file_name,
        problems=[Listed(each.place, in_words(each)) for each in reading.problems[:MOST_LISTED]],
        count=len(reading.problems),
    )


def in_words(problem: SheetProblem) -> Problem:
    """What is wrong with one cell, in the words of the form."""
    what = problem.what
    if isinstance(what, Fault):
        return Problem(FAULTS[what], problem.value)
    if isinstance(what, Contradiction):
        return Problem(what.why, what.value)
    return problem_of(GUIDE, what)


async def dry_run(visit: StaffVisit, session: AsyncSession) -> Page:
    """What an import would change."""
    kept = await _import(visit, session)
    return await _dry_run(visit, session, kept, visit.query.get("reason", ""))


async def _import(
    visit: StaffVisit, session: AsyncSession, *, to_publish: bool = False
) -> PaperImport:
    number = int(visit.params["number"])
    if number > LARGEST_NUMBER:
        raise HTTPException(404)
    kept = await import_of(session, visit.actor, number, to_publish=to_publish)
    if kept is None:
        raise HTTPException(404)
    return kept


async def _dry_run(
    visit: StaffVisit,
    session: AsyncSession,
    kept: PaperImport,
    reason: str,
    wrong: str | None = None,
) -> DryRun:
    changed = changes_in(kept)
    standing = await beside(session, changed)
    new: list[ItemChange] = []
    old: list[ItemChange] = []
    newer: list[str] = []
    for each, stands in zip(changed, standing, strict=True):
        name = each.document["name"]
        if kept.published_at is None and stands.number != each.base:
            newer.append(name)
        found = differences(stands.document or {}, each.document)
        change = ItemChange(each.slug, name, changes_of(GUIDE, found, each.document, visit.lang))
        (old if each.base else new).append(change)
    return DryRun(
        actor=visit.actor,
        number=kept.id,
        file_name=kept.file_name,
        published_at=kept.published_at,
        new=new,
        changed=old,
        unchanged=kept.unchanged,
        meanwhile=newer,
        reason=reason,
        wrong=wrong,
    )


async def publish(visit: StaffVisit, session: AsyncSession) -> Redirect:
    """Publish everything that an import changes, or nothing."""
    kept = await _import(visit, session, to_publish=True)
    reason = visit.form.text("reason", LONGEST_REASON)
    here = Redirect(f"/staff/handbook/imports/{kept.id}")
    if kept.published_at is not None or not kept.documents:
        return here
    page = await _dry_run(visit, session, kept, reason, wrong=None if reason else "reason")
    if page.meanwhile or page.wrong:
        raise InvalidError(page)
    try:
        await publish_import(session, visit.actor, kept, reason, visit.now)
    except ItemsPublishedMeanwhileError as error:
        # Looked at a moment ago, and yet somebody was faster.
        names = {each.slug: each.name for each in (*page.new, *page.changed)}
        raise InvalidError(replace(page, meanwhile=[names[each] for each in error.slugs])) from None
    return here
