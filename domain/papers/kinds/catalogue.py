"""公开目录 as a document: the district's, one for each kind of community."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from domain.disclosures.catalogue import Catalogue, contradictions_of
from domain.disclosures.tables import DisclosureCatalogue
from domain.papers.paper import Paper, PaperKind
from domain.places.content import Settlement

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Iterable

    from sqlalchemy.ext.asyncio import AsyncSession

    from domain.content import Content, Contradiction


class CatalogueKind(PaperKind):
    """公开目录; its key is the kind of community."""

    word = "catalogue"
    rank = 25
    shape = Catalogue
    subject = "catalogue/{key}"

    async def read(self, session: AsyncSession, paper: Paper) -> Content | None:
        """The catalogue; None while none was published. Raises `ValueError` for another key."""
        found = await session.get(DisclosureCatalogue, Settlement(paper.key))
        return found.catalogue if found else None

    async def write(
        self, session: AsyncSession, paper: Paper, document: Any, now: dt.datetime
    ) -> None:
        """Let communities of this kind owe what the catalogue says from now on."""
        settlement = Settlement(paper.key)
        row = DisclosureCatalogue(settlement=settlement, catalogue=document, published_at=now)
        await session.merge(row)

    async def contradictions(
        self, _session: AsyncSession, _paper: Paper, document: Any
    ) -> Iterable[Contradiction]:
        """Each item stands once."""
        return contradictions_of(document)


CATALOGUE = CatalogueKind()
