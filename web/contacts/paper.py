"""纸上的卡: cards and stairwell sheets to print, and which of them are out of date."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar

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
    before = await prints.printed_before(session, visit.place.id)
    papers = _printables(visit)
    is_all = "all" in visit.query or not before
    return CardPaper(
        actor=visit.actor,
        place=visit.place,
        unassigned=unassigned_buildings(visit.place),
        vacant=[post for post in visit.place.posts if post.holder is None],
        **_chosen([paper for paper in papers if is_all or _is_new(paper, before)]),
        total=len(papers),
        printed_at=max((row.printed_at for row in before.values()), default=None),
        is_all=is_all,
        version=await current_number(session, Paper(kinds.POSTS, visit.place.slug).subject),
    )


def _printables(visit: StaffVisit) -> list[Printable]:
    place, origin = visit.place, visit.manner.origin
    return [*prints.cards_of(place, origin), *prints.sheets_of(place, origin)]


def _is_new(paper: Printable, before: dict[str, CardPrint]) -> bool:
    row = before.get(paper.subject)
    return row is None or row.fingerprint != paper.fingerprint


def _chosen(papers: list[Printable]) -> dict[str, Any]:
    """These cards and sheets, as `CardPaper` names them."""
    cards = [paper for paper in papers if paper.building is None]
    return {
        "shown": papers,
        "card_pages": [cards[n : n + CARDS_A_PAGE] for n in range(0, len(cards), CARDS_A_PAGE)],
        "sheets": [paper for paper in papers if paper.building is not None],
    }


async def remember(visit: StaffVisit, session: AsyncSession) -> Redirect:
    """These were printed. The form says what stood on them, which may be older than the posts."""
    place, now = visit.place, visit.now
    printed = _printed(visit)
    await prints.remember(session, place.id, printed, now)
    address, count = f"c/{place.slug}/cards", len(printed)
    await note(
        session, visit.actor, "cards-printed", address, now=now, after=count, community_id=place.id
    )
    return Redirect(f"/staff/{address}")


def _printed(visit: StaffVisit) -> dict[str, str]:
    """What the form says of each card and sheet that there is, by its name in the store."""
    known = {paper.subject for paper in _printables(visit)}
    said = (text.partition(" ") for text in visit.form.all("printed"))
    return {subject: mark for subject, _, mark in said if subject in known}
