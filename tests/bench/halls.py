"""Full halls: what a page of one costs, and what pages cost that are open while nobody calls."""

from __future__ import annotations

import asyncio
import datetime as dt
import sqlite3
import time
from contextlib import closing
from functools import partial
from typing import TYPE_CHECKING

import uvloop

from domain.places.tables import Hall
from domain.queue.forecast import Outlook
from domain.queue.history import history_of
from domain.queue.snapshot import queue_now
from domain.store import Store
from tests.bench.live import Page, fill, raise_open_files
from tests.bench.load import ask
from tests.bench.midday import ZONE
from tests.bench.midday import now as now_at_midday
from tests.bench.pages import COMMUNITIES, GUIDE, fetch, prepare, served
from tests.bench.report import Figure
from tests.bench.tickets import open_all_day

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from tests.bench.pages import Server

WAITING = 100
SECONDS = 3.0
# Visits of the day before, from which a hall's queue is simulated.
VISITS = 60
# How long nobody calls while the idle cost is measured: two minutes see every kind of look.
IDLE = 120.0
AT_ONCE = 50


def measure(folder: Path) -> Iterator[Figure]:
    """Pages of one full hall, then live pages in every hall of a district."""
    database = folder / "lianxin.db"
    asyncio.run(prepare(f"sqlite+aiosqlite:///{database}"))
    open_all_day(database)
    raise_open_files()
    tokens = fill(database, COMMUNITIES, WAITING)
    add_visits(database)
    read = asyncio.run(_read_and_played(f"sqlite+aiosqlite:///{database}"))
    with served(folder) as server:
        fetch(server.port, GUIDE)
        yield from _pages(server, tokens, read)
        yield _idle(server, tokens, read)


def add_visits(database: Path) -> None:
    """Visits of yesterday in every hall with a queue, so that waits are simulated."""
    began = now_at_midday().astimezone(dt.UTC) - dt.timedelta(days=1)
    yesterday = (now_at_midday() - dt.timedelta(days=1)).date().isoformat()
    with closing(sqlite3.connect(database)) as connection:
        for (hall,) in connection.execute("SELECT hall_id FROM queue_day").fetchall():
            at = began.strftime("%Y-%m-%d %H:%M:%S.%f")
            add_day = "INSERT INTO queue_day (hall_id, day, opened_at) VALUES (?, ?, ?)"
            day = connection.execute(add_day, (hall, yesterday, at)).lastrowid
            connection.executemany(
                "INSERT INTO ticket (day_id, letter, number, token, items, brought, missing, category,"
                " state, is_confirmed, joined_at, waits_from, place_at, returns, lets)"
                " VALUES (?, 'B', ?, ?, '[]', '[]', '[]', 'B', 'done', 0, ?, ?, ?, 0, 0)",
                [
                    (day, n, f"done-{hall:04}-{n:05}-{'x' * 8}", at, at, at)
                    for n in range(1, VISITS + 1)
                ],
            )
            for minutes in range(4, 16):
                until = (began + dt.timedelta(minutes=minutes)).strftime("%Y-%m-%d %H:%M:%S.%f")
                connection.execute(
                    "INSERT INTO ticket_period (ticket_id, state, began_at, ended_at, reason)"
                    " SELECT id, 'serving', ?, ?, '' FROM ticket WHERE day_id = ? AND number % 12 = ?",
                    (at, until, day, minutes - 4),
                )
        connection.commit()


async def _read_and_played(url: str) -> float:
    """Seconds of a core to read a full hall and play its queue, as each page once did by itself."""
    store = Store(url)
    await store.open()
    async with store.read() as session:
        hall = await session.get(Hall, 1)
        assert hall is not None
        await session.refresh(hall, ["counters"])
        now = dt.datetime.now(ZONE)
        history = await history_of(session, hall.id, now)
        began = time.process_time()
        for _ in range(10):
            session.expunge_all()
            Outlook(await queue_now(session, hall, now), history).of("B")
        took = (time.process_time() - began) / 10
    await store.close()
    return took


def _pages(server: Server, tokens: Sequence[str], read: float) -> Iterator[Figure]:
    mine = tokens[:WAITING]
    pages = {
        "take page": ["/c/liujiazhuang/take"],
        "ticket's part": [f"/f/tickets/{token}" for token in mine],
        "ticket page": [f"/tickets/{token}" for token in mine],
    }
    for name, paths in pages.items():
        ask(server.port, paths, 0.5, 2)
        before = server.seconds()
        took = ask(server.port, paths, SECONDS, 2)
        each = (server.seconds() - before) / len(took)
        yield Figure(
            f"{WAITING} waiting: a {name}",
            f"{each * 1000:.2f} ms of a core",
            f"reading the hall and playing its queue once: {read * 1000:.1f} ms",
            each / read,
            "at most 3 ms",
        )


def _idle(server: Server, tokens: Sequence[str], read: float) -> Figure:
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        share = runner.run(_share_of_a_core(server, tokens))
    # Every hall read and played every ten seconds.
    before = COMMUNITIES * read / 10
    return Figure(
        f"{COMMUNITIES} halls, {WAITING} waiting and {WAITING} live pages each, nobody calls",
        f"{share:.1%} of a core",
        f"reading and playing each hall every 10 s: {before:.1%}",
        share / before,
        "at most 5 %",
    )


async def _share_of_a_core(server: Server, tokens: Sequence[str]) -> float:
    loop = asyncio.get_running_loop()
    pages: list[Page] = []
    for start in range(0, len(tokens), AT_ONCE):
        opening = (
            loop.create_connection(partial(Page, token), "127.0.0.1", server.port)
            for token in tokens[start : start + AT_ONCE]
        )
        fresh = [page for _, page in await asyncio.gather(*opening)]
        await asyncio.gather(*(page.begun for page in fresh))
        pages += fresh
    await asyncio.sleep(5)
    before, began = server.seconds(), time.monotonic()
    await asyncio.sleep(IDLE)
    share = (server.seconds() - before) / (time.monotonic() - began)
    for page in pages:
        page.transport.close()
    return share
