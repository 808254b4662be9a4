"""公开事项, as residents know them: by the title under which each was last published."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import select

from domain.disclosures.shown import parts_of
from domain.disclosures.tables import Disclosure, DisclosureState

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncSession

    from domain.places.tables import Community


async def title_of_item(session: AsyncSession, community: Community, item: str) -> str | None:
    """The title under which this item was last published here; None if it never was.

    A community's own comes before that of its subdistrict.
    """
    newest = (
        select(Disclosure.title)
        .where(Disclosure.item == item, Disclosure.state == DisclosureState.PUBLISHED)
        .order_by(Disclosure.period.desc(), Disclosure.id.desc())
        .limit(1)
    )
    for part in parts_of(community):
        title: str | None = await session.scalar(newest.where(part))
        if title:
            return title
    return None
