"""A district's Monday morning: rehearsals in its halls at once, followers, screens and readers.

MONDAY is the share of the district, an eighth by default; MONDAY=1 is all of it: 127 halls, 381
counters, 12,700 numbers in a morning, 5,000 followers. MONDAY_SPEEDS are the speeds to try.
"""

from __future__ import annotations

import asyncio
import os
import sqlite3
import time
from contextlib import asynccontextmanager, closing, suppress
from dataclasses import dataclass, field
from random import Random
from typing import TYPE_CHECKING

import aiohttp
import uvloop

from tests.bench.load import at
from tests.bench.midday import ZONE
from tests.bench.pages import GUIDE, Server, fetch, prepare, served
from tests.bench.report import Figure
from web.running.rehearsal.browser import Browser, Site
from web.running.rehearsal.hall import VISIT
from web.running.rehearsal.rehearsing import Plan, Rehearsal
from web.running.settings import Settings

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator
    from pathlib import Path

SHARE = float(os.environ.get("MONDAY", "0.125"))
SPEEDS = tuple(float(speed) for speed in os.environ.get("MONDAY_SPEEDS", "5,20").split(","))
FOLLOWERS, READERS = 5_000, 500
"""In the whole district: pages that follow a number, and people who leaf through the handbook."""
COUNTERS = 3
WINDOW = 30.0
"""Seconds that are measured, once every clerk has sat down."""
SEATED = 240.0
"""Seconds in which they must: their passwords are checked one at a time."""
WAY = 21.5
"""Seconds from a call to the counter, on average."""
READING = 20.0
"""Seconds on a page of the handbook."""


@dataclass
class Monday:
    """One morning at one speed: what was answered, and how many were served."""

    took: list[float] = field(default_factory=list)
    served: int = 0
    open: bool = False
    core: float = 0.0
    """The share of one core that the server used."""

    def hears(self, seconds: float) -> None:
        if self.open:
            self.took.append(seconds)


def measure(folder: Path) -> Iterator[Figure]:
    """For each speed: how many times real time was carried, and how long pages took meanwhile."""
    for speed in SPEEDS:
        place = folder / f"monday-{speed:g}"
        place.mkdir()
        slugs = asyncio.run(prepare(f"sqlite+aiosqlite:///{place / 'lianxin.db'}"))
        halls = slugs[-max(1, round(len(slugs) * SHARE)) :]
        with served(place) as server:
            fetch(server.port, GUIDE)
            with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
                monday = runner.run(_morning(place, server, halls, speed))
        yield _figure(len(halls), speed, monday)


def _figure(halls: int, speed: float, monday: Monday) -> Figure:
    took = sorted(monday.took) or [float("nan")]
    in_real_time = halls * COUNTERS * WINDOW / (VISIT + WAY)
    return Figure(
        f"Monday morning, {halls} halls at {speed:g} times real time",
        f"{monday.served / WINDOW:.1f} people served a second, {len(took) / WINDOW:.0f} answers/s, "
        f"p50 {at(took, 0.5):.0f} ms, p99 {at(took, 0.99):.0f} ms, {monday.core:.0%} of a core, "
        f"{monday.core * WINDOW / len(took) * 1000:.0f} ms of it an answer",
        f"the same clerks in real time: {in_real_time / WINDOW:.2f}/s",
        monday.served / in_real_time,
        "20, with p99 under 100 ms",
    )


async def _morning(folder: Path, server: Server, slugs: list[str], speed: float) -> Monday:
    monday, told = Monday(), list[object]()
    url = f"http://127.0.0.1:{server.port}"
    settings = Settings(data=folder, port=server.port, timezone=ZONE.key)
    async with aiohttp.TCPConnector(limit=0) as connector:
        site = Site(url, speed, connector, monday.hears)
        rehearsals = [
            Rehearsal(settings, Plan(url, slug, speed, seed, COUNTERS), site, told.append)
            for seed, slug in enumerate(slugs, 1)
        ]
        async with _beside(_all_day(rehearsals)):
            await _seated(rehearsals, told)
            crowd = _crowd(site, rehearsals, len(slugs) / 127)
            async with _beside(crowd):
                await asyncio.sleep(10)
                await _window(monday, folder, server)
    return monday


async def _all_day(rehearsals: list[Rehearsal]) -> None:
    """Every hall at once, until cancelled; then all of them end what they began."""
    stopping = asyncio.Event()
    halls = [asyncio.create_task(rehearsal.run(stopping)) for rehearsal in rehearsals]
    try:
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


async def _seated(rehearsals: list[Rehearsal], told: list[object]) -> None:
    async with asyncio.timeout(SEATED):
        while len(told) < len(rehearsals):  # noqa: ASYNC110 - each tells by itself
            await asyncio.sleep(0.5)


async def _window(monday: Monday, folder: Path, server: Server) -> None:
    began, before, used = time.perf_counter(), _served(folder), server.seconds()
    monday.open = True
    await asyncio.sleep(WINDOW)
    monday.open = False
    monday.served = _served(folder) - before
    monday.core = (server.seconds() - used) / (time.perf_counter() - began)


def _served(folder: Path) -> int:
    with closing(sqlite3.connect(folder / "lianxin.db")) as connection:
        found = connection.execute("SELECT count(*) FROM ticket WHERE state = 'done'").fetchone()
    return int(found[0])


async def _crowd(site: Site, rehearsals: list[Rehearsal], share: float) -> None:
    """Everyone who only looks."""
    random = Random(1)  # noqa: S311 - no secret
    works = [
        _follows(site, random.choice(rehearsals), random) for _ in range(round(FOLLOWERS * share))
    ]
    works += [_reads(site, random) for _ in range(round(READERS * share))]
    works += [_screen(site, random) for _ in rehearsals]
    await asyncio.gather(*works)


async def _follows(site: Site, rehearsal: Rehearsal, random: Random) -> None:
    """Follow one number after the other, as a page does that is left open."""
    forever = aiohttp.ClientTimeout(total=None)
    async with aiohttp.ClientSession(
        connector=site.connector, connector_owner=False, timeout=forever
    ) as http:
        while True:
            people = list(rehearsal.hall.people.values()) if rehearsal.hall else []
            with suppress(aiohttp.ClientError):
                if people:
                    async with http.get(f"{site.url}/live{random.choice(people).ticket}") as stream:
                        async for _ in stream.content:
                            pass
            await asyncio.sleep(random.uniform(0.5, 3))


async def _reads(site: Site, random: Random) -> None:
    async with _browsing(site, random) as browser:
        while True:
            await asyncio.sleep(random.expovariate(1 / READING))
            await browser.get(GUIDE)


async def _screen(site: Site, random: Random) -> None:
    async with _browsing(site, random) as browser:
        while True:
            await browser.post("/f/devices/screen")
            await asyncio.sleep(15 * random.uniform(0.9, 1.1))


@asynccontextmanager
async def _browsing(site: Site, random: Random) -> AsyncIterator[Browser]:
    browser = Browser(site, random)
    try:
        yield browser
    finally:
        await browser.close()
