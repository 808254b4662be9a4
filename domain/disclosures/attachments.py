"""附件: files that are sent for a draft, and served once a published revision names them."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

from sqlalchemy import func, select

from domain.disclosures.errors import NothingWrittenError, TooManyFilesError
from domain.disclosures.publishing import save_draft
from domain.disclosures.tables import DisclosureFile
from domain.disclosures.unused_files import forget_unused
from domain.keys import new_key

if TYPE_CHECKING:
    import datetime as dt

    from sqlalchemy.ext.asyncio import AsyncSession

    from domain.disclosures.content import FileReport
    from domain.disclosures.tables import Disclosure
    from domain.staff.actor import Actor

MOST_FILES = 10
# Files of a draft and those that wait for a decision together.
MOST_SENT = 20


async def files_of(session: AsyncSession, disclosure: Disclosure) -> list[DisclosureFile]:
    """The files of a disclosure that were not erased, the oldest first, with their reports."""
    rows = await session.scalars(
        select(DisclosureFile)
        .where(DisclosureFile.disclosure_id == disclosure.id, DisclosureFile.size > 0)
        .order_by(DisclosureFile.id)
    )
    files = list(rows)
    for file in files:
        await session.refresh(file, ["report"])
    return files


async def file_of(
    session: AsyncSession, disclosure: Disclosure, token: str
) -> DisclosureFile | None:
    """One of them, with its bytes; None for none."""
    file: DisclosureFile | None = await session.scalar(
        select(DisclosureFile).where(
            DisclosureFile.disclosure_id == disclosure.id,
            DisclosureFile.token == token,
            DisclosureFile.size > 0,
        )
    )
    if file is not None:
        await session.refresh(file, ["data", "report"])
    return file


async def add_file(  # noqa: PLR0913, PLR0917 - what a file is
    session: AsyncSession,
    disclosure: Disclosure,
    name: str,
    media_type: str,
    data: bytes,
    report: FileReport,
) -> DisclosureFile:
    """Keep a file that was looked through. It is not yet in the draft.

    Raises `TooManyFilesError`, `NothingWrittenError`.
    """
    if disclosure.draft is None:
        raise NothingWrittenError
    count = await session.scalar(
        select(func.count()).where(
            DisclosureFile.disclosure_id == disclosure.id, DisclosureFile.size > 0
        )
    )
    if (count or 0) >= MOST_SENT:
        raise TooManyFilesError
    file = DisclosureFile(
        disclosure_id=disclosure.id,
        token=new_key(),
        name=name,
        media_type=media_type,
        size=len(data),
        sha256=hashlib.sha256(data).hexdigest(),
        data=data,
        report=report,
    )
    session.add(file)
    await session.flush()
    return file


async def put_into_draft(
    session: AsyncSession,
    actor: Actor,
    disclosure: Disclosure,
    file: DisclosureFile,
    now: dt.datetime,
) -> None:
    """Let the draft have this file. Raises `TooManyFilesError`, `NothingWrittenError`."""
    files = _in_draft(disclosure)
    if any(each["token"] == file.token for each in files):
        return
    if len(files) >= MOST_FILES:
        raise TooManyFilesError
    await _save(session, actor, disclosure, [*files, {"token": file.token, "name": file.name}], now)


async def take_out(
    session: AsyncSession, actor: Actor, disclosure: Disclosure, token: str, now: dt.datetime
) -> None:
    """Take a file out of the draft; one that no revision names is gone."""
    files = _in_draft(disclosure)
    left = [each for each in files if each["token"] != token]
    if len(left) < len(files):
        await _save(session, actor, disclosure, left, now)
    await forget_unused(session, disclosure, [token])


def _in_draft(disclosure: Disclosure) -> list[dict[str, str]]:
    if disclosure.draft is None:
        raise NothingWrittenError
    return disclosure.draft.get("files") or []


async def _save(
    session: AsyncSession,
    actor: Actor,
    disclosure: Disclosure,
    files: list[dict[str, str]],
    now: dt.datetime,
) -> None:
    draft, reason = {**disclosure.draft, "files": files}, disclosure.draft_reason
    base = disclosure.draft_number
    await save_draft(session, disclosure, draft, reason, base, now, actor.staff_id)
