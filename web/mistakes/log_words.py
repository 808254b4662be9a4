"""How the staff log names reports of mistakes: by the page they are about."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import select

from domain.mistakes.tables import MistakeReport
from web.site.log_words import ids_in, titled

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy.ext.asyncio import AsyncSession

    from domain.staff.journal import JournalEntry
    from web.site.log_words import LogWords
    from web.staff.access import StaffVisit

KIND = "mistake"


async def in_log(
    _visit: StaffVisit, session: AsyncSession, entries: Sequence[JournalEntry]
) -> dict[int, LogWords]:
    """The words of entries about reports that are not erased yet."""
    ids = ids_in(entries, KIND)
    if not ids:
        return {}
    found = await session.scalars(select(MistakeReport).where(MistakeReport.id.in_(ids.values())))
    return titled(ids, {report.id: report.title for report in found})
