"""What happens to people in a queue, for whoever tells them. Moments are aware local times."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from domain.events import Event

if TYPE_CHECKING:
    import datetime as dt


@dataclass(frozen=True)
class TicketCalled(Event):
    """叫号: a counter calls this ticket, for the first time or once more."""

    ticket_id: int
    counter: int
    at: dt.datetime


@dataclass(frozen=True)
class TicketPassed(Event):
    """过号: nobody came."""

    ticket_id: int
    at: dt.datetime


@dataclass(frozen=True)
class TicketRequeued(Event):
    """Somebody at a counter waits again: for another counter or category, or after a wrong call."""

    ticket_id: int
    at: dt.datetime


@dataclass(frozen=True)
class QueueAdvanced(Event):
    """Somebody left the waiting line or let others pass, so others come nearer."""

    day_id: int
    at: dt.datetime


@dataclass(frozen=True)
class HallHoursChanged(Event):
    """A hall's hours of today are others than people were told when they took a number."""

    hall_id: int
    hours: str
    """Such as `8:30-11:30`; empty when it is closed."""
    at: dt.datetime


@dataclass(frozen=True)
class HallClosesEarly(Event):
    """A hall's day was closed while these tickets were open."""

    hall_id: int
    ticket_ids: tuple[int, ...]
    at: dt.datetime
