"""Who is next: pure rules over tickets, so that a forecast can simulate them."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Protocol, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Mapping, Sequence

    from domain.queue.tables import QueueRules, Ticket


A_MOMENT = dt.timedelta(microseconds=1)


class Waiting(Protocol):
    """What the order reads of a ticket."""

    waits_from: dt.datetime
    place_at: dt.datetime
    id: int
    category: str
    for_counter: int | None


W = TypeVar("W", bound=Waiting)


# Priority is a place in time: a person with priority is placed as if they had come some minutes
# earlier. So it overtakes only those who came shortly before, and never twice, and nobody starves:
# a wait beyond the hall's limit goes first, and only here does the present count. A transfer keeps
# the place by doing nothing.
# Not taken: classes with shares, which nobody can explain at a counter.
def rank(ticket: Waiting, rules: QueueRules, now: dt.datetime) -> tuple[int, dt.datetime, int]:
    """The sort key of a waiting ticket: the smallest is next."""
    longest = dt.timedelta(minutes=rules.longest_wait_minutes)
    if now - ticket.waits_from >= longest:
        return 0, ticket.waits_from, ticket.id
    return 1, ticket.place_at, ticket.id


def in_order(tickets: Iterable[Ticket], rules: QueueRules, now: dt.datetime) -> list[Ticket]:
    """The waiting tickets, the next first."""
    return sorted(tickets, key=lambda ticket: rank(ticket, rules, now))


def is_served_by(ticket: Waiting, counter: int, letters: Sequence[str]) -> bool:
    """Whether a counter that serves these categories may call this ticket."""
    if ticket.for_counter is not None:
        return ticket.for_counter == counter
    return ticket.category in letters


# A person sent to a counter waits for that clerk and no other. But the clerk may have gone home,
# and then the promise that a long wait goes first would hold at no counter at all.
def may_call(  # noqa: PLR0913, PLR0917 - who waits, which counter, and who sits where
    ticket: Waiting,
    counter: int,
    letters: Sequence[str],
    seats: Collection[int],
    rules: QueueRules,
    now: dt.datetime,
) -> bool:
    """Whether a counter may call this ticket, given the counters that have a clerk.

    A ticket for an empty counter can be called by all who call its category once it has waited as
    long as the rules allow.
    """
    is_left = ticket.for_counter is not None and ticket.for_counter not in seats
    if is_left and now - ticket.waits_from >= dt.timedelta(minutes=rules.longest_wait_minutes):
        return ticket.category in letters
    return is_served_by(ticket, counter, letters)


def _kind(ticket: Waiting) -> tuple[str, int | None]:
    """All of one kind may be called by the same counters."""
    return ticket.category, ticket.for_counter


def _callers(ticket: Waiting, serving: Mapping[int, Sequence[str]]) -> frozenset[int]:
    """The counters that may call this ticket, by what each serves."""
    return frozenset(n for n, letters in serving.items() if is_served_by(ticket, n, letters))


def beside(ticket: W, waiting: Iterable[W], serving: Mapping[int, Sequence[str]]) -> list[W]:
    """Those of `waiting` that come before or after this one: see `before_each`."""
    mine = _callers(ticket, serving)
    return [
        other
        for other in waiting
        if other.id != ticket.id
        and (_kind(other) == _kind(ticket) or _callers(other, serving) & mine)
    ]


# All who wait for the same are called by the same counters, so the sum is kept per kind of waiting
# and not per pair of tickets.
def before_each(
    waiting: Iterable[W],
    serving: Mapping[int, Sequence[str]],
    weigh: Callable[[W], float],
) -> dict[int, float]:
    """The sum of `weigh` over the tickets before each one, by id; `waiting` is in order.

    A ticket comes before another if a counter that may call the other may call it too, or, where no
    counter may, if both wait for the same.
    """
    callers: dict[tuple[str, int | None], frozenset[int]] = {}
    sums: dict[tuple[str, int | None], float] = {}
    before: dict[int, float] = {}
    for ticket in waiting:
        kind = _kind(ticket)
        if kind not in callers:
            callers[kind] = _callers(ticket, serving)
        mine = callers[kind]
        before[ticket.id] = sum(
            total for other, total in sums.items() if other == kind or callers[other] & mine
        )
        sums[kind] = sums.get(kind, 0) + weigh(ticket)
    return before


def why_out_of_turn(
    called: Ticket, waiting: Iterable[Ticket], rules: QueueRules, now: dt.datetime
) -> str:
    """Why a ticket is called before one that came earlier, as a word; empty if in turn."""
    overtaken = [ticket for ticket in waiting if ticket.joined_at < called.joined_at]
    if not overtaken:
        return ""
    if now - called.waits_from >= dt.timedelta(minutes=rules.longest_wait_minutes):
        return "longest"
    if own := _own_reason(called):
        return own
    if any(ticket.returns or ticket.lets for ticket in overtaken):
        return "stepped-back"
    return "counter"


def _own_reason(ticket: Ticket) -> str:
    """What puts this ticket before others by itself, as a word."""
    if ticket.left_id is not None:
        return "left"
    if ticket.priority is not None:
        return "priority"
    return "transfer" if ticket.for_counter is not None else ""
