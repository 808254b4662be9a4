"""What a hall offers right now, and how long it takes."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from domain.hours import is_in_break, last_closing, periods_of
from domain.queue import closing
from domain.queue.forecast import Forecast

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sqlalchemy.ext.asyncio import AsyncSession

    from domain.content import OpeningPeriod
    from domain.handbook.tables import Category
    from domain.places.tables import Hall
    from domain.queue.snapshot import QueueNow
    from domain.queue.tables import Ticket
    from web.running.forecasts import HallForecasts
    from web.running.services import Services
    from web.site.visit import Visit


@dataclass(frozen=True)
class Wait:
    """People ahead, and the minutes that may take."""

    ahead: int
    # None if no counter calls it now.
    forecast: Forecast | None
    at: dt.datetime
    # When the hall closes for the day; None if it does not open.
    ends_at: dt.datetime | None

    @property
    def back_at(self) -> dt.datetime | None:
        """When to be back in the hall; None if the person should not leave."""
        return closing.back_at(self.forecast, self.at, self.ends_at)

    @property
    def is_too_late(self) -> bool:
        """Whether the turn cannot come before the hall closes."""
        return closing.is_too_late(self.forecast, self.at, self.ends_at)

    @property
    def may_be_too_late(self) -> bool:
        """Whether the turn may come only after the hall closes."""
        return closing.may_be_too_late(self.forecast, self.at, self.ends_at)


def common_wait(waits: Iterable[Wait]) -> Wait | None:
    """The wait that is the same for all; None if they differ, or there is none."""
    different = set(waits)
    return different.pop() if len(different) == 1 else None


@dataclass(frozen=True)
class Offer:
    """A category as the hall offers it now."""

    category: Category
    wait: Wait
    # Why no number is given: `not-served`, `sold-out` or `too-late`; empty if one can be taken.
    refusal: str


def span_of(offers: Iterable[Offer]) -> Forecast | None:
    """From the shortest to the longest wait; None while no counter calls any of them."""
    waits = [offer.wait.forecast for offer in offers if offer.wait.forecast is not None]
    if not waits:
        return None
    return Forecast(min(wait.low for wait in waits), max(wait.high for wait in waits))


class Numbers(StrEnum):
    """发号: whether a hall that is open gives numbers."""

    GIVEN = "given"
    # By hand: those who wait are still called.
    STOPPED = "stopped"
    # By itself: those who wait take until the hall closes.
    FULL = "full"
    # The day is closed, and nobody is called.
    ENDED = "ended"

    @classmethod
    def of(cls, *, is_closed: bool, is_stopped: bool) -> Numbers:
        """What staff decided."""
        if is_closed:
            return cls.ENDED
        return cls.STOPPED if is_stopped else cls.GIVEN


def numbers_of(queue: QueueNow, found: Iterable[Offer]) -> Numbers:
    """Whether the hall gives numbers, by its queue and its offers."""
    decided = Numbers.of(is_closed=queue.is_closed, is_stopped=queue.is_stopped)
    refusals = {offer.refusal for offer in found} - {"not-served", "sold-out"}
    is_full = decided is Numbers.GIVEN and refusals == {"too-late"}
    return Numbers.FULL if is_full else decided


async def offered(
    session: AsyncSession, services: Services, visit: Visit, hall: Hall
) -> tuple[QueueNow, tuple[Offer, ...]]:
    """The hall's queue now, and the offer for every category."""
    waits, calendar = services.waits, visit.published.calendar
    queue = await waits.look(session, hall, calendar, visit.now)
    hours = periods_of(hall.hours_now, calendar, visit.today)
    return queue, offers(visit.published.handbook.categories, hall, queue, waits, hours)


def offers(
    categories: Iterable[Category],
    hall: Hall,
    queue: QueueNow,
    waits: HallForecasts,
    hours: tuple[OpeningPeriod, ...],
) -> tuple[Offer, ...]:
    """An offer for every category, on a day with these opening hours."""
    letters, given = served(hall, queue), waits.given(queue)

    def offer(category: Category) -> Offer:
        letter = category.letter
        wait = wait_of(queue, waits, hours, letter)
        if letter not in letters:
            return Offer(category, wait, "not-served")
        if queue.is_sold_out(letter, given.get(letter, 0)):
            return Offer(category, wait, "sold-out")
        # By the plan, also while nobody sits at a counter.
        _, planned = waits.of_letter(queue, letter)
        is_late = closing.is_too_late(planned, queue.now, wait.ends_at)
        return Offer(category, wait, "too-late" if is_late else "")

    return tuple(map(offer, categories))


# The outlook plays the usual counters while none is staffed, which is right before the hall opens
# and in its break. At any other time nobody calls, and a range of minutes would be a promise that
# nobody has made.
def wait_of(
    queue: QueueNow,
    waits: HallForecasts,
    hours: tuple[OpeningPeriod, ...],
    ticket_or_letter: Ticket | str,
) -> Wait:
    """The wait of a ticket, or of a new one of this letter; unknown while nobody calls it."""
    if isinstance(ticket_or_letter, str):
        ahead, forecast = waits.of_letter(queue, ticket_or_letter)
    else:
        ahead = queue.ahead(ticket_or_letter)
        forecast = waits.outlook(queue).of(ticket_or_letter)
    if not (queue.is_called(ticket_or_letter) or is_in_break(hours, queue.now)):
        forecast = None
    return Wait(ahead, forecast, queue.now, last_closing(hours, queue.now))


def served(hall: Hall, queue: QueueNow) -> set[str]:
    """The letters that any counter of the hall serves, now or by default."""
    return hall.letters.union(*(desk.letters for desk in queue.desks))
