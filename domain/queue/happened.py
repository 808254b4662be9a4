"""Events of a queue that people are told about. Moments are aware local times."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from domain.events import Event

if TYPE_CHECKING:
    import datetime as dt


@dataclass(frozen=True)
class TicketCalled(Event):
    """叫号: a counter calls this ticket, for the first time or again."""

    ticket_id: int
    counter: int
    at: dt.datetime


@dataclass(frozen=True)
class TicketPassed(Event):
    """过号: the person missed the call."""

    ticket_id: int
    at: dt.datetime


@dataclass(frozen=True)
class TicketRequeued(Event):
    """A ticket at a counter waits again: transferred, or called by mistake."""

    ticket_id: int
    at: dt.datetime


@dataclass(frozen=True)
class QueueAdvanced(Event):
    """A ticket left the waiting line or let others pass, so others come nearer."""

    day_id: int
    at: dt.datetime


@dataclass(frozen=True)
class HallHoursChanged(Event):
    """The hall's hours today differ from those people saw when they took a number."""

    hall_id: int
    # Such as `8:30-11:30`; empty if the hall is closed.
    hours: str
    at: dt.datetime


@dataclass(frozen=True)
class HallClosesEarly(Event):
    """A hall's day was closed while these tickets were open."""

    hall_id: int
    ticket_ids: tuple[int, ...]
    at: dt.datetime
