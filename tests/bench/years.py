"""A hall's day with five million old tickets in the store, against the same day in an empty one."""

from __future__ import annotations

import asyncio
import datetime as dt
import http.client
import shutil
import sqlite3
import time
from contextlib import closing
from functools import partial
from statistics import quantiles
from typing import TYPE_CHECKING, Any

from sqlalchemy import select
from sqlalchemy.orm import selectinload

from domain.keys import new_key
from domain.places.tables import Community, Hall
from domain.queue import calling, tickets
from domain.queue.calling import StaffedCounter
from domain.queue.history import history_of
from domain.queue.snapshot import queue_now
from domain.queue.tables import CounterShift
from domain.queue.tickets import TicketRequest
from domain.staff.tables import StaffMember
from domain.store import Store
from tests.bench.live import Clerk, prepare_with_clerk
from tests.bench.midday import now as now_at_midday
from tests.bench.pages import served
from tests.bench.report import Figure
from tests.bench.tickets import open_all_day

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Iterator
    from pathlib import Path

OLD = 5_000_000
A_DAY = 160
"""Tickets of one hall on one day."""
WAITING = 60
TIMES = 200
OPENS, CLOSES = 9, 18
"""The hours of the old days, by the clock of the hall."""

# One day after another and in each one hall after another, as they would have been taken; every
# ticket was called, served and done, and its request and device are known still.
_DAYS = """
    WITH RECURSIVE d(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM d WHERE n < :days)
    INSERT INTO queue_day (hall_id, day, opened_at, closed_at)
    SELECT h.id, date(:today, '-' || (:days + 1 - n) || ' days'),
        datetime(:today, '-' || (:days + 1 - n) || ' days', :opens) || '.000000',
        datetime(:today, '-' || (:days + 1 - n) || ' days', :closes) || '.000000'
    FROM d CROSS JOIN hall h
"""
_TICKETS = """
    WITH RECURSIVE t(n) AS (SELECT 0 UNION ALL SELECT n + 1 FROM t WHERE n + 1 < :each)
    INSERT INTO ticket (day_id, letter, number, token, device_hash, request_key, items, brought,
        missing, category, state, is_confirmed, joined_at, waits_from, place_at, returns, lets)
    SELECT q.id, char(65 + n % 12), 1 + n / 12, printf('%022d', q.id * 1000 + n),
        printf('%064d', q.id * 1000 + n), printf('%064d', q.id * 1000 + n), '[]', '[]', '[]',
        char(65 + n % 12), 'done', 0, at, at, at, 0, 0
    FROM (
        SELECT q.id, n, strftime('%Y-%m-%d %H:%M:%f', q.opened_at, '+' || (3 * n) || ' minutes')
            || '000' AS at
        FROM queue_day q CROSS JOIN t
    ) q
"""
_PERIODS = """
    WITH s(state, begins, ends) AS (
        VALUES ('waiting', 0, 12), ('called', 12, 13), ('serving', 13, 20), ('done', 20, NULL)
    )
    INSERT INTO ticket_period (ticket_id, state, counter, began_at, ended_at, reason)
    SELECT t.id, s.state, iif(s.state IN ('called', 'serving'), 1, NULL),
        strftime('%Y-%m-%d %H:%M:%f', t.joined_at, '+' || begins || ' minutes') || '000',
        strftime('%Y-%m-%d %H:%M:%f', t.joined_at, '+' || ends || ' minutes') || '000', ''
    FROM ticket t CROSS JOIN s
"""
_CALLS = """
    INSERT INTO ticket_call (ticket_id, day_id, counter, called_at)
    SELECT id, day_id, 1, joined_at FROM ticket
"""


def measure(folder: Path) -> Iterator[Figure]:
    """Each verb and page of the day as a ratio to the same in an empty store."""
    now = now_at_midday()
    places = [folder / "years-0", folder / "years-5"]
    places[0].mkdir()
    asyncio.run(prepare_with_clerk(f"sqlite+aiosqlite:///{places[0] / 'lianxin.db'}"))
    open_all_day(places[0] / "lianxin.db")
    shutil.copytree(places[0], places[1])
    print("  writing five million old tickets …", flush=True)
    count = age(places[1] / "lianxin.db", now)
    sizes = [(place / "lianxin.db").stat().st_size / 1e6 for place in places]
    yield Figure(
        f"size of a store with {count:,} old tickets",
        f"{sizes[1]:.0f} MB",
        f"an empty store: {sizes[0]:.0f} MB",
        sizes[1] / sizes[0],
    )
    yield from asyncio.run(_verbs(places, now))
    yield _desk_pages(places)


