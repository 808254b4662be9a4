"""What can stop somebody in a queue, as facts."""

from __future__ import annotations

from typing import TYPE_CHECKING

from domain.errors import LianxinError

if TYPE_CHECKING:
    import datetime as dt

    from domain.queue.tables import Ticket, TicketState


class QueueClosedError(LianxinError):
    """No numbers now; `opens_at` is when there are again, None when that is not known."""

    def __init__(self, opens_at: dt.datetime | None) -> None:
        super().__init__(str(opens_at))
        self.opens_at = opens_at


class SoldOutError(LianxinError):
    """All numbers of this category that the hall gives on a day are given."""


class NotServedError(LianxinError):
    """No counter of this hall serves this category."""


class HoldsOneError(LianxinError):
    """The device holds a number of this category already: `ticket`."""

    def __init__(self, ticket: Ticket) -> None:
        super().__init__(ticket.label)
        self.ticket = ticket


class NotYoursError(LianxinError):
    """Whoever asks may follow this ticket, not act on it."""


class WrongStateError(LianxinError):
    """The ticket is in a state in which this cannot be done: `state`."""

    def __init__(self, state: TicketState) -> None:
        super().__init__(state.value)
        self.state = state


class TooOftenError(LianxinError):
    """It was done as often as the hall's rules allow."""


class TooLateError(LianxinError):
    """A wrong call can be undone for a few seconds only, or the number was answered already."""


class NobodyWaitsError(LianxinError):
    """Nobody whom this counter serves is waiting."""


class CounterBusyError(LianxinError):
    """The counter has somebody: first finish with `ticket`."""

    def __init__(self, ticket: Ticket) -> None:
        super().__init__(ticket.label)
        self.ticket = ticket


class NotAtCounterError(LianxinError):
    """The person is not signed on to this counter, or paused there."""


class CounterTakenError(LianxinError):
    """Another clerk has this counter: `name`. A colleague may take it over at `free_from`."""

    def __init__(self, name: str, free_from: dt.datetime) -> None:
        super().__init__(name)
        self.name, self.free_from = name, free_from
