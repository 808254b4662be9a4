"""限制: who may not write for a time, because the office said so with a reason."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

from sqlalchemy import or_, select

from domain.contacts.tables import LineLimit
from domain.errors import LianxinError
from domain.matters.tables import MatterDevice
from domain.staff.journal import note

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncSession

    from domain.matters.tables import Matter
    from domain.staff.actor import Actor

LONGEST = dt.timedelta(days=30)


class LimitedError(LianxinError):
    """The office limited this device; it may write again at `until`, and call at any time."""

    def __init__(self, until: dt.datetime) -> None:
        super().__init__(str(until))
        self.until = until


class OwnLimitError(LianxinError):
    """Only a colleague may review a limit, not the person who set it."""


async def limit_of(
    session: AsyncSession, device: str, community_id: int, now: dt.datetime
) -> LineLimit | None:
    """The limit that holds for this device now, or None."""
    found: LineLimit | None = await session.scalar(
        select(LineLimit)
        .where(
            LineLimit.device == device,
            LineLimit.community_id == community_id,
            LineLimit.until > now,
            LineLimit.lifted_at.is_(None),
        )
        .order_by(LineLimit.until.desc())
        .limit(1)
    )
    return found


async def refuse_limited(
    session: AsyncSession, device: str, community_id: int, now: dt.datetime
) -> None:
    """Raises `LimitedError` while the office limits this device."""
    limit = await limit_of(session, device, community_id, now)
    if limit is not None:
        raise LimitedError(limit.until)


async def limit_all(  # noqa: PLR0913, PLR0917 - who, how long, and why
    session: AsyncSession,
    actor: Actor,
    matter: Matter,
    length: dt.timedelta,
    reason: str,
    now: dt.datetime,
) -> None:
    """Limit every device that wrote in a matter, `LONGEST` at most. A colleague reviews it."""
    until = now + min(length, LONGEST)
    devices = await session.scalars(
        select(MatterDevice.device).where(MatterDevice.matter_id == matter.id)
    )
    for device in devices.all():
        limit = LineLimit(
            community_id=matter.community_id,
            device=device,
            reason=reason,
            staff_id=actor.staff_id,
            since=now,
            until=until,
        )
        session.add(limit)
        await session.flush()
        await note(
            session,
            actor,
            "line-limited",
            f"line-limit/{limit.id}",
            now=now,
            after={"until": until.isoformat(), "reason": reason},
            community_id=matter.community_id,
        )


async def review(
    session: AsyncSession, actor: Actor, limit: LineLimit, now: dt.datetime, *, lift: bool
) -> None:
    """Confirm a limit, or lift it. Raises `OwnLimitError` for whose limit it is."""
    if actor.staff_id == limit.staff_id:
        raise OwnLimitError
    limit.reviewed_by, limit.reviewed_at = actor.staff_id, now
    if lift:
        limit.lifted_at = now
    await note(
        session,
        actor,
        "line-limit-lifted" if lift else "line-limit-confirmed",
        f"line-limit/{limit.id}",
        now=now,
        community_id=limit.community_id,
    )


async def limits_to_review(
    session: AsyncSession, community_ids: list[int], now: dt.datetime
) -> list[LineLimit]:
    """Limits that hold now or wait for a review, the newest first."""
    found = await session.scalars(
        select(LineLimit)
        .where(
            LineLimit.community_id.in_(community_ids),
            or_(LineLimit.until > now, LineLimit.reviewed_at.is_(None)),
            LineLimit.lifted_at.is_(None),
        )
        .order_by(LineLimit.id.desc())
        .limit(100)
    )
    return list(found)
