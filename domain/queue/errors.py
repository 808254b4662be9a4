"""What can stop a person in a queue, as facts."""

from __future__ import annotations

from typing import TYPE_CHECKING

from domain.errors import LianxinError

if TYPE_CHECKING:
    import datetime as dt

    from domain.queue.tables import Ticket, TicketState


class QueueClosedError(LianxinError):
    """No numbers are given now; `opens_at` is when they are again, None if unknown."""

    def __init__(self, opens_at: dt.datetime | None) -> None:
        super().__init__(str(opens_at))
        self.opens_at = opens_at


class NoNewNumbersError(LianxinError):
    """The hall gives no new numbers today; those who wait are still called."""


class SoldOutError(LianxinError):
    """The hall has given all numbers of this category for today."""


class NotServedError(LianxinError):
    """No counter in this hall serves this category."""


class HoldsOneError(LianxinError):
    """The device already holds a number of this category: `ticket`."""

    def __init__(self, ticket: Ticket) -> None:
        super().__init__(ticket.label)
        self.ticket = ticket


class NotYoursError(LianxinError):
    """The caller may follow this ticket, but not act on it."""


class WrongStateError(LianxinError):
    """The ticket is in a state that does not allow this: `state`."""

    def __init__(self, state: TicketState) -> None:
        super().__init__(state.value)
        self.state = state


class TooOftenError(LianxinError):
    """The hall's rules do not allow this once more."""


class TooLateError(LianxinError):
    """The time to undo this is over, or the person has been served already."""


class NobodyWaitsError(LianxinError):
    """No person is waiting that this counter serves, or that a ticket could let pass."""


class CounterBusyError(LianxinError):
    """A person is at the counter; finish with `ticket` first."""

    def __init__(self, ticket: Ticket) -> None:
        super().__init__(ticket.label)
        self.ticket = ticket


class AtAnotherCounterError(LianxinError):
    """The person is at another counter of the hall with their other number: `ticket`."""

    def __init__(self, ticket: Ticket) -> None:
        super().__init__(ticket.label)
        self.ticket = ticket


class NotAtCounterError(LianxinError):
    """The staff member is not signed on to this counter, or has paused it."""


class CounterTakenError(LianxinError):
    """Another clerk has this counter: `name`. A colleague may take it over at `free_from`."""

    def __init__(self, name: str, free_from: dt.datetime) -> None:
        super().__init__(name)
        self.name, self.free_from = name, free_from
