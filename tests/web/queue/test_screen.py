"""The hall's screen and kiosk over the wire: what the stream says to which device, and one number a request."""

from __future__ import annotations

import asyncio
import datetime as dt
import importlib.util
import re
from functools import partial
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import selectinload

from domain.devices import pairing
from domain.devices.tables import Device, DeviceKind
from domain.places.tables import Community, Hall
from domain.queue.calling import StaffedCounter
from domain.queue.days import close_day, stop_numbers
from domain.queue.tables import PriorityKind, Ticket
from domain.staff.actor import COMMAND_LINE
from tests.world.clock import NOW
from tests.world.disclosures import disclosure_office
from tests.world.halls import SERVED, HallDay, hall_of
from web.devices.check_in import CLIPS
from web.queue.offers import offers
from web.queue.screen import words_of, words_until
from web.site.assets import ROOT, STATIC
from web.site.hall_device import STAYS

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncSession

KEY = "k" * 32


class Devices(HallDay):
    """The devices of two halls, and what happens at the counters of the first."""

    def __init__(self, browser: Any, hall: Hall) -> None:
        super().__init__(browser.store, hall)
        self.browser = browser
        self.keys: dict[str, str] = {}

    async def set_up(self) -> None:
        """A screen and a kiosk in 刘家庄, a kiosk in 益康."""

        async def unit(session: AsyncSession) -> None:
            for name, slug, kind in (
                ("screen", "liujiazhuang", DeviceKind.SCREEN),
                ("kiosk", "liujiazhuang", DeviceKind.KIOSK),
                ("foreign", "yikang", DeviceKind.KIOSK),
            ):
                wanted = select(Community.id).where(Community.slug == slug)
                hall = await pairing.hall_of(session, (await session.scalars(wanted)).one())
                begun, self.keys[name] = await pairing.begin(session, kind, "x" * 64, NOW)
                await pairing.confirm(session, COMMAND_LINE, begun.code, hall, name, None, NOW)

        await self.store.write(unit)

    def be(self, name: str) -> None:
        """Ask as this device from now on."""
        self.browser.cookies.clear()
        kind = "screen" if name == "screen" else "kiosk"
        self.browser.cookies.set(f"device-{kind}", self.keys[name])

    async def count(self) -> int:
        """How many tickets there are."""
        async with self.store.read() as session:
            return int(await session.scalar(select(func.count(Ticket.id))) or 0)

    async def revoke(self, name: str) -> None:
        """Take a device out of service."""

        async def unit(session: AsyncSession) -> None:
            found = (await session.scalars(select(Device).where(Device.name == name))).one()
            await pairing.revoke(session, COMMAND_LINE, found, NOW)

        await self.store.write(unit)


@pytest.fixture
async def hall(own) -> Devices:
    found = Devices(own, await hall_of(own.store))
    await found.set_up()
    return found


async def show(browser, kind: str = "screen") -> str:
    """What the script of a device's page gets."""
    response = await browser.post(f"/f/devices/{kind}", data={"version": "v1"})
    assert response.status_code == 200
    return str(response.text)


async def head_of(browser, path: str) -> tuple[int, str]:
    """The status and the first words of a stream that never ends."""
    cookies = "; ".join(f"{name}={value}" for name, value in browser.cookies.items())
    sent: list[Any] = []
    told = asyncio.Event()
    asked = [{"type": "http.request", "body": b"", "more_body": False}]

    async def receive() -> Any:
        if asked:
            return asked.pop()
        await told.wait()
        return {"type": "http.disconnect"}

    async def send(message: Any) -> None:
        sent.append(message)
        if b"data:" in message.get("body", b"") or message.get("status", 200) != 200:
            told.set()

    scope = {
        "type": "http",
        "asgi": {"version": "3.0"},
        "http_version": "1.1",
        "method": "GET",
        "scheme": "http",
        "path": path,
        "raw_path": path.encode(),
        "query_string": b"",
        "root_path": "",
        "headers": [(b"host", b"lianxin.test"), (b"cookie", cookies.encode())],
        "client": ("127.0.0.1", 1),
        "server": ("lianxin.test", 80),
    }
    await asyncio.wait_for(browser.app(scope, receive, send), 60)
    status = next(each["status"] for each in sent if "status" in each)
    return status, b"".join(each.get("body", b"") for each in sent).decode()


