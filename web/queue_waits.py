"""What a hall has to offer right now, and about how long it takes, as a page says it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from domain.handbook.tables import Category
    from domain.queue.snapshot import QueueNow

EACH = 10
"""Minutes that one person takes, until there is a forecast."""
STEP = 5
"""Minutes to which a rough range is rounded."""


@dataclass(frozen=True)
class Wait:
    """How many are ahead, and the minutes that may take: from, to."""

    ahead: int
    low: int
    high: int


@dataclass(frozen=True)
class Offer:
    """A category as the hall offers it now."""

    category: Category
    wait: Wait
    refusal: str
    """Why no number of it can be had: `not-served`, `sold-out`; empty when one can."""


def rough_wait(queue: QueueNow, letter: str, ahead: int | None = None) -> Wait:
    """About how long somebody waits who takes a number of this category now.

    With `ahead` for somebody who has one already. Ten minutes each, divided by the counters.
    """
    count = queue.waiting_for(letter) if ahead is None else ahead
    counters = sum(letter in letters for letters in queue.serving.values()) or 1
    minutes = count * EACH / counters
    low = int(minutes * 0.6 // STEP) * STEP
    return Wait(count, low, max(int(minutes * 1.3 // STEP + 1) * STEP, low + STEP))


def served(queue: QueueNow) -> set[str]:
    """The letters that any counter of the hall serves, now or usually."""
    desks = (each.letters for each in queue.desks)
    return {letter for letters in (*desks, *queue.usual.values()) for letter in letters}


def offers(
    categories: Iterable[Category], queue: QueueNow, given: Mapping[str, int]
) -> tuple[Offer, ...]:
    """Every category, whether a number of it can be had, and about how long it takes."""
    letters = served(queue)

    def refusal(letter: str) -> str:
        if letter not in letters:
            return "not-served"
        return "sold-out" if queue.is_sold_out(letter, given.get(letter, 0)) else ""

    return tuple(
        Offer(each, rough_wait(queue, each.letter), refusal(each.letter)) for each in categories
    )
