"""The handbook as a spreadsheet: download it, send it back, see what it changes, publish that."""

from __future__ import annotations

import asyncio
import datetime as dt
import logging
from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING, ClassVar
from urllib.parse import quote

from starlette.exceptions import HTTPException
from starlette.responses import Response

from domain.characters import clean
from domain.content import NO_DAY, NO_PHONE, Contradiction
from domain.papers import kinds
from domain.papers.compare import differences
from domain.papers.sheets.cells import Fault
from domain.papers.sheets.importing import (
    ItemsPublishedMeanwhileError,
    beside,
    categories_of,
    changed_events,
    changed_items,
    changes_in,
    import_of,
    keep_import,
    publish_import,
    standing_events,
    standing_items,
)
from domain.papers.sheets.layout import EVENTS
from domain.papers.sheets.reading import read_sheets
from domain.papers.sheets.unpacking import FileFault, UnreadableError
from domain.papers.sheets.writing import workbook_of
from domain.published import load_elsewhere
from domain.words import N_
from web.papers.comparison import Change, changes_of
from web.papers.desk.publishing import LONGEST_REASON
from web.papers.form.problems import Problem, problem_of
from web.papers.spec import spec_of
from web.running.workbook_process import opened_apart
from web.site.answers import InvalidError, Redirect
from web.site.errors import found_or_404
from web.staff.access import StaffPage, StaffVisit

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncSession
    from starlette.datastructures import UploadFile

    from domain.papers.sheets.importing import Changed, Standing, StandingEvent
    from domain.papers.sheets.reading import Reading
    from domain.papers.sheets.tables import Place, SheetProblem
    from domain.papers.sheets.unpacking import OpenedSheet
    from domain.papers.tables import PaperImport
    from domain.papers.versions import Published
    from web.papers.form.shape import Group
    from web.running.services import Services
    from web.site.pages import Page

log = logging.getLogger("lianxin.imports")

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
# Problems that a page lists; the page says how many there are in all.
MOST_LISTED = 200
LARGEST_NUMBER = 2**31 - 1

