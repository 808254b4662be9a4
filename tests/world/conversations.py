"""The contact line as tests need it: posts with people, and what a matter says."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

from sqlalchemy import select

from domain.contacts.content import PostKind
from domain.contacts.tables import ContactPost, Conversation
from domain.content import OpeningPeriod
from domain.matters.tables import EntryKind, Matter, MatterEntry
from domain.places.content import HallHours
from domain.places.tables import Community

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncSession

    from domain.store import Store

OFFICE = (
    OpeningPeriod(opens=dt.time(8, 30), closes=dt.time(12)),
    OpeningPeriod(opens=dt.time(13, 30), closes=dt.time(17, 30)),
)


async def with_post(
    store: Store,
    slug: str = "liujiazhuang-1",
    *,
    community: str = "liujiazhuang",
    holder: str | None = None,
    buildings: tuple[str, ...] = (),
) -> int:
    """A contact for these buildings, or for all of a community; its id."""

    async def unit(session: AsyncSession) -> int:
        place = await session.scalar(select(Community.id).where(Community.slug == community))
        post = ContactPost(
            community_id=place,
            slug=slug,
            kind=PostKind.BUILDING,
            name=f"{slug} 联系人",
            answers_for="楼道、水电、邻里的事",
            buildings=buildings,
            holder=holder,
            phone="0531-86123456",
            hours=HallHours(working_day=OFFICE),
            answers_within=3,
            passes_on_after=8,
            rank=0,
        )
        session.add(post)
        await session.flush()
        return post.id

    return await store.write(unit)


async def matters(store: Store) -> list[tuple[Matter, Conversation]]:
    """Every matter with its conversation, the first first."""
    async with store.read() as session:
        rows = await session.execute(
            select(Matter, Conversation)
            .join(Conversation, Conversation.matter_id == Matter.id)
            .order_by(Matter.id)
        )
        return [(first, second) for first, second in rows]


async def said(store: Store, matter_id: int) -> list[tuple[EntryKind, str]]:
    """What was said in a matter, in order; without who had it."""
    async with store.read() as session:
        rows = await session.execute(
            select(MatterEntry.kind, MatterEntry.words)
            .where(MatterEntry.matter_id == matter_id, MatterEntry.kind != EntryKind.HELD)
            .order_by(MatterEntry.id)
        )
        return [(first, second) for first, second in rows]
