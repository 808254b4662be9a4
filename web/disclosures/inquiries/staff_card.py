"""What waits for a moderator, on the staff home."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from domain.disclosures.moderation import moderate_by, waiting_by_community
from domain.staff.actor import EDITING
from web.site.pages import Card
from web.staff.places import communities_for

if TYPE_CHECKING:
    import datetime as dt

    from sqlalchemy.ext.asyncio import AsyncSession

    from web.staff.access import StaffVisit


@dataclass(frozen=True)
class CommunityModeration:
    """审核: how many inquiries and answers of a community wait, and by when for the first."""

    address: str
    name: str
    count: int
    decided_by: dt.date | None


@dataclass(frozen=True, kw_only=True)
class ModerationCard(Card):
    """Communities in which inquiries wait for a moderator."""

    template: ClassVar[str] = "disclosures/staff/_inquiries_card.html"
    waiting: tuple[CommunityModeration, ...]


async def on_staff_home(visit: StaffVisit, session: AsyncSession) -> list[Card]:
    """What waits in this person's communities, the longest first."""
    if not visit.actor.edits:
        return []
    known = {community.id: community for community in communities_for(visit, EDITING)}
    waiting = tuple(
        CommunityModeration(
            f"/staff/c/{known[row.community_id].slug}/inquiries",
            known[row.community_id].name,
            row.count,
            moderate_by(visit.local(row.since), visit.published.calendar),
        )
        for row in await waiting_by_community(session, list(known))
    )
    return [ModerationCard(waiting=waiting)] if waiting else []
