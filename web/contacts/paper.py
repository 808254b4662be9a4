"""纸上的卡: cards and stairwell sheets to print, and which of them are out of date."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from domain.contacts import prints
from domain.contacts.posts import unassigned_buildings
from domain.papers import kinds
from domain.papers.paper import Paper, current_number
from domain.staff.journal import note
from web.site.answers import Redirect
from web.staff.access import StaffPage

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncSession

    from domain.contacts.prints import Printable
    from domain.contacts.tables import CardPrint, ContactPost
    from domain.places.tables import Building, Community
    from web.site.pages import Page
    from web.staff.access import StaffVisit

# On one sheet of A4, in two columns: 90 by 54 mm each.
CARDS_A_PAGE = 10


@dataclass(frozen=True, kw_only=True)
class CardPaper(StaffPage):
    """连心卡 on paper: the posts and what they lack, and the sheets to print."""

    template: ClassVar[str] = "contacts/paper.html"
    tab: ClassVar[str] = "places"
    place: Community
    # Buildings without a contact of their own.
    unassigned: list[Building]
    vacant: list[ContactPost]
    # Ten to a page.
    card_pages: list[list[Printable]]
    sheets: list[Printable]
    # Of all that is on the page: what it says, by its name in the store.
    shown: list[Printable]
    # How many there are, printed before or not.
    total: int
    # When something was printed last; None when nothing was.
    printed_at: dt.datetime | None
    # Whether everything is shown, and not only what changed.
    is_all: bool
    # The version of the posts that the sheets are made of.
    version: int


async def show(visit: StaffVisit, session: AsyncSession) -> Page:
    """What changed since it was printed last; with `all` in the address, everything."""
    cards, sheets = _printables(visit)
    before = await prints.printed_before(session, visit.place.id)
    is_all = "all" in visit.query or not before
    wanted = [paper for paper in (*cards, *sheets) if is_all or _is_new(paper, before)]
    chosen = [paper for paper in wanted if paper in cards]
    return CardPaper(
        actor=visit.actor,
        place=visit.place,
        unassigned=unassigned_buildings(visit.place),
        vacant=[post for post in visit.place.posts if post.holder is None],
        card_pages=[chosen[n : n + CARDS_A_PAGE] for n in range(0, len(chosen), CARDS_A_PAGE)],
        sheets=[paper for paper in wanted if paper in sheets],
        shown=wanted,
        total=len(cards) + len(sheets),
        printed_at=max((row.printed_at for row in before.values()), default=None),
        is_all=is_all,
        version=await current_number(session, Paper(kinds.POSTS, visit.place.slug).subject),
    )


def _printables(visit: StaffVisit) -> tuple[list[Printable], list[Printable]]:
    place, origin = visit.place, visit.manner.origin
    return prints.cards_of(place, origin), prints.sheets_of(place, origin)


def _is_new(paper: Printable, before: dict[str, CardPrint]) -> bool:
    row = before.get(paper.subject)
    return row is None or row.fingerprint != paper.fingerprint


async def remember(visit: StaffVisit, session: AsyncSession) -> Redirect:
    """These were printed. The form says what stood on them, which may be older than the posts."""
    cards, sheets = _printables(visit)
    known = {paper.subject for paper in (*cards, *sheets)}
    said = (text.partition(" ") for text in visit.form.all("printed"))
    printed = {subject: mark for subject, _, mark in said if subject in known}
    await prints.remember(session, visit.place.id, printed, visit.now)
    await note(
        session,
        visit.actor,
        "cards-printed",
        f"c/{visit.place.slug}/cards",
        now=visit.now,
        after=len(printed),
        community_id=visit.place.id,
    )
    return Redirect(f"/staff/c/{visit.place.slug}/cards")
