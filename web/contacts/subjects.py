"""The subjects of conversations by their names, for the page of figures."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import select

from domain.contacts.subjects import subject_counts
from domain.contacts.tables import ContactPost
from domain.matters.growth import SubjectCount

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy.ext.asyncio import AsyncSession

    from domain.places.tables import Community
    from web.site.visit import Visit


async def subjects(
    visit: Visit, session: AsyncSession, place: Community, periods: Sequence[int], keep_days: int
) -> dict[int, list[SubjectCount]]:
    """How many conversations were about each subject, by period in days."""
    found = await subject_counts(session, place.id, periods, visit.now, keep_days)
    if not found:
        return {}
    names = await _names(visit, session, place)
    return {
        days: [
            SubjectCount(kind, names[kind].get(word, str(word)), now, before)
            for kind, rows in kinds.items()
            for word, now, before in rows
        ]
        for days, kinds in found.items()
    }


async def _names(
    visit: Visit, session: AsyncSession, place: Community
) -> dict[str, dict[Any, str]]:
    """Names by kind, and by id or slug."""
    posts = await session.execute(
        select(ContactPost.id, ContactPost.name).where(ContactPost.community_id == place.id)
    )
    community = await visit.published.community(place.slug, session)
    items = visit.published.handbook.ever
    return {
        "post": {post_id: name for post_id, name in posts},  # noqa: C416 - a Result has keys()
        "item": {slug: item.name for slug, item in items.items()},
        "building": {
            building.slug: compound.name_of(building)
            for compound in community.compounds_ever
            for building in compound.buildings_ever
        },
        "facility": {facility.slug: facility.name for facility in community.facilities},
    }
