"""归档: everything a community published in a year, as one file with a list of hashes.

The file is made while it is sent, a few disclosures at a time: a year's attachments never stand in
memory together.
"""

from __future__ import annotations

import asyncio
import csv
import datetime as dt
import hashlib
import json
import re
import zipfile
from dataclasses import dataclass, field
from io import StringIO
from typing import TYPE_CHECKING, Any

from sqlalchemy import func, select
from starlette.exceptions import HTTPException
from starlette.responses import StreamingResponse

from domain.disclosures.duties import Span
from domain.disclosures.reports import moments_of
from domain.disclosures.shown import IS_SHOWN
from domain.disclosures.tables import Disclosure, DisclosureFile, DisclosureRevision
from web.disclosures.reports import FIRST_YEAR

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from sqlalchemy import ColumnElement
    from sqlalchemy.ext.asyncio import AsyncSession

    from domain.store import Store
    from web.staff.access import StaffVisit

# Disclosures that are read and packed together.
BATCH = 20
# What an archive holds at most; more is refused before anything is sent.
MOST_DISCLOSURES = 5_000
MOST_BYTES = 2 << 30
LIST = "SHA256SUMS.csv"
HEAD = ("文件", "字节", "SHA-256", "公开", "说明")
_UNSAFE = re.compile(r"[^\w.()（）-]+")


class _Buffer:
    """What a zip is written to; it can only go forward, and is emptied as it is sent."""

    def __init__(self) -> None:
        self._parts: list[bytes] = []
        self._at = 0

    def write(self, data: bytes) -> int:
        self._parts.append(bytes(data))
        self._at += len(data)
        return len(data)

    def tell(self) -> int:
        return self._at

    def flush(self) -> None:
        """Nothing waits anywhere else."""

    def taken(self) -> bytes:
        """What was written since this was last asked."""
        parts, self._parts = self._parts, []
        return b"".join(parts)


