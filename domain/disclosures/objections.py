"""异议: whether a disclosure is undisputed, and until when that is open."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from sqlalchemy import func, select

from domain.disclosures.open_until import open_until
from domain.disclosures.shown import revision_of
from domain.disclosures.tables import DisclosureState, Inquiry, InquiryKind

if TYPE_CHECKING:
    import datetime as dt

    from sqlalchemy.ext.asyncio import AsyncSession

    from domain.calendar import WorkingCalendar
    from domain.disclosures.tables import Disclosure


class ObjectionState(StrEnum):
    """How a disclosure stands in and after its 公示期."""

    # Nobody objected yet, and anyone still can.
    OPEN = "open"
    # 无异议: the period is over, and nobody objected in it.
    UNDISPUTED = "undisputed"
    DISPUTED = "disputed"


@dataclass(frozen=True)
class Objections:
    """The objections to a disclosure, and the last day on which more can be made."""

    state: ObjectionState
    count: int
    until: dt.date


async def objections_until(
    session: AsyncSession,
    disclosure: Disclosure,
    calendar: WorkingCalendar,
    zone: dt.tzinfo | None,
) -> dt.date | None:
    """The last day of the 公示期; None without one, and for what is not published."""
    if disclosure.state is not DisclosureState.PUBLISHED or disclosure.published_at is None:
        return None
    newest = await revision_of(session, disclosure, disclosure.number)
    document = newest.document if newest else None
    if document is None:
        return None
    return open_until(document, disclosure.published_at.astimezone(zone).date(), calendar)


# One that is held back from the public counts as well: what a moderator decides about words cannot
# make a disclosure undisputed.
async def objections_of(
    session: AsyncSession, disclosure: Disclosure, calendar: WorkingCalendar, now: dt.datetime
) -> Objections | None:
    """How it stands at `now` (aware local time); None where there is no 公示期."""
    until = await objections_until(session, disclosure, calendar, now.tzinfo)
    if until is None:
        return None
    count = await session.scalar(
        select(func.count())
        .select_from(Inquiry)
        .where(Inquiry.disclosure_id == disclosure.id, Inquiry.kind == InquiryKind.OBJECTION)
    )
    if count:
        return Objections(ObjectionState.DISPUTED, count, until)
    is_over = now.date() > until
    state = ObjectionState.UNDISPUTED if is_over else ObjectionState.OPEN
    return Objections(state, 0, until)
