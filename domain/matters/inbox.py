"""What waits for someone who answers: theirs, and their office's."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import ColumnElement, and_, func, or_, select

from domain.matters.holders import OFFICE
from domain.matters.ladder import Level
from domain.matters.tables import Matter, MatterDevice
from domain.places.tables import Community
from domain.staff.tables import StaffMember, StaffRole

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncSession

    from domain.staff.actor import Actor


@dataclass(frozen=True)
class Inbox:
    """The first of what someone has, what is owed soonest first, and how much there is."""

    owed: list[Matter]
    answered: list[Matter]
    owed_count: int
    late_count: int
    answered_count: int


async def inbox_of(session: AsyncSession, actor: Actor, today: dt.date, most: int) -> Inbox:
    """What this person can answer now, `most` of each kind, without those joined to another."""
    theirs = await _handled_by(session, actor)
    is_owed = Matter.due_on.is_not(None)
    shown = select(Matter).where(theirs, Matter.joined_to_id.is_(None)).limit(most)
    owed = await session.scalars(shown.where(is_owed).order_by(Matter.due_on, Matter.id))
    answered = await session.scalars(
        shown.where(~is_owed).order_by(Matter.held_since.desc(), Matter.id.desc())
    )
    counts = await session.execute(
        select(
            func.count(Matter.due_on),
            func.count().filter(Matter.due_on < today),
            func.count(),
        ).where(theirs, Matter.joined_to_id.is_(None))
    )
    owed_count, late_count, all_count = counts.one()
    return Inbox(list(owed), list(answered), owed_count, late_count, all_count - owed_count)


async def _handled_by(session: AsyncSession, actor: Actor) -> ColumnElement[bool]:
    """Whether an open matter is this person's now, as `holders.may_handle` says of one."""
    below, above = await _offices(session, actor)
    at_office = or_(
        and_(Matter.level == Level.SECRETARY, Matter.community_id.in_(below)),
        and_(Matter.level == Level.SUBDISTRICT, Matter.community_id.in_(above)),
    )
    not_about_them = or_(Matter.about_id.is_(None), Matter.about_id != actor.staff_id)
    return and_(
        Matter.closed_at.is_(None),
        or_(Matter.holder_id == actor.staff_id, at_office),
        not_about_them,
    )


async def _offices(session: AsyncSession, actor: Actor) -> tuple[list[int], list[int]]:
    """The communities in which the actor is the secretary, and those above which they stand."""
    grants = [grant for grant in actor.grants if grant.role in OFFICE]
    below = {grant.community_id for grant in grants if grant.community_id is not None}
    wide = [grant for grant in grants if grant.community_id is None]
    if not wide:
        return sorted(below), []
    communities = (await session.execute(select(Community.id, Community.subdistrict_id))).all()
    above = {
        community_id
        for community_id, subdistrict_id in communities
        if any(grant.subdistrict_id in {None, subdistrict_id} for grant in wide)
    }
    with_secretary = await session.scalars(
        select(StaffRole.community_id)
        .join(StaffMember, StaffMember.id == StaffRole.staff_id)
        .where(
            StaffRole.role.in_(OFFICE),
            StaffRole.community_id.is_not(None),
            StaffMember.ended_at.is_(None),
        )
        .distinct()
    )
    return sorted(below | (above - set(with_secretary))), sorted(above)


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
    )
    return list(found)


async def in_community(session: AsyncSession, community_id: int, most: int) -> list[Matter]:
    """The open matters of a community, what is owed soonest first, for the office's list."""
    found = await session.scalars(
        select(Matter)
        .where(Matter.community_id == community_id, Matter.closed_at.is_(None))
        .order_by(Matter.due_on.is_(None), Matter.due_on, Matter.id)
        .limit(most)
    )
    return list(found)
