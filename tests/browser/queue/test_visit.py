"""A whole visit through all five devices, with the network cut in between; and the tablet alone."""

from __future__ import annotations

import json
from contextlib import AsyncExitStack
from functools import partial
from typing import TYPE_CHECKING, Any

import pytest
from playwright.async_api import expect

from domain.devices.tables import DeviceKind
from domain.queue.accuracy import keep_forecasts
from domain.queue.forecast import Forecast
from tests.browser.eyes import LANGUAGES, LOW, VIEWS, faults_for_everyone, wear
from tests.world.phones import KIOSKS, LOST, OVERFLOW, WALL, axe, hurry, pair, seated
from tests.world.servers import PATIENCE, finish

if TYPE_CHECKING:
    from playwright.async_api import Page

    from tests.world.servers import BrowserHall

TABLETS = ({"width": 1024, "height": 768}, {"width": 768, "height": 1024})
DESK = {"width": 1280, "height": 850}


@pytest.fixture(scope="module")
async def halls(hall_in) -> dict[str, BrowserHall]:
    """The halls, each with what its tests did there."""
    return {slug: await hall_in(slug) for slug in ("liujiazhuang", "jian", "yikang")}


@pytest.fixture
def hall(request, halls, own_server) -> BrowserHall:
    """The hall that the test says."""
    found: BrowserHall = halls[request.param]
    return found


async def taken_by_touch(page: Page) -> str:
    """Take a number at a kiosk; where the code on it leads."""
    await page.get_by_role("link", name="养老服务").tap()
    await page.get_by_text("高龄津贴申领").tap()
    await page.get_by_role("button", name="下一步").tap()
    await page.get_by_role("button", name="都不是，直接取号").tap()
    await expect(page.locator(".kiosk-number")).to_have_text("B001")
    code = await page.locator(".kiosk-code img").get_attribute("src")
    assert code is not None
    return code.partition("to=")[2]


async def sent(page: Page) -> None:
    """Wait until a tablet has nothing left to send."""
    await page.evaluate(
        """async () => {
            while (localStorage.getItem("ratings-kept") !== "[]")
                await new Promise((again) => setTimeout(again, 50));
        }"""
    )


@pytest.mark.parametrize("hall", ["liujiazhuang"], indirect=True)
async def test_from_the_kiosk_to_the_rating_through_all_five(new_phone, hall) -> None:
    async with AsyncExitStack() as stack:

        async def device(viewport: dict[str, int], **options: Any) -> Any:
            opened = new_phone(url=hall.server.url, viewport=viewport, **options)
            found = await stack.enter_async_context(opened)
            found.expect(LOST)
            return found

        phone = await device({"width": 390, "height": 844})
        kiosk = await device(KIOSKS[0], has_touch=True)
        wall, tablet, clerk = await device(WALL), await device(TABLETS[0]), await device(DESK)
        await pair(hall, kiosk, DeviceKind.KIOSK)
        await pair(hall, wall, DeviceKind.SCREEN)
        await pair(hall, tablet, DeviceKind.RATING, counter=1)
        desk = await seated(clerk, await hall.clerk("visit"), hall)
        screen, rating = await wall.open("/screen"), await tablet.open("/rating")
        await rating.locator("[data-tablet]").wait_for()

        # A number by touch; the code on it brings it onto the phone.
        address = await taken_by_touch(await kiosk.open("/kiosk"))
        ticket = await phone.open(address)
        await ticket.locator("[data-is-live]").wait_for()
        await expect(ticket.locator(".ticket-number")).to_have_text("B001")
        await expect(desk.locator("#desk-queue")).to_contain_text("B001", timeout=PATIENCE)

        # Called while the phone is in a lift: the screen has it, and the phone afterwards.
        await phone.context.set_offline(True)
        await desk.keyboard.press("n")
        await expect(screen.locator(".wall-number")).to_have_text("B001", timeout=PATIENCE)
        await phone.context.set_offline(False)
        await expect(ticket.locator(".ticket-called")).to_contain_text(
            "请到窗口1", timeout=PATIENCE
        )
        await expect(rating.locator(".tablet-serving")).to_have_text("B001", timeout=PATIENCE)

        # The counter's own network is cut in the middle of serving: nothing is lost or doubled.
        await desk.keyboard.press("s")
        await expect(ticket.locator("#ticket")).to_have_attribute("data-state", "serving")
        await clerk.context.set_offline(True)
        await desk.keyboard.press("f")
        await clerk.context.set_offline(False)
        if await ticket.locator("#ticket").get_attribute("data-state") == "serving":
            await desk.reload()
            await desk.keyboard.press("f")
        await expect(ticket.locator("#ticket")).to_have_attribute(
            "data-state", "done", timeout=PATIENCE
        )

        # Rated on a tablet that has just lost its network.
        await rating.locator("[data-rate]").wait_for()
        await tablet.context.set_offline(True)
        await rating.get_by_text("满意", exact=True).click()
        await rating.get_by_text("办得快").click()
        await rating.get_by_role("button", name="提交").click()
        await expect(rating.get_by_text("谢谢您的评价")).to_be_visible()
        await ticket.reload()
        await expect(ticket.locator(".rate")).to_be_visible()
        await tablet.context.set_offline(False)
        await expect(rating.locator(".tablet-rate")).to_have_count(0)
        await expect(rating.locator("[data-tablet]")).to_be_visible()
        await sent(rating)
        await ticket.reload()
        await expect(ticket.locator(".rated")).to_contain_text("您的评价：满意、办得快")


