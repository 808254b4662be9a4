"""The position of a ticket in its hall's queue, for its page and its stream."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from domain.hours import last_closing
from domain.queue import closing
from domain.queue.tables import Ticket, TicketState
from web.queue.offers import wait_of
from web.site.words import time_words

if TYPE_CHECKING:
    from domain.content import OpeningPeriod
    from domain.queue.forecast import Forecast
    from domain.queue.snapshot import Call, QueueNow
    from web.running.services import Services

# How long after the call a phone asks whether its person is at the counter: most are by then.
ON_THE_WAY = dt.timedelta(seconds=30)
# People ahead from which a person should stand near the counters.
NEXT = 2


@dataclass(frozen=True)
class TicketPosition:
    """The position of a ticket at one moment."""

    ticket: Ticket
    ahead: int
    forecast: Forecast | None
    # The latest call of a counter that may call this ticket.
    call: Call | None
    # Rises with each call of this ticket, so that a phone rings once for each.
    ring: int
    # Whether the call was `ON_THE_WAY` ago, or longer.
    is_long_called: bool
    at: dt.datetime
    # When the hall closes for the day; None if it does not open.
    ends_at: dt.datetime | None
    # Whether staff have closed the day.
    is_closed: bool
    # Whether no new numbers are given.
    is_stopped: bool

    @property
    def is_soon(self) -> bool:
        """Whether the person should stay near; not while no counter calls them."""
        return self.forecast is not None and (self.ahead <= NEXT or self.forecast.is_soon)

    @property
    def wait(self) -> str:
        """The range of the wait in minutes, as text; empty if unknown."""
        return f"{self.forecast.low}–{self.forecast.high}" if self.forecast else ""

    @property
    def back_at(self) -> dt.datetime | None:
        """When to be back in the hall; None if the person should not leave."""
        return None if self.is_soon else closing.back_at(self.forecast, self.at, self.ends_at)

    @property
    def may_be_too_late(self) -> bool:
        """Whether the turn may come only after the hall closes."""
        return closing.may_be_too_late(self.forecast, self.at, self.ends_at)

    # The stream tells a page that something else changed without saying what. Not taken: sending
    # the texts themselves, in every language and view.
    @property
    def mark(self) -> str:
        """A fingerprint of everything on the page besides the numbers; it changes when they do."""
        ticket = self.ticket
        parts = (
            ticket.state.value,
            ticket.counter,
            ticket.category,
            ticket.for_counter,
            ticket.priority,
            ticket.is_confirmed,
            ticket.refused_priority,
            ticket.lets,
            ticket.returns,
            len(ticket.missing),
            "/".join(ticket.missing),
            self.ring,
            self.is_soon,
            self.forecast is None,
            self.call is None,
            self.back_at is None,
            self.may_be_too_late,
            self.is_closed,
            self.is_stopped,
        )
        return "|".join(map(str, parts))

    @property
    def words(self) -> dict[str, Any]:
        """The message of the stream: the numbers, and the mark for all else."""
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


def position(
    services: Services, now: QueueNow, ticket: Ticket, hours: tuple[OpeningPeriod, ...]
) -> TicketPosition:
    """The position of a ticket on a day with these hours; it must come from `now`, or be over."""
    is_waiting = ticket.state is TicketState.WAITING
    wait = wait_of(now, services.waits, hours, ticket) if is_waiting else None
    is_called = ticket.state is TicketState.CALLED
    own = next((call for call in now.calls if call.number == ticket.label), None)
    return TicketPosition(
        ticket=ticket,
        ahead=now.ahead(ticket),
        forecast=wait.forecast if wait else None,
        call=next((call for call in now.calls if call.number != ticket.label), None),
        ring=own.id if own is not None and is_called else 0,
        # A call that is no longer among the latest is older than that.
        is_long_called=is_called and (own is None or now.now - own.called_at >= ON_THE_WAY),
        at=now.now,
        ends_at=last_closing(hours, now.now),
        is_closed=now.is_closed,
        is_stopped=now.is_stopped,
    )
