"""Services that hang: they delay no other, and each message to them ends in time."""

from __future__ import annotations

import asyncio
import datetime as dt
import time

import pytest

from push.channels import Outcome, Result
from push.outbox import Note, Ways, tell
from push.patience import Pace
from push.tables import ChannelKind, Kind, SendState
from tests.world.outbox import FollowedDay, run_until, write
from tests.world.push_browsers import FCM, PushBrowser, device_of

HANGING = 4
ROWS = 200
GOOD = 16
EVERY = 0.25
HANGS_FOR = 1.0
pytestmark = pytest.mark.parametrize("databases", ["sqlite"], indirect=True)


async def message_to(told: FollowedDay, name: str, endpoint: str) -> None:
    await PushBrowser(endpoint).subscribe(told.store, device_of(name))
    note = Note(Kind.BAD_RATING, f"call-back/{name}", {"hall": "大厅", "callback": 1}, told.day.now)
    await write(told.store, tell, recipient=device_of(name), note=note, ways=told.ways)


@pytest.mark.parametrize("was_good", [False, True])
async def test_several_hanging_services_do_not_delay_a_good_one(told, was_good) -> None:
    told.ways = Ways(frozenset({ChannelKind.PUSH}))
    arrived: dict[str, float] = {}
    under_way = []

    async def send(_message, address) -> Outcome:
        if "notify" in address.to:
            under_way.append(address.to)
            await asyncio.sleep(HANGS_FOR)
            return Outcome(Result.SILENT, "timeout")
        arrived[address.to] = time.perf_counter()
        return Outcome(Result.SENT)

    told.push.send = send
    delivery = told.delivery(Pace(first_wait=0.2, longest_wait=2.0))
    begun, now = time.perf_counter(), told.day.now
    delivery.clock = lambda: now + dt.timedelta(seconds=time.perf_counter() - begun)
    for service in range(HANGING):
        host = f"wns{service}.notify.windows.com"
        if was_good and service < HANGING - 1:
            delivery._service(host).places = Pace.of_one_service
        for number in range(ROWS):
            await message_to(told, f"{service}-{number}", f"https://{host}/{number}")
    asked: dict[str, float] = {}

    async def all_asked() -> bool:
        if under_way and len(asked) < GOOD:
            endpoint = f"{FCM}{len(asked)}"
            await message_to(told, f"good-{len(asked)}", endpoint)
            asked[endpoint] = time.perf_counter()
            delivery.wake()
            await asyncio.sleep(EVERY)
        return len(arrived) == GOOD

    await run_until(delivery, all_asked, within=60)
    late = sorted(arrived[endpoint] - moment for endpoint, moment in asked.items())
    assert late[-1] < 3.0


async def test_a_channel_that_never_comes_back_ends_before_its_lease(told) -> None:
    told.ways = Ways(frozenset({ChannelKind.PUSH}))

    async def never(_message, _address) -> Outcome:
        await asyncio.sleep(3600)
        return Outcome(Result.SENT)

    told.push.send = never
    await message_to(told, "li", f"{FCM}li")

    async def is_ended() -> bool:
        [row] = await told.rows()
        return row.state is SendState.WAITING and row.reason == "timeout"

    await run_until(told.delivery(Pace(sending=0.1)), is_ended)
