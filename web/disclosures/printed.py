"""The codes on the sheets of the board: of what was withdrawn each, of all else how many."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import func, select

from domain.disclosures.tables import AffairsDay, Disclosure, DisclosureState
from domain.words import N_
from web.site.printed_code import Poster, PrintedCode, Where
from web.site.words import translations

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sqlalchemy.ext.asyncio import AsyncSession

    from web.staff.access import StaffVisit

SHEETS = N_("Disclosures on the board")
EACH = N_("Each sheet its own disclosure (%(count)s in all), as it reads now")
DAYS = N_("Posters of the days to talk")
EACH_DAY = N_("Each poster its own day (%(count)s in all)")
FOR_BOARD = N_("For the board")
ALL, ALL_DAYS = N_("Disclosures"), N_("Three days to talk")
SCAN_ALL = N_("Scan: every disclosure with its files, also what no longer hangs here.")
SCAN_DAYS = N_("Scan: when and where you can talk to the community, and what was answered.")
WITHDRAWN = N_("Its page, which says why it was withdrawn")


async def printed_codes(visit: StaffVisit, session: AsyncSession) -> list[PrintedCode]:
    """What hangs on the community's board."""
    return [*await _in_numbers(visit, session), *await _withdrawn(visit, session)]


async def _in_numbers(visit: StaffVisit, session: AsyncSession) -> Iterator[PrintedCode]:
    here, place = f"/c/{visit.place.slug}", visit.place.id
    published = select(func.count(Disclosure.id)).where(
        Disclosure.community_id == place, Disclosure.state == DisclosureState.PUBLISHED
    )
    days = select(func.count(AffairsDay.id)).where(AffairsDay.community_id == place)
    word = translations(visit.lang).gettext
    rows = (
        (SHEETS, f"{here}/disclosures", EACH, await session.scalar(published), ALL, SCAN_ALL),
        (DAYS, f"{here}/days", EACH_DAY, await session.scalar(days), ALL_DAYS, SCAN_DAYS),
    )
    return (
        PrintedCode(
            Where.BOARD,
            word(name),
            path,
            opens,
            {"count": str(count)},
            poster=Poster(word(FOR_BOARD), word(heading), word(says)),
        )
        for name, path, opens, count, heading, says in rows
        if count
    )


async def _withdrawn(visit: StaffVisit, session: AsyncSession) -> list[PrintedCode]:
    rows = await session.scalars(
        select(Disclosure)
        .where(Disclosure.community_id == visit.place.id, Disclosure.withdrawn_at.is_not(None))
        .order_by(Disclosure.withdrawn_at.desc())
    )
    zone = visit.now.tzinfo
    return [
        PrintedCode(
            Where.BOARD,
            row.title,
            f"/c/{visit.place.slug}/disclosures/{row.id}",
            WITHDRAWN,
            since=row.withdrawn_at and row.withdrawn_at.astimezone(zone).date(),
            is_ended=True,
        )
        for row in rows
    ]
