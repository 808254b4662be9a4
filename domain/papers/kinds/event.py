"""人生事件的步骤 as a document: the district's, one for each life event."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import select

from domain.handbook.events import EventSteps, contradictions_of
from domain.handbook.guide import LifeEvent
from domain.handbook.tables import LifeEventSteps, ServiceItem
from domain.papers.paper import Paper, PaperKind
from domain.published import load_elsewhere

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Iterable

    from sqlalchemy.ext.asyncio import AsyncSession

    from domain.content import Content, Contradiction


class EventKind(PaperKind):
    """人生事件的步骤, the district's; its key is the event."""

    word = "event"
    rank = 15
    shape = EventSteps
    subject = "events/{key}"

    async def read(self, session: AsyncSession, paper: Paper) -> Content | None:
        """The steps; none while none were written. Raises `ValueError` for another event."""
        found = await session.get(LifeEventSteps, LifeEvent(paper.key).value)
        return found.plan if found else EventSteps()

    async def write(
        self, session: AsyncSession, paper: Paper, document: Any, _now: dt.datetime
    ) -> None:
        """Let the event's page say this from now on."""
        await session.merge(LifeEventSteps(event=LifeEvent(paper.key).value, plan=document))

    async def contradictions(
        self, session: AsyncSession, _paper: Paper, document: Any
    ) -> Iterable[Contradiction]:
        """Guides and matters that a step leads to must be there."""
        items = set(await session.scalars(select(ServiceItem.slug)))
        elsewhere = await load_elsewhere(session)
        matters = {matter.slug for matter in elsewhere.matters}
        return contradictions_of(document, items, matters)


EVENT = EventKind()
