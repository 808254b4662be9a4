"""What conversations are about, counted: posts, guides, buildings, facilities."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from domain.contacts.tables import Conversation
from domain.matters.growth import comparable, counted
from domain.matters.tables import Matter

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Sequence

    from sqlalchemy.ext.asyncio import AsyncSession

# By the word of the kind. Nothing else groups conversations: they have no subjects of their own.
COLUMNS: dict[str, Any] = {
    "post": Conversation.post_id,
    "item": Conversation.item,
    "building": Conversation.building,
    "facility": Conversation.facility,
}
# Erased with the words: the period before would lack what was erased, and everything would grow.
ERASED = {"building", "facility"}


async def subject_counts(
    session: AsyncSession,
    community_id: int,
    periods: Sequence[int],
    now: dt.datetime,
    keep_days: int,
) -> dict[int, dict[str, list[tuple[Any, int, int]]]]:
    """By period in days and kind: a post's id or a slug, how many began, and how many before.

    Buildings and facilities are counted where both periods lie within `keep_days`, in which nothing
    is erased by itself. What residents erased at once is missing from both.
    """
    whole = await comparable(session, community_id, periods, now)
    found: dict[int, dict[str, list[tuple[Any, int, int]]]] = {days: {} for days in whole}
    of_here = (Matter.community_id == community_id,)
    for kind, column in COLUMNS.items():
        kept = [days for days in whole if kind not in ERASED or 2 * days <= keep_days]
        if kept:
            by_period = await counted(session, column, of_here, kept, now)
            for days, rows in by_period.items():
                found[days][kind] = rows
    return found
