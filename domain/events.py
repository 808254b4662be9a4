"""What happened, in the past tense. Recorded in a transaction, announced after its commit."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    from sqlalchemy.ext.asyncio import AsyncSession


@dataclass(frozen=True)
class Event:
    """Something that happened in a committed unit of work."""

    @property
    def topic(self) -> str | None:
        """What a live page follows to hear of it, such as `matter/12`; None if no page does."""
        return None

    @property
    def signal(self) -> str | None:
        """What other servers are told: a word and an id; None if they need not know."""
        return self.topic

    async def keep(self, session: AsyncSession) -> None:
        """Write what every store keeps of it, in the event's own transaction."""


@dataclass(frozen=True)
class ContentChanged(Event):
    """What the office publishes has this revision now; pages of earlier revisions are stale."""

    revision: int

    @property
    def signal(self) -> str:
        return f"content/{self.revision}"


@dataclass(frozen=True)
class TopicChanged(Event):
    """Another server changed what a live page follows."""

    name: str

    @property
    def topic(self) -> str:
        return self.name


@dataclass(frozen=True)
class EverythingChanged(Event):
    """Other servers may have changed anything: what they said was not heard for a while."""


# Each kind of signal that stands for more than a topic adds its own.
SIGNALS: dict[str, Callable[[str], Event]] = {
    "content": lambda number: ContentChanged(int(number)),
}


def event_of(signal: str) -> Event:
    """The event that another server's signal stands for here."""
    word, _, rest = signal.partition("/")
    return SIGNALS[word](rest) if word in SIGNALS else TopicChanged(signal)


def record(session: AsyncSession, event: Event) -> None:
    """Record an event. It is announced if this unit of work commits, and only then."""
    session.info.setdefault("events", []).append(event)


def recorded(session: AsyncSession) -> list[Event]:
    """The events recorded in this unit of work so far."""
    events: list[Event] = session.info.get("events", [])
    return events
