"""How long content is kept: words for a year after closing, photographs for less."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import delete, select, update

from domain.matters.tables import (
    Matter,
    MatterDevice,
    MatterEntry,
    MatterPhoto,
    Promise,
    PromiseFollower,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from sqlalchemy.ext.asyncio import AsyncSession

    from domain.matters.kind import MatterKind

BATCH = 200


@dataclass(frozen=True)
class Erased:
    """What a run erased."""

    matters: int = 0
    photos: int = 0

    def __add__(self, other: Erased) -> Erased:
        return Erased(self.matters + other.matters, self.photos + other.photos)


async def erase_matters(
    session: AsyncSession,
    matter_ids: Sequence[int],
    kind_of: Callable[[str], MatterKind],
    now: dt.datetime,
) -> None:
    """Erase the words, photographs and devices of closed matters.

    What stays says nothing of a person: when it began and closed, who had it, the rating, and the
    promises with their public subjects.
    """
    by_kind: dict[str, list[int]] = defaultdict(list)
    for matter_id, kind in await session.execute(
        select(Matter.id, Matter.kind).where(Matter.id.in_(matter_ids))
    ):
        by_kind[kind].append(matter_id)
    for kind, of_kind in by_kind.items():
        await kind_of(kind).erase(session, of_kind)
    entries = select(MatterEntry.id).where(MatterEntry.matter_id.in_(matter_ids))
    await session.execute(delete(MatterPhoto).where(MatterPhoto.entry_id.in_(entries)))
    await session.execute(
        update(MatterEntry)
        .where(MatterEntry.matter_id.in_(matter_ids))
        .values(words="", facts={}, form_key=None, form_hash=None)
    )
    await session.execute(
        update(Promise).where(Promise.matter_id.in_(matter_ids)).values(reason="")
    )
    promises = select(Promise.id).where(Promise.matter_id.in_(matter_ids))
    await session.execute(delete(PromiseFollower).where(PromiseFollower.promise_id.in_(promises)))
    await session.execute(delete(MatterDevice).where(MatterDevice.matter_id.in_(matter_ids)))
    await session.execute(
        update(Matter)
        .where(Matter.id.in_(matter_ids))
        .values(erased_at=now, subject="", form_hash="")
    )


async def erase_old(
    session: AsyncSession,
    closed_before: dt.datetime,
    kind_of: Callable[[str], MatterKind],
    now: dt.datetime,
) -> Erased:
    """Erase matters closed before this moment, `BATCH` at most. A caller repeats it until none."""
    old = list(
        await session.scalars(
            select(Matter.id)
            .where(Matter.closed_at < closed_before, Matter.erased_at.is_(None))
            .order_by(Matter.closed_at)
            .limit(BATCH)
        )
    )
    if old:
        await erase_matters(session, old, kind_of, now)
    return Erased(matters=len(old))


async def erase_photos(session: AsyncSession, closed_before: dt.datetime) -> Erased:
    """Erase the photographs of matters closed before this moment, `BATCH` at most."""
    old = list(
        await session.scalars(
            select(MatterPhoto.id)
            .join(MatterEntry, MatterEntry.id == MatterPhoto.entry_id)
            .join(Matter, Matter.id == MatterEntry.matter_id)
            .where(Matter.closed_at < closed_before)
            .limit(BATCH)
        )
    )
    await session.execute(delete(MatterPhoto).where(MatterPhoto.id.in_(old)))
    return Erased(photos=len(old))
