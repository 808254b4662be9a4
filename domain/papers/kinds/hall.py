"""服务大厅 as a document: address, hours, counters and zones."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from domain import rules
from domain.papers.paper import CommunityKind, Paper, community_of, letters_in_use
from domain.places.content import HallContent
from domain.places.writing import hall_content, put_hall
from domain.queue.removed import end_removed_counters

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Iterable

    from sqlalchemy.ext.asyncio import AsyncSession

    from domain.content import Content, Contradiction
    from domain.places.tables import Community


class HallKind(CommunityKind):
    """服务大厅."""

    word = "hall"
    rank = 40
    shape = HallContent

    def document_of(self, community: Community) -> Content:
        """The community's hall."""
        return hall_content(community.hall)

    def put(self, community: Community, document: Any) -> None:
        """Change the hall; a counter keeps its row by its number."""
        put_hall(community.hall, document)

    async def write(
        self, session: AsyncSession, paper: Paper, document: Any, now: dt.datetime
    ) -> None:
        """Put the hall into its rows, and end what goes on at counters that it takes away."""
        community = await community_of(session, paper)
        self.put(community, document)
        await end_removed_counters(session, community.hall, now)

    async def contradictions(
        self, session: AsyncSession, _paper: Paper, document: Any
    ) -> Iterable[Contradiction]:
        """Categories must be there, and numbers and days named once."""
        return rules.of_hall(document, await letters_in_use(session))


HALL = HallKind()
