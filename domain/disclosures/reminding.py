"""公开提醒: the people responsible are told once when a duty is due soon, and once when it is late.

A reminder is a row beside its event, in one unit of work: a job that is killed and started again,
or runs in two processes, reminds nobody twice.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import select

from domain.disclosures.catalogue import DutyState, Owes
from domain.disclosures.duties import Span, duties_of
from domain.disclosures.tables import Disclosure, DisclosureReminder, DisclosureState
from domain.events import Event, record
from domain.staff.accounts import members_with_role
from domain.staff.actor import EDITING
from domain.staff.tables import StaffRole

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sqlalchemy.ext.asyncio import AsyncSession

    from domain.calendar import WorkingCalendar
    from domain.disclosures.duties import Duty
    from domain.places.tables import Community

# A duty that has been late for longer is not reminded of for the first time: a new catalogue would
# otherwise send a year of reminders at once.
BACK, AHEAD = dt.timedelta(days=30), dt.timedelta(days=30)
REMINDED = {DutyState.SOON, DutyState.OVERDUE}


@dataclass(frozen=True)
class DisclosureOwed(Event):
    """应公开: a duty is due soon, or late. `period` is empty for a wish."""

    community_id: int
    item: str
    period: str
    state: DutyState
    at: dt.datetime


async def remind(
    session: AsyncSession, community: Community, calendar: WorkingCalendar, now: dt.datetime
) -> int:
    """Record each duty of a community that nobody was reminded of yet; how many there were."""
    fresh = await not_reminded(session, community, calendar, now)
    for duty in fresh:
        slug, period, state = _key(duty)
        session.add(
            DisclosureReminder(
                community_id=community.id, item=slug, period=period, state=state, at=now
            )
        )
        record(session, DisclosureOwed(community.id, slug, period, state, now))
    await session.flush()
    return len(fresh)


async def not_reminded(
    session: AsyncSession, community: Community, calendar: WorkingCalendar, now: dt.datetime
) -> list[Duty]:
    """The duties of a community that are due soon or late, and nobody was reminded of."""
    span = Span(now.date() - BACK, now.date() + AHEAD)
    duties = [
        duty
        for duty in await duties_of(session, community, calendar, now, span)
        if duty.state in REMINDED and duty.owes is Owes.COMMUNITY
    ]
    known = await _known(session, community, duties)
    return [duty for duty in duties if _key(duty) not in known]


def _key(duty: Duty) -> tuple[str, str, DutyState]:
    return duty.slug, duty.period or "", duty.state


async def _known(
    session: AsyncSession, community: Community, duties: Iterable[Duty]
) -> set[tuple[str, str, DutyState]]:
    rows = await session.execute(
        select(DisclosureReminder.item, DisclosureReminder.period, DisclosureReminder.state).where(
            DisclosureReminder.community_id == community.id,
            DisclosureReminder.item.in_({duty.slug for duty in duties}),
        )
    )
    return {(row[0], row[1], row[2]) for row in rows}


async def is_published(session: AsyncSession, community_id: int, item: str, period: str) -> bool:
    """Whether a community published this item of this period."""
    chosen = select(Disclosure.id).where(
        Disclosure.community_id == community_id,
        Disclosure.item == item,
        Disclosure.state == DisclosureState.PUBLISHED,
    )
    if period:
        chosen = chosen.where(Disclosure.period == period)
    return await session.scalar(chosen.limit(1)) is not None


async def responsible_for(session: AsyncSession, community: Community, item: str) -> list[int]:
    """Who is reminded of an item, by their ids.

    The person who owns what was published of it last, while they still may edit here; else the
    community's own editors; else those above it.
    """
    owner = await session.scalar(
        select(Disclosure.owner_id)
        .where(
            Disclosure.community_id == community.id,
            Disclosure.item == item,
            Disclosure.owner_id.is_not(None),
        )
        .order_by(Disclosure.id.desc())
        .limit(1)
    )
    edits = StaffRole.role.in_(EDITING)
    covering = await members_with_role(session, edits, StaffRole.covers(community))
    ids = [member.id for member in covering]
    if owner in ids:
        return [owner]
    here = await members_with_role(session, edits, StaffRole.community_id == community.id)
    return [member.id for member in here] or ids
