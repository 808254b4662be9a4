"""诉求通知: an answer for the resident, and what waits for the people who answer.

A push says that there is something, and nothing of what: it passes through a company's servers.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import select

from domain.matters.holders import handlers_of, is_asked
from domain.matters.tables import Matter, MatterDevice
from domain.places.tables import Community
from push import recipients
from push.outbox import Note
from push.tables import Facts, Kind

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncSession

    from domain.matters.happened import ColleagueAsked, MatterAnswered, MatterHeld, MatterOwed
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


async def matter_is_so(session: AsyncSession, kind: Kind, facts: Facts) -> bool:
    """Whether a message about a matter is still true."""
    matter = await session.get(Matter, int(facts["matter"]))
    if matter is None or matter.erased_at is not None:
        return False
    if kind is Kind.MATTER_WAITS:
        community = await session.get_one(Community, matter.community_id)
        handlers = await handlers_of(session, matter, community)
        return matter.owed_since is not None and facts["staff"] in handlers
    if kind is Kind.MATTER_ASKED:
        return matter.is_open and await is_asked(session, matter, int(facts["staff"]))
    return True
