"""Published ratings, in groups so large that no rating can be told apart."""

from __future__ import annotations

import datetime as dt
from collections import Counter as Tally
from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeVar

from sqlalchemy import case, func, select

from domain.queue.tables import Ticket
from domain.ratings.tables import CallBack, RatingLevel, ServiceRating

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from sqlalchemy.ext.asyncio import AsyncSession

K = TypeVar("K")

# Ratings below which a group is not shown (the product's rules).
FEWEST = 5
MONTHS = 12


@dataclass(frozen=True)
class Results:
    """How often each level was given in a group of at least `FEWEST`."""

    counts: Mapping[RatingLevel, int]

    @property
    def total(self) -> int:
        return sum(self.counts.values())

    @property
    def good(self) -> int:
        """满意率: the percentage at least basically satisfied, rounded down."""
        bad = sum(count for level, count in self.counts.items() if level.is_bad)
        return (self.total - bad) * 100 // self.total

    def share(self, level: RatingLevel) -> int:
        """The percentage that gave this level, rounded down."""
        return self.counts.get(level, 0) * 100 // self.total


@dataclass(frozen=True)
class HallResults:
    """The results of a hall: month by month, and by item over all these months."""

    # By the first day of the month, newest first; smaller months are left out.
    months: dict[dt.date, Results]
    # By slug, the most rated first; smaller groups are left out.
    items: dict[str, Results]
    # Bad ratings that were answered.
    answered: int
    # Those answered by the promised day.
    in_time: int


async def results_of(session: AsyncSession, hall_id: int, today: dt.date) -> HallResults:
    """The results of a hall for the last `MONTHS` months, this one included."""
    since = _first_of(today)
    for _ in range(MONTHS - 1):
        since = _first_of(since - dt.timedelta(days=1))
    rows = await session.execute(
        select(ServiceRating.given_on, ServiceRating.level, Ticket.items)
        .join(Ticket, Ticket.id == ServiceRating.ticket_id)
        .where(ServiceRating.hall_id == hall_id, ServiceRating.given_on >= since)
        .order_by(ServiceRating.id)
    )
    months: dict[dt.date, list[RatingLevel]] = defaultdict(list)
    items: dict[str, list[RatingLevel]] = defaultdict(list)
    for given_on, level, slugs in rows:
        months[_first_of(given_on)].append(level)
        # A visit for several things says nothing of each.
        if len(slugs) == 1:
            items[slugs[0]].append(level)
    by_month = sorted(published_groups(months).items(), reverse=True)
    by_item = sorted(published_groups(items).items(), key=lambda pair: (-pair[1].total, pair[0]))
    return HallResults(dict(by_month), dict(by_item), *await _answered(session, hall_id, since))


def _first_of(day: dt.date) -> dt.date:
    return day.replace(day=1)


# Groups grow by whole fives, in the order of giving. If every single rating were added at once,
# anyone who looks before and after a visit would know what that person said. Visits for several
# items count for their month alone.
# Not taken: noise, which nobody at an office could explain.
def published_groups(groups: Mapping[K, Sequence[RatingLevel]]) -> dict[K, Results]:
    """The published part of each group, in the order of giving: whole multiples of `FEWEST`."""
    whole = {key: levels[: len(levels) // FEWEST * FEWEST] for key, levels in groups.items()}
    return {key: Results(Tally(levels)) for key, levels in whole.items() if levels}


async def _answered(session: AsyncSession, hall_id: int, since: dt.date) -> tuple[int, int]:
    in_time = func.sum(case((CallBack.done_on <= CallBack.fix_by, 1), else_=0))
    counted = await session.execute(
        select(func.count(), func.coalesce(in_time, 0))
        .join(ServiceRating, ServiceRating.id == CallBack.rating_id)
        .where(
            ServiceRating.hall_id == hall_id,
            ServiceRating.given_on >= since,
            CallBack.done_on.is_not(None),
        )
    )
    answered, timely = counted.one()
    return answered, timely
