"""练习 stands on every page of a hall in which simulated people practise, and on no other."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

import pytest

from domain.devices import pairing
from domain.devices.tables import DeviceKind
from domain.queue.rehearsal import begin_rehearsal, end_rehearsal
from domain.staff.actor import COMMAND_LINE, Grant
from domain.staff.tables import Role
from tests.world.clock import NOW
from tests.world.halls import HallDay, hall_of
from tests.world.people import arrived
from web.site.device_key import FormKey

if TYPE_CHECKING:
    from tests.world.app import Browser
    from tests.world.clock import Clock
    from tests.world.people import Person

AT_NIGHT = NOW.replace(hour=2)
HERE = "/c/liujiazhuang"
STAFF = f"/staff{HERE}"
MARK = 'class="card rehearsal"'


@pytest.fixture
async def hall(own: Browser, clock: Clock) -> HallDay:
    """A hall in rehearsal, at two in the morning."""
    clock.now = AT_NIGHT
    begin = partial(begin_rehearsal, slug="liujiazhuang", clerks=1, password_hash="x", now=AT_NIGHT)
    await own.store.write(begin)
    return HallDay(own.store, await hall_of(own.store), clock)


@pytest.fixture
async def clerk(own: Browser, hall: HallDay) -> Person:
    grant = Grant(Role.CLERK, community_id=hall.hall.community_id)
    return await arrived(own.store, "li", grant, now=AT_NIGHT)


async def paired(own: Browser, hall: HallDay, kind: DeviceKind) -> None:
    """Make this browser a device of the hall."""

    async def unit(session) -> str:
        found, key = await pairing.begin(session, kind, "x" * 64, hall.now)
        await pairing.confirm(session, COMMAND_LINE, found.code, hall.hall, kind, None, hall.now)
        return key

    own.cookies.set(f"device-{kind}", await own.store.write(unit))


async def test_a_phone_takes_a_number_at_night(own, hall) -> None:
    form = {"category": "B", "request": FormKey.new().key}
    taken = await own.post("/halls/liujiazhuang/tickets", data=form)
    assert taken.status_code == 303
    assert "B001" in (await own.get(taken.headers["location"])).text


@pytest.mark.parametrize("path", [HERE, f"{HERE}/hall", f"{HERE}/take", f"{HERE}/take?category=B"])
async def test_it_stands_on_the_pages_of_the_hall(own, hall, path) -> None:
    page = (await own.get(path)).text
    assert MARK in page
    assert "练习" in page
    assert MARK not in (await own.get(path.replace("liujiazhuang", "yikang"))).text


async def test_it_stands_on_the_ticket_of_a_number_taken_at_night(own, hall) -> None:
    ticket = await hall.take("B")
    page = (await own.get(f"/tickets/{ticket.token}")).text
    assert MARK in page
    assert "练习号" in page
    assert "练习号" in (await own.get(f"/f/tickets/{ticket.token}")).text


@pytest.mark.parametrize("kind", [DeviceKind.SCREEN, DeviceKind.KIOSK, DeviceKind.RATING])
async def test_it_stands_on_every_device(own, hall, kind) -> None:
    await paired(own, hall, kind)
    assert MARK in (await own.post(f"/f/devices/{kind}")).text


async def test_it_stands_on_each_step_of_the_kiosk_and_on_its_paper(own, hall) -> None:
    await paired(own, hall, DeviceKind.KIOSK)
    assert MARK in (await own.get("/kiosk/categories/B")).text
    form = {"category": "B", "request_key": "k" * 30}
    taken = await own.post("/kiosk/tickets", data=form)
    assert "练习号" in (await own.get(taken.headers["location"])).text


async def test_it_stands_at_the_counter_and_on_the_day(own, hall, clerk) -> None:
    ticket = await hall.take("B")
    desk = f"{STAFF}/counters/1"
    assert MARK in (await own.get(f"{STAFF}/counters", headers=clerk.headers)).text
    await own.post(f"{desk}/shifts", data={"letters": ["A", "B"]}, headers=clerk.headers)
    assert MARK in (await own.get(desk, headers=clerk.headers)).text
    assert MARK in (await own.get(f"{STAFF}/day", headers=clerk.headers)).text
    slip = await own.get(f"{STAFF}/tickets/{ticket.id}/slip", headers=clerk.headers)
    assert "练习号" in slip.text


async def test_after_its_end_it_stands_nowhere(own, hall) -> None:
    assert MARK in (await own.get(HERE)).text
    await own.store.write(partial(end_rehearsal, slug="liujiazhuang", now=AT_NIGHT))
    assert MARK not in (await own.get(HERE)).text
