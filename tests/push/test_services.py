"""From a hall's day to a push service on loopback and back: every answer, and none at all."""

from __future__ import annotations

import asyncio
import json
import time
from typing import TYPE_CHECKING

import pytest

from domain.queue.calling import StaffedCounter
from push import client
from push.channels import Result
from push.keys import KeyRing
from push.outbox import Ways
from push.sending import Sealer, WebPushChannel
from push.subscriptions import Given, Known
from push.tables import ChannelKind, Language, SendState
from tests.world.clock import NOW
from tests.world.databases import free_port
from tests.world.outbox import CONTACT, NEAR, SOON, FollowedDay, behind
from tests.world.push_browsers import PushBrowser, address, decrypted, device_of
from tests.world.push_services import NpmService, Sink, npm_service, sink

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator
    from pathlib import Path

    from tests.world.halls import Day


@pytest.fixture(scope="module")
def service() -> Iterator[NpmService]:
    with npm_service() as found:
        yield found


@pytest.fixture
async def sunk() -> AsyncIterator[Sink]:
    async with sink() as found:
        yield found


@pytest.fixture
def ring(tmp_path: Path) -> KeyRing:
    return KeyRing(tmp_path)


@pytest.fixture
def real(day: Day, ring: KeyRing, service: NpmService) -> FollowedDay:
    """A hall's day whose messages really go out, to the service on loopback."""
    ways = Ways(frozenset({ChannelKind.PUSH}), frozenset({service.origin}))
    told = FollowedDay(day, ways)
    told.push = WebPushChannel(  # type: ignore[assignment]
        Sealer(ring, CONTACT), origin=CONTACT, allowed=ways.origins, clock=lambda: day.now
    )
    return told


def a_browser(service: NpmService, ring: KeyRing) -> tuple[Given, str]:
    """Someone allows notifications: what their browser posts, and its name at the service."""
    found = service.subscribe(ring.current.public)
    keys = found["keys"]
    given = Given(
        found["endpoint"], keys["p256dh"], keys["auth"], ring.current.public, Language.CHINESE
    )
    return given, found["clientHash"]


async def subscribed(real: FollowedDay, ring: KeyRing, service: NpmService) -> str:
    """The browser's name at the service."""
    given, client = a_browser(service, ring)
    known = Known(real.ways.origins, frozenset(ring.by_public))
    await PushBrowser().subscribe(
        real.store, device_of(), known, endpoint=given.endpoint, p256dh=given.p256dh,
        auth=given.auth, key=given.key,
    )  # fmt: skip
    return client


async def test_a_call_in_the_hall_arrives_at_the_phone(real, ring, service) -> None:
    client = await subscribed(real, ring, service)
    mine = await behind(real, 0)
    await real.follows(device_of(), mine)
    await real.day.do(StaffedCounter.call_next)
    await real.deliver()
    [message] = map(json.loads, service.received(client))
    assert message["notification"]["title"] == "B001 请到 1 号窗口"
    assert message["notification"]["navigate"] == f"{CONTACT}/tickets/{mine.token}"
    assert message["app_badge"] == 1
    [row] = await real.rows()
    assert (row.state, row.service) == ("sent", service.origin.removeprefix("http://"))


async def test_whoever_took_the_permission_back_is_forgotten(real, ring, service) -> None:
    client = await subscribed(real, ring, service)
    mine = await behind(real, 0)
    await real.follows(device_of(), mine)
    service.expire(client)
    await real.day.do(StaffedCounter.call_next)
    await real.deliver()
    assert [each.reason for each in await real.rows()] == ["gone 410"]
    assert service.received(client) == []
    await real.day.do(StaffedCounter.no_show)
    assert len(await real.rows()) == 1


async def test_an_old_key_still_arrives_after_a_rotation(real, ring, service) -> None:
    client = await subscribed(real, ring, service)
    ring.rotate()
    mine = await behind(real, 0)
    await real.follows(device_of(), mine)
    await real.day.do(StaffedCounter.call_next)
    await real.deliver()
    assert len(service.received(client)) == 1


