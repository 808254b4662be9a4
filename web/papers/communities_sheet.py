"""Communities as a spreadsheet: themselves, halls, people, posts, buildings, facilities."""

from __future__ import annotations

import asyncio
from functools import partial
from typing import TYPE_CHECKING

from domain.papers.kinds import PLACE
from domain.papers.sheets.communities import MOST_ROWS, PLACES, SHEETS
from domain.papers.sheets.community_documents import read_communities
from domain.papers.sheets.community_importing import (
    by_community,
    changed_documents,
    finish,
    is_newer,
    problems_of,
    publish_some,
    standing_communities,
    standing_places,
)
from domain.papers.sheets.importing import categories_of, changes_in, import_of, keep_import
from domain.papers.sheets.writing import workbook_of_communities
from domain.papers.versions import PublishedMeanwhileError
from domain.words import N_
from web.papers.desk.publishing import LONGEST_REASON
from web.papers.imports import (
    Way,
    WayWords,
    attached,
    dry_run_of,
    import_here,
    name_of,
    opened_or_refused,
    problem_page,
    start,
)
from web.papers.spec import spec_of
from web.site.answers import InvalidError, Redirect
from web.site.errors import found_or_404

if TYPE_CHECKING:
    from typing import Any

    from sqlalchemy.ext.asyncio import AsyncSession
    from starlette.datastructures import UploadFile
    from starlette.responses import Response

    from domain.papers.paper import Paper, PaperKind
    from domain.papers.sheets.importing import Changed
    from domain.papers.sheets.tables import Place
    from domain.papers.tables import PaperImport
    from web.running.services import Services
    from web.site.pages import Page
    from web.staff.access import StaffVisit

WORDS = WayWords(
    heading=N_("Communities as a spreadsheet"),
    lead=N_(
        "Change many communities at once in Excel or WPS. We check your file first; nothing "
        "changes until you confirm."
    ),
    holds=N_(
        "The communities themselves, halls and their counters, people in charge, contact posts, "
        "compounds and buildings, facilities and partners of every community, each on a sheet."
    ),
    edit=N_(
        "Keep the sheet names and headers; delete the sheets that you do not need. A community's "
        "rows on a sheet are its whole list: who is left out is taken off it. A community without "
        "rows stays as it is."
    ),
    download=N_("Download the communities"),
    stays=N_("Communities that are not in the file stay as they are."),
    new=N_("New communities"),
    changed=N_("Changed documents"),
    home=N_("Communities"),
    back=N_("Back to the communities"),
    new_waits=N_(
        "Publish first, then send the same file once more for their halls, people and buildings."
    ),
    new_is_there=N_(
        "The new communities are there. Send the same file once more for their halls, people and "
        "buildings."
    ),
)
COMMUNITIES = Way(
    words=WORDS,
    page="/staff/communities/spreadsheet",
    book="/staff/communities/communities.xlsx",
    imports="/staff/communities/imports",
    home="/staff/communities",
    tab="places",
    file_name="社区表格",
    plain_name="communities",
    most_rows=MOST_ROWS,
    is_of_communities=True,
)
_KINDS: dict[str, PaperKind] = {PLACES.name: PLACE, **{each.name: each.kind for each in SHEETS}}


async def show(visit: StaffVisit, _session: AsyncSession) -> Page:
    """The way out and the way in."""
    return start(visit, COMMUNITIES)


async def download(visit: StaffVisit, session: AsyncSession) -> Response:
    """What all communities keep true, as a workbook."""
    _, stands = await standing_communities(session, visit.published.names)
    categories = await categories_of(session)
    places = await standing_places(session)
    body = await asyncio.to_thread(workbook_of_communities, stands, places, categories)
    return attached(visit, COMMUNITIES, body)


async def send(visit: StaffVisit, services: Services, file: UploadFile | None) -> Redirect:
    """Look a file through; nothing is stored of one that has problems."""
    file_name = name_of(file)
    # One file at a time: each may take as much memory as the bounds on it allow.
    async with services.reading:
        sheets = await opened_or_refused(visit, COMMUNITIES, file, file_name)
        async with services.store.read() as session:
            numbers, stands = await standing_communities(session, visit.published.names)
            places = await standing_places(session)
        completed = partial(_completed, visit)
        reading = await asyncio.to_thread(read_communities, sheets, stands, places, completed)
        async with services.store.read() as session:
            problems = await problems_of(session, reading, stands, places)
    if problems:
        raise InvalidError(problem_page(visit, COMMUNITIES, file_name, problems, _kind_of))
    changed = changed_documents(numbers, stands, places, reading)
    unchanged = len(reading.documents) - len(changed)
    keep = partial(
        keep_import,
        actor=visit.actor,
        file_name=file_name,
        changed=changed,
        unchanged=unchanged,
        now=visit.now,
    )
    return Redirect(f"{COMMUNITIES.imports}/{await services.store.write(keep)}")


def _completed(visit: StaffVisit, paper: Paper, values: dict[str, Any]) -> dict[str, Any]:
    """With names in addresses for what is new, as the form gives them."""
    return spec_of(visit.features, paper.kind).completed(paper, values)


def _kind_of(place: Place) -> PaperKind:
    return _KINDS.get(place.sheet, SHEETS[0].kind)


async def dry_run(visit: StaffVisit, session: AsyncSession) -> Page:
    """What an import would change, or what it did."""
    kept = await import_here(visit, COMMUNITIES, session)
    return await dry_run_of(visit, COMMUNITIES, session, kept, visit.query.get("reason", ""))


async def publish(visit: StaffVisit, services: Services) -> Redirect:
    """Publish what an import changes, a document at a time; with newer versions nothing."""
    reason = visit.form.text("reason", LONGEST_REASON)
    async with services.store.read() as session:
        kept = await import_here(visit, COMMUNITIES, session)
        address = f"{COMMUNITIES.imports}/{kept.id}"
        if kept.published_at is not None or not kept.documents:
            return Redirect(address)
        changed = changes_in(kept)
        # The page reads every document of the district again; it is made only to be shown.
        if not reason or await is_newer(session, changed):
            wrong = None if reason else "reason"
            page = await dry_run_of(visit, COMMUNITIES, session, kept, reason, wrong)
            if page.meanwhile or page.wrong:
                raise InvalidError(page)
    left: set[str] = set()
    for group in by_community(changed):
        left |= await _left(visit, services, group, reason)
    await services.store.write(partial(_finish, visit, kept.id, left, reason))
    return Redirect(address)


async def _left(
    visit: StaffVisit, services: Services, changed: list[Changed], reason: str
) -> set[str]:
    """Publish some documents of an import; the subjects of those that stay as they are."""
    unit = partial(publish_some, actor=visit.actor, changed=changed, reason=reason, now=visit.now)
    try:
        return await services.store.write(unit)
    except PublishedMeanwhileError:
        if len(changed) == 1:
            return {changed[0].paper.subject}
    # Another was faster with one of them, and none was written: now each for itself.
    return set().union(*[await _left(visit, services, [each], reason) for each in changed])


async def _finish(
    visit: StaffVisit, number: int, left: set[str], reason: str, session: AsyncSession
) -> None:
    """Mark the import as published, unless the same person did so in another tab."""
    kept: PaperImport = found_or_404(await import_of(session, visit.actor, number, to_publish=True))
    if kept.published_at is None:
        await finish(session, visit.actor, kept, left, reason, visit.now)
