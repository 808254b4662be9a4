"""What happened, in the past tense. Recorded in a transaction, told after its commit."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncSession


@dataclass(frozen=True)
class Event:
    """Something that happened and was committed."""


@dataclass(frozen=True)
class ContentChanged(Event):
    """What the office publishes is now at this revision; pages of earlier ones are stale."""

    revision: int


def record(session: AsyncSession, event: Event) -> None:
    """Note an event; it is told when, and only if, this unit of work is committed."""
    session.info.setdefault("events", []).append(event)


def recorded(session: AsyncSession) -> list[Event]:
    """The events noted in this unit of work so far."""
    events: list[Event] = session.info.get("events", [])
    return events