REFUSALS = {
    FileFault.EMPTY: N_("Please choose the file first."),
    FileFault.TOO_LARGE: N_(
        "This file is too large: at most 8 MB, and 2,000 rows on a sheet. Copy your rows "
        "into a freshly downloaded file."
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
    Fault.UNKNOWN_SHEET: N_("The handbook has no sheet of this name. Delete it, or rename it."),
    Fault.MISSING_SHEET: N_("This sheet is missing. Keep it, even if it is empty."),
    Fault.UNKNOWN_COLUMN: N_("The handbook has no column with this header."),
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
    Fault.NO_PARTS: N_("The sheet {} has no row for this item; at least one, please."),
}


@dataclass(frozen=True)
class Stands:
    """What is published while a file is looked through: items by slug, life events by value."""

    items: dict[str, Standing]
    events: dict[str, StandingEvent]


@dataclass(frozen=True)
class Listed:
    """A problem on the page: where, and what."""

    place: Place
    problem: Problem


@dataclass(frozen=True)
class ItemChange:
    """An item or a life event that a file would bring or change; `path` is its address."""

    path: str
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
    # Of all problems, also those not listed.
    count: int = 0


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
    # Names of items that were published since the file was looked through.
    meanwhile: list[str]
    reason: str
    wrong: str | None


async def show(visit: StaffVisit, _session: AsyncSession) -> Page:
    """The way out and the way in; the door sends those here whose file it refused."""
    is_refused = "too-large" in visit.query
    refusal = Problem(REFUSALS[FileFault.TOO_LARGE]) if is_refused else None
    return Spreadsheet(actor=visit.actor, refusal=refusal, problems=[])


async def download(visit: StaffVisit, session: AsyncSession) -> Response:
    """The whole handbook as a workbook."""
    guides = {slug: each.guide for slug, each in (await standing_items(session)).items()}
    events = {event: each.plan for event, each in (await standing_events(session)).items()}
    categories = await categories_of(session)
    body = await asyncio.to_thread(workbook_of, guides, categories, events)
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
        standing = Stands(await standing_items(session), await standing_events(session))
        letters = [letter for letter, _ in await categories_of(session)]
        matters = [matter.slug for matter in (await load_elsewhere(session)).matters]
    # One file at a time: each may take as much memory as the bounds on it allow.
    async with services.reading:
        sheets = await _opened(visit, file, file_name)
        reading = await asyncio.to_thread(read_sheets, sheets, standing.items, letters, matters)
    if reading.problems:
        raise InvalidError(_problem_page(visit, file_name, reading))
    keep = partial(_keep, visit, file_name, standing, reading)
    return Redirect(f"/staff/handbook/imports/{await services.store.write(keep)}")


async def _opened(visit: StaffVisit, file: UploadFile | None, file_name: str) -> list[OpenedSheet]:
    """The sheets of a file. Raises `InvalidError` with the page that says why it is unreadable."""
    data = await file.read() if file else b""
    try:
        return await opened_apart(data)
    except UnreadableError as error:
        log.warning("a handbook was refused: %s, %d bytes", error.fault, len(data))
        refusal = Problem(REFUSALS[error.fault])
        page = Spreadsheet(actor=visit.actor, file_name=file_name, refusal=refusal, problems=[])
        raise InvalidError(page) from None


async def _keep(
    visit: StaffVisit,
    file_name: str,
    standing: Stands,
    reading: Reading,
    session: AsyncSession,
) -> int:
    """Keep what the file would change, for its owner to look at; returns the import's number."""
    changed = [
        *changed_items(standing.items, reading.guides),
        *changed_events(standing.events, reading.events),
    ]
    unchanged = len(reading.guides) + len(reading.events) - len(changed)
    return await keep_import(session, visit.actor, file_name, changed, unchanged, visit.now)


def _bare(file_name: str) -> str:
    """A file's name without the folders that some browsers send along."""
    return clean(file_name.replace("\\", "/").rpartition("/")[2]).strip()[:120]


def _problem_page(visit: StaffVisit, file_name: str, reading: Reading) -> Spreadsheet:
    return Spreadsheet(
        actor=visit.actor,
        file_name=file_name,
        problems=[
            Listed(each.place, in_words(_form_for(visit, each.place), each))
            for each in reading.problems[:MOST_LISTED]
        ],
        count=len(reading.problems),
    )


def _form_for(visit: StaffVisit, place: Place) -> Group:
    """The form whose words a sheet shares."""
    kind = kinds.EVENT if place.sheet == EVENTS.name else kinds.GUIDE
    return spec_of(visit.features, kind).form


def in_words(form: Group, problem: SheetProblem) -> Problem:
    """What is wrong with one cell, in the words of the form."""
    what = problem.what
    if isinstance(what, Fault):
        return Problem(FAULTS[what], problem.value)
    if isinstance(what, Contradiction):
        return Problem(what.why, what.value)
    return problem_of(form, what)


async def dry_run(visit: StaffVisit, session: AsyncSession) -> Page:
    """What an import would change."""
    kept = await _import(visit, session)
    return await _dry_run(visit, session, kept, visit.query.get("reason", ""))


async def _import(
    visit: StaffVisit, session: AsyncSession, *, to_publish: bool = False
) -> PaperImport:
    """The import in the address, if this person made it; otherwise 404."""
    number = int(visit.params["number"])
    if number > LARGEST_NUMBER:
        raise HTTPException(404)
    return found_or_404(await import_of(session, visit.actor, number, to_publish=to_publish))


async def _dry_run(
    visit: StaffVisit,
    session: AsyncSession,
    kept: PaperImport,
    reason: str,
    wrong: str | None = None,
) -> DryRun:
    changed = changes_in(kept)
    pairs = list(zip(changed, await beside(session, changed), strict=True))
    return DryRun(
        actor=visit.actor,
        number=kept.id,
        file_name=kept.file_name,
        published_at=kept.published_at,
        new=[_item_change(visit, *pair) for pair in pairs if not pair[0].base],
        changed=[_item_change(visit, *pair) for pair in pairs if pair[0].base],
        unchanged=kept.unchanged,
        meanwhile=[
            _name(visit, item)
            for item, current in pairs
            if kept.published_at is None and current.number != item.base
        ],
        reason=reason,
        wrong=wrong,
    )


def _item_change(visit: StaffVisit, item: Changed, current: Published) -> ItemChange:
    """What the file would change in an item, beside what is published of it."""
    found = differences(current.document or {}, item.document)
    form = spec_of(visit.features, item.paper.kind).form
    changes = changes_of(form, found, item.document, visit.lang)
    return ItemChange(f"/staff/{item.paper.subject}", item.slug, _name(visit, item), changes)


def _name(visit: StaffVisit, item: Changed) -> str:
    """What the document of a change is called."""
    spec = spec_of(visit.features, item.paper.kind)
    return str(item.document.get("name") or spec.called(item.paper, "", "", visit.lang))


async def publish(visit: StaffVisit, session: AsyncSession) -> Redirect:
    """Publish everything that an import changes, or nothing."""
    kept = await _import(visit, session, to_publish=True)
    if kept.published_at is None and kept.documents:
        await _publish(visit, session, kept)
    return Redirect(f"/staff/handbook/imports/{kept.id}")


async def _publish(visit: StaffVisit, session: AsyncSession, kept: PaperImport) -> None:
    """Publish an import. Raises `InvalidError` without a reason, or for newer versions."""
    reason = visit.form.text("reason", LONGEST_REASON)
    page = await _dry_run(visit, session, kept, reason, wrong=None if reason else "reason")
    if page.meanwhile or page.wrong:
        raise InvalidError(page)
    try:
        await publish_import(session, visit.actor, kept, reason, visit.now)
    except ItemsPublishedMeanwhileError as error:
        # The page above found nothing newer, and another publication came in between.
        names = {item.slug: item.name for item in (*page.new, *page.changed)}
        raise InvalidError(replace(page, meanwhile=[names[slug] for slug in error.slugs])) from None