async def send(sunk: Sink, ring: KeyRing, path: str, origin: str | None = None):
    """One message to the sink; what became of it."""
    at = origin or sunk.origin
    channel = WebPushChannel(Sealer(ring, CONTACT), allowed={at}, clock=lambda: NOW)
    browser = PushBrowser(f"{at}{path}")
    try:
        return await channel.send(NEAR, address(browser, ring)), browser
    finally:
        await channel.close()


@pytest.mark.parametrize(
    ("status", "result"),
    [
        ("201", Result.SENT), ("404", Result.GONE), ("410", Result.GONE), ("413", Result.REFUSED),
        ("429", Result.AGAIN), ("500", Result.AGAIN), ("401", Result.DENIED),
        ("403", Result.DENIED), ("302", Result.REFUSED),
    ],
)  # fmt: skip
async def test_every_answer_is_understood(sunk, ring, status, result) -> None:
    outcome, browser = await send(sunk, ring, f"/{status}/x")
    assert outcome.result is result
    [body] = sunk.taken[f"/{status}/x"]
    assert b"web_push" in decrypted(browser, body)


async def test_patience_is_asked_for_in_seconds_or_by_date(sunk, ring) -> None:
    sunk.answers["seconds"] = "429 Too Many\r\nRetry-After: 120"
    sunk.answers["date"] = "503 Busy\r\nRetry-After: Mon, 23 Nov 2026 02:27:00 GMT"
    for word, seconds in (("seconds", 120), ("date", 60)):
        outcome, _ = await send(sunk, ring, f"/{word}/x")
        assert outcome.wait is not None
        assert outcome.wait.total_seconds() == seconds


async def test_a_redirect_is_not_followed(sunk, ring) -> None:
    sunk.answers["away"] = f"307 Away\r\nLocation: {sunk.origin}/201/secret"
    outcome, _ = await send(sunk, ring, "/away/x")
    assert (outcome.result, outcome.reason) == (Result.REFUSED, "307")
    assert list(sunk.taken) == ["/away/x"]


async def test_what_a_service_is_told_holds_no_cookie_and_no_name(sunk, ring) -> None:
    await send(sunk, ring, "/201/x")
    [head] = sunk.heads
    names = {line.partition(":")[0].lower() for line in head.split("\r\n")[1:] if line}
    assert names == {
        "host", "accept", "accept-encoding", "user-agent", "authorization",
        "content-encoding", "content-type", "ttl", "urgency", "topic", "content-length",
    }  # fmt: skip


async def test_a_dead_service_is_tried_again_later(sunk, ring) -> None:
    outcome, _ = await send(sunk, ring, "/201/x", f"http://127.0.0.1:{free_port()}")
    assert (outcome.result, outcome.reason) == (Result.SILENT, "unreachable")


async def test_a_slow_service_is_not_waited_for(sunk, ring, monkeypatch) -> None:
    monkeypatch.setattr(client, "TIMEOUT", 0.2)
    began = time.perf_counter()
    outcome, _ = await send(sunk, ring, "/slow/x")
    assert (outcome.result, outcome.reason) == (Result.SILENT, "timeout")
    assert time.perf_counter() - began < SOON


async def test_a_slow_service_keeps_nobody_else_waiting(day, ring, sunk, service) -> None:
    origins = frozenset({sunk.origin, service.origin})
    told = FollowedDay(day, Ways(frozenset({ChannelKind.PUSH}), origins))
    told.push = WebPushChannel(  # type: ignore[assignment]
        Sealer(ring, CONTACT), allowed=origins, clock=lambda: day.now
    )
    client = await subscribed(told, ring, service)
    known = Known(origins, frozenset(ring.by_public))
    mine = await behind(told, 0)
    for n in range(9):
        slow = PushBrowser(f"{sunk.origin}/slow/{n}", ring.current.public)
        await slow.subscribe(told.store, device_of(f"{n}"), known)
        await told.follows(device_of(f"{n}"), mine)
    await told.follows(device_of(), mine)
    await day.do(StaffedCounter.call_next)
    delivery = told.delivery()
    running = asyncio.create_task(delivery.run())
    async with asyncio.timeout(SOON):
        while not service.received(client):  # noqa: ASYNC110 - another process rings no bell
            await asyncio.sleep(0.02)
    delivery.close()
    await running
    assert len(await told.rows(SendState.WAITING)) == 9