def age(database: Path, now: dt.datetime, old: int = OLD) -> int:
    """Give the store at least `old` tickets, all before today; returns how many."""
    offset = now.utcoffset() or dt.timedelta()
    ahead = offset // dt.timedelta(hours=1)
    with closing(sqlite3.connect(database)) as connection:
        for pragma in ("journal_mode = OFF", "synchronous = OFF", "cache_size = -500000"):
            connection.execute(f"PRAGMA {pragma}")
        halls = connection.execute("SELECT count(*) FROM hall").fetchone()[0]
        days = -(-old // (halls * A_DAY))
        hours = {"opens": f"{OPENS - ahead:+} hours", "closes": f"{CLOSES - ahead:+} hours"}
        connection.execute(_DAYS, {"days": days, "today": now.date().isoformat(), **hours})
        connection.execute(_TICKETS, {"each": A_DAY})
        connection.execute(_PERIODS)
        connection.execute(_CALLS)
        connection.execute(
            "INSERT INTO queue_number SELECT day_id, letter, max(number) FROM ticket GROUP BY 1, 2"
        )
        connection.commit()
        connection.execute("PRAGMA journal_mode = WAL")
    return int(days * halls * A_DAY)


class Day:
    """What happens in a hall from a moment on, in one store."""

    def __init__(self, store: Store, now: dt.datetime) -> None:
        self.store, self.now = store, now
        self.hall: Hall
        self.shift = 0
        self.device = ""

    async def begin(self) -> None:
        """People wait, and someone sits down."""
        await self.store.open()

        async def unit(session: Any) -> None:
            home = select(Hall).join(Community).where(Community.slug == "liujiazhuang")
            self.hall = (await session.scalars(home.options(selectinload(Hall.counters)))).one()
            clerk = (await session.scalars(select(StaffMember.id))).first()
            shift = await calling.sign_on(session, self.hall.id, 1, clerk, "B", self.now)
            self.shift = shift.id

        await self.store.write(unit)
        for _ in range(WAITING):
            await self.take()

    async def take(self) -> None:
        """Someone takes a number."""
        self.now += dt.timedelta(seconds=1)
        self.device = new_key()
        await self.store.write(
            partial(
                tickets.take_ticket,
                hall_id=self.hall.id,
                request=TicketRequest("B"),
                now=self.now,
                served={"B"},
                device_hash=self.device,
                request_key=new_key(),
            )
        )

    async def call(self) -> None:
        """The next is called."""
        await self.store.write(partial(self._at_counter, StaffedCounter.call_next))

    async def finish(self) -> None:
        """And done."""
        await self.store.write(partial(self._at_counter, StaffedCounter.finish))

    async def _at_counter(self, verb: Callable[..., Awaitable[Any]], session: Any) -> None:
        shift = await session.get_one(CounterShift, self.shift)
        await verb(StaffedCounter(session, shift, self.now))

    async def look(self) -> None:
        """The hall's queue as of now."""
        async with self.store.read() as session:
            await queue_now(session, self.hall, self.now)

    async def mine(self) -> None:
        """What a device took today, for the page on which it takes more."""
        async with self.store.read() as session:
            await tickets.tickets_of_device(session, self.device, self.now.date())

    async def learn(self) -> None:
        """What the hall took in the last weeks: once in five minutes."""
        async with self.store.read() as session:
            await history_of(session, self.hall.id, self.now)


async def _verbs(places: list[Path], now: dt.datetime) -> list[Figure]:
    # It began a while ago, so that what happens quickly here is not ahead of the server's clock.
    began = now - dt.timedelta(minutes=30)
    days = [Day(Store(f"sqlite+aiosqlite:///{place / 'lianxin.db'}"), began) for place in places]
    for day in days:
        await day.begin()
    verbs = {
        "take": Day.take,
        "queue_now": Day.look,
        "call_next": Day.call,
        "my numbers": Day.mine,
    }
    took: dict[str, list[list[float]]] = {name: [[], []] for name in verbs}
    for _ in range(TIMES):
        # Turn by turn, so that whatever else the machine does meets both alike.
        for name, verb in verbs.items():
            for n, day in enumerate(days):
                took[name][n].append(await _once(day, verb))
        for day in days:
            await day.finish()
    empty_day, full_day = [await _once(day, Day.learn) for day in days]
    for day in days:
        await day.store.close()
    return [
        *(_figure(name, empty, full) for name, (empty, full) in took.items()),
        Figure(
            "old tickets: a hall's last weeks, once in five minutes",
            f"{full_day:.0f} ms",
            f"an empty store: {empty_day:.0f} ms",
            full_day / empty_day,
        ),
    ]


async def _once(day: Day, verb: Callable[[Day], Awaitable[None]]) -> float:
    began = time.perf_counter()
    await verb(day)
    return (time.perf_counter() - began) * 1000


def _desk_pages(places: list[Path]) -> Figure:
    """The counter's desk over HTTP, with those who wait."""
    took: list[list[float]] = [[], []]
    with served(places[0]) as empty, served(places[1]) as full:
        clerks = [Clerk(each.port) for each in (empty, full)]
        for _ in range(TIMES):
            for n, clerk in enumerate(clerks):
                took[n].append(_page(clerk))
    return _figure("desk page", *took)


def _page(clerk: Clerk) -> float:
    began = time.perf_counter()
    clerk.connection.request("GET", clerk.desk, headers={"cookie": clerk.cookie})
    answer = clerk.connection.getresponse()
    answer.read()
    if answer.status != http.client.OK:
        raise RuntimeError(str(answer.status))
    return (time.perf_counter() - began) * 1000


def _figure(name: str, empty: list[float], full: list[float]) -> Figure:
    """The quarter that went best of each: the rest measures who else uses the machine."""
    a, b = quantiles(full)[0], quantiles(empty)[0]
    return Figure(
        f"old tickets: {name}", f"{a:.2f} ms", f"an empty store: {b:.2f} ms", a / b, "at most 1.2"
    )
