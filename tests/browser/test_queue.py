"""取号 on a phone: taken from a guide, followed live, called, and right again after a tunnel."""

from __future__ import annotations

import datetime as dt
from contextlib import asynccontextmanager
from functools import partial
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

import httpx
import pytest
from playwright.async_api import expect
from sqlalchemy import select

from domain.places.content import HallHours, OpeningPeriod
from domain.places.tables import Community, Hall
from domain.queue import calling
from domain.queue.tables import CounterShift
from domain.revision import touch_content
from domain.store import Store
from tests.browser.conftest import GUIDE, HOME, PATIENCE, PHONE, axe
from tests.browser.test_accessibility import LOW, VIEWS, WIDE, faults_by_axe, faults_of
from tests.staff import hired

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from playwright.async_api import Page

    from tests.browser.conftest import Server

ALL_DAY = (OpeningPeriod(opens=dt.time(0), closes=dt.time(23, 59, 59)),)
TAKE = f"{HOME}/take"


def now() -> dt.datetime:
    return dt.datetime.now(ZoneInfo("Asia/Shanghai"))


class Clerk:
    """Somebody at counter 3, in another process than the server."""

    def __init__(self, store: Store, hall: int) -> None:
        self.store, self.hall, self.shift = store, hall, 0

    async def sit(self) -> None:
        person = await hired(self.store, "clerk")
        sign_on = partial(
            calling.sign_on, hall_id=self.hall, counter=3, staff_id=person, letters="B", now=now()
        )
        self.shift = (await self.store.write(sign_on)).id

    async def do(self, verb: Any) -> Any:
        async def unit(session: Any) -> Any:
            return await verb(session, await session.get(CounterShift, self.shift), now=now())

        return await self.store.write(unit)


@asynccontextmanager
async def hall_open_all_day(server: Server) -> AsyncIterator[Clerk]:
    """The hall of 刘家庄, open whenever the tests run."""
    store = Store(server.database)
    await store.open()

    async def unit(session: Any) -> int:
        found = select(Hall).join(Community).where(Community.slug == "liujiazhuang")
        hall = (await session.scalars(found)).one()
        days = ("working_day", "saturday", "sunday", "public_holiday")
        hall.hours = HallHours(**dict.fromkeys(days, ALL_DAY))
        await touch_content(session)
        return int(hall.id)

    try:
        yield Clerk(store, await store.write(unit))
    finally:
        await store.close()


@pytest.fixture
async def clerk(own_server: Server) -> AsyncIterator[Clerk]:
    async with hall_open_all_day(own_server) as found:
        # The server notices within a second what another process published.
        async with httpx.AsyncClient(base_url=own_server.url, trust_env=False) as asking:
            while "大厅现在没开门" in (await asking.get(TAKE)).text:
                pass
        yield found


async def taken(page: Page) -> None:
    """Take a number for what a guide is about."""
    await page.goto(GUIDE)
    await page.get_by_role("link", name="为这件事取号").click()
    await page.get_by_role("checkbox", name="身份证").check()
    await page.get_by_role("button", name="取号").click()
    await page.wait_for_url("**/tickets/*")


async def test_from_a_guide_to_the_counter_by_itself(new_phone, own_server, clerk) -> None:
    async with new_phone(url=own_server.url) as phone:
        page = await phone.context.new_page()
        await taken(page)
        await expect(page.locator(".ticket-number")).to_have_text("B001")
        await expect(page.get_by_role("checkbox", name="身份证")).to_be_checked()
        await page.get_by_role("button", name="叫到我时响一声").click()
        await expect(page.get_by_role("button", name="叫到您会响")).to_be_visible()
        await clerk.sit()
        await clerk.do(calling.call_next)
        await expect(page.locator(".ticket-called")).to_contain_text("请到窗口3", timeout=PATIENCE)
        await expect(page).to_have_title("B001 请到 3 号窗口")
        assert await axe(page) == []
        await clerk.do(calling.no_show)
        await page.get_by_role("button", name="我回来了").click(timeout=PATIENCE)
        await expect(page.locator("[data-live=ahead]")).to_have_text("0")
        await page.goto("/mine")
        await expect(page.get_by_role("link", name="B001")).to_be_visible()


async def test_in_a_tunnel_the_page_says_since_when_and_is_right_again(
    new_phone, own_server, clerk
) -> None:
    async with new_phone(url=own_server.url) as phone:
        phone.expect("ERR_INTERNET_DISCONNECTED|ERR_CONNECTION")
        page = await phone.context.new_page()
        await taken(page)
        await page.locator("[data-is-live]").wait_for()
        await phone.context.set_offline(True)
        await expect(page.locator("[data-ticket-notice]")).to_contain_text(
            "没有更新", timeout=PATIENCE
        )
        await clerk.sit()
        await clerk.do(calling.call_next)
        await phone.context.set_offline(False)
        await expect(page.locator(".ticket-called")).to_contain_text("请到窗口3", timeout=PATIENCE)
        await expect(page.locator("[data-ticket-notice]")).to_be_hidden()


async def test_a_server_with_an_open_stream_stops_and_the_page_finds_it_again(
    new_phone, own_server, clerk
) -> None:
    async with new_phone(url=own_server.url) as phone:
        phone.expect("ERR_CONNECTION|ERR_INCOMPLETE|ERR_EMPTY|ERR_NETWORK")
        page = await phone.context.new_page()
        await taken(page)
        await page.locator("[data-is-live]").wait_for()
        own_server.stop()  # fails when it has to be killed
        assert "Cancel" not in own_server.log.read_text()
        await expect(page.locator("[data-ticket-notice]")).to_contain_text(
            "没有更新", timeout=PATIENCE
        )
        own_server.start()
        await clerk.sit()
        await clerk.do(calling.call_next)
        await expect(page.locator(".ticket-called")).to_contain_text(
            "请到窗口3", timeout=2 * PATIENCE
        )
        await expect(page.locator("[data-ticket-notice]")).to_be_hidden()


@pytest.fixture(scope="module")
async def open_hall(new_server) -> AsyncIterator[tuple[Server, str]]:
    """A server whose hall is open, and a ticket there."""
    server = new_server()
    server.start()
    async with (
        hall_open_all_day(server),
        httpx.AsyncClient(base_url=server.url, trust_env=False) as asking,
    ):
        page = ""
        while 'name="request"' not in page:
            page = (await asking.get(f"{TAKE}?item=gaoling-jintie")).text
        key = page.partition('name="request" value="')[2].partition('"')[0]
        fields = {"category": "B", "item": "gaoling-jintie", "request": key}
        answer = await asking.post("/halls/liujiazhuang/tickets", data=fields)
        yield server, answer.headers["location"]
    server.stop()


@pytest.mark.parametrize("view", VIEWS)
async def test_everyone_can_read_and_press_everything(new_phone, open_hall, view) -> None:
    server, ticket = open_hall
    options = {"viewport": LOW, "service_workers": "block", "url": server.url}
    async with new_phone(VIEWS[view], **options) as phone:
        phone.expect(r"status of 404")
        found = []
        for path in (TAKE, f"{TAKE}?item=gaoling-jintie", ticket, "/tickets/nothing"):
            page = await phone.open(path)
            await page.evaluate(
                "for (const each of document.querySelectorAll('details')) each.open = true"
            )
            for screen in (LOW, PHONE, WIDE):
                await page.set_viewport_size(screen)
                found += [f"{path} {screen}: {each}" for each in await faults_of(page, view)]
            found += [f"{path}: {each}" for each in await faults_by_axe(page, view)]
            await page.close()
        assert not found, "\n".join(found)
