"""Which subjects grow: how many matters were about each in a period, and in the one before.

A subject is what a matter is about by the feature's own columns, such as its post or its guide;
never what was said.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sqlalchemy import case, func, select

from domain.matters.tables import Matter

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from sqlalchemy import ColumnElement
    from sqlalchemy.ext.asyncio import AsyncSession

# From 1 to 2 is twice as many and says nothing. Subjects with fewer matters than `FEWEST` in both
# periods are not listed either: so few would tell of people.
FEWEST, MORE, AGAIN = 5, 3, 1.5


@dataclass(frozen=True)
class SubjectCount:
    """How many matters that began in a period, and in the one before it, are about a subject."""

    # A word of the feature for what it is, such as `building`.
    kind: str
    name: str
    now: int
    before: int

    @property
    def is_growing(self) -> bool:
        """Whether there are `FEWEST` at least, `MORE` more, and `AGAIN` times as many as before."""
        return (
            self.now >= FEWEST
            and self.now - self.before >= MORE
            and self.now >= AGAIN * self.before
        )


def ranked(counts: Iterable[SubjectCount]) -> list[SubjectCount]:
    """Those with `FEWEST` in one of the periods, what grew most on top."""
    return sorted(
        (count for count in counts if max(count.now, count.before) >= FEWEST),
        key=lambda count: (count.before - count.now, -count.now, count.kind, count.name),
    )


async def comparable(
    session: AsyncSession, community_id: int, periods: Sequence[int], now: dt.datetime
) -> tuple[int, ...]:
    """Those of these lengths in days that have a whole period before them.

    In a community that began last month, everything would seem to grow.
    """
    first = await session.scalar(
        select(Matter.began_at)
        .where(Matter.community_id == community_id)
        .order_by(Matter.began_at)
        .limit(1)
    )
    if first is None:
        return ()
    return tuple(days for days in periods if first <= now - dt.timedelta(days=2 * days))


# One query for each column that a feature groups by, over all periods at once.
async def counted(
    session: AsyncSession,
    subject: Any,
    of_here: Sequence[ColumnElement[bool]],
    periods: Sequence[int],
    now: dt.datetime,
) -> dict[int, list[tuple[Any, int, int]]]:
    """By length of the period in days: each value of a column, with both counts.

    `subject` is a column of a table with a `matter_id`; `of_here` says which rows and matters.
    """
    longest = dt.timedelta(days=2 * max(periods))
    sums = [total for days in periods for total in _sums(days, now)]
    table = subject.class_
    rows = await session.execute(
        select(subject, *sums)
        .join(Matter, Matter.id == table.matter_id)
        .where(subject.is_not(None), Matter.began_at >= now - longest, *of_here)
        .group_by(subject)
    )
    found = rows.all()
    return {
        days: [(row[0], row[2 * place + 1], row[2 * place + 2]) for row in found]
        for place, days in enumerate(periods)
    }


def _sums(days: int, now: dt.datetime) -> Iterator[ColumnElement[int]]:
    """How many began in a period, and in the one before."""
    since, before = now - dt.timedelta(days=days), now - dt.timedelta(days=2 * days)
    began = Matter.began_at
    yield func.count(case((began >= since, 1)))
    yield func.count(case(((began >= before) & (began < since), 1)))
