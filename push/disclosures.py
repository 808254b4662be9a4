"""公开提醒: for the people responsible, that something is due to be published soon, or is late.

A push names no item: it passes through a company's servers.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from domain.disclosures.catalogue import DutyState
from domain.disclosures.reminding import is_published, responsible_for
from domain.places.tables import Community
from push import recipients
from push.outbox import Note
from push.tables import Facts, Kind

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncSession

    from domain.disclosures.reminding import DisclosureOwed
    from push.recipients import Recipient

KINDS = {
    DutyState.SOON: Kind.DISCLOSURE_DUE,
    DutyState.OVERDUE: Kind.DISCLOSURE_OVERDUE,
}
DISCLOSURES = frozenset(KINDS.values())


async def owed(session: AsyncSession, event: DisclosureOwed) -> list[tuple[Recipient, Note]]:
    """For the people responsible: a duty of their community."""
    community = await session.get_one(Community, event.community_id)
    told = []
    for staff_id in await responsible_for(session, community, event.item):
        facts: Facts = {
            "community": community.id,
            "slug": community.slug,
            "place": community.name,
            "item": event.item,
            "period": event.period,
            "staff": staff_id,
        }
        # The reminder that it is late takes the place of the one that it is due.
        subject = f"owed/{community.id}/{event.item}/{event.period}"
        note = Note(KINDS[event.state], subject, facts, event.at)
        told.append((recipients.staff(staff_id), note))
    return told


async def is_owed(session: AsyncSession, facts: Facts) -> bool:
    """Whether a reminder is still true: not published, and still this person's."""
    community = await session.get(Community, int(facts["community"]))
    if community is None:
        return False
    item, period = str(facts["item"]), str(facts["period"])
    if await is_published(session, community.id, item, period):
        return False
    responsible = await responsible_for(session, community, item)
    # The office's group chat has the reminder without a name in it.
    return int(facts["staff"]) in responsible if "staff" in facts else bool(responsible)