# The screen


async def test_the_stream_says_the_calls_and_who_waits_and_no_more(hall) -> None:
    await hall.rules(board="今天发放助餐卡")
    taken = [await hall.take() for _ in range(3)]
    await hall.sit(2, "B")
    await hall.do(StaffedCounter.call_next, 2)
    hall.now = NOW + dt.timedelta(seconds=5)
    said = words_of(await hall.look())
    [call] = said["calls"]
    assert (call["number"], call["counter"], call["age"]) == ("B001", 2, 5)
    assert said["waiting"] == {"B": 2}
    assert said["desks"] == [{"counter": 2, "number": "B001", "paused": None}]
    assert said["board"] == "今天发放助餐卡"
    assert not any(ticket.token in str(said) for ticket in taken)
    hall.now = NOW + dt.timedelta(hours=2)
    assert words_of(await hall.look())["calls"][0]["age"] == 60


async def test_a_stream_ends_so_that_a_device_shows_its_key_again(hall) -> None:
    queue = await hall.look()
    assert words_until(NOW)(queue) is not None
    hall.now = NOW + STAYS + dt.timedelta(seconds=1)
    assert words_until(NOW + STAYS)(await hall.look()) is None


async def test_only_a_screen_that_is_not_revoked_hears_the_stream(hall, own) -> None:
    assert (await own.get("/live/screen")).status_code == 404
    hall.be("kiosk")
    assert (await own.get("/live/screen")).status_code == 404
    own.cookies.set("device-screen", hall.keys["kiosk"])
    assert (await own.get("/live/screen")).status_code == 404
    hall.be("screen")
    status, said = await head_of(own, "/live/screen")
    assert (status, '"calls":[]' in said) == (200, True)
    await hall.revoke("screen")
    assert (await own.get("/live/screen")).status_code == 404


async def test_the_screen_shows_each_number_once_and_says_why_a_counter_pauses(hall, own) -> None:
    await hall.rules(board="今天发放助餐卡", repeats=3)
    for _ in range(2):
        await hall.take()
    await hall.take("A")
    await hall.sit(2, "B")
    await hall.do(StaffedCounter.call_next, 2)
    await hall.do(StaffedCounter.recall, 2)
    await hall.sit(1, "A")
    await hall.do(StaffedCounter.pause, 1, reason="午休")
    hall.be("screen")
    page = await show(own)
    assert re.search(r'wall-number">B001<', page)
    assert "请到 <b>2</b> 号窗口" in page
    assert page.count('data-call="B001"') == 1
    assert page.count("&#34;number&#34;: &#34;B001&#34;") == 2
    assert 'data-repeats="3"' in page
    assert "1 号窗口</b><span>暂停：午休" in page
    assert "2 人在等" in page
    assert "今天发放助餐卡" in page
    assert "/code.svg?to=/c/liujiazhuang/take" in page


async def test_a_kiosk_says_once_who_is_before_you_and_not_who_waits_for_each(hall, own) -> None:
    await hall.sit(1, "ABCDEFGHIJKL")
    await hall.take("B")
    hall.be("kiosk")
    page = await show(own, "kiosk")
    assert page.count("前面 1 位") == 1
    assert "人在等" not in page
    hall.be("screen")
    assert (await show(own)).count("1 人在等") == 1


async def test_a_screen_without_calls_and_in_a_closed_hall_says_what_to_do(
    hall, own, clock
) -> None:
    hall.be("screen")
    assert "请在取号机或手机上取号" in await show(own)
    clock.now = NOW.replace(hour=20)
    page = await show(own)
    assert "休息中" in page
    assert "8:30" in page


