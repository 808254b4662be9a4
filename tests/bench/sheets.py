"""A district's communities by spreadsheet: 40 rows of each out, in again all changed, and published.

SHEETS_DATABASE is the address of an empty PostgreSQL database to measure instead of SQLite.
"""

from __future__ import annotations

import asyncio
import os
import time
from functools import partial
from typing import TYPE_CHECKING, Any

from sqlalchemy import text

from domain.papers.kinds import COMPOUNDS, FACILITIES, HALL, PARTNERS, PEOPLE
from domain.papers.sheets.communities import MOST_ROWS, SHEETS
from domain.papers.sheets.community_documents import CommunityStands, read_communities, rows_of
from domain.papers.sheets.community_importing import (
    by_community,
    changed_documents,
    problems_of,
    publish_some,
    standing_communities,
    standing_places,
)
from domain.papers.sheets.importing import categories_of
from domain.papers.sheets.unpacking import opened
from domain.papers.sheets.writing import workbook_of_communities
from domain.staff.actor import COMMAND_LINE
from domain.store import Store
from tests.bench.load import at
from tests.bench.midday import now
from tests.bench.pages import prepare
from tests.bench.report import Figure

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from domain.papers.paper import Paper
    from domain.papers.sheets.importing import Changed
    from domain.places.content import FacilityContent

ROWS = 40
"""Of each community."""
PARTS = {
    PEOPLE: ("people", "answers_for"),
    COMPOUNDS: ("compounds", "address"),
    FACILITIES: ("facilities", "about"),
    PARTNERS: ("partners", "answers_for"),
}
"""The list that each of these documents is, and a text of its members that may be longer."""


def measure(folder: Path) -> Iterator[Figure]:
    """How long the way out, the way in and the publication take, and how long it writes at once."""
    url = os.environ.get("SHEETS_DATABASE", f"sqlite+aiosqlite:///{folder / 'lianxin.db'}")
    slugs = asyncio.run(prepare(url))
    yield from asyncio.run(_there_and_back(url, slugs))


async def _there_and_back(url: str, slugs: list[str]) -> list[Figure]:
    store = Store(url)
    await store.open()
    try:
        async with store.read() as session:
            numbers, stands = await standing_communities(session, slugs)
            places, categories = await standing_places(session), await categories_of(session)
        facilities: Any = stands["liujiazhuang"].documents[FACILITIES]
        pattern = facilities.facilities[0]
        edited = {slug: _edited(each, pattern) for slug, each in stands.items()}
        rows = sum(len(list(rows_of(sheet, edited))) for sheet in SHEETS)
        data, out = _timed(partial(workbook_of_communities, edited, places, categories))
        sheets, opening = _timed(partial(opened, data, None, MOST_ROWS))
        reading, reads = _timed(partial(read_communities, sheets, stands, places, _as_typed))
        began = time.perf_counter()
        async with store.read() as session:
            problems = await problems_of(session, reading, stands, places)
        checks = time.perf_counter() - began
        if problems:
            raise RuntimeError(f"the file has problems: {problems[:3]}")
        changed = changed_documents(numbers, stands, places, reading)
        empty = await _empty_writes(store, len(changed))
        took = await _published(store, changed)
    finally:
        await store.close()
    what = f"{len(slugs)} communities by spreadsheet, {rows} rows"
    bare = f"as many empty writes: {empty:.2f} s"
    looked = opening + reads + checks
    return [
        Figure(f"{what}, out", f"{out:.1f} s", bare, out / empty),
        Figure(f"{what}, looked through", f"{looked:.1f} s", bare, looked / empty),
        Figure(
            f"{what}, {len(changed)} documents published",
            f"{sum(took):.1f} s, at once p99 {at(took, 0.99):.0f} ms, longest {at(took, 1):.0f} ms",
            bare,
            sum(took) / empty,
            "under 10 s, and 100 ms at once",
        ),
    ]


def _edited(stands: CommunityStands, pattern: FacilityContent) -> CommunityStands:
    """With a change in each document, and with facilities until there are `ROWS` rows."""
    documents: dict[Any, Any] = dict(stands.documents)
    hall = documents[HALL]
    documents[HALL] = hall.model_copy(update={"address": f"{hall.address}（新）"})
    for kind, (part, member_text) in PARTS.items():
        members = [
            each.model_copy(update={member_text: f"{getattr(each, member_text)}（新）"})
            for each in getattr(documents[kind], part)
        ]
        documents[kind] = documents[kind].model_copy(update={part: tuple(members)})
    edited = CommunityStands(stands.name, documents)
    missing = ROWS - sum(len(list(rows_of(sheet, {"": edited}))) for sheet in SHEETS)
    facilities = documents[FACILITIES].facilities
    more = [
        pattern.model_copy(update={"slug": f"more-{n}", "name": f"设施{n}"}) for n in range(missing)
    ]
    update = {"facilities": (*facilities, *more)}
    documents[FACILITIES] = documents[FACILITIES].model_copy(update=update)
    return edited


def _as_typed(_paper: Paper, values: dict[str, Any]) -> dict[str, Any]:
    return values


def _timed(act: Any) -> tuple[Any, float]:
    began = time.perf_counter()
    found = act()
    return found, time.perf_counter() - began


async def _empty_writes(store: Store, count: int) -> float:
    """Seconds for so many units of work that hardly do anything."""

    async def unit(session: Any) -> None:
        await session.execute(text("UPDATE hall SET name = name WHERE id = 1"))

    began = time.perf_counter()
    for _ in range(count):
        await store.write(unit)
    return time.perf_counter() - began


async def _published(store: Store, changed: list[Changed]) -> list[float]:
    """Seconds that each community took, one after another as the office's page publishes them."""
    took = []
    for some in by_community(changed):
        unit = partial(publish_some, actor=COMMAND_LINE, changed=some, reason="核对", now=now())
        began = time.perf_counter()
        if left := await store.write(unit):
            raise RuntimeError(f"not published: {left}")
        took.append(time.perf_counter() - began)
    return sorted(took)
