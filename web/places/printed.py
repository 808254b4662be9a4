"""印出去的码: every code that the product prints, where it points now, and since when."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from sqlalchemy import func, select

from domain.papers import kinds, versions
from domain.papers.paper import Paper
from domain.places.tables import Building, Compound
from domain.staff.actor import EDITING
from web.places.codes import codes_of
from web.site.printed_code import PrintedCode, Where
from web.staff.access import StaffPage
from web.staff.places import by_subdistrict

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Iterator

    from sqlalchemy.ext.asyncio import AsyncSession

    from domain.places.tables import Community, Subdistrict
    from web.site.pages import Page
    from web.staff.access import StaffVisit


@dataclass(frozen=True, kw_only=True)
class Codes(StaffPage):
    """印出去的码 of a community."""

    template: ClassVar[str] = "places/codes.html"
    tab: ClassVar[str] = "places"
    place: Community
    groups: list[tuple[Where, list[PrintedCode]]]
    # Of all of them.
    total: int
    ended: int


@dataclass(frozen=True)
class Doors:
    """A community, and how many codes hang on its doors."""

    community: Community
    total: int = 0
    ended: int = 0


@dataclass(frozen=True, kw_only=True)
class AllCodes(StaffPage):
    """印出去的码 of the communities of this person."""

    template: ClassVar[str] = "places/all_codes.html"
    tab: ClassVar[str] = "places"
    subdistricts: list[tuple[Subdistrict, list[Doors]]]


async def show(visit: StaffVisit, session: AsyncSession) -> Page:
    """Every code that is printed for a community."""
    found = [
        code for feature in visit.features for code in await feature.printed_codes(visit, session)
    ]
    groups = [(where, [code for code in found if code.where is where]) for where in Where]
    return Codes(
        actor=visit.actor,
        place=visit.place,
        groups=[(where, codes) for where, codes in groups if codes],
        total=len(found),
        ended=sum(code.is_ended for code in found),
    )


async def show_all(visit: StaffVisit, session: AsyncSession) -> Page:
    """The communities, with how many codes hang on their doors."""
    counts = await _counts(session)
    return AllCodes(
        actor=visit.actor,
        subdistricts=[
            (subdistrict, [Doors(each, *counts.get(each.id, (0, 0))) for each in group])
            for subdistrict, group in by_subdistrict(visit, EDITING)
        ],
    )


async def _counts(session: AsyncSession) -> dict[int, tuple[int, int]]:
    """How many buildings each community ever had, and how many of them ended."""
    ended = func.coalesce(Building.ended, Compound.ended).is_not(None)
    rows = await session.execute(
        select(Building.community_id, func.count(), func.count().filter(ended))
        .join(Compound, Compound.id == Building.compound_id)
        .group_by(Building.community_id)
    )
    return {row[0]: (row[1], row[2]) for row in rows}


async def printed_codes(visit: StaffVisit, session: AsyncSession) -> list[PrintedCode]:
    """The gate, the hall and the doors."""
    return codes_of(visit.place, visit.lang, await _came(visit, session))


async def _came(visit: StaffVisit, session: AsyncSession) -> dict[str, dt.date]:
    """When buildings were first published, by their slugs; none that were loaded from a file."""
    found = await versions.versions(session, Paper(kinds.COMPOUNDS, visit.place.slug))
    known: set[str] = set()
    came: dict[str, dt.date] = {}
    for version, _ in reversed(found):
        slugs = set(_slugs(version.document))
        if version.published_at:
            day = version.published_at.astimezone(visit.now.tzinfo).date()
            came |= dict.fromkeys(slugs - known, day)
        known |= slugs
    return came


def _slugs(document: dict[str, list[dict[str, list[dict[str, str]]]]]) -> Iterator[str]:
    for compound in document["compounds"]:
        yield from (building["slug"] for building in compound["buildings"])
