"""What the schedule publishes: each in a unit of work of its own, once, however often it looks."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pydantic import ValidationError

from domain.disclosures.errors import NothingWrittenError, StepsMissingError
from domain.disclosures.publishing import locked, publish
from domain.staff.actor import COMMAND_LINE

if TYPE_CHECKING:
    import datetime as dt

    from sqlalchemy.ext.asyncio import AsyncSession

    from domain.calendar import WorkingCalendar
    from domain.disclosures.tables import Disclosure

# Why the schedule let a draft wait, in words for its owner.
PERSONAL_DATA, NOT_RIGHT, UNCHANGED, FAILED = "personal-data", "not-right", "unchanged", "failed"
STEPS_CHANGED = "steps"
TROUBLES = {
    ValidationError: NOT_RIGHT,
    NothingWrittenError: UNCHANGED,
    StepsMissingError: STEPS_CHANGED,
}


async def publish_due(  # noqa: PLR0913, PLR0917 - what was checked, and by which calendar
    session: AsyncSession,
    disclosure_id: int,
    draft_number: int,
    open_places: int,
    calendar: WorkingCalendar,
    now: dt.datetime,
) -> bool:
    """Publish a scheduled draft that was checked as number `draft_number`; whether it was.

    The lock and the moment decide, so that a second server, and this one after a crash, find
    nothing left to do. A draft that is not right waits with a word for its owner.
    """
    disclosure = await locked(session, disclosure_id)
    if disclosure.publish_at is None or disclosure.publish_at > now:
        return False
    if disclosure.draft_number != draft_number:
        # It was changed since it was checked; the next look checks it again.
        return False
    if open_places:
        leave(disclosure, PERSONAL_DATA)
        return False
    return await _publish(session, disclosure, calendar, now)


async def _publish(
    session: AsyncSession, disclosure: Disclosure, calendar: WorkingCalendar, now: dt.datetime
) -> bool:
    try:
        await publish(
            session,
            COMMAND_LINE,
            disclosure,
            calendar,
            now,
            changes_meaning=not disclosure.draft_is_spelling,
        )
    except tuple(TROUBLES) as error:
        leave(disclosure, TROUBLES[type(error)])
        return False
    return True


def leave(disclosure: Disclosure, trouble: str) -> None:
    """Let a scheduled draft wait, and say why."""
    disclosure.publish_at, disclosure.draft_trouble = None, trouble
