"""Where a ticket stands in its hall's queue, as its page and its stream say it."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from domain.queue.tables import Ticket, TicketState
from web.site.words import time_words

if TYPE_CHECKING:
    from domain.queue.forecast import Forecast
    from domain.queue.snapshot import Call, QueueNow
    from web.running.services import Services

NEXT = 2
"""People ahead from which one should stand near the counters."""


@dataclass(frozen=True)
class TicketPosition:
    """A ticket's place in its hall's queue at one moment."""

    ticket: Ticket
    ahead: int
    forecast: Forecast | None
    call: Call | None
    """What is being called now, of the counters that may call this ticket."""
    ring: int
    """Rises with each call of this ticket, so that a phone rings once for each."""
    at: dt.datetime

    @property
    def is_soon(self) -> bool:
        """Whether one should stay near."""
        near = self.forecast is not None and self.forecast.is_soon
        return self.ahead <= NEXT or near

    @property
    def wait(self) -> str:
        """The range of the wait in minutes."""
        return f"{self.forecast.low}–{self.forecast.high}" if self.forecast else ""

    @property
    def back_at(self) -> dt.datetime | None:
        """When to be back in the hall; None when one should not leave."""
        return None if self.is_soon or not self.forecast else self.forecast.back_at(self.at)

    @property
    def mark(self) -> str:
        """Changes with everything that the page's numbers alone do not say."""
        ticket = self.ticket
        parts = (
            ticket.state.value,
            ticket.counter,
            ticket.category,
            ticket.for_counter,
            ticket.priority,
            ticket.lets,
            ticket.returns,
            len(ticket.missing),
            "/".join(ticket.missing),
            self.ring,
            self.is_soon,
            self.forecast is None,
            self.call is None,
        )
        return "|".join(map(str, parts))

    @property
    def words(self) -> dict[str, Any]:
        """What a stream says: the numbers, and the mark of all else."""
        back = self.back_at
        return {
            "mark": self.mark,
            "ahead": self.ahead,
            "wait": self.wait,
            "back": time_words(back) if back else "",
            "calling": self.call.number if self.call else "",
            "counter": self.call.counter if self.call else 0,
            "ring": self.ring,
            "at": time_words(self.at),
        }


def position(services: Services, now: QueueNow, ticket: Ticket) -> TicketPosition:
    """Where a ticket stands; `ticket` as it is in `now`, or over."""
    waits = ticket.state is TicketState.WAITING
    ring = next((each.id for each in now.calls if each.number == ticket.label), 0)
    return TicketPosition(
        ticket=ticket,
        ahead=now.ahead(ticket),
        forecast=services.waits.outlook(now).of(ticket) if waits else None,
        call=next((each for each in now.calls if each.number != ticket.label), None),
        ring=ring if ticket.state is TicketState.CALLED else 0,
        at=now.now,
    )
