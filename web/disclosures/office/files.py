"""Files of a draft: sent, looked through, and published only if the office says so."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING
from urllib.parse import quote

from starlette.responses import Response

from domain.characters import clean
from domain.disclosures.attachments import add_file, file_of, put_into_draft, take_out
from domain.disclosures.content import LONGEST_BODY
from domain.disclosures.errors import NothingWrittenError, TooManyFilesError
from domain.disclosures.markdown import pasted
from domain.disclosures.publishing import save_draft
from domain.staff.journal import note
from domain.words import N_
from web.disclosures.office.desk import desk_page
from web.disclosures.office.found import address_of, seen, written
from web.disclosures.office.reading import (
    LARGEST,
    WORKBOOKS,
    FileRefusedError,
    ReadFile,
    read_file,
    tables_of,
)
from web.site.answers import InvalidError, Redirect
from web.site.errors import found_or_404

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine
    from typing import Any

    from sqlalchemy.ext.asyncio import AsyncSession
    from starlette.datastructures import UploadFile

    from domain.disclosures.tables import Disclosure, DisclosureFile
    from web.running.services import Services
    from web.staff.access import StaffVisit

    Act = Callable[
        [StaffVisit, AsyncSession, Disclosure, DisclosureFile], Coroutine[Any, Any, None]
    ]

LONGEST_NAME = 80
TABLE_TOO_LONG = N_(
    "The table is too long for the text. Publish the file itself, or use it as the ledger."
)
REFUSED: dict[type[Exception], str] = {
    FileRefusedError: "",
    NothingWrittenError: "nothing",
    TooManyFilesError: "too-many-files",
}


async def send(visit: StaffVisit, services: Services, file: UploadFile | None) -> Redirect:
    """Look a file through and keep it. A workbook waits until the office says how it is shown."""
    async with services.store.read() as session:
        disclosure = await written(visit, session)
    name = _bare((file.filename if file else None) or "")
    data = await file.read(LARGEST + 1) if file else b""
    try:
        read = await read_file(services, name, data)
        await services.store.write(partial(_keep, visit, read))
    except tuple(REFUSED) as error:
        raise InvalidError(await desk_page(visit, services, _words(error))) from None
    return Redirect(f"{address_of(visit, disclosure)}#files")


def _words(error: Exception) -> str:
    """Why a file was not taken, for the page: a word of its own, or a sentence to translate."""
    return error.words if isinstance(error, FileRefusedError) else REFUSED[type(error)]


async def _keep(visit: StaffVisit, read: ReadFile, session: AsyncSession) -> None:
    disclosure = await written(visit, session, locked=True)
    file = await add_file(session, disclosure, read.name, read.media_type, read.data, read.report)
    if read.media_type not in WORKBOOKS:
        await put_into_draft(session, visit.actor, disclosure, file, visit.now)


def _bare(file_name: str) -> str:
    """A file's name without the folders that some browsers send along, and with its ending."""
    name = clean(file_name.replace("\\", "/").rpartition("/")[2]).strip()
    stem, dot, ending = name.rpartition(".")
    if len(name) <= LONGEST_NAME or not dot:
        return name[:LONGEST_NAME]
    return f"{stem[: LONGEST_NAME - len(ending) - 1]}.{ending}"[:LONGEST_NAME]


async def _file(visit: StaffVisit, session: AsyncSession, disclosure: Disclosure) -> DisclosureFile:
    return found_or_404(await file_of(session, disclosure, str(visit.params["file"])))


async def download(visit: StaffVisit, session: AsyncSession) -> Response:
    """A file as it was sent, for those who see the draft."""
    file = await _file(visit, session, await seen(visit, session))
    headers = {
        "content-disposition": f"attachment; filename*=UTF-8''{quote(file.name, safe='')}",
        "content-security-policy": "sandbox; default-src 'none'",
        "cache-control": "no-store",
    }
    return Response(found_or_404(file.data), headers=headers, media_type=file.media_type)


async def publish_original(visit: StaffVisit, services: Services) -> Redirect:
    """Publish a workbook itself, after its hidden places were shown; the log says so."""
    return await _change(visit, services, _put)


async def remove(visit: StaffVisit, services: Services) -> Redirect:
    """Take a file out of the draft."""
    return await _change(visit, services, _take_out)


async def _change(visit: StaffVisit, services: Services, act: Act) -> Redirect:
    async def unit(session: AsyncSession) -> Disclosure:
        disclosure = await written(visit, session, locked=True)
        await act(visit, session, disclosure, await _file(visit, session, disclosure))
        return disclosure

    try:
        disclosure = await services.store.write(unit)
    except tuple(REFUSED) as error:
        raise InvalidError(await desk_page(visit, services, _words(error))) from None
    return Redirect(f"{address_of(visit, disclosure)}#files")


async def _take_out(
    visit: StaffVisit, session: AsyncSession, disclosure: Disclosure, file: DisclosureFile
) -> None:
    await take_out(session, visit.actor, disclosure, file.token, visit.now)


async def _put(
    visit: StaffVisit, session: AsyncSession, disclosure: Disclosure, file: DisclosureFile
) -> None:
    await put_into_draft(session, visit.actor, disclosure, file, visit.now)
    await note(
        session,
        visit.actor,
        "disclosure-original",
        f"disclosure/{disclosure.id}",
        now=visit.now,
        after={"file": file.sha256},
        community_id=disclosure.community_id,
    )


async def as_table(visit: StaffVisit, services: Services) -> Redirect:
    """Show a workbook as tables in the text instead of the file."""
    async with services.store.read() as session:
        disclosure = await written(visit, session)
        file = await _file(visit, session, disclosure)
    try:
        words = pasted(await tables_of(services, found_or_404(file.data)))
        await services.store.write(partial(_add_table, visit, words))
    except tuple(REFUSED) as error:
        raise InvalidError(await desk_page(visit, services, _words(error))) from None
    return Redirect(f"{address_of(visit, disclosure)}/draft#body")


async def _add_table(visit: StaffVisit, words: str, session: AsyncSession) -> None:
    """Put the tables below the text, in place of the file.

    Raises `FileRefusedError`, `NothingWrittenError`.
    """
    disclosure = await written(visit, session, locked=True)
    if disclosure.draft is None:
        raise NothingWrittenError
    draft = disclosure.draft
    body = "\n\n".join(filter(None, (draft.get("body"), words)))
    if len(body) > LONGEST_BODY:
        raise FileRefusedError(TABLE_TOO_LONG)
    await save_draft(
        session,
        disclosure,
        {**draft, "body": body},
        disclosure.draft_reason,
        disclosure.draft_number,
        visit.now,
        visit.actor.staff_id,
    )
    await take_out(session, visit.actor, disclosure, str(visit.params["file"]), visit.now)
