"""关注承诺: devices that are told what becomes of a promise, without being in its matter."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import delete, func, select

from domain.matters.errors import PromiseEndedError, TooManyFollowedError
from domain.matters.tables import IS_PROMISED, Promise, PromiseFollower
from domain.store import inserting

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Sequence

    from sqlalchemy.ext.asyncio import AsyncSession

# Promises that are still open, which one device may follow.
MOST_OF_ONE = 30
# Each follower costs the unit of work in which a promise is kept some statements: 300 took half a
# second, and as long every other act waits. A device costs a stranger nothing, so without a bound
# they could make that unit as long as they like.
MOST_OF_PROMISE = 200


async def follow(session: AsyncSession, made: Promise, device: str, now: dt.datetime) -> None:
    """Tell this device what becomes of the promise; again is no error.

    Raises `PromiseEndedError`, `TooManyFollowedError`.
    """
    if made.is_over:
        raise PromiseEndedError
    if await session.get(PromiseFollower, (made.id, device)) is not None:
        return
    await _refuse_too_many(session, made, device)
    # Two taps at once are one wish.
    await session.execute(
        inserting(session, PromiseFollower)
        .values(promise_id=made.id, device=device, since=now)
        .on_conflict_do_nothing()
    )


async def _refuse_too_many(session: AsyncSession, made: Promise, device: str) -> None:
    counted = select(func.count()).select_from(PromiseFollower)
    of_promise = await session.scalar(counted.where(PromiseFollower.promise_id == made.id))
    of_device = await session.scalar(
        counted.join(Promise, Promise.id == PromiseFollower.promise_id).where(
            PromiseFollower.device == device, IS_PROMISED
        )
    )
    if (of_promise or 0) >= MOST_OF_PROMISE or (of_device or 0) >= MOST_OF_ONE:
        raise TooManyFollowedError


async def unfollow(session: AsyncSession, promise_id: int, device: str) -> None:
    """Tell this device nothing more of the promise."""
    await session.execute(
        delete(PromiseFollower).where(
            PromiseFollower.promise_id == promise_id, PromiseFollower.device == device
        )
    )


async def followed_by(
    session: AsyncSession, device: str | None, promise_ids: Sequence[int]
) -> set[int]:
    """Which of these promises the device follows. None is a device without a key."""
    if device is None:
        return set()
    found = await session.scalars(
        select(PromiseFollower.promise_id).where(
            PromiseFollower.device == device, PromiseFollower.promise_id.in_(promise_ids)
        )
    )
    return set(found)


async def followers_of(session: AsyncSession, promise_ids: Sequence[int]) -> dict[int, int]:
    """How many follow each of these promises; those that nobody follows are left out."""
    rows = await session.execute(
        select(PromiseFollower.promise_id, func.count())
        .where(PromiseFollower.promise_id.in_(promise_ids))
        .group_by(PromiseFollower.promise_id)
    )
    return {promise_id: count for promise_id, count in rows}  # noqa: C416 - a Result has keys()
