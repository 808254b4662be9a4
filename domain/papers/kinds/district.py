"""区 as a document: its name, hotline and subdistricts, and whether it is a sample."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import exists, or_, select, update

from domain import rules
from domain.content import Contradiction
from domain.errors import NotFoundError
from domain.papers.paper import Paper, PaperKind
from domain.places.content import DistrictAbout, Standing, SubdistrictName
from domain.places.tables import Community, District, Hall, Subdistrict
from domain.staff.tables import Invitation, StaffRole
from domain.words import N_

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Iterable

    from sqlalchemy.ext.asyncio import AsyncSession

    from domain.content import Content

IN_USE = N_("{} still has communities, or people with a role there")
NO_SAMPLE = N_("a real district does not become a sample")


class DistrictKind(PaperKind):
    """区, the only one of a deployment."""

    word = "district"
    rank = 5
    shape = DistrictAbout
    subject = "district"

    async def read(self, session: AsyncSession, _paper: Paper) -> Content | None:
        """The district. Raises `NotFoundError` before there is one."""
        district = await session.get(District, 1)
        if district is None:
            raise NotFoundError(self.subject)
        return DistrictAbout(
            name=district.name,
            city=district.city,
            hotline=district.hotline,
            standing=Standing.SAMPLE if district.is_sample else Standing.REAL,
            subdistricts=tuple(
                SubdistrictName(slug=each.slug, name=each.name) for each in await _rows(session)
            ),
        )

    async def write(
        self, session: AsyncSession, _paper: Paper, document: Any, _now: dt.datetime
    ) -> None:
        """Write the row of the district, and those of its subdistricts."""
        district = await session.get_one(District, 1)
        district.name, district.city = document.name, document.city
        district.hotline = document.hotline
        if district.is_sample and document.standing is Standing.REAL:
            district.is_sample = False
            # Simulated people practise in a sample alone.
            await session.execute(update(Hall).values(is_rehearsing=False))
        known = {each.slug: each for each in await _rows(session)}
        for rank, given in enumerate(document.subdistricts):
            row = known.pop(given.slug, None) or Subdistrict(slug=given.slug, district_id=1)
            row.name, row.rank = given.name, rank
            session.add(row)
        for row in known.values():
            await session.delete(row)
        await session.flush()

    async def contradictions(
        self, session: AsyncSession, _paper: Paper, document: Any
    ) -> Iterable[Contradiction]:
        """Slugs stand once, a subdistrict in use stays, and no real district becomes a sample."""
        found = list(
            rules.twice(
                ("subdistricts",), rules.SLUG_TAKEN, [each.slug for each in document.subdistricts]
            )
        )
        slugs = {each.slug for each in document.subdistricts}
        found += [
            Contradiction(("subdistricts",), IN_USE, row.name)
            for row in await _rows(session)
            if row.slug not in slugs and await _is_used(session, row)
        ]
        is_sample = await session.scalar(select(District.is_sample))
        if document.standing is Standing.SAMPLE and not is_sample:
            found.append(Contradiction(("standing",), NO_SAMPLE))
        return found


async def _rows(session: AsyncSession) -> list[Subdistrict]:
    return list(await session.scalars(select(Subdistrict).order_by(Subdistrict.rank)))


async def _is_used(session: AsyncSession, row: Subdistrict) -> bool:
    """Whether something refers to a subdistrict: its communities, roles, links that were given."""
    of_it = (
        exists().where(table.subdistrict_id == row.id)
        for table in (Community, StaffRole, Invitation)
    )
    return bool(await session.scalar(select(or_(*of_it))))


DISTRICT = DistrictKind()
