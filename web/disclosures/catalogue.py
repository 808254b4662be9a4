"""公开目录 for residents: what must be published, how often, by when, and by which rule."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from domain.disclosures.content import DisclosureKind
from domain.disclosures.duties import catalogue_of
from domain.papers import kinds
from domain.papers.paper import Paper, current_number
from web.site.pages import Page

if TYPE_CHECKING:
    from domain.disclosures.catalogue import Catalogue
    from web.site.visit import Visit


@dataclass(frozen=True, kw_only=True)
class CataloguePage(Page):
    """公开目录 of one kind of community; without a community it is a preview."""

    template: ClassVar[str] = "disclosures/catalogue.html"
    tab: ClassVar[str] = "disclosures"
    # A value of `Settlement`.
    settlement: str
    catalogue: Catalogue
    # The number of its newest version.
    versions: int
    kinds: tuple[DisclosureKind, ...] = tuple(DisclosureKind)


async def show(visit: Visit) -> Page:
    """The catalogue that binds this community."""
    community = await visit.community()
    paper = Paper(kinds.CATALOGUE, None, community.settlement.value)
    async with visit.published.store.read() as session:
        return CataloguePage(
            community=community,
            settlement=community.settlement.value,
            catalogue=await catalogue_of(session, community.settlement),
            versions=await current_number(session, paper.subject),
        )
