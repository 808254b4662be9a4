"""A storm in a hall: many take numbers, counters call, and the server is killed again and again."""

from __future__ import annotations

import asyncio
import datetime as dt
import json
import re
import signal
import sqlite3
from collections import Counter as Count
from contextlib import closing
from itertools import cycle
from typing import TYPE_CHECKING, Any

import httpx

from domain.keys import new_key
from domain.staff import accounts, sign_in
from domain.staff.actor import COMMAND_LINE, Grant
from domain.staff.tables import Role
from domain.store import Store
from tests.world.people import HASH
from tests.world.storms import IS_WHOLE

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncSession

    from tests.world.servers import Server

NUMBERS, CLIENTS, COUNTERS, KILLS = (2000, 64, 4, 10) if IS_WHOLE else (300, 64, 3, 4)
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


def open_all_day(server: Server) -> None:
    """The hall is open now, whatever the real clock says, and has a fourth counter."""
    with closing(sqlite3.connect(server.data / "lianxin.db")) as database:
        for number, hours in database.execute("SELECT id, hours FROM hall").fetchall():
            always = [{"opens": "00:00:00", "closes": "23:59:59"}]
            kinds = ("working_day", "saturday", "sunday", "public_holiday")
            changed = {**json.loads(hours), **dict.fromkeys(kinds, always)}
            database.execute(
                "UPDATE hall SET hours = ? WHERE id = ?", (json.dumps(changed), number)
            )
        database.execute(
            "INSERT INTO counter (hall_id, number, name, categories) "
            "SELECT hall_id, 4, name, categories FROM counter WHERE number = 3"
        )
        database.commit()


class Storm:
    """Everybody at once."""

    def __init__(self, server: Server) -> None:
        self.server = server
        self.left = NUMBERS
        self.acknowledged: list[str] = []
        """Addresses of tickets that someone was told they have."""
        self.label: list[tuple[int, str]] = []
        """What each counter was told that it has called: counter and number."""
        self.letters = cycle("ABC")
        self.everybody = asyncio.Event()
        """Set when each counter has called someone."""
        self.is_over = False

    def browser(self, **more: Any) -> httpx.AsyncClient:
        """Someone's browser."""
        # It speaks no TLS, and to read what it would trust takes longer than a number.
        plain: dict[str, Any] = {"timeout": 20.0, "trust_env": False, "verify": False}
        return httpx.AsyncClient(base_url=self.server.url, **plain, **more)

    async def resident(self) -> None:
        """Takes numbers as one person after another, each sending the form until it is answered."""
        async with self.browser() as client:
            while self.left > 0:
                self.left -= 1
                client.cookies.clear()
                await self.take(client)

    async def take(self, client: httpx.AsyncClient) -> None:
        """Takes one number."""
        form = {"category": next(self.letters), "request": new_key()}
        while True:
            try:
                answer = await client.post("/halls/liujiazhuang/tickets", data=form)
            except httpx.TransportError:
                await asyncio.sleep(AGAIN)
                continue
            if answer.status_code == 303:
                self.acknowledged.append(answer.headers["location"])
                return
            assert answer.status_code == 503, (answer.status_code, answer.text[:300])

    async def clerk(self, client: httpx.AsyncClient, number: int) -> None:
        """Calls and finishes as long as the storm lasts."""
        desk = f"{AT}/{number}"
        while not self.is_over:
            for noun in ("calls", "finishes"):
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
        """Kills the server while it writes, and starts it again."""
        for n in range(KILLS):
            await asyncio.sleep(0.3 + 0.07 * n)
            process = self.server.process
            assert process is not None
            process.send_signal(signal.SIGKILL)
            await asyncio.to_thread(process.wait)
            await asyncio.to_thread(self.server.start)

    async def rage(self, keys: list[str]) -> None:
        """All of it."""
        desks = [self.browser(cookies={"staff": key}) for key in keys]
        for number, desk in enumerate(desks, 1):
            signed = await desk.post(f"{AT}/{number}/shifts", data={"letters": list("ABC")})
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


async def test_a_storm_loses_and_doubles_nothing(own_server) -> None:
    open_all_day(own_server)
    storm = Storm(own_server)
    await storm.rage(await staff_keys(own_server))
    with closing(sqlite3.connect(own_server.data / "lianxin.db")) as database:
        tickets = database.execute("SELECT letter, number, token, state FROM ticket").fetchall()
        calls = database.execute(
            "SELECT t.letter, t.number, p.counter FROM ticket_period p "
            "JOIN ticket t ON t.id = p.ticket_id WHERE p.state = 'called'"
        ).fetchall()
        assert database.execute("PRAGMA integrity_check").fetchone() == ("ok",)
    tokens = {f"/tickets/{token}" for _, _, token, _ in tickets}
    assert len(storm.acknowledged) == NUMBERS
    assert len(set(storm.acknowledged)) == NUMBERS
    assert set(storm.acknowledged) <= tokens
    # Each number stands once, without gaps, and nobody was called to two counters.
    for letter in "ABC":
        numbers = sorted(number for found, number, _, _ in tickets if found == letter)
        assert numbers == list(range(1, len(numbers) + 1))
    assert set(Count((letter, number) for letter, number, _ in calls).values()) <= {1}
    assert storm.label
    told = {f"{letter}{number:03}": counter for letter, number, counter in calls}
    assert all(told[number] == counter for counter, number in storm.label)
