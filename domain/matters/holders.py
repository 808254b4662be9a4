"""Who has a matter: written down as it moves, and asked for by everyone who wants to act."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from sqlalchemy import select, update

from domain.events import record
from domain.matters.errors import AwayError, NotHandlerError
from domain.matters.happened import ColleagueAsked, MatterHeld
from domain.matters.ladder import (
    Hold,
    HoldReason,
    Level,
    course,
    displaced,
    next_hold,
)
from domain.matters.tables import EntryKind, Matter, MatterColleague, MatterHold
from domain.matters.timeline import add, note
from domain.staff.accounts import members_with_role
from domain.staff.tables import Role, StaffMember, StaffRole
from domain.store import inserting

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Callable

    from sqlalchemy import Select
    from sqlalchemy.ext.asyncio import AsyncSession
    from sqlalchemy.orm import InstrumentedAttribute

    from domain.matters.kind import MatterKind
    from domain.matters.ladder import Ladder
    from domain.matters.tables import Facts
    from domain.matters.timeline import Act, Written
    from domain.places.tables import Community
    from domain.staff.actor import Actor

    KindOf = Callable[[str], MatterKind]

# Matters that one unit of work moves on; a unit holds the store's only writer.
BATCH = 100
OFFICE = frozenset({Role.ADMINISTRATOR})


async def may_handle(
    session: AsyncSession, actor: Actor, matter: Matter, community: Community
) -> bool:
    """Whether the matter is this person's to read and to answer now.

    The secretary is who manages the community; who manages it from above stands in where it has
    nobody of its own, and is the subdistrict. Nobody handles a complaint about themselves.
    """
    if actor.staff_id is None or actor.staff_id == matter.about_id:
        return False
    if not matter.level.is_office:
        return actor.staff_id == matter.holder_id
    is_below, is_above = _manages(actor, community)
    if matter.level is Level.SUBDISTRICT:
        return is_above
    if is_below or not is_above:
        return is_below
    secretaries = secretaries_of(community.id, matter.about_id)
    return await session.scalar(secretaries.limit(1)) is None


async def handlers_of(session: AsyncSession, matter: Matter, community: Community) -> list[int]:
    """The staff who can answer the matter now, by id."""
    if matter.holder_id is not None:
        return [matter.holder_id]
    below = (await session.scalars(secretaries_of(community.id, matter.about_id))).all()
    if matter.level is Level.SECRETARY and below:
        return list(below)
    above = await members_with_role(
        session, StaffRole.role.in_(OFFICE), StaffRole.is_above(community)
    )
    return [member.id for member in above if member.id != matter.about_id]


def _manages(actor: Actor, community: Community) -> tuple[bool, bool]:
    """Whether the actor manages the community itself, and whether from above."""
    grants = [grant for grant in actor.grants if grant.role in OFFICE and grant.covers(community)]
    is_below = any(grant.community_id is not None for grant in grants)
    return is_below, any(grant.community_id is None for grant in grants)


# A statement and not its answer: an inbox asks it of every matter at once, in the same words.
def secretaries_of(
    community_id: int | InstrumentedAttribute[int],
    about_id: int | InstrumentedAttribute[int | None] | None,
) -> Select[int]:
    """Who manages a community itself, by id, without the person a complaint is about."""
    return (
        select(StaffRole.staff_id)
        .join(StaffMember, StaffMember.id == StaffRole.staff_id)
        .where(
            StaffRole.role.in_(OFFICE),
            StaffRole.community_id == community_id,
            StaffRole.staff_id.is_distinct_from(about_id),
            StaffMember.ended_at.is_(None),
        )
    )


async def locked(session: AsyncSession, matter_id: int) -> Matter:
    """The matter, locked against every other act. Raises `NoResultFound`."""
    found = await session.scalars(
        select(Matter)
        .where(Matter.id == matter_id)
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    return found.one()


def settle(act: Act, matter: Matter, ladder: Ladder) -> None:
    """Write down the moves that are due, so that the store says who has the matter now.

    Every act on a matter comes after this.
    """
    if not matter.is_open:
        return
    if (change := displaced(ladder, matter.hold, act.now)) is not None:
        move(act, matter, change)
    for hold in course(ladder, *_since(act, matter), act.calendar, act.now):
        move(act, matter, hold)
    expect(act, matter, ladder)


def expect(act: Act, matter: Matter, ladder: Ladder) -> None:
    """Keep when the matter moves on if nobody acts; called after every act on an open matter."""
    following = next_hold(ladder, *_since(act, matter), act.calendar)
    matter.moves_at = following.since if following and matter.is_open else None


def _since(act: Act, matter: Matter) -> tuple[Hold, dt.datetime | None]:
    """Who has the matter, and since when an answer is owed, in local times."""
    zone, owed = act.now.tzinfo, matter.owed_since
    hold = replace(matter.hold, since=matter.held_since.astimezone(zone))
    return hold, None if owed is None else owed.astimezone(zone)


def move(act: Act, matter: Matter, hold: Hold) -> None:
    """Write down a new holder; the resident reads why."""
    matter.level, matter.holder_id = hold.level, hold.staff_id
    matter.held_since, matter.held_why = hold.since, hold.why
    row = {"level": hold.level, "staff_id": hold.staff_id, "since": hold.since, "why": hold.why}
    act.session.add(MatterHold(matter_id=matter.id, **row))
    facts: Facts = {"level": hold.level.value, "why": hold.why.value, "staff": hold.staff_id}
    add(replace(act, now=hold.since), matter, EntryKind.HELD, facts=facts)
    record(act.session, MatterHeld(matter.id, hold.since))


def hand_over(  # noqa: PLR0913, PLR0917 - giver, receiver and words
    act: Act, matter: Matter, ladder: Ladder, from_id: int, to_id: int, written: Written
) -> None:
    """Give the matter to a colleague, with a note that the resident does not see.

    Raises `AwayError` when the colleague is away, has left, or is the one complained about.
    """
    if ladder.is_away(to_id, act.now):
        raise AwayError
    if written.words:
        note(act, matter, from_id, written)
    move(act, matter, Hold(Level.HOLDER, to_id, act.now, HoldReason.HANDED_OVER))
    expect(act, matter, ladder)


async def held_by(
    act: Act, actor: Actor, matter_id: int, community: Community, kind: MatterKind
) -> tuple[Matter, Ladder]:
    """The matter, locked and settled, for its handler. Raises `NotHandlerError` for all others."""
    matter = await locked(act.session, matter_id)
    ladder = await kind.ladder(act.session, matter, act.now)
    settle(act, matter, ladder)
    if not await may_handle(act.session, actor, matter, community):
        raise NotHandlerError
    return matter, ladder


async def ask_colleague(act: Act, matter: Matter, colleague_id: int) -> None:
    """Let a colleague read and note, for as long as the present holder has the matter."""
    row = {"matter_id": matter.id, "staff_id": colleague_id, "since": act.now}
    await act.session.execute(
        inserting(act.session, MatterColleague)
        .values(row)
        .on_conflict_do_update(index_elements=["matter_id", "staff_id"], set_={"since": act.now})
    )
    record(act.session, ColleagueAsked(matter.id, colleague_id, act.now))


async def is_asked(session: AsyncSession, matter: Matter, staff_id: int | None) -> bool:
    """Whether the present holder asked this colleague."""
    if staff_id is None or staff_id == matter.about_id:
        return False
    asked = await session.get(MatterColleague, (matter.id, staff_id))
    return asked is not None and asked.since >= matter.held_since


# Who is present is written where absences, roles and accounts are, so the store is told there. Not
# taken: a look at every open matter, which a district with thousands of them cannot take each time.
async def look_again(session: AsyncSession, staff_id: int, now: dt.datetime) -> None:
    """Have this person's open matters settled at the next look: their presence changed."""
    await session.execute(
        update(Matter)
        .where(Matter.holder_id == staff_id, Matter.closed_at.is_(None))
        .values(moves_at=now)
    )


