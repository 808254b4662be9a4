"""A district's Monday morning: rehearsals in its halls at once, followers, screens and readers.

MONDAY is the share of the district, an eighth by default; MONDAY=1 is all of it: 127 halls, 381
counters, 12,700 numbers in a morning, 5,000 followers. MONDAY_SPEEDS are the speeds to try.
Each hall has a network of its own on loopback, as the server limits what comes from one.
"""

from __future__ import annotations

import asyncio
import os
import sqlite3
import time
from contextlib import AsyncExitStack, asynccontextmanager, closing, suppress
from dataclasses import dataclass, field
from random import Random
from typing import TYPE_CHECKING

import aiohttp
import uvloop
from sqlalchemy import select

from domain.devices import pairing
from domain.devices.tables import DeviceKind
from domain.places.tables import Community
from domain.staff.actor import COMMAND_LINE
from domain.store import Store
from tests.bench.live import raise_open_files
from tests.bench.load import at
from tests.bench.midday import ZONE
from tests.bench.midday import now as now_at_midday
from tests.bench.pages import GUIDE, Server, fetch, prepare, served
from tests.bench.report import Figure
from web.running.rehearsal.browser import Browser, Site
from web.running.rehearsal.hall import VISIT
from web.running.rehearsal.rehearsing import Plan, Rehearsal
from web.running.settings import Settings
from web.site.hall_device import cookie_of

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator
    from pathlib import Path

    from sqlalchemy.ext.asyncio import AsyncSession

SHARE = float(os.environ.get("MONDAY", "0.125"))
SPEEDS = tuple(float(speed) for speed in os.environ.get("MONDAY_SPEEDS", "5,20").split(","))
FOLLOWERS, READERS = 3_000, 500
"""In the whole district: pages that follow the number of someone else, beside the two thousand of
those who wait, and people who leaf through the handbook."""
COUNTERS = 3
WINDOW = 30.0
"""Seconds that are measured, once every clerk has sat down."""
SEATED = 480.0
"""Seconds in which they must."""
BETWEEN_HALLS = 1.5
"""Seconds between two halls that open: four passwords each are checked, one at a time."""
WAY = 21.5
"""Seconds from a call to the counter, on average."""
CALM = 10.0
"""Seconds for everyone's streams to be opened."""
CHECK_IN = 15.0
"""Seconds between two check-ins of a screen."""
READING = 20.0
"""Seconds on a page of the handbook."""


@dataclass
class Monday:
    """One morning at one speed: what was answered, and how many were served."""

    took: list[float] = field(default_factory=list)
    served: int = 0
    counters: int = 0
    open: bool = False
    core: float = 0.0
    """The share of one core that the server used."""

    def hears(self, seconds: float) -> None:
        if self.open:
            self.took.append(seconds)


def measure(folder: Path) -> Iterator[Figure]:
    """For each speed: how many times real time was carried, and how long pages took meanwhile."""
    raise_open_files()
    for speed in SPEEDS:
        place = folder / f"monday-{speed:g}"
        place.mkdir()
        url = f"sqlite+aiosqlite:///{place / 'lianxin.db'}"
        slugs = asyncio.run(prepare(url))
        halls = slugs[-max(1, round(len(slugs) * SHARE)) :]
        screens = asyncio.run(_hang_screens(url, halls))
        with served(place) as server:
            fetch(server.port, GUIDE)
            with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
                monday = runner.run(_morning(place, server, halls, screens, speed))
        yield _figure(len(halls), speed, monday)


def _figure(halls: int, speed: float, monday: Monday) -> Figure:
    took = sorted(monday.took) or [float("nan")]
    in_real_time = monday.counters * WINDOW / (VISIT + WAY)
    return Figure(
        f"Monday morning, {halls} halls, {monday.counters} counters at {speed:g} times real time",
        f"{monday.served / WINDOW:.1f} people served a second, {len(took) / WINDOW:.0f} answers/s, "
        f"p50 {at(took, 0.5):.0f} ms, p99 {at(took, 0.99):.0f} ms, {monday.core:.0%} of a core, "
        f"{monday.core * WINDOW / len(took) * 1000:.0f} ms of it an answer",
        f"the same clerks in real time: {in_real_time / WINDOW:.2f}/s",
        monday.served / in_real_time,
        "20, with p99 under 100 ms",
    )


async def _hang_screens(url: str, slugs: list[str]) -> list[str]:
    """Pair a screen in each of these halls; their keys."""

    async def unit(session: AsyncSession) -> list[str]:
        now, keys = now_at_midday(), list[str]()
        for slug in slugs:
            community = await session.scalar(select(Community.id).where(Community.slug == slug))
            assert community is not None
            hall = await pairing.hall_of(session, community)
            begun, key = await pairing.begin(session, DeviceKind.SCREEN, slug, now)
            await pairing.confirm(session, COMMAND_LINE, begun.code, hall, "大屏", None, now)
            keys.append(key)
        return keys

    store = Store(url)
    await store.open()
    try:
        return await store.write(unit)
    finally:
        await store.close()