@pytest.mark.parametrize("hall", ["jian"], indirect=True)
async def test_a_level_that_was_touched_counts_though_nobody_sends_it(new_phone, hall) -> None:
    await hall.staff(1, "BC")
    async with new_phone(url=hall.server.url, viewport=TABLETS[0]) as tablet:
        tablet.expect(LOST)
        await pair(hall, tablet, DeviceKind.RATING, counter=1)
        page = await tablet.context.new_page()
        await page.clock.install()
        await page.goto("/rating")
        await page.locator("[data-tablet]").wait_for()
        await hall.call(1)
        await finish(hall, 1)
        await page.locator("[data-rate]").wait_for()
        assert await page.locator("[name=level]:checked").count() == 0, "nothing is chosen before"
        await page.get_by_text("基本满意").click()
        await page.clock.run_for(3_000)
        await expect(page.locator("[data-rate-left]")).to_contain_text("12 秒")
        await page.clock.run_for(13_000)
        await expect(page.get_by_text("谢谢您的评价")).to_be_visible()
        await sent(page)
        # The next one is called while someone still looks for words: what was touched is sent.
        await hall.call(1)
        await finish(hall, 1)
        await page.clock.run_for(6_000)
        await page.locator("[data-rate]").wait_for()
        await page.get_by_text("非常满意").click()
        shown = await hall.call(1)
        await hurry(page)
        await expect(page.locator(".tablet-serving")).to_have_text(shown, timeout=PATIENCE)
        await sent(page)
        await finish(hall, 1)
    async with new_phone(url=hall.server.url) as phone:
        page = await phone.open("/c/jian/hall/figures")
        await expect(page.locator("#said")).to_be_visible()


@pytest.mark.parametrize("hall", ["yikang"], indirect=True)
@pytest.mark.parametrize("language", LANGUAGES)
async def test_everyone_can_read_and_press_the_tablet(new_phone, hall, language) -> None:
    found: list[str] = []

    async def look(page: Page, what: str) -> None:
        size: Any
        for size in TABLETS:
            await page.set_viewport_size(size)
            faults = await page.evaluate(OVERFLOW)
            found.extend(f"{what} at {size['width']}: {each}" for each in faults)
        for view in VIEWS[language]:
            if view.root["view"] == "standard":
                await wear(page, {"theme": view.root["theme"]})
                found.extend(f"{what}, {view.name}: {each}" for each in await axe(page, view.first))
        await wear(page, {"theme": "auto"})

    if 1 not in hall.at:
        await hall.staff(1, "BC")
    async with new_phone(LANGUAGES[language], url=hall.server.url, viewport=TABLETS[0]) as tablet:
        await pair(hall, tablet, DeviceKind.RATING, counter=1)
        page = await tablet.open("/rating")
        await page.locator("[data-tablet]").wait_for()
        await look(page, "idle")
        await hall.call(1)
        await page.locator(".tablet-serving").wait_for()
        await look(page, "serving")
        await finish(hall, 1)
        await page.locator("[data-rate]").wait_for()
        await look(page, "levels")
        # By keyboard alone, and with the level that says the most.
        await page.locator("[name=level]").first.focus()
        await page.keyboard.press("ArrowUp")
        await expect(page.locator("[value=very-dissatisfied]")).to_be_checked()
        await look(page, "what was wrong")
        await page.locator("[name=tag]:visible, [name=tag]").last.press("Space")
        await page.keyboard.press("Tab")
        await page.keyboard.press("Enter")
        await expect(page.locator("[data-rate-thanks]")).not_to_be_empty()
    assert not found, json.dumps(found, ensure_ascii=False, indent=1)


@pytest.mark.parametrize("hall", ["yikang"], indirect=True)
@pytest.mark.parametrize("language", LANGUAGES)
async def test_everyone_can_read_how_a_hall_is_doing(new_phone, hall, language) -> None:
    if 1 not in hall.at:
        await hall.staff(1, "BC")
    ticket = await hall.take()
    told = {ticket.id: Forecast(0, 5)}
    await hall.store.write(partial(keep_forecasts, told=told, now=hall.now))
    await hall.press("chosen-calls", 1, ticket=ticket.id)
    await finish(hall, 1)
    async with new_phone(LANGUAGES[language], url=hall.server.url, viewport=LOW) as phone:
        page = await phone.open("/c/yikang/hall/figures")
        await page.locator(".by-hour").wait_for()
        assert await faults_for_everyone(page, language, axe_on=(LOW,)) == []
