"""预测准不准: the forecast that people saw, compared with their wait.

Only the forecast for a fresh number counts. A person who let others pass chose to wait longer, and
a person who gave up was never called: neither says anything about the forecast.
"""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from dataclasses import dataclass
from statistics import fmean
from typing import TYPE_CHECKING

from sqlalchemy import ForeignKey, func, select
from sqlalchemy.orm import Mapped, mapped_column

from domain.base import Base
from domain.queue.tables import QueueDay, Ticket, TicketPeriod, TicketState
from domain.store import inserting

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from sqlalchemy import Select
    from sqlalchemy.ext.asyncio import AsyncSession

    from domain.queue.forecast import Forecast

# Minutes by which a wait may miss the range and still count as within it: nobody notices.
SLACK = 1.0
# The greatest age of a number at which a forecast still counts as the first one its holder saw.
FRESH = dt.timedelta(minutes=2)


class TicketForecast(Base):
    """告知的等候时间: the range in minutes that was forecast for a fresh number."""

    __tablename__ = "ticket_forecast"

    ticket_id: Mapped[int] = mapped_column(ForeignKey("ticket.id"), primary_key=True)
    told_at: Mapped[dt.datetime]
    low: Mapped[int]
    high: Mapped[int]


@dataclass(frozen=True)
class Accuracy:
    """How well the forecast fitted some tickets. All times in minutes."""

    count: int
    # How many of them were called within the forecast range.
    within: int
    # Mean distance between the middle of the range and the true wait.
    error: float
    # Mean of the middle of the range less the true wait: positive if the forecast was too long.
    bias: float
    # Mean true wait.
    wait: float

    @property
    def share(self) -> int:
        """The percentage called within the range, rounded down."""
        return self.within * 100 // self.count


# The first forecast stays. Later ones are better because more is known, and would make the
# comparison look better than what people were told.
async def keep_forecasts(
    session: AsyncSession, told: Mapping[int, Forecast], now: dt.datetime
) -> None:
    """Keep the forecasts of these tickets, by id; a ticket keeps its first one."""
    values = [
        {"ticket_id": ticket, "told_at": now, "low": forecast.low, "high": forecast.high}
        for ticket, forecast in told.items()
    ]
    insert = inserting(session, TicketForecast).values(values)
    await session.execute(insert.on_conflict_do_nothing())


async def kept_forecasts(session: AsyncSession, ticket_ids: Iterable[int]) -> set[int]:
    """The ids among these that already have a forecast."""
    ids = await session.scalars(
        select(TicketForecast.ticket_id).where(TicketForecast.ticket_id.in_(list(ticket_ids)))
    )
    return set(ids)


async def accuracy_by_day(
    session: AsyncSession, hall_id: int, since: dt.date, until: dt.date
) -> dict[dt.date, Accuracy]:
    """The accuracy of each day that has anything to compare, newest first."""
    days: dict[dt.date, list[tuple[int, int, float]]] = defaultdict(list)
    for day, told_at, low, high, called_at in await session.execute(
        _forecasts_and_calls(hall_id, since, until)
    ):
        if called_at is not None:
            days[day].append((low, high, (called_at - told_at).total_seconds() / 60))
    return {day: accuracy(days[day]) for day in sorted(days, reverse=True)}


def _forecasts_and_calls(
    hall_id: int, since: dt.date, until: dt.date
) -> Select[dt.date, dt.datetime, int, int, dt.datetime | None]:
    """Day, forecast and first call of tickets whose holders let nobody pass."""
    called_at = (
        select(func.min(TicketPeriod.began_at))
        .where(TicketPeriod.ticket_id == Ticket.id, TicketPeriod.state == TicketState.CALLED)
        .scalar_subquery()
    )
    told = TicketForecast.told_at, TicketForecast.low, TicketForecast.high
    return (
        select(QueueDay.day, *told, called_at)
        .join(Ticket, Ticket.day_id == QueueDay.id)
        .join(TicketForecast, TicketForecast.ticket_id == Ticket.id)
        .where(
            QueueDay.hall_id == hall_id,
            QueueDay.day.between(since, until),
            Ticket.lets == 0,
        )
    )


def accuracy(waits: list[tuple[int, int, float]]) -> Accuracy:
    """The accuracy over (low, high, true wait) in minutes."""
    misses = [(low + high) / 2 - true for low, high, true in waits]
    return Accuracy(
        count=len(waits),
        within=sum(low - SLACK <= true <= high + SLACK for low, high, true in waits),
        error=fmean(abs(miss) for miss in misses),
        bias=fmean(misses),
        wait=fmean(true for _, _, true in waits),
    )


def together(days: Iterable[Accuracy]) -> Accuracy | None:
    """Several days combined; None if there are none."""
    known = list(days)
    count = sum(part.count for part in known)
    if not count:
        return None

    def mean(of: Callable[[Accuracy], float]) -> float:
        return sum(of(part) * part.count for part in known) / count

    return Accuracy(
        count=count,
        within=sum(part.within for part in known),
        error=mean(lambda part: part.error),
        bias=mean(lambda part: part.bias),
        wait=mean(lambda part: part.wait),
    )
