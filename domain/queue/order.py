"""Who is next. A pure rule over tickets, so that a forecast can play it forward.

Everybody stands where they came, or with priority where they would have stood a fixed time
earlier. So priority overtakes only those who came shortly before, and never twice. Whoever
has waited longer than the hall allows goes first, whoever came after them has priority.
"""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Protocol, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from domain.queue.tables import QueueRules, Ticket


class Waiting(Protocol):
    """What the order looks at."""

    waits_from: dt.datetime
    place_at: dt.datetime
    id: int
    category: str
    for_counter: int | None


W = TypeVar("W", bound=Waiting)


def rank(ticket: Waiting, rules: QueueRules, now: dt.datetime) -> tuple[int, dt.datetime, int]:
    """What tickets are sorted by: the smallest is next."""
    longest = dt.timedelta(minutes=rules.longest_wait_minutes)
    if now - ticket.waits_from >= longest:
        return 0, ticket.waits_from, ticket.id
    return 1, ticket.place_at, ticket.id


def in_order(tickets: Iterable[Ticket], rules: QueueRules, now: dt.datetime) -> list[Ticket]:
    """Those who wait, the next first."""
    return sorted(tickets, key=lambda ticket: rank(ticket, rules, now))


def is_served_by(ticket: Waiting, counter: int, letters: Sequence[str]) -> bool:
    """Whether a counter that calls these categories may call this ticket."""
    if ticket.for_counter is not None:
        return ticket.for_counter == counter
    return ticket.category in letters


def before_each(
    waiting: Iterable[W],
    serving: Mapping[int, Sequence[str]],
    weigh: Callable[[W], float],
) -> dict[int, float]:
    """What stands before each of those who wait, by id; `waiting` is in order.

    Before somebody stands whoever is called earlier by a counter that may call them, or by any
    counter where none may. All who wait for the same are called by the same counters, so it is
    added up for each kind of waiting and not for each pair of people.
    """
    callers: dict[tuple[str, int | None], frozenset[int]] = {}
    sums: dict[frozenset[int], float] = {}
    before: dict[int, float] = {}
    for ticket in waiting:
        kind = ticket.category, ticket.for_counter
        if kind not in callers:
            found = (n for n, letters in serving.items() if is_served_by(ticket, n, letters))
            callers[kind] = frozenset(found)
        mine = callers[kind]
        reach = mine or serving.keys()
        before[ticket.id] = sum(total for theirs, total in sums.items() if theirs & reach)
        sums[mine] = sums.get(mine, 0) + weigh(ticket)
    return before


def why_out_of_turn(
    called: Ticket, waiting: Iterable[Ticket], rules: QueueRules, now: dt.datetime
) -> str:
    """Why somebody is called before another who came earlier, as a word; empty in turn."""
    overtaken = [ticket for ticket in waiting if ticket.joined_at < called.joined_at]
    if not overtaken:
        return ""
    if now - called.waits_from >= dt.timedelta(minutes=rules.longest_wait_minutes):
        return "longest"
    if called.priority is not None:
        return "priority"
    if called.for_counter is not None:
        return "transfer"
    if any(ticket.returns or ticket.lets for ticket in overtaken):
        return "stepped-back"
    return "counter"
