"""Killed ten times around the moment of a schedule: published once, and told once."""

from __future__ import annotations

import asyncio
import datetime as dt
from typing import TYPE_CHECKING

from sqlalchemy import func, select

from domain.disclosures import publishing
from domain.disclosures.tables import Disclosure, DisclosureRevision
from domain.staff.journal import JournalEntry
from tests.world.clock import SHANGHAI
from tests.world.disclosures import disclosure_office
from tests.world.schedules import AFTER_COMMIT, BEFORE_COMMIT, Light, killed

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncSession

    from domain.staff.actor import Actor
    from domain.store import Store
    from tests.world.disclosures import DisclosureOffice

MOMENTS = (3, 6, 9, 12, 14, 16, 18, 20, BEFORE_COMMIT, AFTER_COMMIT)
"""Statements before which it is killed, of more than twenty; and the two sides of the commit."""
SECOND = dt.timedelta(seconds=1)


async def scheduled(office: DisclosureOffice) -> int:
    """A disclosure whose moment has just come; its id."""
    disclosure_id = await office.begun()
    await office.all_steps(disclosure_id)
    now = dt.datetime.now(SHANGHAI)

    async def deed(session: AsyncSession, actor: Actor, made: Disclosure) -> None:
        await publishing.schedule(session, actor, made, now - SECOND, now - 2 * SECOND)

    await office.do(disclosure_id, deed)
    return disclosure_id


async def published(store: Store, disclosure_id: int) -> tuple[int, int]:
    """How many revisions it has, and how often it was told."""
    async with store.read() as session:
        revisions = select(func.count()).where(DisclosureRevision.disclosure_id == disclosure_id)
        subject = f"disclosure/{disclosure_id}"
        told = select(func.count()).where(
            JournalEntry.subject == subject, JournalEntry.action == "told"
        )
        return await session.scalar(revisions) or 0, await session.scalar(told) or 0


async def test_killed_around_its_moment_it_is_published_once(sample: Store) -> None:
    office = await disclosure_office(sample)
    url = sample.url.render_as_string(hide_password=False)
    after, server = [], Light(sample)
    for moment in MOMENTS:
        disclosure_id = await scheduled(office)
        assert await asyncio.to_thread(killed, url, moment), moment
        after.append(await published(sample, disclosure_id))
        # The server comes back, and looks more than once.
        for _ in range(2):
            await server.look()
            assert await published(sample, disclosure_id) == (1, 1), moment
    assert after == [(0, 0)] * (len(MOMENTS) - 1) + [(1, 1)]
    async with sample.read() as session:
        links, first_fault = await publishing.verify(session, "c/liujiazhuang")
    assert (links >= len(MOMENTS), first_fault) == (True, None)