@dataclass
class Archive:
    """An archive that is being written, with the list of what it holds so far."""

    made_at: dt.datetime
    buffer: _Buffer = field(default_factory=_Buffer)
    rows: list[tuple[object, ...]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._zip = zipfile.ZipFile(self.buffer, "w", zipfile.ZIP_DEFLATED)  # type: ignore[call-overload]

    def add(self, name: str, data: bytes, disclosure_id: int, what: str) -> None:
        """One more file."""
        self._put(name, data)
        digest = hashlib.sha256(data).hexdigest()
        self.rows.append((name, len(data), digest, disclosure_id, what))

    def end(self) -> None:
        """Write the list, and the end of the file."""
        text = StringIO()
        csv.writer(text).writerows([HEAD, *self.rows])
        self._put(LIST, b"\xef\xbb\xbf" + text.getvalue().encode())
        self._zip.close()

    def _put(self, name: str, data: bytes) -> None:
        entry = zipfile.ZipInfo(name, self.made_at.timetuple()[:6])
        entry.compress_type = zipfile.ZIP_DEFLATED
        self._zip.writestr(entry, data)


async def of_year(visit: StaffVisit, session: AsyncSession) -> StreamingResponse:
    """The archive of a year. Raises 404 for a year without one, 413 for one that is too large."""
    year = int(visit.params["archive"])
    if not FIRST_YEAR <= year <= visit.today.year:
        raise HTTPException(404)
    moments = moments_of(Span(dt.date(year, 1, 1), dt.date(year, 12, 31)), visit.now)
    chosen = _chosen(visit.place.id, moments)
    await _refuse_too_large(session, chosen)
    name = f"disclosures-{visit.place.slug}-{year}.zip"
    headers = {
        "content-disposition": f'attachment; filename="{name}"',
        "cache-control": "no-store",
    }
    packed = _packed(visit.published.store, chosen, Archive(visit.now))
    return StreamingResponse(packed, headers=headers, media_type="application/zip")


def _chosen(community_id: int, moments: tuple[dt.datetime, dt.datetime]) -> ColumnElement[bool]:
    first, after = moments
    chosen: ColumnElement[bool] = (
        (Disclosure.community_id == community_id)
        & IS_SHOWN
        & (Disclosure.published_at >= first)
        & (Disclosure.published_at < after)
    )
    return chosen


async def _refuse_too_large(session: AsyncSession, chosen: ColumnElement[bool]) -> None:
    count = await session.scalar(select(func.count()).select_from(Disclosure).where(chosen))
    size = await session.scalar(
        select(func.sum(DisclosureFile.size))
        .join(Disclosure, Disclosure.id == DisclosureFile.disclosure_id)
        .where(chosen)
    )
    if (count or 0) > MOST_DISCLOSURES or (size or 0) > MOST_BYTES:
        raise HTTPException(413)


async def _packed(
    store: Store, chosen: ColumnElement[bool], archive: Archive
) -> AsyncIterator[bytes]:
    last = 0
    while True:
        async with store.read() as session:
            found = list(
                await session.scalars(
                    select(Disclosure)
                    .where(chosen, Disclosure.id > last)
                    .order_by(Disclosure.id)
                    .limit(BATCH)
                )
            )
            for disclosure in found:
                for name, data, what in [each async for each in _files(session, disclosure)]:
                    # Packing is slow enough to keep every page waiting.
                    await asyncio.to_thread(archive.add, name, data, disclosure.id, what)
                yield archive.buffer.taken()
        if len(found) < BATCH:
            break
        last = found[-1].id
    await asyncio.to_thread(archive.end)
    yield archive.buffer.taken()


async def _files(
    session: AsyncSession, disclosure: Disclosure
) -> AsyncIterator[tuple[str, bytes, str]]:
    """The revisions of a disclosure, and the files that its newest one names."""
    under = f"{disclosure.id:06}"
    revisions = await session.scalars(
        select(DisclosureRevision)
        .where(DisclosureRevision.disclosure_id == disclosure.id)
        .order_by(DisclosureRevision.number)
    )
    named: set[str] = set()
    for revision in revisions:
        said = _said(disclosure, revision)
        text = json.dumps(said, ensure_ascii=False, indent=1)
        yield f"{under}/{revision.number:03}.json", text.encode(), disclosure.title
        named = {file.token for file in revision.document.files} if revision.document else set()
    tokens = list(
        await session.execute(
            select(DisclosureFile.id, DisclosureFile.name).where(
                DisclosureFile.disclosure_id == disclosure.id, DisclosureFile.token.in_(named)
            )
        )
    )
    for file_id, file_name in tokens:
        data = await session.scalar(select(DisclosureFile.data).where(DisclosureFile.id == file_id))
        if data is not None:
            yield f"{under}/{file_id}-{_safe(file_name)}", data, file_name


def _safe(name: str) -> str:
    """A file's name without what would lead out of its folder."""
    return _UNSAFE.sub("_", name).lstrip(".") or "file"


# The rows with persons end by themselves, on the page and in every backup; an archive that is kept
# for years must not be where they live on.
def _said(disclosure: Disclosure, revision: DisclosureRevision) -> dict[str, Any]:
    """A revision as the archive keeps it: its words, and its place in the chain."""
    document = revision.document
    return {
        "uid": disclosure.uid,
        "kind": disclosure.kind.value,
        "state": disclosure.state.value,
        "withdrawn_why": disclosure.withdrawn_why,
        "number": revision.number,
        "published_at": revision.published_at.isoformat(),
        "reason": revision.reason,
        "erased_at": revision.erased_at.isoformat() if revision.erased_at else None,
        "document": document.model_dump(mode="json", exclude={"persons"}) if document else None,
        "chain": revision.chain,
        "link": revision.link,
        "content_hash": revision.content_hash,
        "previous_hash": revision.previous_hash,
        "hash": revision.hash,
    }
