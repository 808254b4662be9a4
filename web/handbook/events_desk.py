"""The life events at the office: which have steps, and the way to write them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from domain.handbook.events import numbered
from domain.handbook.guide import LifeEvent
from web.staff.access import StaffPage, StaffVisit

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncSession

    from web.site.pages import Page


@dataclass(frozen=True)
class EventRow:
    """A life event, its guides, and its numbered steps."""

    event: LifeEvent
    guides: int
    steps: int


@dataclass(frozen=True, kw_only=True)
class EventsDesk(StaffPage):
    """人生事件, all of the district."""

    template: ClassVar[str] = "handbook/events_desk.html"
    tab: ClassVar[str] = "papers"
    rows: list[EventRow]


async def show(visit: StaffVisit, _session: AsyncSession) -> Page:
    """Every life event, also one whose steps nobody has written yet."""
    handbook = visit.published.handbook
    return EventsDesk(
        actor=visit.actor,
        rows=[
            EventRow(
                event,
                len(handbook.for_event(event)),
                max((step.number for step in numbered(handbook.plan_of(event).steps)), default=0),
            )
            for event in LifeEvent
        ],
    )