async def test_a_screen_says_when_people_wait_and_no_counter_calls(hall, own) -> None:
    hall.be("screen")
    await hall.take()
    assert "现在没有窗口叫号" in await show(own)
    await hall.sit(1, "B")
    assert "现在没有窗口叫号" not in await show(own)
    await hall.do(StaffedCounter.pause, 1, reason="吃饭")
    assert "现在没有窗口叫号" in await show(own)


# The voice


def test_the_clips_are_those_of_the_list_and_say_every_number_and_counter() -> None:
    path = STATIC / "audio" / "make.py"
    spec = importlib.util.spec_from_file_location("make", path)
    assert spec is not None
    assert spec.loader is not None
    make = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(make)
    files = {each.stem for each in path.parent.glob("*.mp3")}
    assert files == set(make.NAMES) == set(CLIPS)
    assert sum(each.stat().st_size for each in path.parent.glob("*.mp3")) < 400 * 1024
    needed = {"chime", "qing", "hao", "dao", "hao-chuangkou"}
    needed |= {f"letter-{each.lower()}" for each in sorted(SERVED)}
    needed |= {f"digit-{each}" for each in range(10)}
    needed |= {f"counter-{each}" for each in range(1, 21)}
    assert needed == files


async def test_a_clip_is_served_for_ever_under_its_hash_and_apart_from_the_script(own) -> None:
    address = own.services.assets.address("letter-b.mp3")
    assert f"letter-b={address} " in (await own.get("/screen")).text
    assert "data-clips" not in (await own.get("/kiosk")).text
    response = await own.get(address)
    assert response.headers["content-type"] == "audio/mpeg"
    assert "immutable" in response.headers["cache-control"]
    assert response.content == (ROOT / "static" / "audio" / "letter-b.mp3").read_bytes()


# The kiosk


def form(key: str = KEY, **more: Any) -> dict[str, Any]:
    """What the kiosk's last page sends."""
    return {"request_key": key, "category": "B", "priority": "", **more}


async def test_the_kiosk_leads_to_a_number_in_three_touches(hall, own) -> None:
    hall.be("kiosk")
    start = await show(own, "kiosk")
    assert 'href="/kiosk/categories/B"' in start
    page = (await own.get("/kiosk/categories/B")).text
    key = re.search(r'name="key" value="([\w-]{20,})"', page)
    assert key is not None
    assert 'data-view="elder"' in page
    assert 'data-timeout="45"' in page
    address = f"/kiosk/categories/B/priority?key={key[1]}&item=gaoling-jintie&item=dibao"
    page = (await own.get(address)).text
    assert f'name="request_key" value="{key[1]}"' in page
    assert 'name="item" value="gaoling-jintie"' in page
    assert "dibao" not in page
    sent = form(key[1], item=["gaoling-jintie", "dibao"], priority="aged")
    response = await own.post("/kiosk/tickets", data=sent)
    assert response.status_code == 303
    page = (await own.get(response.headers["location"])).text
    assert 'kiosk-number">B001<' in page
    assert "高龄津贴" in page
    assert "前面还有 0 人" in page
    token = response.headers["location"].rpartition("/")[2]
    assert f"/code.svg?to=/tickets/{token}" in page
    async with own.store.read() as session:
        ticket = (await session.scalars(select(Ticket))).one()
    assert (ticket.items, ticket.priority) == (("gaoling-jintie",), PriorityKind.AGED)
    assert (ticket.device_hash, ticket.is_confirmed) == (None, False)


async def test_a_double_tap_is_one_number_also_when_the_last_is_gone_or_the_hall_closed(
    hall, own, clock
) -> None:
    await hall.rules(most_a_day=1)
    hall.be("kiosk")
    both = await asyncio.gather(*(own.post("/kiosk/tickets", data=form()) for _ in range(2)))
    clock.now = NOW.replace(hour=20)
    later = await own.post("/kiosk/tickets", data=form())
    assert len({each.headers["location"] for each in (*both, later)}) == 1
    assert await hall.count() == 1


