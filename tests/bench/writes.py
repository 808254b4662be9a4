"""Durable writes through the one writer against one BEGIN IMMEDIATE transaction per request."""

from __future__ import annotations

import asyncio
import time
from typing import TYPE_CHECKING, Any

from sqlalchemy import event, text
from sqlalchemy.exc import OperationalError
from sqlalchemy.ext.asyncio import AsyncSession, create_async_engine

from domain.store import Store
from tests.bench.report import Figure

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable
    from pathlib import Path

CLIENTS = 16
SECONDS = 4.0
ROUNDS = 3
INSERT = text("INSERT INTO written (client, n) VALUES (:client, :n)")


async def measure(folder: Path) -> list[Figure]:
    """Transactions a second for both, with as many clients at once."""
    rounds = []
    for n in range(ROUNDS):
        ours = await through_the_writer(f"sqlite+aiosqlite:///{folder / f'ours-{n}.db'}")
        theirs, refused = await one_by_one(f"sqlite+aiosqlite:///{folder / f'theirs-{n}.db'}")
        rounds.append((ours / theirs, ours, theirs, refused))
    ratio, ours, theirs, refused = sorted(rounds)[ROUNDS // 2]
    busy = f" ({refused} refused as locked)" if refused else ""
    return [
        Figure(
            f"durable writes through the writer, {CLIENTS} clients",
            f"{ours:.0f}/s",
            f"BEGIN IMMEDIATE for each on a pool: {theirs:.0f}/s{busy}",
            ratio,
            "at least 4",
        )
    ]


async def through_the_writer(url: str) -> float:
    """Units of work a second through `Store.write`."""
    store = Store(url)
    await store.open()
    await store.write(_make_table)

    async def once(client: int, n: int) -> None:
        async def work(session: AsyncSession) -> None:
            await session.execute(INSERT, {"client": client, "n": n})

        await store.write(work)

    rate = await _clients(once)
    async with store.read() as session:
        found = await session.scalar(text("SELECT count(*) FROM written"))
    await store.close()
    if not found:
        raise RuntimeError("nothing was written")
    return rate


async def one_by_one(url: str) -> tuple[float, int]:
    """Transactions a second with BEGIN IMMEDIATE on a pool, and how many met a locked database."""
    engine = create_async_engine(url, pool_size=CLIENTS, max_overflow=0)

    @event.listens_for(engine.sync_engine, "connect")
    def configure(connection: Any, _record: Any) -> None:
        connection.isolation_level = None
        cursor = connection.cursor()
        for pragma in ("journal_mode = WAL", "synchronous = FULL", "busy_timeout = 10000"):
            cursor.execute(f"PRAGMA {pragma}")
        cursor.close()

    @event.listens_for(engine.sync_engine, "begin")
    def begin(connection: Any) -> None:
        connection.exec_driver_sql("BEGIN IMMEDIATE")

    async with AsyncSession(engine) as session, session.begin():
        await _make_table(session)
    refused = 0

    async def once(client: int, n: int) -> None:
        nonlocal refused
        try:
            async with AsyncSession(engine) as session, session.begin():
                await session.execute(INSERT, {"client": client, "n": n})
        except OperationalError:
            refused += 1

    rate = await _clients(once)
    await engine.dispose()
    return rate, refused


async def _make_table(session: AsyncSession) -> None:
    await session.execute(text("CREATE TABLE written (client INTEGER, n INTEGER)"))


async def _clients(once: Callable[[int, int], Awaitable[None]]) -> float:
    """How often a second `once` is done by all clients together."""
    began = time.perf_counter()
    done = 0

    async def client(number: int) -> None:
        nonlocal done
        n = 0
        while time.perf_counter() - began < SECONDS:
            await once(number, n)
            n += 1
            done += 1

    await asyncio.gather(*(client(number) for number in range(CLIENTS)))
    return done / (time.perf_counter() - began)