async def _morning(
    folder: Path, server: Server, slugs: list[str], screens: list[str], speed: float
) -> Monday:
    monday, told = Monday(), list[object]()
    url = f"http://127.0.0.1:{server.port}"
    settings = Settings(data=folder, port=server.port, timezone=ZONE.key)
    async with AsyncExitStack() as connectors:
        rehearsals = []
        for number, slug in enumerate(slugs, 1):
            connector = aiohttp.TCPConnector(limit=0, local_addr=(f"127.0.1.{number}", 0))
            await connectors.enter_async_context(connector)
            site = Site(url, speed, connector, monday.hears)
            plan = Plan(url, slug, speed, number, COUNTERS, lets_devices_in=False)
            rehearsals.append(Rehearsal(settings, plan, site, told.append))
        async with _beside(_all_day(rehearsals)):
            await _seated(folder, rehearsals, told)
            async with _beside(_crowd(rehearsals, screens, len(slugs) / 127)):
                await asyncio.sleep(CALM)
                await site.pass_time(VISIT)
                await _window(monday, folder, server)
            monday.counters = _counters(rehearsals)
    return monday


async def _all_day(rehearsals: list[Rehearsal]) -> None:
    """Every hall at once, until cancelled; then all of them end what they began."""
    stopping = asyncio.Event()
    halls = []
    try:
        for rehearsal in rehearsals:
            halls.append(asyncio.create_task(rehearsal.run(stopping)))
            await asyncio.sleep(BETWEEN_HALLS)
        await asyncio.gather(*halls)
    finally:
        stopping.set()
        await asyncio.gather(*halls, return_exceptions=True)


@asynccontextmanager
async def _beside(work) -> AsyncIterator[None]:
    """Do something meanwhile."""
    task = asyncio.create_task(work)
    try:
        yield
        if task.done():
            task.result()
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task


async def _seated(folder: Path, rehearsals: list[Rehearsal], told: list[object]) -> None:
    async with asyncio.timeout(SEATED):
        while len(told) < len(rehearsals) or _sitting(folder) < _counters(rehearsals):  # noqa: ASYNC110
            await asyncio.sleep(1)


def _counters(rehearsals: list[Rehearsal]) -> int:
    """Counters with a clerk: not every hall has three."""
    return sum(len(each.hall.counters) for each in rehearsals if each.hall)


async def _window(monday: Monday, folder: Path, server: Server) -> None:
    began, before, used = time.perf_counter(), _served(folder), server.seconds()
    monday.open = True
    await asyncio.sleep(WINDOW)
    monday.open = False
    monday.served = _served(folder) - before
    monday.core = (server.seconds() - used) / (time.perf_counter() - began)


def _served(folder: Path) -> int:
    return _count(folder, "ticket WHERE state = 'done'")


def _sitting(folder: Path) -> int:
    return _count(folder, "counter_shift WHERE ended_at IS NULL")


def _count(folder: Path, which: str) -> int:
    with closing(sqlite3.connect(folder / "lianxin.db")) as connection:
        found = connection.execute(f"SELECT count(*) FROM {which}").fetchone()  # noqa: S608
    return int(found[0])


async def _crowd(rehearsals: list[Rehearsal], screens: list[str], share: float) -> None:
    """Everyone who only looks, each in the network of a hall."""
    random = Random(1)  # noqa: S311 - no secret
    works = [_follows(random.choice(rehearsals), random) for _ in range(round(FOLLOWERS * share))]
    works += [_reads(random.choice(rehearsals).site, random) for _ in range(round(READERS * share))]
    works += [
        _screen(each.site, key, random) for each, key in zip(rehearsals, screens, strict=True)
    ]
    await asyncio.gather(*works)


async def _follows(rehearsal: Rehearsal, random: Random) -> None:
    """Follow one number after the other, as a page does that is left open."""
    async with _browsing(rehearsal.site, random) as browser:
        while True:
            people = list(rehearsal.hall.people.values()) if rehearsal.hall else []
            if people:
                async for _ in browser.follow(f"/live{random.choice(people).ticket}"):
                    pass
            await asyncio.sleep(random.uniform(0.5, 3))


async def _reads(site: Site, random: Random) -> None:
    async with _browsing(site, random) as browser:
        while True:
            await asyncio.sleep(random.expovariate(1 / READING))
            await browser.get(GUIDE)


async def _screen(site: Site, key: str, random: Random) -> None:
    """Draw the hall's calls whenever the stream says so, and now and then by itself."""
    async with _browsing(site, random, **{cookie_of(DeviceKind.SCREEN): key}) as browser:

        async def draw_at_calls() -> None:
            async for _ in browser.follow("/live/screen"):
                await browser.post("/f/devices/screen")

        async with _beside(draw_at_calls()):
            while True:
                await browser.post("/f/devices/screen")
                await asyncio.sleep(CHECK_IN * random.uniform(0.8, 1.2))


@asynccontextmanager
async def _browsing(site: Site, random: Random, **cookies: str) -> AsyncIterator[Browser]:
    browser = Browser(site, random, cookies=cookies)
    try:
        yield browser
    finally:
        await browser.close()
