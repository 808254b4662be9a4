"""A storm in a hall: many take numbers, counters call, and servers are killed again and again."""

from __future__ import annotations

import asyncio
import datetime as dt
import re
import signal
import sqlite3
from collections import Counter as Count
from contextlib import closing
from itertools import cycle
from typing import TYPE_CHECKING

import httpx
import pytest
from sqlalchemy import select

from domain.keys import new_key
from domain.places.tables import Counter
from domain.queue.tables import Ticket, TicketPeriod, TicketState
from domain.staff import accounts, sign_in
from domain.staff.actor import COMMAND_LINE, Grant
from domain.staff.tables import Role
from domain.store import Store
from tests.world.databases import free_port
from tests.world.halls import hall_of, open_all_day
from tests.world.people import HASH
from tests.world.servers import Server, client_of
from tests.world.storms import IS_WHOLE

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from sqlalchemy.ext.asyncio import AsyncSession

    from tests.world.databases import PostgresCluster

NUMBERS, CLIENTS, COUNTERS, KILLS = (2000, 64, 4, 10) if IS_WHOLE else (200, 64, 3, 3)
AGAIN = 0.25
"""Seconds after which someone without an answer tries again: all at once they would keep the
server that starts from its processor."""
AT = "/staff/c/liujiazhuang/counters"


async def staff_keys(server: Server) -> list[str]:
    """The session keys of clerks."""
    store, now = Store(server.database), dt.datetime.now(dt.UTC)
    await store.open()

    async def unit(session: AsyncSession) -> list[str]:
        keys = []
        for n in range(COUNTERS):
            clerk = await accounts.hire(
                session, COMMAND_LINE, f"storm-{n}", f"Clerk {n}", HASH,
                (Grant(Role.ADMINISTRATOR),), now,
            )  # fmt: skip
            keys.append(await sign_in.begin_session(session, clerk.id, "storm", (), now))
        return keys

    keys = await store.write(unit)
    await store.close()
    return keys


async def prepared(server: Server) -> None:
    """Open the hall now, whatever the real clock says, and give it a fourth counter."""
    store = Store(server.database)
    await store.open()

    hall = await hall_of(store)

    async def unit(session: AsyncSession) -> None:
        session.add(Counter(hall_id=hall.id, number=4, name="四号", categories=("A", "B", "C")))

    await open_all_day(store)
    await store.write(unit)
    await store.close()


class Storm:
    """Everybody at once, through whichever server answers."""

    def __init__(self, servers: Sequence[Server]) -> None:
        self.servers = servers
        self.doors = cycle([server.url for server in servers])
        self.left = NUMBERS
        self.acknowledged: list[str] = []
        """Addresses of tickets that someone was told they have."""
        self.label: list[tuple[int, str]] = []
        """What each counter was told that it has called: counter and number."""
        self.letters = cycle("ABC")
        self.everybody = asyncio.Event()
        """Set when each counter has called someone."""
        self.is_over = False

    async def resident(self) -> None:
        """Takes numbers as one person after another, each sending the form until it is answered."""
        async with client_of() as client:
            while self.left > 0:
                self.left -= 1
                client.cookies.clear()
                await self.take(client)

    async def take(self, client: httpx.AsyncClient) -> None:
        """Takes one number."""
        form = {"category": next(self.letters), "request": new_key()}
        while True:
            try:
                door = next(self.doors)
                answer = await client.post(f"{door}/halls/liujiazhuang/tickets", data=form)
            except httpx.TransportError:
                await asyncio.sleep(AGAIN)
                continue
            if answer.status_code == 303:
                self.acknowledged.append(answer.headers["location"])
                return
            assert answer.status_code == 503, (answer.status_code, answer.text[:300])

    async def clerk(self, client: httpx.AsyncClient, number: int) -> None:
        """Calls and finishes as long as the storm lasts."""
        while not self.is_over:
            for noun in ("calls", "finishes"):
                desk = f"{next(self.doors)}{AT}/{number}"
                try:
                    answer = await client.post(f"{desk}/{noun}")
                    page = await client.get(desk)
                except httpx.TransportError:
                    await asyncio.sleep(AGAIN)
                    continue
                assert answer.status_code in {303, 422, 503}, answer.status_code
                found = re.search(r"\b([ABC]\d{3,4})\b", page.text) if noun == "calls" else None
                if answer.status_code == 303 and found:
                    self.label.append((number, found[1]))
                    if len({at for at, _ in self.label}) == COUNTERS:
                        self.everybody.set()
            await asyncio.sleep(0)

    async def lightning(self) -> None:
        """Kills the servers by turns while they write, and starts each again."""
        for n, server in zip(range(KILLS), cycle(self.servers), strict=False):
            await asyncio.sleep(0.3 + 0.07 * n)
            process = server.process
            assert process is not None
            process.send_signal(signal.SIGKILL)
            await asyncio.to_thread(process.wait)
            await asyncio.to_thread(server.start)

    async def rage(self, keys: list[str]) -> None:
        """All of it."""
        desks = [client_of(cookies={"staff": key}) for key in keys]
        for number, desk in enumerate(desks, 1):
            address = f"{next(self.doors)}{AT}/{number}/shifts"
            signed = await desk.post(address, data={"letters": list("ABC")})
            assert signed.status_code == 303
        clerks = [
            asyncio.create_task(self.clerk(desk, number)) for number, desk in enumerate(desks, 1)
        ]
        await asyncio.gather(self.lightning(), *(self.resident() for _ in range(CLIENTS)))
        # Each counter calls someone, also where the machine was too busy for it until now.
        await asyncio.wait_for(self.everybody.wait(), 60)
        self.is_over = True
        await asyncio.gather(*clerks)
        for desk in desks:
            await desk.aclose()


