"""Files of a draft: sent, looked through, and published only if the office says so."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING
from urllib.parse import quote

from starlette.responses import Response

from domain.disclosures.attachments import add_file, file_of, put_into_draft, take_out
from domain.disclosures.content import LONGEST_BODY
from domain.disclosures.errors import TooManyFilesError
from domain.disclosures.markdown import pasted
from domain.disclosures.publishing import save_draft
from domain.staff.journal import note
from web.disclosures.office.desk import desk_page
from web.disclosures.office.found import address_of, seen, written
from web.disclosures.office.reading import (
    LARGEST,
    WORKBOOKS,
    FileRefusedError,
    Read,
    read_file,
    tables_of,
)
from web.site.answers import InvalidError, Redirect
from web.site.errors import found_or_404
from web.site.forms import clean

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncSession
    from starlette.datastructures import UploadFile

    from domain.disclosures.tables import Disclosure, DisclosureFile
    from web.running.services import Services
    from web.staff.access import StaffVisit

LONGEST_NAME = 80


async def send(visit: StaffVisit, services: Services, file: UploadFile | None) -> Redirect:
    """Look a file through and keep it. A workbook waits until the office says how it is shown."""
    async with services.store.read() as session:
        disclosure = await written(visit, session)
        uid = disclosure.uid
    name = _bare((file.filename if file else None) or "")
    data = await file.read(LARGEST + 1) if file else b""
    try:
        read = await read_file(services, uid, name, data)
        await services.store.write(partial(_keep, visit, name, data, read))
    except FileRefusedError as error:
        raise InvalidError(await desk_page(visit, services, error.word)) from None
    except TooManyFilesError:
        raise InvalidError(await desk_page(visit, services, "too-many-files")) from None
    return Redirect(f"{address_of(visit, disclosure)}#files")


async def _keep(
    visit: StaffVisit, name: str, data: bytes, read: Read, session: AsyncSession
) -> None:
    disclosure = await written(visit, session, locked=True)
    file = await add_file(session, disclosure, name, read.media_type, data, read.report)
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


async def publish_original(visit: StaffVisit, session: AsyncSession) -> Redirect:
    """Publish a workbook itself, after its hidden places were shown; the log says so."""
    disclosure = await written(visit, session, locked=True)
    file = await _file(visit, session, disclosure)
    await put_into_draft(session, visit.actor, disclosure, file, visit.now)
    await note(
        session,
        visit.actor,
        "disclosure-original",
        f"disclosure/{disclosure.id}",
        now=visit.now,
        after={"file": file.sha256, "hiding": list(file.report.hiding if file.report else ())},
        community_id=disclosure.community_id,
    )
    return Redirect(f"{address_of(visit, disclosure)}#files")


async def as_table(visit: StaffVisit, services: Services) -> Redirect:
    """Show a workbook as tables in the text instead of the file."""
    async with services.store.read() as session:
        disclosure = await written(visit, session)
        file = await _file(visit, session, disclosure)
    try:
        words = pasted(await tables_of(services, found_or_404(file.data)))
        await services.store.write(partial(_add_table, visit, words))
    except FileRefusedError as error:
        raise InvalidError(await desk_page(visit, services, error.word)) from None
    return Redirect(f"{address_of(visit, disclosure)}/draft#body")


async def _add_table(visit: StaffVisit, words: str, session: AsyncSession) -> None:
    """Put the tables below the text, in place of the file. Raises `FileRefusedError`."""
    disclosure = await written(visit, session, locked=True)
    draft = disclosure.draft or {}
    body = "\n\n".join(filter(None, (draft.get("body"), words)))
    if len(body) > LONGEST_BODY:
        raise FileRefusedError("table-too-long")
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


async def remove(visit: StaffVisit, session: AsyncSession) -> Redirect:
    """Take a file out of the draft."""
    disclosure = await written(visit, session, locked=True)
    token = str(visit.params["file"])
    await _file(visit, session, disclosure)
    await take_out(session, visit.actor, disclosure, token, visit.now)
    return Redirect(f"{address_of(visit, disclosure)}#files")
