"""What a hall offers right now, and how long it takes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sqlalchemy.ext.asyncio import AsyncSession

    from domain.handbook.tables import Category
    from domain.places.tables import Hall
    from domain.queue.forecast import Forecast
    from domain.queue.snapshot import QueueNow
    from web.running.forecasts import HallForecasts
    from web.running.services import Services
    from web.site.visit import Visit


@dataclass(frozen=True)
class Wait:
    """People ahead, and the minutes that may take; None if no counter calls it."""

    ahead: int
    forecast: Forecast | None


@dataclass(frozen=True)
class Offer:
    """A category as the hall offers it now."""

    category: Category
    wait: Wait
    # Why no number is given: `not-served` or `sold-out`; empty if one can be taken.
    refusal: str


async def offered(
    session: AsyncSession, services: Services, visit: Visit, hall: Hall
) -> tuple[QueueNow, tuple[Offer, ...]]:
    """The hall's queue now, and the offer for every category."""
    waits, categories = services.waits, visit.published.handbook.categories
    queue = await waits.look(session, hall, visit.published.calendar, visit.now)
    return queue, offers(categories, hall, queue, waits)


def offers(
    categories: Iterable[Category], hall: Hall, queue: QueueNow, waits: HallForecasts
) -> tuple[Offer, ...]:
    """An offer for every category."""
    letters, given = served(hall, queue), waits.given(queue)

    def refusal(letter: str) -> str:
        if letter not in letters:
            return "not-served"
        return "sold-out" if queue.is_sold_out(letter, given.get(letter, 0)) else ""

    def wait(letter: str) -> Wait:
        return Wait(*waits.of_letter(queue, letter))

    return tuple(
        Offer(category, wait(category.letter), refusal(category.letter)) for category in categories
    )


def served(hall: Hall, queue: QueueNow) -> set[str]:
    """The letters that any counter of the hall serves, now or by default."""
    return hall.letters.union(*(desk.letters for desk in queue.desks))