async def kept(server: Server) -> tuple[list[Ticket], list[tuple[str, int, int]]]:
    """All tickets, and letter, number and counter of every call."""
    store = Store(server.database)
    await store.open()
    calls = select(Ticket.letter, Ticket.number, TicketPeriod.counter)
    calls = calls.join(TicketPeriod, TicketPeriod.ticket_id == Ticket.id)
    calls = calls.where(TicketPeriod.state == TicketState.CALLED)
    async with store.read() as session:
        tickets = list(await session.scalars(select(Ticket)))
        called = [(letter, n, at or 0) for letter, n, at in await session.execute(calls)]
    await store.close()
    return tickets, called


@pytest.fixture(params=[2, 4] if IS_WHOLE else [2])
def several_servers(
    request: pytest.FixtureRequest, postgres: PostgresCluster, tmp_path: Path
) -> Iterator[tuple[Server, ...]]:
    """Servers on one PostgreSQL, with one folder, as of one machine behind a balancer."""
    settings = {"LIANXIN_DATABASE": postgres.copy("sample")}
    started = tuple(Server(tmp_path, free_port(), **settings) for _ in range(request.param))
    for server in started:
        server.start()
    yield started
    for server in started:
        server.stop()
    postgres.drop(settings["LIANXIN_DATABASE"])


async def test_a_storm_loses_and_doubles_nothing(own_server) -> None:
    await weathered((own_server,))
    with closing(sqlite3.connect(own_server.data / "lianxin.db")) as database:
        assert database.execute("PRAGMA integrity_check").fetchone() == ("ok",)


async def test_a_storm_over_several_servers_loses_and_doubles_nothing(several_servers) -> None:
    await weathered(several_servers)


async def weathered(servers: Sequence[Server]) -> None:
    """Let a storm rage, and compare what people were told with what was kept."""
    await prepared(servers[0])
    storm = Storm(servers)
    await storm.rage(await staff_keys(servers[0]))
    tickets, calls = await kept(servers[0])
    assert len(storm.acknowledged) == NUMBERS
    assert len(set(storm.acknowledged)) == NUMBERS
    assert set(storm.acknowledged) <= {f"/tickets/{ticket.token}" for ticket in tickets}
    # Each number stands once, without gaps, and nobody was called to two counters.
    for letter in "ABC":
        numbers = sorted(ticket.number for ticket in tickets if ticket.letter == letter)
        assert numbers == list(range(1, len(numbers) + 1))
    assert set(Count((letter, number) for letter, number, _ in calls).values()) <= {1}
    assert storm.label
    told = {f"{letter}{number:03}": counter for letter, number, counter in calls}
    assert all(told[number] == counter for counter, number in storm.label)
