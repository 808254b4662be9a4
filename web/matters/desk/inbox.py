"""待我答复: what waits for an answer, what is owed soonest on top."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, ClassVar

from domain.matters.clock import Lateness, lateness
from domain.matters.inbox import Inbox, in_community, inbox_of, joined_counts
from domain.staff.accounts import full_names
from web.site.pages import Card
from web.staff.access import StaffPage

if TYPE_CHECKING:
    import datetime as dt

    from sqlalchemy.ext.asyncio import AsyncSession

    from domain.matters.tables import Matter
    from domain.places.tables import Community
    from web.site.pages import Page
    from web.staff.access import StaffVisit

MOST = 50
MOST_LISTED = 200


@dataclass(frozen=True)
class InboxRow:
    """A matter in a list. `subject` is empty where its content is not the reader's."""

    id: int
    subject: str
    place: str
    due_on: dt.date | None
    lateness: Lateness | None
    # Since when it has waited, aware local time.
    since: dt.datetime
    # How many more wrote about the same thing.
    joined: int = 0
    level: str = ""
    holder: str = ""


@dataclass(frozen=True, kw_only=True)
class InboxPage(StaffPage):
    template: ClassVar[str] = "matters/desk/inbox.html"
    tab: ClassVar[str] = "matters"
    inbox: Inbox
    owed: list[InboxRow]
    answered: list[InboxRow]


@dataclass(frozen=True, kw_only=True)
class WaitingCard(Card):
    """Matters that wait for this person, on the staff home."""

    template: ClassVar[str] = "matters/desk/_staff_card.html"
    inbox: Inbox
    first: InboxRow


@dataclass(frozen=True, kw_only=True)
class CommunityMatters(StaffPage):
    """What is late where, without a word of what was said."""

    template: ClassVar[str] = "matters/desk/community.html"
    tab: ClassVar[str] = "places"
    place: Community
    rows: list[InboxRow]


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


def _row(visit: StaffVisit, matter: Matter, joined: int = 0) -> InboxRow:
    calendar, due_on = visit.published.calendar, matter.due_on
    return InboxRow(
        id=matter.id,
        subject=matter.subject,
        place=visit.place_of(None, matter.community_id)[0],
        due_on=due_on,
        lateness=None if due_on is None else lateness(due_on, visit.today, calendar),
        since=visit.local(matter.owed_since or matter.held_since),
        joined=joined,
        level=matter.level.value,
    )


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
        replace(_row(visit, matter), subject="", holder=names.get(matter.holder_id, ""))
        for matter in found
    ]
    return CommunityMatters(actor=visit.actor, place=visit.place, rows=rows)
