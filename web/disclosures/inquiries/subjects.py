"""Which disclosures are asked about, counted for the page of figures."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import select

from domain.disclosures.tables import Disclosure, Inquiry
from domain.matters.growth import SubjectCount, comparable, counted
from domain.matters.tables import Matter

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy.ext.asyncio import AsyncSession

    from domain.places.tables import Community
    from web.site.visit import Visit

KIND = "disclosure"


async def subjects(
    visit: Visit, session: AsyncSession, place: Community, periods: Sequence[int], _keep_days: int
) -> dict[int, list[SubjectCount]]:
    """How many inquiries were about each disclosure, by period in days."""
    whole = await comparable(session, place.id, periods, visit.now)
    if not whole:
        return {}
    of_here = (Matter.community_id == place.id,)
    found = await counted(session, Inquiry.disclosure_id, of_here, whole, visit.now)
    titles = await _titles(session, {row[0] for rows in found.values() for row in rows})
    return {
        days: [
            SubjectCount(KIND, titles.get(disclosure, ""), now, before)
            for disclosure, now, before in rows
        ]
        for days, rows in found.items()
    }


async def _titles(session: AsyncSession, ids: set[int]) -> dict[int, str]:
    rows = await session.execute(
        select(Disclosure.id, Disclosure.title).where(Disclosure.id.in_(ids))
    )
    return {disclosure_id: title for disclosure_id, title in rows}  # noqa: C416 - a Result has keys()