async def test_the_kiosk_says_when_a_category_has_run_out_or_nobody_does_it(hall, own) -> None:
    await hall.rules(most_a_day=1)
    await hall.take("B")
    hall.be("kiosk")
    assert "今天的号发完了" in await show(own, "kiosk")
    for response in (
        await own.get("/kiosk/categories/B"),
        await own.get(f"/kiosk/categories/B/priority?key={KEY}"),
        await own.post("/kiosk/tickets", data=form()),
    ):
        assert response.status_code == 409
        assert "今天的号发完了" in response.text
        assert 'href="/kiosk"' in response.text
    assert await hall.count() == 1

    async def close_a_counter(session: AsyncSession) -> None:
        found = (
            await session.scalars(
                select(Hall).where(Hall.id == hall.hall.id).options(selectinload(Hall.counters))
            )
        ).one()
        found.counters[0].categories = ()

    gone = hall.hall.counters[0].categories[0]
    await own.store.write(close_a_counter)
    own.services.content_changed()
    response = await own.get(f"/kiosk/categories/{gone}")
    assert (response.status_code, "没有窗口办这一类" in response.text) == (409, True)


async def test_a_closed_hall_gives_no_number_and_says_when_it_opens(hall, own, clock) -> None:
    clock.now = NOW.replace(hour=20)
    hall.be("kiosk")
    start = await show(own, "kiosk")
    assert "kiosk-tile" not in start
    assert "8:30" in start
    response = await own.post("/kiosk/tickets", data=form())
    assert response.status_code == 409
    assert "大厅休息了" in response.text
    assert "8:30" in response.text
    assert await hall.count() == 0


async def test_a_day_that_staff_have_closed_gives_no_number(hall, own) -> None:
    community = hall.hall.community_id
    closing = partial(
        close_day, actor=COMMAND_LINE, hall_id=hall.hall.id, community_id=community, now=NOW
    )
    await hall.take()
    await own.store.write(closing)
    hall.be("kiosk")
    assert "今天不再发号" in await show(own, "kiosk")
    response = await own.post("/kiosk/tickets", data=form())
    assert (response.status_code, "今天不再发号" in response.text) == (409, True)
    assert "照常叫" not in response.text + await show(own, "kiosk")


async def test_a_hall_that_gives_no_new_numbers_says_that_it_goes_on_calling(hall, own) -> None:
    community = hall.hall.community_id
    stopping = partial(
        stop_numbers, actor=COMMAND_LINE, hall_id=hall.hall.id, community_id=community, now=NOW
    )
    await own.store.write(stopping)
    hall.be("kiosk")
    pages = [await show(own, "kiosk"), (await own.post("/kiosk/tickets", data=form())).text]
    hall.be("screen")
    pages.append(await show(own))
    for page in pages:
        assert "今天不再发号" in page
        assert "已取的号照常叫" in page
    assert await hall.count() == 0


async def test_the_screen_rests_once_the_day_is_closed_or_over(hall, own, clock) -> None:
    await hall.take()
    await hall.take()
    await hall.sit(1, "B")
    hall.now = clock.now = NOW.replace(hour=16, minute=55)
    await hall.do(StaffedCounter.call_next)
    hall.be("screen")
    for minutes, is_shown in ((1, True), (10, True), (40, False), (480, False)):
        clock.now = hall.now + dt.timedelta(minutes=minutes)
        assert ("请到 <b>1</b> 号窗口" in await show(own)) is is_shown, minutes
    clock.now = hall.now
    closing = partial(
        close_day,
        actor=COMMAND_LINE,
        hall_id=hall.hall.id,
        community_id=hall.hall.community_id,
        now=hall.now,
    )
    await own.store.write(closing)
    page = await show(own)
    assert "请到 <b>1</b> 号窗口" not in page
    assert "今天已结束" in page


async def test_the_kiosk_opens_to_nobody_else_and_shows_no_other_halls_numbers(hall, own) -> None:
    hall.be("kiosk")
    location = (await own.post("/kiosk/tickets", data=form())).headers["location"]
    hall.be("foreign")
    assert (await own.get(location)).status_code == 404
    hall.be("screen")
    own.cookies.set("device-kiosk", hall.keys["screen"])
    for path in ("/kiosk/categories/B", f"/kiosk/categories/B/priority?key={KEY}", location):
        assert (await own.get(path)).status_code == 404
    assert (await own.post("/kiosk/tickets", data=form("x" * 32))).status_code == 404
    await hall.revoke("kiosk")
    hall.be("kiosk")
    assert (await own.get(location)).status_code == 404
    assert await hall.count() == 1


