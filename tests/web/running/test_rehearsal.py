"""`python -m web rehearse`: simulated people against a running server, and how they go home."""

from __future__ import annotations

import asyncio
import os
import signal
import sqlite3
import subprocess
import sys
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import func, select

from domain.places.tables import Hall
from domain.queue.tables import ACTIVE, CounterShift, Ticket, TicketState
from domain.store import Store
from tests.world.databases import free_port
from tests.world.halls import hall_of
from tests.world.servers import ROOT, Server
from web.running.cli import main
from web.running.rehearsal.rehearsing import Addresses, Plan, rehearse
from web.running.settings import Settings

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

HERE = "liujiazhuang"
# Faster than anyone may ask for at the command line, so that a visit takes half a second.
SPEED = 600.0
PATIENCE = 60
# What a server's end means is the same on each database, and takes seconds.
on_sqlite = pytest.mark.parametrize("databases", ["sqlite"], indirect=True)


@pytest.fixture
async def world(databases, tmp_path: Path) -> AsyncIterator[Server]:
    """A server on a copy of the sample, on each database."""
    url = databases.copy("sample")
    server = Server(tmp_path, free_port(), LIANXIN_DATABASE=url)
    server.start()
    yield server
    server.stop()
    databases.drop(url)


@asynccontextmanager
async def rehearsing(server: Server, **plan: Any) -> AsyncIterator[tuple[Store, list[Addresses]]]:
    """A rehearsal while this lasts, the store of its server, and what it told to look at."""
    told: list[Addresses] = []
    settings = Settings(
        data=server.data, port=server.port, database=server.settings["LIANXIN_DATABASE"]
    )
    stopping, store = asyncio.Event(), Store(settings.database_url)
    await store.open()
    whole = Plan(server.url, HERE, **{"speed": SPEED, **plan})
    task = asyncio.create_task(rehearse(settings, whole, told.append, stopping))
    try:
        yield store, told
    finally:
        stopping.set()
        await task
        await store.close()


async def count(store: Store, *which: Any) -> int:
    async with store.read() as session:
        return int(await session.scalar(select(func.count(Ticket.id)).where(*which)) or 0)


async def until_served(store: Store, people: int) -> None:
    """Wait until so many people were served."""
    async with asyncio.timeout(PATIENCE):
        served = 0
        while served < people:
            await asyncio.sleep(0.2)
            served = await count(store, Ticket.state == TicketState.DONE)


async def test_people_are_served_and_at_its_end_nothing_is_left(world: Server) -> None:
    async with rehearsing(world) as (store, told):
        await until_served(store, 5)
    assert told[0].take == f"/c/{HERE}/take"
    assert told[0].free == (3,)
    left = Store(Settings(database=world.settings["LIANXIN_DATABASE"]).database_url)
    await left.open()
    async with left.read() as session:
        assert await session.scalar(select(func.count(Hall.id)).where(Hall.is_rehearsing)) == 0
        sitting = select(func.count(CounterShift.id)).where(CounterShift.ended_at.is_(None))
        assert await session.scalar(sitting) == 0
        halls = set(await session.scalars(select(CounterShift.hall_id)))
    assert await count(left, Ticket.state.in_(ACTIVE)) == 0
    assert halls == {(await hall_of(left)).id}
    await left.close()


@on_sqlite
async def test_it_goes_on_after_the_server_was_killed_and_started_again(world: Server) -> None:
    async with rehearsing(world) as (store, _):
        await until_served(store, 2)
        assert world.process is not None
        world.process.kill()
        world.process.wait()
        before = await count(store, Ticket.state == TicketState.DONE)
        await asyncio.to_thread(world.start)
        await until_served(store, before + 3)


@on_sqlite
async def test_it_ends_though_no_server_answers_any_more(world: Server) -> None:
    async with rehearsing(world) as (store, _):
        await until_served(store, 1)
        world.stop()
    # The store was closed with the rehearsal: the hall is looked at through another.
    again = Store(Settings(database=world.settings["LIANXIN_DATABASE"]).database_url)
    await again.open()
    assert not (await hall_of(again)).is_rehearsing
    assert await count(again, Ticket.state.in_(ACTIVE)) == 0
    await again.close()


def environment(server: Server) -> dict[str, str]:
    """The settings of a server, for a command beside it."""
    others = {name: value for name, value in os.environ.items() if "LIANXIN" not in name}
    own = {"LIANXIN_DATA": str(server.data), "LIANXIN_PORT": str(server.port)}
    return {**others, **own, **server.settings}


def test_a_real_district_is_refused_in_one_line(
    sqlite_files, tmp_path: Path, monkeypatch, capsys
) -> None:
    url = sqlite_files.copy("sample")
    with sqlite3.connect(url.partition("///")[2]) as connection:
        connection.execute("UPDATE district SET is_sample = 0")
    connection.close()
    for name in os.environ:
        if name.startswith("LIANXIN_"):
            monkeypatch.delenv(name)
    monkeypatch.setenv("LIANXIN_DATA", str(tmp_path))
    monkeypatch.setenv("LIANXIN_DATABASE", url)
    assert main(["rehearse"]) == 1
    refused = capsys.readouterr().err
    assert refused == "Only a sample district can rehearse, and this one is not a sample.\n"


@pytest.mark.parametrize("speed", ["0.5", "61", "fast"])
def test_a_speed_that_is_none_is_refused(speed, capsys) -> None:
    with pytest.raises(SystemExit):
        main(["rehearse", "--speed", speed])
    assert "--speed" in capsys.readouterr().err


def test_serve_rehearses_prints_where_to_look_and_ends_both(sqlite_files, tmp_path: Path) -> None:
    server = Server(tmp_path, free_port(), LIANXIN_DATABASE=sqlite_files.copy("sample"))
    with subprocess.Popen(
        [sys.executable, "-m", "web", "serve", "--rehearse"],
        cwd=ROOT,
        env=environment(server),
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdout is not None
        said = []
        for line in process.stdout:
            said.append(line)
            if "kill" in line:
                break
        # As Ctrl+C does to everything in the terminal's foreground.
        process.send_signal(signal.SIGINT)
        said += process.stdout.readlines()
        assert process.wait(PATIENCE) in {0, -signal.SIGINT, 130}
    text = "".join(said)
    assert "练习" in text
    for path in ("/tickets/", f"/c/{HERE}/take", "/screen", f"/staff/c/{HERE}/counters"):
        assert f"http://localhost:{server.port}{path}" in text
