"""撤并: what a community that is merged into another takes along, and what would be lost."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import func, select, update

from domain.content import Contradiction
from domain.devices.tables import Device
from domain.events import Event, record
from domain.papers.kinds.compounds import COMPOUNDS
from domain.papers.paper import Paper, add_version, current_number
from domain.papers.tables import PaperVersion
from domain.places.compounds import (
    CompoundsContent,
    Places,
    compounds_content,
    put_compounds,
)
from domain.places.tables import Community
from domain.published import load_community
from domain.queue import seats
from domain.queue.days import QueueChanged
from domain.queue.tables import CounterShift, QueueDay, Ticket, TicketState
from domain.slugs import new_slug
from domain.staff.tables import StaffRole
from domain.words import N_

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import AsyncIterator

    from sqlalchemy.ext.asyncio import AsyncSession

    from domain.places.content import CompoundContent, EndedCommunity

IN_LINE = N_("{} people have a number there today. Close the day at its hall first.")
LAST = N_("the district needs at least one community")
ITSELF = N_("a community cannot follow itself")
NOT_IN_USE = N_("{} is no community in use")
WAITS = [state for state in TicketState if state.is_active]


@dataclass(frozen=True)
class CommunityMerged(Event):
    """A community ended, and another follows. Both are numbers of communities."""

    ended: int
    successor: int


async def obstacles(
    session: AsyncSession, community: Community, ending: EndedCommunity
) -> list[Contradiction]:
    """Why a community cannot end at this moment. Paths are those of `CommunityPlace`."""
    others = select(Community.slug).where(Community.ended.is_(None), Community.id != community.id)
    slugs = set(await session.scalars(others))
    found = []
    if ending.successor == community.slug:
        found.append(Contradiction(("ended", "successor"), ITSELF))
    elif ending.successor is not None and ending.successor not in slugs:
        found.append(Contradiction(("ended", "successor"), NOT_IN_USE, ending.successor))
    if not slugs:
        found.append(Contradiction(("ended", "day"), LAST))
    return found or [each async for each in _people_there(session, community)]


async def _people_there(
    session: AsyncSession, community: Community
) -> AsyncIterator[Contradiction]:
    days = select(QueueDay.id).where(
        QueueDay.hall_id == community.hall.id, QueueDay.closed_at.is_(None)
    )
    waiting = select(func.count(Ticket.id)).where(Ticket.day_id.in_(days), Ticket.state.in_(WAITS))
    if number := await session.scalar(waiting):
        yield Contradiction(("ended", "day"), IN_LINE, str(number))


async def hand_over(
    session: AsyncSession, community: Community, slug: str | None, now: dt.datetime
) -> dict[str, str]:
    """Give what belongs to a community that ends to the one with this slug; None for none.

    Devices of its hall end, and clerks there are signed off. The other has its compounds with
    their buildings, as a version of its document, and its people have their roles there as well.
    Returns what each building is called there, by its slug.
    """
    devices = update(Device).where(Device.hall_id == community.hall.id, Device.revoked_at.is_(None))
    await session.execute(devices.values(revoked_at=now))
    await seats.end_shifts(session, now, CounterShift.hall_id == community.hall.id)
    record(session, QueueChanged(community.hall.id))
    if slug is None:
        return {}
    whole = await load_community(session, community.slug)
    successor = await load_community(session, slug)
    doors = await _give_places(session, whole, successor, now)
    await _give_roles(session, community.id, successor.id)
    record(session, CommunityMerged(community.id, successor.id))
    return doors


async def _give_places(
    session: AsyncSession, community: Community, successor: Community, now: dt.datetime
) -> dict[str, str]:
    before, given = compounds_content(successor), compounds_content(community)
    compounds = {each.slug for each in before.compounds}
    buildings = {one.slug for each in before.compounds for one in each.buildings}
    there = _buildings_in_use(before)
    taken: list[CompoundContent] = []
    doors: dict[str, str] = {}
    for compound in Places(given).compounds_in_use:
        known = there.get((compound.name, compound.address))
        # A merger that was taken back had given it: at its end a community forgot what its
        # buildings were called there, so names tell.
        if known is not None and all(each.name in known for each in compound.buildings):
            doors |= {each.slug: known[each.name] for each in compound.buildings}
            continue
        here = {
            each.slug: _free(each.slug, community.slug, buildings) for each in compound.buildings
        }
        renamed = tuple(
            each.model_copy(update={"slug": here[each.slug]}) for each in compound.buildings
        )
        slug = _free(compound.slug, community.slug, compounds)
        taken.append(compound.model_copy(update={"slug": slug, "buildings": renamed}))
        doors |= here
    if taken:
        after = before.model_copy(update={"compounds": (*before.compounds, *taken)})
        await _as_version(session, successor, before, after, now)
        put_compounds(successor, after)
        await session.flush()
    # A building that had ended before leads where the one after it leads now.
    moved = community.moved_buildings.items()
    return doors | {str(was): doors[now] for was, now in moved if now in doors}


def _buildings_in_use(document: CompoundsContent) -> dict[tuple[str, str], dict[str, str]]:
    """Slugs of buildings by name, by name and address of the compound."""
    return {
        (each.name, each.address): {one.name: one.slug for one in each.buildings}
        for each in Places(document).compounds_in_use
    }


def _free(slug: str, community: str, taken: set[str]) -> str:
    """The slug, or one that begins with the community's where it is taken."""
    if slug in taken:
        return new_slug(slug, taken, community)
    taken.add(slug)
    return slug


# By nobody in person: who merged the two is in the log, and did not write this document.
async def _as_version(
    session: AsyncSession,
    successor: Community,
    before: CompoundsContent,
    after: CompoundsContent,
    now: dt.datetime,
) -> None:
    """Keep the places as a version of the other community's document."""
    subject = Paper(COMPOUNDS, successor.slug).subject
    new = PaperVersion(
        subject=subject,
        number=await current_number(session, subject) + 1,
        document=after.model_dump(mode="json"),
        published_at=now,
        reason="",
    )
    await add_version(session, new, before.model_dump(mode="json"))


async def _give_roles(session: AsyncSession, ended: int, successor: int) -> None:
    """Who had a role there has it here as well; there they can still read what was."""
    here = select(StaffRole.staff_id, StaffRole.role).where(StaffRole.community_id == successor)
    known = {tuple(row) for row in await session.execute(here)}
    there = select(StaffRole.staff_id, StaffRole.role).where(StaffRole.community_id == ended)
    for staff, role in {tuple(row) for row in await session.execute(there)} - known:
        session.add(StaffRole(staff_id=staff, role=role, community_id=successor))
