"""印码: chosen codes of one community or of many, on sheets, stickers or cards, printed at once."""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import StrEnum
from typing import TYPE_CHECKING, ClassVar

from domain.staff.actor import EDITING
from web.site.printed_code import Where
from web.staff.access import StaffPage
from web.staff.places import by_subdistrict

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sqlalchemy.ext.asyncio import AsyncSession

    from domain.places.tables import Community, Subdistrict
    from web.site.pages import Page
    from web.site.printed_code import PrintedCode
    from web.staff.access import StaffVisit

# Codes printed at once: a browser fetches a picture for each before it prints.
MOST = 400
# Those that hang in most places. A guide's code stands in the guide itself.
USUAL = Where.GATE, Where.DOOR
PRINTED_ALONE = (*USUAL, Where.CARD, Where.BOARD)


class Cut(StrEnum):
    """What is printed on."""

    SHEET = "sheet"
    # 70 by 37 mm, 24 to an A4, as sheets of labels are sold.
    STICKER = "sticker"
    # 90 by 54 mm, 10 to an A4, as a business card is in China.
    CARD = "card"

    @property
    def on_a4(self) -> int:
        """How many of these an A4 holds."""
        return {Cut.SHEET: 1, Cut.STICKER: 24, Cut.CARD: 10}[self]


@dataclass(frozen=True)
class Asked:
    """What was chosen, by the parts of the address."""

    cut: Cut
    wheres: frozenset[Where]
    # Slugs.
    places: frozenset[str]
    subdistricts: frozenset[str]


@dataclass(frozen=True, kw_only=True)
class Sheets(StaffPage):
    """印码: what is chosen, and the paper."""

    template: ClassVar[str] = "places/sheets.html"
    tab: ClassVar[str] = "places"
    asked: Asked
    # What may be chosen from.
    wheres: tuple[Where, ...] = PRINTED_ALONE
    subdistricts: list[tuple[Subdistrict, list[Community]]]
    # None where too many are chosen.
    codes: list[tuple[Community, PrintedCode]]
    is_too_many: bool
    # Sheets of A4 that they need.
    sheets: int
    most: int = MOST


async def show(visit: StaffVisit, session: AsyncSession) -> Page:
    """The choice, and the chosen codes."""
    subdistricts = by_subdistrict(visit, EDITING)
    asked = _asked(visit, subdistricts)
    chosen = [
        community
        for subdistrict, group in subdistricts
        for community in group
        if community.slug in asked.places or subdistrict.slug in asked.subdistricts
    ]
    codes: list[tuple[Community, PrintedCode]] = []
    for each in chosen:
        community = await visit.published.community(each.slug, session)
        codes += [(community, code) for code in await _codes(visit, session, community, asked)]
        if len(codes) > MOST:
            break
    is_too_many = len(codes) > MOST
    if is_too_many:
        codes = []
    return Sheets(
        actor=visit.actor,
        asked=asked,
        subdistricts=subdistricts,
        codes=codes,
        is_too_many=is_too_many,
        sheets=-(-len(codes) // asked.cut.on_a4),
    )


async def _codes(
    visit: StaffVisit, session: AsyncSession, community: Community, asked: Asked
) -> list[PrintedCode]:
    here = replace(visit, community_here=community)
    return [
        code
        for feature in visit.features
        for code in await feature.printed_codes(here, session)
        if code.poster and code.where in asked.wheres
    ]


def _asked(visit: StaffVisit, subdistricts: list[tuple[Subdistrict, list[Community]]]) -> Asked:
    query = visit.query
    cut = query.get("on", "")
    wheres = frozenset(where for where in PRINTED_ALONE if where.name.lower() in query)
    only = [community.slug for _, group in subdistricts for community in group]
    return Asked(
        cut=Cut(cut) if cut in list(Cut) else Cut.SHEET,
        wheres=wheres or frozenset(USUAL),
        # Who has one community has nothing to choose.
        places=frozenset(only if len(only) == 1 else _slugs(query, "place.")),
        subdistricts=_slugs(query, "subdistrict."),
    )


def _slugs(query: Iterable[str], prefix: str) -> frozenset[str]:
    return frozenset(name.removeprefix(prefix) for name in query if name.startswith(prefix))
