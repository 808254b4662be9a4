"""预测准不准: what people were told about their wait, against how long it was.

Told is what the forecast said when the number was fresh. Who let others pass chose to wait
longer, and who gave up was never called: neither says anything about the forecast.
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

    from sqlalchemy.ext.asyncio import AsyncSession

    from domain.queue.forecast import Forecast

SLACK = 1.0
"""Minutes by which a wait may miss the range and still count as within it: nobody notices."""
FRESH = dt.timedelta(minutes=2)
"""How old a number may be for what is forecast then to count as what its person was told."""


class TicketForecast(Base):
    """告知的等候时间: the range in minutes that the forecast gave for a fresh number."""

    __tablename__ = "ticket_forecast"

    ticket_id: Mapped[int] = mapped_column(ForeignKey("ticket.id"), primary_key=True)
    told_at: Mapped[dt.datetime]
    low: Mapped[int]
    high: Mapped[int]


@dataclass(frozen=True)
class Accuracy:
    """How right the forecast was over some tickets. Minutes."""

    count: int
    within: int
    """Of these, how many were called within the range they were told."""
    error: float
    """Mean distance of the range's middle from the true wait."""
    bias: float
    """Mean of the range's middle less the true wait: positive when it was told too long."""
    wait: float
    """The mean true wait."""

    @property
    def share(self) -> int:
        """How many percent were called within their range, downwards."""
        return self.within * 100 // self.count


async def keep_forecasts(
    session: AsyncSession, told: Mapping[int, Forecast], now: dt.datetime
) -> None:
    """Keep what was forecast for these tickets, by id; what was kept before stays."""
    values = [
        {"ticket_id": ticket, "told_at": now, "low": forecast.low, "high": forecast.high}
        for ticket, forecast in told.items()
    ]
    insert = inserting(session, TicketForecast).values(values)
    await session.execute(insert.on_conflict_do_nothing())


async def kept_forecasts(session: AsyncSession, ticket_ids: Iterable[int]) -> set[int]:
    """Those of the tickets for which a forecast is kept."""
    found = await session.scalars(
        select(TicketForecast.ticket_id).where(TicketForecast.ticket_id.in_(list(ticket_ids)))
    )
    return set(found)


async def accuracy_by_day(
    session: AsyncSession, hall_id: int, since: dt.date, until: dt.date
) -> dict[dt.date, Accuracy]:
    """How right the forecast was on each day with anything to compare, the newest first."""
    called_at = (
        select(func.min(TicketPeriod.began_at))
        .where(TicketPeriod.ticket_id == Ticket.id, TicketPeriod.state == TicketState.CALLED)
        .scalar_subquery()
    )
    rows = await session.execute(
        select(
            QueueDay.day,
            TicketForecast.told_at,
            TicketForecast.low,
            TicketForecast.high,
            called_at,
        )
        .join(Ticket, Ticket.day_id == QueueDay.id)
        .join(TicketForecast, TicketForecast.ticket_id == Ticket.id)
        .where(
            QueueDay.hall_id == hall_id,
            QueueDay.day.between(since, until),
            Ticket.lets == 0,
        )
    )
    days: dict[dt.date, list[tuple[int, int, float]]] = defaultdict(list)
    for day, told_at, low, high, at in rows:
        if at is None:
            continue
        days[day].append((low, high, (at - told_at).total_seconds() / 60))
    return {day: accuracy(days[day]) for day in sorted(days, reverse=True)}


def accuracy(waits: list[tuple[int, int, float]]) -> Accuracy:
    """How right these ranges were: from, to, and the true wait, in minutes."""
    misses = [(low + high) / 2 - true for low, high, true in waits]
    return Accuracy(
        count=len(waits),
        within=sum(low - SLACK <= true <= high + SLACK for low, high, true in waits),
        error=fmean(abs(miss) for miss in misses),
        bias=fmean(misses),
        wait=fmean(true for _, _, true in waits),
    )


def together(days: Iterable[Accuracy]) -> Accuracy | None:
    """Several days as one; None when there are none."""
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
