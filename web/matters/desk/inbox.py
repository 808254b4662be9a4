"""待我答复: what waits for an answer, what is owed soonest on top."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, ClassVar

from domain.matters.inbox import Inbox, in_community, inbox_of, joined_counts
from domain.staff.accounts import full_names
from web.matters.rows import MatterRow, row_of
from web.site.pages import Card
from web.staff.access import StaffPage

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncSession

    from domain.matters.tables import Matter
    from domain.places.tables import Community
    from web.site.pages import Page
    from web.staff.access import StaffVisit

MOST = 50
MOST_LISTED = 200


@dataclass(frozen=True, kw_only=True)
class InboxPage(StaffPage):
    template: ClassVar[str] = "matters/desk/inbox.html"
    tab: ClassVar[str] = "matters"
    inbox: Inbox
    owed: list[MatterRow]
    answered: list[MatterRow]


@dataclass(frozen=True, kw_only=True)
class WaitingCard(Card):
    """Matters that wait for this person, on the staff home."""

    template: ClassVar[str] = "matters/desk/_staff_card.html"
    inbox: Inbox
    first: MatterRow


@dataclass(frozen=True, kw_only=True)
class CommunityMatters(StaffPage):
    """What is late where, without a word of what was said."""

    template: ClassVar[str] = "matters/desk/community.html"
    tab: ClassVar[str] = "places"
    place: Community
    rows: list[MatterRow]


async def show(visit: StaffVisit, session: AsyncSession) -> Page:
    """What this person can answer now."""
    inbox = await inbox_of(session, visit.actor, visit.today, MOST)
    joined = await joined_counts(session, [matter.id for matter in inbox.owed])
    return InboxPage(
        actor=visit.actor,
        inbox=inbox,
        owed=[_row(visit, matter, joined.get(matter.id, 0)) for matter in inbox.owed],
        answered=[_row(visit, matter) for matter in inbox.answered],
    )


def _row(visit: StaffVisit, matter: Matter, joined: int = 0, holder: str = "") -> MatterRow:
    return row_of(visit, matter, f"/staff/matters/{matter.id}", joined=joined, holder=holder)


async def on_staff_home(visit: StaffVisit, session: AsyncSession) -> list[Card]:
    """What waits for this person's answer."""
    inbox = await inbox_of(session, visit.actor, visit.today, 1)
    if not inbox.owed:
        return []
    return [WaitingCard(inbox=inbox, first=_row(visit, inbox.owed[0]))]


async def of_community(visit: StaffVisit, session: AsyncSession) -> Page:
    """The open matters of a community: who has them, and by when; never what was said."""
    found = await in_community(session, visit.place.id, MOST_LISTED)
    names = await full_names(session, [matter.holder_id for matter in found])
    rows = [
        replace(_row(visit, matter, holder=names.get(matter.holder_id, "")), subject="")
        for matter in found
    ]
    return CommunityMatters(actor=visit.actor, place=visit.place, rows=rows)
