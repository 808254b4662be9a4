"""公开: what a community and its subdistrict published, by kind, item, year, and by words."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, ClassVar

from starlette.exceptions import HTTPException

from domain.disclosures.catalogue import DutyState
from domain.disclosures.content import DisclosureKind
from domain.disclosures.duties import counts_of, duties_of
from domain.disclosures.search import MOST_TITLES, resembling
from domain.disclosures.shown import PAGE, Wanted, newest, these, titles_of, years_of
from web.site.forms import number
from web.site.pages import Page

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncSession

    from domain.disclosures.duties import Counts, Duty
    from domain.disclosures.tables import Disclosure
    from domain.places.tables import Community
    from web.site.visit import Visit
    from web.site.visits import ResidentVisit

LONGEST = 40
# Overdue ones that the first page names; the calendar has all.
MOST_OVERDUE = 3


@dataclass(frozen=True)
class Owed:
    """How a community stands with what it must publish, and what is most overdue."""

    counts: Counts
    overdue: list[Duty]


@dataclass(frozen=True, kw_only=True)
class Disclosures(Page):
    """公开."""

    template: ClassVar[str] = "disclosures/index.html"
    tab: ClassVar[str] = "disclosures"
    asks: ClassVar[tuple[str, ...]] = ("q", "kind", "item", "year", "before")
    wanted: Wanted
    # What is owed, on the first page of everything; None elsewhere.
    owed: Owed | None
    found: list[Disclosure]
    # The id of the last one shown, when there are older ones.
    last: int | None
    years: list[int]
    # Whether no words fitted, and `found` only resembles what was typed.
    is_alike: bool = False
    kinds: tuple[DisclosureKind, ...] = tuple(DisclosureKind)


async def show(visit: Visit) -> Page:
    """The newest of every kind, below what is owed."""
    community = await visit.community()
    async with visit.published.store.read() as session:
        duties = await duties_of(session, community, visit.published.calendar, visit.now)
        overdue = [duty for duty in duties if duty.state is DutyState.OVERDUE]
        owed = Owed(counts_of(duties), overdue[:MOST_OVERDUE]) if duties else None
        return await _page(session, community, Wanted(), None, owed)


async def of_kind(visit: Visit) -> Page:
    """The newest of one kind."""
    return await _listed(visit, Wanted(kind=_kind(visit.params["kind"])))


async def search(visit: ResidentVisit) -> Page:
    """What fits the words, the kind, the item and the year in the query, page by page."""
    query = visit.query
    wanted = Wanted(
        kind=_kind(query["kind"]) if query.get("kind") else None,
        item=query.get("item", "")[:LONGEST] or None,
        year=number(query.get("year", "")),
        words=query.get("q", "").strip()[:LONGEST],
    )
    before = number(query.get("before", ""))
    page = await _listed(visit, wanted, before)
    return page if page.found or before or not wanted.words else await _alike(visit, page)


async def _alike(visit: ResidentVisit, page: Disclosures) -> Disclosures:
    """What resembles the words by sound, in pinyin or in part, where nothing has them."""
    wanted = replace(page.wanted, words="")
    community = await visit.community()
    async with visit.published.store.read() as session:
        titles = await titles_of(session, community, wanted, MOST_TITLES)
    async with visit.services.comparing:
        ids = await asyncio.to_thread(resembling, titles, page.wanted.words)
    async with visit.published.store.read() as session:
        found = await these(session, ids)
    return replace(page, found=found, is_alike=True)


def _kind(word: str) -> DisclosureKind:
    """The kind in an address. Raises 404 for a word that is none."""
    try:
        return DisclosureKind(word)
    except ValueError:
        raise HTTPException(404) from None


async def _listed(visit: Visit, wanted: Wanted, before: int | None = None) -> Disclosures:
    community = await visit.community()
    async with visit.published.store.read() as session:
        return await _page(session, community, wanted, before)


async def _page(
    session: AsyncSession,
    community: Community,
    wanted: Wanted,
    before: int | None,
    owed: Owed | None = None,
) -> Disclosures:
    found = await newest(session, community, wanted, before)
    return Disclosures(
        community=community,
        wanted=wanted,
        owed=owed,
        found=found[:PAGE],
        last=found[PAGE - 1].id if len(found) > PAGE else None,
        years=await years_of(session, community),
    )
