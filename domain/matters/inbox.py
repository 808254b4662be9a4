"""What waits for someone who answers: theirs, and their office's."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sqlalchemy import ColumnElement, and_, func, or_, select
from sqlalchemy.orm import load_only

from domain.matters.holders import OFFICE, secretaries_of
from domain.matters.ladder import Level
from domain.matters.tables import Matter, MatterDevice
from domain.places.tables import Community

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncSession

    from domain.staff.actor import Actor


# Counted at most: an inbox says "1000" for more, and asking costs the same in every store.
MOST_COUNTED = 1000


# What a list shows. The documents of a matter cost more to read than all the rest of it.
LISTED = load_only(
    Matter.token,
    Matter.subject,
    Matter.community_id,
    Matter.level,
    Matter.holder_id,
    Matter.held_since,
    Matter.owed_since,
    Matter.due_on,
    Matter.closed_at,
    raiseload=True,
)


@dataclass(frozen=True)
class Inbox:
    """The first of what someone has, what is owed soonest first, and how much there is.

    The counts go up to `MOST_COUNTED`.
    """

    owed: list[Matter]
    answered: list[Matter]
    owed_count: int
    late_count: int
    answered_count: int


# A person's own matters and those of their offices are asked for apart: over both at once a
# database can use no index, and reads and sorts everything that is open.
async def inbox_of(session: AsyncSession, actor: Actor, today: dt.date, most: int) -> Inbox:
    """What this person can answer now, `most` of each kind, without those joined to another."""
    owed: list[Matter] = []
    answered: list[Matter] = []
    counts = [0, 0, 0]
    for theirs in await _handled_by(session, actor):
        shown = (*theirs, Matter.closed_at.is_(None), Matter.joined_to_id.is_(None))
        is_owed = (*shown, Matter.due_on.is_not(None))
        is_answered = (*shown, Matter.due_on.is_(None))
        owed += await _first(session, is_owed, Matter.due_on, Matter.id, most=most)
        answered += await _first(session, is_answered, Matter.id.desc(), most=most)
        for number, wanted in enumerate((is_owed, (*is_owed, Matter.due_on < today), is_answered)):
            counts[number] += await _count(session, wanted)
    owed.sort(key=lambda matter: (matter.due_on or today, matter.id))
    answered.sort(key=lambda matter: -matter.id)
    return Inbox(owed[:most], answered[:most], *counts)


async def _first(
    session: AsyncSession, wanted: tuple[ColumnElement[bool], ...], *order: Any, most: int
) -> list[Matter]:
    found = await session.scalars(
        select(Matter).where(*wanted).order_by(*order).limit(most).options(LISTED)
    )
    return list(found)


async def _count(session: AsyncSession, wanted: tuple[ColumnElement[bool], ...]) -> int:
    some = select(Matter.id).where(*wanted).limit(MOST_COUNTED).subquery()
    return await session.scalar(select(func.count()).select_from(some)) or 0


async def _handled_by(session: AsyncSession, actor: Actor) -> list[tuple[ColumnElement[bool], ...]]:
    """Which open matters are this person's now, as `holders.may_handle` says of one.

    First their own, then those of their offices. Nobody holds a complaint about themselves.
    """
    found: list[tuple[ColumnElement[bool], ...]] = [(Matter.holder_id == actor.staff_id,)]
    below, above = await _offices(session, actor)
    not_about_them = or_(Matter.about_id.is_(None), Matter.about_id != actor.staff_id)
    has_secretary = secretaries_of(Matter.community_id, Matter.about_id).exists()
    is_secretary = or_(
        Matter.community_id.in_(below), and_(Matter.community_id.in_(above), ~has_secretary)
    )
    if below or above:
        found.append((Matter.level == Level.SECRETARY, is_secretary, not_about_them))
    if above:
        is_subdistrict = Matter.community_id.in_(above)
        found.append((Matter.level == Level.SUBDISTRICT, is_subdistrict, not_about_them))
    return found


async def _offices(session: AsyncSession, actor: Actor) -> tuple[list[int], list[int]]:
    """The communities that the actor manages themselves, and those that they manage from above."""
    grants = [grant for grant in actor.grants if grant.role in OFFICE]
    below = [grant.community_id for grant in grants if grant.community_id is not None]
    wide = {grant.subdistrict_id for grant in grants if grant.community_id is None}
    if not wide:
        return below, []
    communities = select(Community.id)
    if None not in wide:
        communities = communities.where(Community.subdistrict_id.in_(wide))
    return below, list(await session.scalars(communities))


async def joined_counts(session: AsyncSession, matter_ids: list[int]) -> dict[int, int]:
    """How many matters are joined to each of these."""
    rows = await session.execute(
        select(Matter.joined_to_id, func.count())
        .where(Matter.joined_to_id.in_(matter_ids))
        .group_by(Matter.joined_to_id)
    )
    return {main: count for main, count in rows if main is not None}


async def of_device(session: AsyncSession, device: str, most: int) -> list[Matter]:
    """The matters this device may write in, open ones first, the newest first."""
    found = await session.scalars(
        select(Matter)
        .join(MatterDevice, MatterDevice.matter_id == Matter.id)
        .where(MatterDevice.device == device, Matter.erased_at.is_(None))
        .order_by(Matter.closed_at.is_not(None), Matter.id.desc())
        .limit(most)
        .options(LISTED)
    )
    return list(found)


async def in_community(session: AsyncSession, community_id: int, most: int) -> list[Matter]:
    """The open matters of a community, what is owed soonest first, for the office's list."""
    found = await session.scalars(
        select(Matter)
        .where(Matter.community_id == community_id, Matter.closed_at.is_(None))
        .order_by(Matter.due_on.is_(None), Matter.due_on, Matter.id)
        .limit(most)
        .options(LISTED)
    )
    return list(found)
