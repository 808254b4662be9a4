"""A hundred thousand followers of one publication: how long the writer is held at a time."""

from __future__ import annotations

import asyncio
import datetime as dt
import sqlite3
import time
from contextlib import closing
from functools import partial
from statistics import median
from typing import TYPE_CHECKING, Any

from sqlalchemy import insert, text

from domain.store import Store
from push.events import Teller
from push.followers import BATCH, tell_followers
from push.outbox import Ways
from push.tables import DisclosureFollow, Language, Subscription
from tests.bench.pages import prepare
from tests.bench.report import Figure
from tests.world.disclosures import disclosure_office
from tests.world.push_browsers import device_of

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from sqlalchemy.ext.asyncio import AsyncSession

    from tests.world.disclosures import DisclosureOffice

FOLLOWERS = 100_000
WITH_BROWSER = 2
"""One of so many has a browser that takes notifications."""
CHUNK = 5_000


class TimedStore(Store):
    """A store that notes for how long each unit of work holds the writer, in seconds."""

    holds: list[float]

    async def write(self, work: Any) -> Any:
        async def timed(session: AsyncSession) -> Any:
            began = time.perf_counter()
            try:
                return await work(session)
            finally:
                await session.flush()
                self.holds.append(time.perf_counter() - began)

        return await super().write(timed)


def measure(folder: Path) -> Iterator[Figure]:
    """The publication itself, the messages afterwards, and bare inserts of as many rows."""
    database = folder / "lianxin.db"
    url = f"sqlite+aiosqlite:///{database}"
    asyncio.run(prepare(url))
    publication, holds, whole, waits = asyncio.run(_told(url))
    bare = _bare(folder / "bare.db", FOLLOWERS, FOLLOWERS // WITH_BROWSER)
    name = f"{FOLLOWERS} followers of one publication"
    yield Figure(
        f"{name}: longest hold of the writer",
        f"{max(holds) * 1000:.1f} ms, half of {len(holds)} at most {median(holds) * 1000:.1f} ms",
        "100 ms",
        max(holds) / 0.1,
        "at most 1",
    )
    yield Figure(
        f"{name}: another act meanwhile, slowest",
        f"{max(waits) * 1000:.1f} ms of {len(waits)}",
        "100 ms",
        max(waits) / 0.1,
    )
    yield Figure(
        f"{name}: the publication's own unit of work",
        f"{publication * 1000:.1f} ms",
        "100 ms",
        publication / 0.1,
        "at most 1",
    )
    yield Figure(
        f"{name}: all messages",
        f"{whole:.1f} s",
        f"bare inserts of the same rows: {bare:.1f} s",
        whole / bare,
    )


async def _told(url: str) -> tuple[float, list[float], float, list[float]]:
    """Seconds of the publication, of each unit, of all, and of small acts of others meanwhile."""
    store = TimedStore(url)
    store.holds = []
    await store.open()
    store.before_commit(Teller(Ways()))
    office = await disclosure_office(store)
    await _crowd(store, office)
    office.later(minutes=1)
    disclosure_id = await office.begun()
    await office.all_steps(disclosure_id)
    began = time.perf_counter()
    await office.publishes(disclosure_id)
    publication = time.perf_counter() - began
    store.holds.clear()
    ends = asyncio.Event()
    others = asyncio.create_task(_others(store, ends))
    began = time.perf_counter()
    while await tell_followers(store, Ways(), office.now, BATCH):
        pass
    whole = time.perf_counter() - began
    holds = list(store.holds)
    ends.set()
    waits = await others
    await store.close()
    return publication, holds, whole, waits


async def _others(store: Store, ends: asyncio.Event) -> list[float]:
    """What others do with the writer meanwhile: how long each waits and takes."""
    waits = []
    while not ends.is_set():
        began = time.perf_counter()
        await Store.write(store, _look)
        waits.append(time.perf_counter() - began)
        await asyncio.sleep(0.01)
    return waits


async def _look(session: AsyncSession) -> None:
    await session.scalar(text("SELECT 1"))


async def _crowd(store: Store, office: DisclosureOffice) -> None:
    now = office.now
    for first in range(0, FOLLOWERS, CHUNK):
        numbers = range(first, first + CHUNK)
        follows = [
            {
                "recipient": device_of(f"{n}"), "community_id": office.community.id,
                "kind": "", "item": "", "since": now,
            }
            for n in numbers
        ]  # fmt: skip
        await store.write(partial(_add, DisclosureFollow, follows))
        browsers = [_browser(n, now) for n in numbers if n % WITH_BROWSER == 0]
        await store.write(partial(_add, Subscription, browsers))


async def _add(table: Any, rows: list[dict[str, Any]], session: AsyncSession) -> None:
    await session.execute(insert(table), rows)


def _browser(n: int, now: dt.datetime) -> dict[str, Any]:
    return {
        "recipient": device_of(f"{n}"),
        "endpoint": f"https://fcm.googleapis.com/fcm/send/{n}",
        "endpoint_hash": f"{n:064d}",
        "p256dh": "p" * 87,
        "auth": "a" * 22,
        "key": "k" * 87,
        "language": Language.CHINESE,
        "created_at": now,
        "renewed_at": now,
        "failures": 0,
    }


_BARE = """
    CREATE TABLE inbox (id INTEGER PRIMARY KEY, recipient TEXT, subject TEXT, kind TEXT,
        facts TEXT, leads_to TEXT, created_at TEXT, UNIQUE (recipient, subject));
    CREATE TABLE outbox (id INTEGER PRIMARY KEY, recipient TEXT, subject TEXT, channel TEXT,
        subscription_id INTEGER, facts TEXT, due_at TEXT, UNIQUE (recipient, subject, channel));
"""


def _bare(database: Path, inboxes: int, outboxes: int) -> float:
    """Seconds that as many rows take in one transaction for a batch, with nothing around them."""
    facts = '{"disclosure": 1, "community": "liujiazhuang", "place": "刘家庄社区"}'
    with closing(sqlite3.connect(database)) as kept:
        kept.executescript(f"PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; {_BARE}")
        began = time.perf_counter()
        for first in range(0, inboxes, BATCH):
            with kept:
                inbox = [
                    (device_of(f"{n}"), "disclosure/1", "new", facts, "/c/x/disclosures/1", "2026")
                    for n in range(first, first + BATCH)
                ]
                kept.executemany(
                    "INSERT INTO inbox (recipient, subject, kind, facts, leads_to, created_at)"
                    " VALUES (?, ?, ?, ?, ?, ?)",
                    inbox,
                )
                outbox = [
                    (device_of(f"{n}"), "disclosure/1", "push", n, facts, "2026")
                    for n in range(first, first + BATCH * outboxes // inboxes)
                ]
                kept.executemany(
                    "INSERT INTO outbox (recipient, subject, channel, subscription_id, facts,"
                    " due_at) VALUES (?, ?, ?, ?, ?, ?)",
                    outbox,
                )
        return time.perf_counter() - began
