"""How the staff log names disclosures, days, inquiries and wishes: by title as well as number."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import select

from domain.disclosures.tables import AffairsDay, CatalogueWish, Disclosure, Inquiry, InquiryState
from web.site.log_words import ids_in, titled

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy.ext.asyncio import AsyncSession

    from domain.staff.journal import JournalEntry
    from web.site.log_words import LogWords
    from web.staff.access import StaffVisit

# What residents wrote is read from its public words alone: the log is no way around moderation.
TITLES = {
    "disclosure": (Disclosure.id, select(Disclosure.id, Disclosure.title)),
    "day": (AffairsDay.id, select(AffairsDay.id, AffairsDay.title)),
    "inquiry": (
        Inquiry.matter_id,
        select(Inquiry.matter_id, Inquiry.public_words).where(Inquiry.state == InquiryState.PUBLIC),
    ),
    "wish": (
        CatalogueWish.id,
        select(CatalogueWish.id, CatalogueWish.public_title).where(CatalogueWish.is_shown),
    ),
}


async def in_log(
    _visit: StaffVisit, session: AsyncSession, entries: Sequence[JournalEntry]
) -> dict[int, LogWords]:
    """The words of entries about what has a title, with one query for each kind of them."""
    words: dict[int, LogWords] = {}
    for kind, (id_, titles) in TITLES.items():
        if ids := ids_in(entries, kind):
            found = await session.execute(titles.where(id_.in_(set(ids.values()))))
            words |= titled(ids, {row[0]: row[1] for row in found})
    return words