async def settle_due(act: Act, kind_of: KindOf) -> int:
    """Move on the matters whose time has come, `BATCH` at most; how many there were.

    A caller repeats it until there are none, each time in a unit of work of its own.
    """
    due = await act.session.scalars(
        select(Matter.id)
        .where(Matter.closed_at.is_(None), Matter.moves_at <= act.now)
        .order_by(Matter.moves_at, Matter.id)
        .limit(BATCH)
    )
    return await _settle_all(act, list(due), kind_of)


async def settle_after(act: Act, last_id: int, kind_of: KindOf) -> int | None:
    """Settle the next `BATCH` open matters after this id: posts, absences or holidays changed.

    Returns the last id, for the next call; None when there were no more.
    """
    found = await act.session.scalars(
        select(Matter.id)
        .where(Matter.closed_at.is_(None), Matter.id > last_id)
        .order_by(Matter.id)
        .limit(BATCH)
    )
    matter_ids = list(found)
    await _settle_all(act, matter_ids, kind_of)
    return matter_ids[-1] if matter_ids else None


async def _settle_all(act: Act, matter_ids: list[int], kind_of: KindOf) -> int:
    for matter_id in matter_ids:
        matter = await locked(act.session, matter_id)
        settle(act, matter, await kind_of(matter.kind).ladder(act.session, matter, act.now))
        _recount(act, matter)
    return len(matter_ids)


def _recount(act: Act, matter: Matter) -> None:
    """Let the date follow a changed holiday notice, and say so."""
    clock = matter.clock(act.now.tzinfo)
    counted = clock.due(act.calendar).day if clock else None
    if counted is None or counted == matter.due_on:
        return
    before = matter.due_on.isoformat() if matter.due_on else None
    facts: Facts = {"before": before, "after": counted.isoformat(), "why": "holidays"}
    matter.due_on = counted
    add(act, matter, EntryKind.DUE_MOVED, facts=facts)
