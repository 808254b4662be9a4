"""A holder's inbox in a full store against an empty one, and who has a matter in a full year."""

from __future__ import annotations

import asyncio
import datetime as dt
import shutil
import sqlite3
import time
from contextlib import closing
from functools import partial
from statistics import median
from typing import TYPE_CHECKING

from sqlalchemy import select

from domain.calendar import WorkingCalendar, published_notices
from domain.matters.inbox import inbox_of
from domain.matters.ladder import Absence, Hold, HoldReason, Ladder, Level, course
from domain.places.content import HallHours
from domain.places.tables import Community
from domain.staff import accounts
from domain.staff.actor import COMMAND_LINE, Actor, Grant
from domain.staff.tables import Role
from domain.store import Store
from tests.bench.midday import now as now_at_midday
from tests.bench.pages import prepare
from tests.bench.report import Figure

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

MATTERS, ENTRIES_EACH = 10_000, 100
OTHERS = 10
"""Open matters of the same holder in the store that is otherwise empty."""
TIMES = 200
ABSENCES = 500

_MATTERS = """
    WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < :count)
    INSERT INTO matter (kind, community_id, token, code, form_key, form_hash, subject, began_at,
        level, holder_id, held_since, held_why, owed_since, rule, periods, due_on, moves_at)
    SELECT 'contact-line', :community, printf('%032d', i), printf('%08d', i), printf('%064d', i),
        '', '楼道灯坏了', :now, 'holder', :holder, :now, 'assigned', :now,
        '{"count": 5, "unit": "working-day", "source": "", "rolls": true}', '[]',
        date(:today, '+' || (i % 9) || ' days'), :later
    FROM n
"""
_ENTRIES = """
    WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < :each)
    INSERT INTO matter_entry (matter_id, at, kind, readers, words, facts)
    SELECT m.id, :now, 'message', 'all', '楼道灯坏了，晚上老人下楼看不见。', '{}'
    FROM matter m CROSS JOIN n
"""


def measure(folder: Path) -> Iterator[Figure]:
    """The inbox in both stores, and the ladder of one matter."""
    now = now_at_midday()
    places = [folder / "matters-few", folder / "matters-full"]
    places[0].mkdir()
    holder, community = asyncio.run(_prepare(places[0]))
    shutil.copytree(places[0], places[1])
    fill(places[0], OTHERS, 1, holder, community, now)
    fill(places[1], MATTERS, ENTRIES_EACH, holder, community, now)
    few, full = (asyncio.run(_inbox(place, holder, now)) for place in places)
    yield Figure(
        f"inbox of a holder, {MATTERS} matters, {MATTERS * ENTRIES_EACH} entries",
        f"{full * 1000:.2f} ms",
        f"{OTHERS} matters, {OTHERS} entries: {few * 1000:.2f} ms",
        full / few,
        "at most 1.3",
    )
    bare, with_absences = _ladder(0, now), _ladder(ABSENCES, now)
    yield Figure(
        f"who has it now, {ABSENCES} absences and a year of holidays",
        f"{with_absences * 1e6:.0f} µs",
        f"no absences: {bare * 1e6:.0f} µs",
        with_absences / bare,
    )


async def _prepare(folder: Path) -> tuple[int, int]:
    """A sample district and a member of staff; their ids and that of their community."""
    url = f"sqlite+aiosqlite:///{folder / 'lianxin.db'}"
    await prepare(url)
    store = Store(url)
    await store.open()
    async with store.read() as session:
        community = (
            await session.scalars(select(Community.id).where(Community.slug == "liujiazhuang"))
        ).one()
    member = await store.write(
        partial(
            accounts.hire,
            actor=COMMAND_LINE,
            name="holder",
            full_name="秦月梅",
            password_hash="x",
            grants=[Grant(Role.PARTY_MEMBER, community_id=community)],
            now=now_at_midday(),
        )
    )
    await store.close()
    return member.id, community


def fill(  # noqa: PLR0913, PLR0917 - a store's size
    folder: Path, count: int, each: int, holder: int, community: int, now: dt.datetime
) -> None:
    """So many open matters of a holder, with so many messages each."""
    plain = now.astimezone(dt.UTC).strftime("%Y-%m-%d %H:%M:%S.000000")
    later = (now + dt.timedelta(days=1)).astimezone(dt.UTC).strftime("%Y-%m-%d %H:%M:%S.000000")
    values = {
        "count": count,
        "each": each,
        "holder": holder,
        "community": community,
        "now": plain,
        "later": later,
        "today": now.date().isoformat(),
    }
    with closing(sqlite3.connect(folder / "lianxin.db")) as database, database:
        database.execute(_MATTERS, values)
        database.execute(_ENTRIES, values)
        database.execute("ANALYZE")


async def _inbox(folder: Path, holder: int, now: dt.datetime) -> float:
    """Seconds that reading the inbox takes, at the median."""
    store = Store(f"sqlite+aiosqlite:///{folder / 'lianxin.db'}")
    await store.open()
    took = []
    for _ in range(TIMES):
        began = time.perf_counter()
        async with store.read() as session:
            await inbox_of(session, Actor(holder), now.date(), 50)
        took.append(time.perf_counter() - began)
    await store.close()
    return median(took)


def _ladder(absences: int, now: dt.datetime) -> float:
    """Seconds that the course of one matter takes, at the median."""
    day = dt.timedelta(days=1)
    away = tuple(
        Absence(1 + number % 2, now + number * day, now + number * day + day / 2)
        for number in range(3, absences + 3)
    )
    hours = HallHours(working_day=("08:30-12:00", "13:30-18:00"))
    ladder = Ladder(1, 2, hours, dt.timedelta(hours=8), away)
    hold = Hold(Level.HOLDER, 1, now, HoldReason.ASSIGNED)
    calendar, took = WorkingCalendar(published_notices()), []
    for _ in range(TIMES):
        began = time.perf_counter()
        list(course(ladder, hold, now, calendar, now + 10 * day))
        took.append(time.perf_counter() - began)
    return median(took)
