"""公开事项, as residents know them: by the title under which each was last published."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import select

from domain.disclosures.tables import Disclosure, DisclosureState

if TYPE_CHECKING:
    from collections.abc import Collection

    from sqlalchemy.ext.asyncio import AsyncSession


async def title_of_item(session: AsyncSession, community_id: int, item: str) -> str | None:
    """The title under which a community last published this item; None if it never did."""
    title: str | None = await session.scalar(
        select(Disclosure.title)
        .where(
            Disclosure.community_id == community_id,
            Disclosure.item == item,
            Disclosure.state == DisclosureState.PUBLISHED,
        )
        .order_by(Disclosure.period.desc(), Disclosure.id.desc())
        .limit(1)
    )
    return title


async def titles_of_items(
    session: AsyncSession, items: Collection[tuple[int, str]]
) -> dict[tuple[int, str], str]:
    """The same for several items, each with its community's id; there are a handful."""
    found = {key: await title_of_item(session, *key) for key in set(items)}
    return {key: title for key, title in found.items() if title}
