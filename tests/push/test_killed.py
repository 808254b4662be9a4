"""Killed in the middle of five thousand messages: everybody gets theirs, and nobody an untrue one."""

from __future__ import annotations

import asyncio
import datetime as dt
import json
import signal
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import func, insert, select

from domain.queue import tickets
from domain.queue.calling import StaffedCounter
from push.events import subject_of
from push.keys import KeyRing
from push.outbox import Ways
from push.patience import Pace
from push.tables import Kind, OutboxRow, SendState, TicketWatch
from tests.world.clock import SHANGHAI
from tests.world.outbox import FollowedDay
from tests.world.push_browsers import PushBrowser, crowd, decrypted, device_of
from tests.world.push_services import Sink, delivering, sink
from tests.world.storms import IS_WHOLE

if TYPE_CHECKING:
    from pathlib import Path

    from domain.queue.tables import Ticket
    from tests.world.halls import Day

DEVICES, UNTRUE, KILLS = (5000, 500, 3) if IS_WHOLE else (2000, 200, 3)
PATIENCE = 120.0
"""Seconds in which five thousand messages go out on any machine."""


async def queued(
    told: FollowedDay, browser: PushBrowser, names: list[str], origin: str, ticket: Ticket
) -> None:
    """So many devices that are all told that this ticket is called."""
    now = told.day.now
    facts: dict[str, Any] = {
        "ticket": ticket.id, "number": ticket.label, "token": ticket.token, "hall": "大厅", "counter": 1,
    }  # fmt: skip
    row = {
        "kind": Kind.TICKET_CALLED,
        "subject": subject_of(ticket),
        "facts": facts,
        "created_at": now,
        "due_at": now,
        "expires_at": now + dt.timedelta(minutes=5),
    }
    await crowd(told.store, names, origin, browser, row)
    watched = {"ticket_id": ticket.id, "ahead": 3, "is_told_near": True, "created_at": now}
    watches = [{**watched, "recipient": device_of(name)} for name in names]
    await told.store.write(lambda session: session.execute(insert(TicketWatch), watches))


async def reaches(sunk: Sink, count: int) -> None:
    """Wait until so many messages have come in."""
    async with asyncio.timeout(PATIENCE):
        while sunk.count < count:  # noqa: ASYNC110 - another process rings no bell
            await asyncio.sleep(0.01)


async def waiting(told: FollowedDay) -> int:
    async with told.store.read() as session:
        counted = select(func.count()).where(OutboxRow.state == SendState.WAITING)
        return await session.scalar(counted) or 0


@pytest.mark.parametrize("databases", ["sqlite"], indirect=True)
async def test_killed_again_and_again_everybody_is_told_and_nobody_wrongly(
    day: Day, tmp_path: Path
) -> None:
    day.now = dt.datetime.now(SHANGHAI)
    ring = KeyRing(tmp_path)
    browser = PushBrowser(key=ring.current.public)
    called, given_up = await day.take(), await day.take(device_hash="phone")
    await day.sit(1)
    await day.do(StaffedCounter.call_next)
    async with sink() as sunk:
        told = FollowedDay(day, Ways(origins=frozenset({sunk.origin})))
        names = [f"{n}" for n in range(DEVICES)]
        untrue = [f"untrue-{n}" for n in range(UNTRUE)]
        await queued(told, browser, untrue[: UNTRUE // 2], sunk.origin, given_up)
        await queued(told, browser, names, sunk.origin, called)
        await queued(told, browser, untrue[UNTRUE // 2 :], sunk.origin, given_up)
        await day.act(tickets.cancel, given_up)
        settings = {
            "LIANXIN_DATA": str(tmp_path),
            "LIANXIN_DATABASE": told.store.url.render_as_string(hide_password=False),
            "LIANXIN_PUSH_ORIGINS": sunk.origin,
        }
        for n in range(KILLS):
            with delivering(settings) as process:
                await reaches(sunk, sunk.count + DEVICES // 8 * (n + 1) // 2)
                process.send_signal(signal.SIGKILL)
                await asyncio.to_thread(process.wait)
        with delivering(settings):
            async with asyncio.timeout(PATIENCE):
                while await waiting(told):  # noqa: ASYNC110 - another process rings no bell
                    await asyncio.sleep(0.05)
    assert set(sunk.taken) == {f"/201/{name}" for name in names}
    for bodies in sunk.taken.values():
        for body in bodies:
            assert (
                json.loads(decrypted(browser, body))["notification"]["title"]
                == "B001 请到 1 号窗口"
            )
    doubled = sum(len(bodies) > 1 for bodies in sunk.taken.values())
    # Only what was under way when it was killed can come twice, and a browser shows it once.
    assert doubled <= KILLS * Pace.in_flight
    states = [row.state for row in await told.rows()]
    assert (states.count(SendState.SENT), states.count(SendState.STALE)) == (DEVICES, UNTRUE)
