"""How the staff log names call-backs: by the number that was rated and its day."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import select

from domain.queue.tables import Ticket
from domain.ratings.tables import CallBack, ServiceRating
from web.site.log_words import ids_in, titled
from web.site.words import date_words

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy.ext.asyncio import AsyncSession

    from domain.staff.journal import JournalEntry
    from web.site.log_words import LogWords
    from web.staff.access import StaffVisit

KIND = "call-back"


async def in_log(
    visit: StaffVisit, session: AsyncSession, entries: Sequence[JournalEntry]
) -> dict[int, LogWords]:
    """The words of entries about call-backs."""
    ids = ids_in(entries, KIND)
    if not ids:
        return {}
    found = await session.execute(
        select(CallBack.id, Ticket.letter, Ticket.number, ServiceRating.given_on)
        .join(ServiceRating, ServiceRating.id == CallBack.rating_id)
        .join(Ticket, Ticket.id == ServiceRating.ticket_id)
        .where(CallBack.id.in_(set(ids.values())))
    )
    titles = {
        id_: f"{letter}{number:03} · {date_words(day, visit.lang, 'year')}"
        for id_, letter, number, day in found
    }
    return titled(ids, titles)
