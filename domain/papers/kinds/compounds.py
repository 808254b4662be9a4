"""小区和楼栋 as a document: all of a community, with those that ended."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from domain.papers.paper import CommunityKind, Paper, community_of
from domain.places.compounds import (
    CompoundsContent,
    brought_back,
    compounds_content,
    contradictions_beside,
    contradictions_of,
    put_compounds,
    settled,
)

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sqlalchemy.ext.asyncio import AsyncSession

    from domain.content import Content, Contradiction
    from domain.places.tables import Community


class CompoundsKind(CommunityKind):
    """小区和楼栋."""

    word = "compounds"
    rank = 68
    shape = CompoundsContent

    def document_of(self, community: Community) -> Content:
        """The places of the community."""
        return compounds_content(community)

    def put(self, community: Community, document: Any) -> None:
        """Change the places; each keeps its row by its slug."""
        put_compounds(community, document)

    def settled(self, document: Any) -> Content:
        """The document with its moves carried out."""
        return settled(document)

    def brought_back(self, old: Any, now: Any) -> Content:
        """The old version with every place that came since."""
        return brought_back(old, now)

    def contradictions_within(self, document: Any) -> Iterable[Contradiction]:
        """Each slug stands once, and what ended leads to a place in use."""
        return contradictions_of(document)

    async def contradictions(
        self, session: AsyncSession, paper: Paper, document: Any
    ) -> Iterable[Contradiction]:
        """No place is removed, and every contact post keeps a building."""
        if found := list(contradictions_of(document)):
            return found
        return contradictions_beside(await community_of(session, paper), document)


COMPOUNDS = CompoundsKind()
