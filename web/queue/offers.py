"""What a hall offers right now, and how long it takes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from domain.queue.snapshot import QueueNow, queue_now
from domain.queue.tickets import numbers_given

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from sqlalchemy.ext.asyncio import AsyncSession

    from domain.handbook.tables import Category
    from domain.places.tables import Hall
    from domain.queue.forecast import Forecast, Outlook
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
    await services.waits.learn(session, hall, visit.published.calendar, visit.now)
    queue = await queue_now(session, hall, visit.now)
    given = await numbers_given(session, queue.day.id) if queue.day else {}
    categories, outlook = visit.published.handbook.categories, services.waits.outlook(queue)
    return queue, offers(categories, hall, queue, outlook, given)


def offers(
    categories: Iterable[Category],
    hall: Hall,
    queue: QueueNow,
    outlook: Outlook,
    given: Mapping[str, int],
) -> tuple[Offer, ...]:
    """An offer for every category."""
    letters = served(hall, queue)

    def refusal(letter: str) -> str:
        if letter not in letters:
            return "not-served"
        return "sold-out" if queue.is_sold_out(letter, given.get(letter, 0)) else ""

    def wait(letter: str) -> Wait:
        return Wait(outlook.before(letter), outlook.of(letter))

    return tuple(
        Offer(category, wait(category.letter), refusal(category.letter)) for category in categories
    )


def served(hall: Hall, queue: QueueNow) -> set[str]:
    """The letters that any counter of the hall serves, now or by default."""
    return hall.letters.union(*(desk.letters for desk in queue.desks))
