"""不在这里办 as a document: the district's list of what is done elsewhere, and where."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from domain.handbook.elsewhere import MattersElsewhere, contradictions_of
from domain.handbook.tables import Elsewhere
from domain.papers.paper import Paper, PaperKind
from domain.published import load_elsewhere

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Iterable

    from sqlalchemy.ext.asyncio import AsyncSession

    from domain.content import Content, Contradiction


class ElsewhereKind(PaperKind):
    """不在这里办, the district's."""

    word = "elsewhere"
    rank = 22
    shape = MattersElsewhere
    subject = "elsewhere"

    async def read(self, session: AsyncSession, _paper: Paper) -> Content | None:
        """The list; an empty one while none was written."""
        return await load_elsewhere(session)

    async def write(
        self, session: AsyncSession, _paper: Paper, document: Any, _now: dt.datetime
    ) -> None:
        """Let search and the page say this from now on."""
        await session.merge(Elsewhere(id=1, list=document))

    async def contradictions(
        self, _session: AsyncSession, _paper: Paper, document: Any
    ) -> Iterable[Contradiction]:
        """Each slug stands once."""
        return contradictions_of(document)


ELSEWHERE = ElsewhereKind()
