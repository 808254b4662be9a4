"""The district's catalogues, one for each kind of community, and who is bound by which."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from domain.disclosures import duties
from domain.places.content import Settlement
from web.staff.access import StaffPage, StaffVisit

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncSession

    from web.site.pages import Page


@dataclass(frozen=True)
class CatalogueRow:
    """A catalogue, how many items it has, and how many communities it binds."""

    settlement: Settlement
    items: int
    communities: int


@dataclass(frozen=True, kw_only=True)
class Catalogues(StaffPage):
    """公开目录, all of the district."""

    template: ClassVar[str] = "disclosures/catalogues.html"
    tab: ClassVar[str] = "places"
    rows: list[CatalogueRow]


async def show(visit: StaffVisit, session: AsyncSession) -> Page:
    """Every catalogue, also one that nobody has written yet."""
    known = await duties.catalogues(session)
    bound = Counter(each.settlement for each in visit.published.communities)
    return Catalogues(
        actor=visit.actor,
        rows=[
            CatalogueRow(each, len(known[each].items) if each in known else 0, bound[each])
            for each in Settlement
        ],
    )
