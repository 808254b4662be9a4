"""Joined matters, and the inbox of the people who answer."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from domain.matters.errors import NotJoinableError
from domain.matters.holders import ask_colleague, is_asked
from domain.matters.inbox import inbox_of, joined_counts
from domain.matters.joined import join, joined_to
from domain.matters.tables import Matter
from domain.staff.actor import Actor
from tests.world.matters import written

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncSession

    from domain.matters.timeline import Act
    from tests.world.matters import LineOffice


async def joined(office: LineOffice, one: int, other: int) -> None:
    """Join a matter to another."""

    async def work(act: Act) -> None:
        matters = [await act.session.get_one(Matter, number) for number in (one, other)]
        await join(act, *matters)

    await office.do(work)


async def test_joined_matters_stand_under_their_main_in_the_inbox(office) -> None:
    main, second, third = [await office.opens(written(f"灯坏了 {n}")) for n in range(3)]
    await joined(office, second, main)
    await joined(office, third, main)

    async def look(session: AsyncSession) -> tuple[list[int], int, dict[int, int]]:
        matter = await session.get_one(Matter, main)
        actor = Actor(matter.holder_id)
        inbox = await inbox_of(session, actor, office.now.date(), 50)
        counts = await joined_counts(session, [main])
        assert [other.id for other in await joined_to(session, matter)] == [second, third]
        return [found.id for found in inbox.owed], inbox.owed_count, counts

    assert await office.read(look) == ([main], 1, {main: 2})


async def test_what_cannot_be_one_is_refused(office) -> None:
    main, second = await office.opens(), await office.opens()
    complaint = await office.opens(is_complaint=True)
    for one, other in ((main, main), (complaint, main), (main, complaint)):
        with pytest.raises(NotJoinableError):
            await joined(office, one, other)
    await joined(office, second, main)
    third = await office.opens()
    # Neither in a chain, nor with others below.
    for one, other in ((third, second), (main, third)):
        with pytest.raises(NotJoinableError):
            await joined(office, one, other)


async def test_a_colleague_who_was_asked_reads_until_the_matter_moves(office) -> None:
    matter_id = await office.opens()
    colleague = max(office.people.values())

    async def ask(act: Act) -> None:
        matter = await act.session.get_one(Matter, matter_id)
        await ask_colleague(act, matter, colleague)

    await office.do(ask)

    async def asked(session: AsyncSession) -> bool:
        return await is_asked(session, await session.get_one(Matter, matter_id), colleague)

    assert await office.read(asked)

    async def moves(act: Act) -> None:
        matter = await act.session.get_one(Matter, matter_id)
        matter.held_since = act.now

    office.later(hours=1)
    await office.do(moves)
    assert not await office.read(asked)
