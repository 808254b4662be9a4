"""The sample district: its files, and the numbers of its places."""

from __future__ import annotations

from dataclasses import dataclass, replace
from math import hypot
from typing import TYPE_CHECKING

from sqlalchemy import select

from domain.founding import Beginning, files_of, rows_of
from domain.geo import metres_east_north
from domain.places.tables import Community, Subdistrict
from domain.seed import SAMPLE, read_district

if TYPE_CHECKING:
    from domain.store import Store

FILES = read_district(SAMPLE)
"""The sample district, read once: tests plant it, they do not read it again."""
QUIET = replace(FILES, affairs={})
"""The same before anyone asked anything or met."""

NEW = files_of(
    Beginning(
        "槐荫区",
        "济南市",
        "0531-85900000",
        rows_of("吴家堡街道:新沙社区、裕园社区\n段店北路街道,绿地社区,绿地路 1 号"),
    )
)
"""A district on its first day, as `new-district` makes it: its places, and nothing about them."""


@dataclass(frozen=True)
class Places:
    """The numbers of places, by slug."""

    subdistrict: dict[str, int]
    community: dict[str, int]
    subdistrict_of: dict[int, int]


async def places(store: Store) -> Places:
    """Where roles can be held in the sample district."""
    async with store.read() as session:
        subdistricts = (await session.scalars(select(Subdistrict))).all()
        communities = (await session.scalars(select(Community))).all()
    return Places(
        {each.slug: each.id for each in subdistricts},
        {each.slug: each.id for each in communities},
        {each.id: each.subdistrict_id for each in communities},
    )


def distance(a: tuple[float, float], b: tuple[float, float]) -> float:
    """Metres between two points of one district."""
    return hypot(*metres_east_north(a, b))
