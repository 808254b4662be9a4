"""The inbox lists exactly what its person may answer."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from domain.matters.holders import move
from domain.matters.inbox import inbox_of
from domain.matters.ladder import Hold, HoldReason, Level
from domain.matters.tables import Matter
from domain.staff.tables import StaffMember

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncSession

    from domain.matters.timeline import Act
    from tests.world.matters import LineOffice


async def lists_it(office: LineOffice, matter_id: int) -> set[str]:
    """The people in whose inbox a matter stands."""
    found = set()
    for name in office.people:
        actor = await office.actor(name)

        async def look(session: AsyncSession, actor=actor) -> list[int]:
            member = await session.get_one(StaffMember, actor.staff_id)
            if member.ended_at is not None:
                return []
            inbox = await inbox_of(session, actor, office.now.date(), 50)
            return [matter.id for matter in (*inbox.owed, *inbox.answered)]

        if matter_id in await office.read(look):
            found.add(name)
    return found


@pytest.mark.parametrize("level", Level)
@pytest.mark.parametrize("about", [None, "holder", "secretary"])
@pytest.mark.parametrize("has_secretary", [True, False])
async def test_the_inbox_lists_what_may_be_answered(office, level, about, has_secretary) -> None:
    matter_id = await office.opens()
    if not has_secretary:
        await office.leaves("secretary")

    async def unit(act: Act) -> None:
        matter = await act.session.get_one(Matter, matter_id)
        who = None if level.is_office else office.people["colleague"]
        move(act, matter, Hold(level, who, act.now, HoldReason.HANDED_OVER))
        matter.about_id = office.people[about] if about else None

    await office.do(unit)
    may = await office.handlers(matter_id)
    assert await lists_it(office, matter_id) == may
    assert may
