"""What happened, in the past tense. Recorded in a transaction, announced after its commit."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncSession


@dataclass(frozen=True)
class Event:
    """Something that happened in a committed unit of work."""

    @property
    def topic(self) -> str | None:
        """What a live page follows to hear of it, such as `matter/12`; None if no page does."""
        return None

    async def keep(self, session: AsyncSession) -> None:
        """Write what every store keeps of it, in the event's own transaction."""


@dataclass(frozen=True)
class ContentChanged(Event):
    """What the office publishes has this revision now; pages of earlier revisions are stale."""

    revision: int


def record(session: AsyncSession, event: Event) -> None:
    """Record an event. It is announced if this unit of work commits, and only then."""
    session.info.setdefault("events", []).append(event)


def recorded(session: AsyncSession) -> list[Event]:
    """The events recorded in this unit of work so far."""
    events: list[Event] = session.info.get("events", [])
    return events
