"""公开: what a community published, what it owes, and what was asked about it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from domain.disclosures.shown import gone
from web.disclosures import index
from web.disclosures.routes import HERE, ROUTES
from web.disclosures.telling import tell_by_and_by
from web.site.feature import Feature, Kept

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sqlalchemy.ext.asyncio import AsyncSession

    from domain.places.tables import Community
    from web.site.visit import Visit


def kept_offline(_visit: Visit, community: Community) -> Iterator[Kept]:
    """The newest. A disclosure itself is kept by the phone on which it was opened."""
    yield Kept(HERE, index.show, {"community": community.slug})


async def gone_offline(session: AsyncSession, community: Community) -> list[str]:
    """Disclosures of which something was erased, withdrawn, or has come to its last day."""
    return [f"/c/{community.slug}/disclosures/{each}" for each in await gone(session, community)]


def in_sitemap(_visit: Visit, slug: str) -> Iterator[str]:
    """The list of disclosures."""
    yield f"/c/{slug}/disclosures"


FEATURE = Feature(
    routes=ROUTES,
    kept_offline=kept_offline,
    gone_offline=gone_offline,
    in_sitemap=in_sitemap,
    background=(tell_by_and_by,),
)
