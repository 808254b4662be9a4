"""打印: what stands on the cards and on the sheets of the stairwells, and what changed since."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import select

from domain.contacts.posts import posts_of_building
from domain.contacts.tables import CardPrint, ContactPost

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Iterable

    from sqlalchemy.ext.asyncio import AsyncSession

    from domain.places.tables import Building, Community, Compound

# Characters.
LONGEST_FINGERPRINT = 64


@dataclass(frozen=True)
class Printable:
    """A card or a sheet: its name in the store, the posts on it, and what it says as a hash."""

    subject: str
    posts: tuple[ContactPost, ...]
    fingerprint: str
    # Of a sheet; None for a card.
    compound: Compound | None = None
    building: Building | None = None


def cards_of(community: Community, origin: str) -> list[Printable]:
    """A card for each post of the community."""
    return [
        Printable(f"posts/{post.slug}", (post,), _fingerprint(community, [post], origin))
        for post in community.posts
    ]


def sheets_of(community: Community, origin: str) -> list[Printable]:
    """A sheet for each building that has a post; `origin` is where the codes lead."""
    found = []
    for compound in community.compounds:
        for building in compound.buildings:
            posts = tuple(posts_of_building(community, building.slug))
            if posts:
                says = _fingerprint(community, posts, origin, compound.name, building.name)
                sheet = Printable(f"buildings/{building.slug}", posts, says, compound, building)
                found.append(sheet)
    return found


# Only what stands on the paper counts, so that a new holder does not ask for new paper.
def _fingerprint(
    community: Community, posts: Iterable[ContactPost], origin: str, *place: str
) -> str:
    said = [
        [
            post.slug,
            post.name,
            post.answers_for,
            post.phone,
            post.hours.model_dump(mode="json"),
            post.answers_within,
        ]
        for post in posts
    ]
    plain = json.dumps([community.name, origin, place, said], ensure_ascii=False)
    return hashlib.sha256(plain.encode()).hexdigest()


async def printed_before(session: AsyncSession, community_id: int) -> dict[str, CardPrint]:
    """What was printed last of each card and sheet, by its name in the store."""
    rows = await session.scalars(select(CardPrint).where(CardPrint.community_id == community_id))
    return {row.subject: row for row in rows}


async def remember(
    session: AsyncSession, community_id: int, printed: dict[str, str], now: dt.datetime
) -> None:
    """These were printed now: what each said, by its name in the store."""
    for subject, fingerprint in printed.items():
        await session.merge(
            CardPrint(
                community_id=community_id,
                subject=subject,
                fingerprint=fingerprint[:LONGEST_FINGERPRINT],
                printed_at=now,
            )
        )
