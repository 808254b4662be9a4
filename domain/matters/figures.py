"""What happened to matters, in numbers: answered in time, passed on, reopened, rated."""

from __future__ import annotations

import datetime as dt
import statistics
from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import case, func, select

from domain.matters.ladder import HoldReason
from domain.matters.tables import EntryKind, Matter, MatterEntry, MatterHold, MatterRound, Promise

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncSession

# Groups smaller than this are not rated in public (the product's rules).
FEWEST = 5


@dataclass(frozen=True)
class MatterFigures:
    """A community's matters that began in a period."""

    began: int
    open: int
    # Of the open ones.
    late: int
    reopened: int
    # Moves because nobody answered in time, and by hand.
    timed_out: int
    handed_over: int
    # Hours from the first message to the first answer, by the clock on the wall; None for none.
    hours_to_answer: float | None
    # Promises made, kept in time, and broken or late.
    promised: int
    kept: int
    broken: int
    # The mean of at least `FEWEST` ratings, 1 to 5; None for fewer.
    rating: float | None


async def figures_of(
    session: AsyncSession, community_id: int, since: dt.datetime, now: dt.datetime
) -> MatterFigures:
    """The figures of matters that began since a moment. Nothing in them leads to a person."""
    of_here = (Matter.community_id == community_id, Matter.began_at >= since)
    is_open = Matter.closed_at.is_(None)
    counts = await session.execute(
        select(
            func.count(),
            func.count(case((is_open, 1))),
            func.count(case((is_open & (Matter.due_on < now.date()), 1))),
        ).where(*of_here)
    )
    began, still_open, late = counts.one()
    ratings = await _ratings(session, of_here)
    promises = await _promises(session, community_id, since, now)
    return MatterFigures(
        began=began,
        open=still_open,
        late=late,
        reopened=await _count(session, of_here, EntryKind.REOPENED),
        timed_out=await _moves(session, of_here, HoldReason.TIMER),
        handed_over=await _moves(session, of_here, HoldReason.HANDED_OVER),
        hours_to_answer=await _hours_to_answer(session, of_here),
        promised=promises[0],
        kept=promises[1],
        broken=promises[2],
        rating=statistics.fmean(ratings) if len(ratings) >= FEWEST else None,
    )


async def _count(session: AsyncSession, of_here: tuple[object, ...], kind: EntryKind) -> int:
    counted = await session.scalar(
        select(func.count(MatterEntry.id))
        .join(Matter, Matter.id == MatterEntry.matter_id)
        .where(MatterEntry.kind == kind, *of_here)  # type: ignore[arg-type]
    )
    return counted or 0


async def _moves(session: AsyncSession, of_here: tuple[object, ...], why: HoldReason) -> int:
    counted = await session.scalar(
        select(func.count(MatterHold.id))
        .join(Matter, Matter.id == MatterHold.matter_id)
        .where(MatterHold.why == why, *of_here)  # type: ignore[arg-type]
    )
    return counted or 0


async def _hours_to_answer(session: AsyncSession, of_here: tuple[object, ...]) -> float | None:
    """The median from the beginning to the first answer, in hours."""
    rows = await session.execute(
        select(Matter.began_at, func.min(MatterEntry.at).label("first"))
        .join(MatterEntry, MatterEntry.matter_id == Matter.id)
        .where(MatterEntry.kind == EntryKind.ANSWER, *of_here)  # type: ignore[arg-type]
        .group_by(Matter.id, Matter.began_at)
    )
    # SQLite's min() gives a moment back without its zone: both are UTC.
    waits = [(_aware(first) - began_at).total_seconds() / 3600 for began_at, first in rows.all()]
    return statistics.median(waits) if waits else None


def _aware(moment: dt.datetime) -> dt.datetime:
    return moment if moment.tzinfo else moment.replace(tzinfo=dt.UTC)


async def _ratings(session: AsyncSession, of_here: tuple[object, ...]) -> list[int]:
    rows = await session.scalars(
        select(MatterRound.rating)
        .join(Matter, Matter.id == MatterRound.matter_id)
        .where(MatterRound.rating.is_not(None), *of_here)  # type: ignore[arg-type]
    )
    return [rating for rating in rows if rating is not None]


async def _promises(
    session: AsyncSession, community_id: int, since: dt.datetime, now: dt.datetime
) -> tuple[int, int, int]:
    counts = await session.execute(
        select(
            func.count(),
            func.count(case((Promise.kept_at <= Promise.due_at, 1))),
            func.count(
                case(
                    (
                        Promise.broken_at.is_not(None)
                        | (Promise.kept_at > Promise.due_at)
                        | (Promise.kept_at.is_(None) & (Promise.due_at < now)),
                        1,
                    )
                )
            ),
        ).where(Promise.community_id == community_id, Promise.made_at >= since)
    )
    promised, kept, broken = counts.one()
    return promised, kept, broken
