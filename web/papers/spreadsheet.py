"""The handbook as a spreadsheet: download it, send it back, see what it changes, publish that."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING

from domain.papers import kinds
from domain.papers.sheets.importing import (
    ItemsPublishedMeanwhileError,
    categories_of,
    changed_elsewhere,
    changed_events,
    changed_items,
    changes_in,
    keep_import,
    publish_import,
    standing_elsewhere,
    standing_events,
    standing_items,
)
from domain.papers.sheets.layout import ELSEWHERE, EVENTS, MOST_ROWS
from domain.papers.sheets.reading import read_sheets
from domain.papers.sheets.writing import workbook_of
from domain.words import N_
from web.papers.desk.publishing import LONGEST_REASON
from web.papers.imports import (
    Way,
    WayWords,
    attached,
    called,
    dry_run_of,
    import_here,
    name_of,
    opened_or_refused,
    problem_page,
    start,
)
from web.site.answers import InvalidError, Redirect

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncSession
    from starlette.datastructures import UploadFile
    from starlette.responses import Response

    from domain.handbook.elsewhere import MattersElsewhere
    from domain.papers.paper import PaperKind
    from domain.papers.sheets.importing import Standing, StandingEvent
    from domain.papers.sheets.reading import Reading
    from domain.papers.sheets.tables import Place
    from domain.papers.tables import PaperImport
    from web.running.services import Services
    from web.site.pages import Page
    from web.staff.access import StaffVisit

WORDS = WayWords(
    heading=N_("Handbook as a spreadsheet"),
    lead=N_(
        "Change many items at once in Excel or WPS. We check your file first; nothing changes "
        "until you confirm."
    ),
    holds=N_(
        "Every item, with its documents, steps, questions and legal basis on separate sheets, and "
        "the life events."
    ),
    edit=N_(
        "Keep the sheet names and headers. Items that are not in the file stay as they are; "
        "nothing is ever deleted."
    ),
    download=N_("Download the handbook"),
    stays=N_("Items that are not in the file stay as they are."),
    new=N_("New items"),
    changed=N_("Changed items"),
    home=N_("Handbook"),
    back=N_("Back to the handbook"),
)
HANDBOOK = Way(
    words=WORDS,
    page="/staff/handbook/spreadsheet",
    book="/staff/handbook/handbook.xlsx",
    imports="/staff/handbook/imports",
    home="/staff/handbook",
    tab="papers",
    file_name="服务手册",
    plain_name="handbook",
    most_rows=MOST_ROWS,
)
_KINDS: dict[str, PaperKind] = {EVENTS.name: kinds.EVENT, ELSEWHERE.name: kinds.ELSEWHERE}


@dataclass(frozen=True)
class Stands:
    """What is published while a file is looked through: items by slug, life events by value."""

    items: dict[str, Standing]
    events: dict[str, StandingEvent]
    # The list of what is done elsewhere, and its version.
    elsewhere: tuple[int, MattersElsewhere]


async def show(visit: StaffVisit, _session: AsyncSession) -> Page:
    """The way out and the way in."""
    return start(visit, HANDBOOK)


async def download(visit: StaffVisit, session: AsyncSession) -> Response:
    """The whole handbook as a workbook."""
    guides = {slug: each.guide for slug, each in (await standing_items(session)).items()}
    events = {event: each.plan for event, each in (await standing_events(session)).items()}
    categories = await categories_of(session)
    _, elsewhere = await standing_elsewhere(session)
    body = await asyncio.to_thread(workbook_of, guides, categories, events, elsewhere)
    return attached(visit, HANDBOOK, body)


async def send(visit: StaffVisit, services: Services, file: UploadFile | None) -> Redirect:
    """Look a file through; nothing is stored of one that has problems."""
    file_name = name_of(file)
    async with services.store.read() as session:
        standing = Stands(
            await standing_items(session),
            await standing_events(session),
            await standing_elsewhere(session),
        )
        letters = [letter for letter, _ in await categories_of(session)]
    # One file at a time: each may take as much memory as the bounds on it allow.
    async with services.reading:
        sheets = await opened_or_refused(visit, HANDBOOK, file, file_name)
        reading = await asyncio.to_thread(
            read_sheets, sheets, standing.items, letters, standing.elsewhere[1]
        )
    if reading.problems:
        raise InvalidError(problem_page(visit, HANDBOOK, file_name, reading.problems, _kind_of))
    keep = partial(_keep, visit, file_name, standing, reading)
    return Redirect(f"{HANDBOOK.imports}/{await services.store.write(keep)}")


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
    changed += changed_elsewhere(*standing.elsewhere, reading.elsewhere)
    return await keep_import(session, visit.actor, file_name, changed, unchanged, visit.now)


def _kind_of(place: Place) -> PaperKind:
    return _KINDS.get(place.sheet, kinds.GUIDE)


async def dry_run(visit: StaffVisit, session: AsyncSession) -> Page:
    """What an import would change."""
    kept = await import_here(visit, HANDBOOK, session)
    return await dry_run_of(visit, HANDBOOK, session, kept, visit.query.get("reason", ""))


async def publish(visit: StaffVisit, session: AsyncSession) -> Redirect:
    """Publish everything that an import changes, or nothing."""
    kept = await import_here(visit, HANDBOOK, session, to_publish=True)
    if kept.published_at is None and kept.documents:
        await _publish(visit, session, kept)
    return Redirect(f"{HANDBOOK.imports}/{kept.id}")


async def _publish(visit: StaffVisit, session: AsyncSession, kept: PaperImport) -> None:
    """Publish an import. Raises `InvalidError` without a reason, or for newer versions."""
    reason = visit.form.text("reason", LONGEST_REASON)
    page = await dry_run_of(
        visit, HANDBOOK, session, kept, reason, wrong=None if reason else "reason"
    )
    if page.meanwhile or page.wrong:
        raise InvalidError(page)
    try:
        await publish_import(session, visit.actor, kept, reason, visit.now)
    except ItemsPublishedMeanwhileError as error:
        # The page above found nothing newer, and another publication came in between.
        newer = [called(visit, each) for each in changes_in(kept) if each.slug in error.slugs]
        raise InvalidError(replace(page, meanwhile=newer)) from None
