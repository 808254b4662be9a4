"""What changed last, for feeds: published, corrected, withdrawn, erased."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import select

from domain.disclosures.shown import IS_SHOWN, parts_of
from domain.disclosures.tables import Disclosure, DisclosureState

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Sequence

    from sqlalchemy.ext.asyncio import AsyncSession

    from domain.disclosures.content import DisclosureKind
    from domain.places.tables import Community

# Entries of a feed.
MOST = 50
# Disclosures that follow each other on a hall's screen.
MOST_ON_SCREEN = 5


# By the last change and not by the publication: a reader must also learn that an entry from last
# year was withdrawn or erased.
async def changed_last(
    session: AsyncSession,
    community: Community,
    kind: DisclosureKind | None = None,
    item: str | None = None,
) -> Sequence[Disclosure]:
    """The disclosures of a place whose meaning changed last, the latest first; `MOST` at most."""
    chosen = select(Disclosure).where(IS_SHOWN)
    if kind is not None:
        chosen = chosen.where(Disclosure.kind == kind)
    if item is not None:
        chosen = chosen.where(Disclosure.item == item)
    newest = chosen.order_by(Disclosure.updated_at.desc(), Disclosure.id.desc()).limit(MOST)
    found: list[Disclosure] = []
    for part in parts_of(community):
        found.extend(await session.scalars(newest.where(part)))
    found.sort(key=lambda each: (each.updated_at, each.id), reverse=True)
    return found[:MOST]


async def published_lately(
    session: AsyncSession, community: Community, since: dt.datetime
) -> Sequence[Disclosure]:
    """What a place published since then and everyone may read, the newest first; a handful."""
    newest = (
        select(Disclosure)
        .where(
            Disclosure.state == DisclosureState.PUBLISHED,
            Disclosure.published_at >= since,
            Disclosure.summary != "",
        )
        .order_by(Disclosure.published_at.desc(), Disclosure.id.desc())
        .limit(MOST_ON_SCREEN)
    )
    found: list[Disclosure] = []
    for part in parts_of(community):
        found.extend(await session.scalars(newest.where(part)))
    found.sort(key=lambda each: (each.published_at, each.id), reverse=True)
    return found[:MOST_ON_SCREEN]