async def test_the_kiosk_does_not_show_yesterdays_numbers(hall, own, clock) -> None:
    hall.be("kiosk")
    location = (await own.post("/kiosk/tickets", data=form())).headers["location"]
    clock.now = NOW + dt.timedelta(days=1)
    assert (await own.get(location)).status_code == 404


@pytest.mark.parametrize("key", ["", "short", "x" * 65, "门" * 30])
async def test_what_no_page_of_ours_sends_leads_back_to_the_start(hall, own, key) -> None:
    hall.be("kiosk")
    for response in (
        await own.post("/kiosk/tickets", data=form(key)),
        await own.get("/kiosk/categories/B/priority", params={"key": key}),
    ):
        assert (response.status_code, response.headers["location"]) == (303, "/kiosk")


async def test_a_category_or_a_reason_that_does_not_exist_takes_nothing_away(hall, own) -> None:
    hall.be("kiosk")
    assert (await own.get("/kiosk/categories/Z")).status_code == 404
    assert (await own.post("/kiosk/tickets", data=form(category="Z"))).status_code == 404
    response = await own.post("/kiosk/tickets", data=form(priority="king"))
    assert response.status_code == 303
    async with own.store.read() as session:
        assert (await session.scalars(select(Ticket.priority))).one() is None


async def test_a_category_is_offered_with_who_is_ahead_and_how_long(hall, own) -> None:
    for _ in range(6):
        await hall.take()
    await hall.sit(1, "B")
    await hall.sit(2, "B")
    queue = await hall.look()
    published = await own.services.published()
    categories = published.handbook.categories
    made = offers(categories, hall.hall, queue, own.services.waits, ())
    found = {offer.category.letter: offer for offer in made}
    assert sorted(found) == sorted(SERVED)
    assert found["B"].wait.ahead == 6
    forecast = found["B"].wait.forecast
    assert forecast is not None
    assert 0 < forecast.low < forecast.high
    assert found["A"].wait.ahead == 0


async def test_what_was_published_is_shown_while_nobody_is_called_if_the_hall_likes(
    hall, own, clock
) -> None:
    office = await disclosure_office(own.store)
    disclosure_id = await office.published(title="楼道照明的账")
    hidden = await office.published(title="低保名单", audience="some", where_to_see="大厅")
    hall.be("screen")
    assert "楼道照明的账" not in await show(own)
    await hall.rules(idle_screen="disclosures")
    shown = {await _at(own, clock, dt.timedelta(minutes=n)) for n in range(8)}
    assert any("楼道照明的账" in page for page in shown)
    assert not any("低保名单" in page for page in shown)
    assert not any(f"/disclosures/{hidden}" in page for page in shown)
    # Within a minute nothing of it changes.
    assert len({await _title(own, clock, dt.timedelta(seconds=s)) for s in (0, 20, 59)}) == 1
    clock.now = hall.now = NOW
    await hall.sit(2, "B")
    await hall.take()
    await hall.do(StaffedCounter.call_next, 2)
    clock.now = NOW + dt.timedelta(minutes=2)
    page = await show(own)
    assert "wall-newest" in page
    assert "wall-published" not in page
    clock.now = NOW + dt.timedelta(minutes=4)
    assert "wall-published" in await show(own)
    assert f"/disclosures/{disclosure_id}" in "".join(shown)
    hall.now = clock.now
    await hall.take()
    assert "wall-published" not in await show(own)


async def _at(browser, clock, later: dt.timedelta) -> str:
    clock.now = NOW + later
    return await show(browser)


async def _title(browser, clock, later: dt.timedelta) -> tuple[str, ...]:
    clock.now = NOW.replace(second=0) + later
    return tuple(re.findall(r"wall-title[^>]*>([^<]+)<", await show(browser)))
