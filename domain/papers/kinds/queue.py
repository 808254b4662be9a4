"""排队规则 as a document: how a community's hall calls."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from domain.events import record
from domain.papers.paper import Paper, PaperKind, community_of
from domain.queue.days import QueueChanged, rules_of
from domain.queue.tables import HallQueue, QueueRules

if TYPE_CHECKING:
    import datetime as dt

    from sqlalchemy.ext.asyncio import AsyncSession

    from domain.content import Content


class QueueKind(PaperKind):
    """排队规则."""

    word = "queue"
    rank = 50
    shape = QueueRules
    subject = "c/{community}/queue"
    is_of_community = True

    async def read(self, session: AsyncSession, paper: Paper) -> Content | None:
        """The hall's rules, or those of the product. Raises `NotFoundError`."""
        community = await community_of(session, paper)
        return await rules_of(session, community.hall.id)

    async def write(
        self, session: AsyncSession, paper: Paper, document: Any, _now: dt.datetime
    ) -> None:
        """Let the hall call by these rules, and its screens know it."""
        community = await community_of(session, paper)
        await session.merge(HallQueue(hall_id=community.hall.id, rules=document))
        record(session, QueueChanged(community.hall.id))


QUEUE = QueueKind()
