"""The call-backs that a member of staff owes, on the staff home."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from domain.ratings.call_backs import open_call_backs
from domain.staff.actor import EDITING
from web.site.pages import Card
from web.staff.places import communities_for

if TYPE_CHECKING:
    import datetime as dt

    from sqlalchemy.ext.asyncio import AsyncSession

    from web.staff.access import StaffVisit


@dataclass(frozen=True)
class CommunityCallBacks:
    """差评回访: how many of a community wait for an answer, and until when the first."""

    address: str
    name: str
    count: int
    fix_by: dt.date


@dataclass(frozen=True, kw_only=True)
class CallBacksCard(Card):
    """Communities in which people wait for the answer to a bad rating."""

    template: ClassVar[str] = "ratings/_staff_card.html"
    owed: tuple[CommunityCallBacks, ...]


async def on_staff_home(visit: StaffVisit, session: AsyncSession) -> list[Card]:
    """What this person's communities owe, the first due first."""
    if not visit.actor.edits:
        return []
    known = {community.id: community for community in communities_for(visit, EDITING)}
    owed = tuple(
        CommunityCallBacks(
            f"/staff/c/{known[row.community_id].slug}/call-backs",
            known[row.community_id].name,
            row.count,
            row.fix_by,
        )
        for row in await open_call_backs(session, list(known))
    )
    return [CallBacksCard(owed=owed)] if owed else []
