"""诉求通知: an answer for the resident, and what waits for the people who answer.

A push says that there is something, and nothing of what: it passes through a company's servers.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import delete, select

from domain.matters.holders import handlers_of, is_asked
from domain.matters.tables import Matter, MatterDevice, Promise, PromiseFollower
from domain.places.tables import Community
from push import recipients
from push.outbox import Note
from push.tables import Facts, Kind

if TYPE_CHECKING:
    from collections.abc import Collection

    from sqlalchemy.ext.asyncio import AsyncSession

    from domain.matters.happened import (
        ColleagueAsked,
        MatterAnswered,
        MatterHeld,
        MatterOwed,
        PromiseChanged,
    )
    from push.recipients import Recipient

    Told = list[tuple[Recipient, Note]]

MATTERS = frozenset({Kind.MATTER_ANSWERED, Kind.MATTER_WAITS, Kind.MATTER_ASKED})


async def answered(session: AsyncSession, event: MatterAnswered) -> Told:
    """For each device that may write in the matter: there is an answer."""
    matter = await session.get_one(Matter, event.matter_id)
    devices = await session.scalars(
        select(MatterDevice.device).where(MatterDevice.matter_id == matter.id)
    )
    facts: Facts = {"matter": matter.id, "token": matter.token}
    note = Note(Kind.MATTER_ANSWERED, f"matter/{matter.id}", facts, event.at)
    return [(recipients.device(device), note) for device in devices]


async def waits(session: AsyncSession, event: MatterHeld | MatterOwed) -> Told:
    """For everyone who can answer it now: a resident waits."""
    matter = await session.get_one(Matter, event.matter_id)
    if matter.owed_since is None or matter.closed_at is not None:
        return []
    community = await session.get_one(Community, matter.community_id)
    told: Told = []
    for staff_id in await handlers_of(session, matter, community):
        facts: Facts = {"matter": matter.id, "place": community.name, "staff": staff_id}
        note = Note(Kind.MATTER_WAITS, f"matter/{matter.id}", facts, event.at)
        told.append((recipients.staff(staff_id), note))
    return told


async def asked(session: AsyncSession, event: ColleagueAsked) -> Told:
    """For the colleague: the holder asks something."""
    matter = await session.get_one(Matter, event.matter_id)
    community = await session.get_one(Community, matter.community_id)
    facts: Facts = {"matter": matter.id, "place": community.name, "staff": event.staff_id}
    note = Note(Kind.MATTER_ASKED, f"matter-asked/{matter.id}", facts, event.at)
    return [(recipients.staff(event.staff_id), note)]


# Which promises a device follows says what its person cares about, so it is forgotten with the last
# news of each. It is told of first, so this cannot be done where the promise is ended.
async def promise_changed(session: AsyncSession, event: PromiseChanged) -> Told:
    """For each device that follows the promise: there is news. Its subject is never in it."""
    made = await session.get_one(Promise, event.promise_id)
    community = await session.get_one(Community, made.community_id)
    is_here = PromiseFollower.promise_id == made.id
    devices = await session.scalars(
        select(PromiseFollower.device).where(is_here).order_by(PromiseFollower.since)
    )
    facts: Facts = {"promise": made.id, "community": community.slug}
    note = Note(Kind.PROMISE_NEWS, f"promise/{made.id}", facts, event.at)
    told: Told = [(recipients.device(device), note) for device in devices]
    if made.is_over:
        await session.execute(delete(PromiseFollower).where(is_here))
    return told


async def matters_of(session: AsyncSession, ids: Collection[int]) -> list[object]:
    """These matters and their communities."""
    if not ids:
        return []
    matters = (await session.scalars(select(Matter).where(Matter.id.in_(ids)))).all()
    where = Community.id.in_({matter.community_id for matter in matters})
    return [*matters, *await session.scalars(select(Community).where(where))]


async def promise_is_so(session: AsyncSession, facts: Facts) -> bool:
    """Whether there still is news of a promise: not once its matter was erased."""
    made = await session.get(Promise, int(facts["promise"]))
    if made is None:
        return False
    matter = await session.get_one(Matter, made.matter_id)
    return matter.erased_at is None


async def matter_is_so(session: AsyncSession, kind: Kind, facts: Facts) -> bool:
    """Whether a message about a matter is still true."""
    matter = await session.get(Matter, int(facts["matter"]))
    if matter is None or matter.erased_at is not None:
        return False
    # The office's group chat has the message without a name in it.
    who = facts.get("staff")
    if kind is Kind.MATTER_WAITS:
        community = await session.get_one(Community, matter.community_id)
        handlers = await handlers_of(session, matter, community)
        return matter.owed_since is not None and (who in handlers if who else bool(handlers))
    if kind is Kind.MATTER_ASKED:
        return matter.is_open and (not who or await is_asked(session, matter, int(who)))
    return True
