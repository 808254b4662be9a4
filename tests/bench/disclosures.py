"""Lists, one disclosure and search in a district's years of disclosures, against an empty store."""

from __future__ import annotations

import asyncio
import datetime as dt
import shutil
import sqlite3
import time
from contextlib import closing
from statistics import median, quantiles
from typing import TYPE_CHECKING

from sqlalchemy import select
from sqlalchemy.orm import joinedload

from domain.calendar import load_calendar
from domain.disclosures import shown
from domain.disclosures.content import DisclosureKind
from domain.disclosures.tables import Disclosure
from domain.places.tables import Community
from domain.store import Store
from tests.bench.midday import now as now_at_midday
from tests.bench.pages import prepare
from tests.bench.report import Figure

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Iterator
    from pathlib import Path

    from sqlalchemy.ext.asyncio import AsyncSession

    Work = Callable[[AsyncSession, Community], Awaitable[object]]

COMMUNITIES, EACH = 127, 2_000
FEW = 30
"""Disclosures of each community in the store that is otherwise empty: a page and a half."""
TIMES = 200
# Of a text that a disclosure of a page's length has.
PARAGRAPH = (
    "社区工作经费的收入和支出情况如下，楼道照明、绿化养护、重阳节活动等项目均经居民代表会议通过。"
    * 20
)

_COMMUNITIES = """
    WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < :count)
    INSERT INTO community (subdistrict_id, slug, name, rank, settlement)
    SELECT 1 + i % (SELECT count(*) FROM subdistrict), 'bench-' || i, '社区' || i, 100 + i, 'old-town'
    FROM n
"""
# Two of a hundred are for all communities of a subdistrict.
_DISCLOSURES = """
    WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < :each)
    INSERT INTO disclosure (uid, form_key, subdistrict_id, community_id, kind, state, number, title,
        summary, item, period, published_at, updated_at, words, withdrawn_why, draft_number,
        draft_reason, steps_taken)
    SELECT printf('%08d-%d', i, c.id), printf('%d/%d', c.id, i), c.subdistrict_id,
        CASE WHEN i % 50 = 0 AND c.rank % 10 = 0 THEN NULL ELSE c.id END,
        CASE i % 3 WHEN 0 THEN 'party' WHEN 1 THEN 'finance' ELSE 'resident-affairs' END,
        'published', 1, '第 ' || i || ' 项公开', '一句话说清。', 'item-' || (i % 40), '2020-01',
        datetime(:now, '-' || (i * 2) || ' hours') || '.000000',
        datetime(:now, '-' || (i * 2) || ' hours') || '.000000', :words, '', 0, '', 0
    FROM community c CROSS JOIN n
"""


def measure(folder: Path) -> Iterator[Figure]:
    """What residents open, in both stores."""
    places = [folder / "few", folder / "full"]
    places[0].mkdir()
    asyncio.run(prepare(f"sqlite+aiosqlite:///{places[0] / 'lianxin.db'}"))
    shutil.copytree(places[0], places[1])
    _fill(places[0], now_at_midday(), 0, FEW)
    _fill(places[1], now_at_midday(), COMMUNITIES, EACH)
    few, full = (asyncio.run(_all(place)) for place in places)
    size = f"{COMMUNITIES} communities × {EACH}"
    for name, took in full.items():
        if name == "search":
            continue
        yield Figure(
            f"{name}, {size} disclosures",
            f"{median(took) * 1000:.2f} ms",
            f"one page of each: {median(few[name]) * 1000:.2f} ms",
            median(took) / median(few[name]),
            "at most 1.2",
        )
    slowest = quantiles(full["search"], n=100)[98]
    yield Figure(
        f"search for a word that is nowhere, p99, {size} disclosures",
        f"{slowest * 1000:.1f} ms",
        f"the newest: {median(full['the newest']) * 1000:.2f} ms",
        slowest / median(full["the newest"]),
    )


def _fill(folder: Path, now: dt.datetime, communities: int, each: int) -> None:
    values = {
        "each": each,
        "now": now.astimezone(dt.UTC).strftime("%Y-%m-%d %H:%M:%S"),
        "words": PARAGRAPH,
    }
    with closing(sqlite3.connect(folder / "lianxin.db")) as database, database:
        [here] = database.execute("SELECT count(*) FROM community").fetchone()
        if communities > here:
            database.execute(_COMMUNITIES, {"count": communities - here})
        database.execute(_DISCLOSURES, values)
        database.execute("ANALYZE")


async def _all(folder: Path) -> dict[str, list[float]]:
    """Seconds that each thing takes, each time."""
    store = Store(f"sqlite+aiosqlite:///{folder / 'lianxin.db'}")
    await store.open()
    async with store.read() as session:
        community = (
            await session.scalars(
                select(Community)
                .where(Community.slug == "liujiazhuang")
                .options(joinedload(Community.subdistrict))
            )
        ).one()
        calendar = await load_calendar(session)
        [sample] = (
            await session.scalars(
                select(Disclosure.id).where(Disclosure.title.startswith("10 月份")).limit(1)
            )
        ).all()

    async def newest(session: AsyncSession, here: Community) -> object:
        return await shown.newest(session, here, shown.Wanted())

    async def of_kind(session: AsyncSession, here: Community) -> object:
        return await shown.newest(session, here, shown.Wanted(kind=DisclosureKind.FINANCE))

    async def years(session: AsyncSession, here: Community) -> object:
        return await shown.years_of(session, here)

    async def detail(session: AsyncSession, here: Community) -> object:
        found = await shown.one(session, here, sample)
        assert found is not None
        revision = await shown.revision_of(session, found, found.number)
        assert revision is not None
        await shown.before_it(session, found)
        return await shown.shown(session, found, revision, calendar, now_at_midday())

    async def search(session: AsyncSession, here: Community) -> object:
        return await shown.newest(session, here, shown.Wanted(words="无人机"))

    works: dict[str, Work] = {
        "the newest": newest,
        "the newest of a kind": of_kind,
        "the years": years,
        "one disclosure": detail,
        "search": search,
    }
    took = {name: await _times(store, community, work) for name, work in works.items()}
    await store.close()
    return took


async def _times(store: Store, community: Community, work: Work) -> list[float]:
    took = []
    for _ in range(TIMES):
        began = time.perf_counter()
        async with store.read() as session:
            await work(session, community)
        took.append(time.perf_counter() - began)
    return took
