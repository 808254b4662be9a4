"""The guide terminal in a real browser: a visit, its end, no network, and what every eye can read."""

from __future__ import annotations

import asyncio
import re
from functools import partial
from typing import TYPE_CHECKING

import pytest
from playwright.async_api import Page, expect

from domain.devices import pairing
from domain.devices.tables import Device, DeviceKind
from domain.staff.actor import COMMAND_LINE
from tests.browser.eyes import FAULTS, LANGUAGES, unfolded
from tests.world.phones import LOST, axe, pair, tab_to
from tests.world.servers import PATIENCE

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncSession

    from tests.world.phones import Phone
    from tests.world.servers import BrowserHall

GLASS = (
    {"width": 1024, "height": 768},
    {"width": 1280, "height": 1024},
    {"width": 1080, "height": 1920},
)
HOME = "/terminal/zh-Hans/c/liujiazhuang"
GUIDE = f"{HOME}/handbook/gaoling-jintie"
TEXT, TARGET = 18, 72
DEVICES_OWN = {"kiosk-paper", "terminal-home"}


@pytest.fixture(scope="module")
async def day(hall_in) -> BrowserHall:
    found: BrowserHall = await hall_in("liujiazhuang")
    return found


@pytest.fixture
def hall(day, own_server) -> BrowserHall:
    """The hall, on a server that runs."""
    assert day.server is own_server
    found: BrowserHall = day
    return found


async def started(hall: BrowserHall, phone: Phone, paper: str = "a4") -> Page:
    """A paired terminal on its start page, with paper in it."""
    phone.expect(LOST)
    await pair(hall, phone, DeviceKind.TERMINAL)
    await phone.context.add_init_script(
        "let prints = 0; window.print = () => { prints += 1;"
        "document.documentElement.dataset.printed = prints; };"
    )
    page = await phone.open("/terminal")
    await page.evaluate("(paper) => localStorage.setItem('kiosk-paper', paper)", paper)
    await page.get_by_role("link", name="养老服务").wait_for()
    return page


async def left_by_the_visit(page: Page) -> list[str]:
    """What the browser still holds that is not the device's own."""
    held = await page.evaluate("[...Object.keys(localStorage), ...Object.keys(sessionStorage)]")
    return [key for key in held if key not in DEVICES_OWN]


async def kept(page: Page) -> None:
    """Wait until the terminal keeps its pages and its start."""
    looking = page.evaluate(
        """async () => {
            const all = () => Promise.all(["/terminal/kept", "/terminal"].map((path) => caches.match(path)));
            while (!(await all()).every(Boolean)) await new Promise((again) => setTimeout(again, 50));
        }"""
    )
    await asyncio.wait_for(looking, PATIENCE / 1000)


async def test_from_the_keys_to_the_printed_list_and_a_number(new_phone, hall) -> None:
    options = {"viewport": GLASS[0], "has_touch": True, "url": hall.server.url}
    async with new_phone(**options) as phone:
        asked: list[str] = []
        phone.context.on("request", lambda request: asked.append(request.url))
        page = await started(hall, phone)
        entries = await page.evaluate("history.length")
        await page.get_by_role("link", name="搜索").tap()
        for key in "gljt":
            await page.get_by_role("button", name=key, exact=True).tap()
        await page.get_by_role("link", name="高龄津贴申领").tap()

        await page.get_by_text("户口簿", exact=True).last.tap()
        await page.get_by_role("link", name="打印或扫码带走").tap()
        await expect(page.get_by_role("img", name="本指南的二维码")).to_be_visible()
        await expect(page.get_by_role("checkbox", name="户口簿")).to_be_checked()
        await page.get_by_role("button", name="打印清单").tap()
        await expect(page.locator("html")).to_have_attribute("data-printed", "1")
        await page.get_by_role("link", name="高龄津贴申请表").tap()
        await page.get_by_role("button", name="打印空表").tap()
        await expect(page.locator("html")).to_have_attribute("data-printed", "1")

        # The way back is the way that was come, also to what was typed.
        for below in ("/checklist", ""):
            await page.get_by_role("link", name="上一页").tap()
            await page.wait_for_url(f"**{GUIDE}{below}")
        await page.get_by_role("link", name="上一页").tap()
        await expect(page.locator("#typed")).to_have_value("gljt")
        await page.get_by_role("link", name="高龄津贴申领").tap()

        await page.get_by_role("link", name="为这件事取号").tap()
        await page.get_by_role("button", name="都不是，直接取号").tap()
        await expect(page.locator(".kiosk-number")).to_have_text(re.compile(r"^B\d{3}$"))
        await expect(page.locator(".kiosk-for")).to_have_text("高龄津贴申领")
        await page.get_by_role("link", name="好了").tap()

        await page.wait_for_url("**/terminal")
        await expect(page.get_by_role("link", name="养老服务")).to_be_visible()
        assert await left_by_the_visit(page) == []
        assert await page.evaluate("history.length") == entries
        assert not [url for url in asked if "gljt" in url], "what was typed left the terminal"


async def test_left_alone_it_forgets_and_back_leads_to_nobody(new_phone, hall) -> None:
    async with new_phone(url=hall.server.url, viewport=GLASS[0]) as phone:
        phone.expect(LOST)
        await pair(hall, phone, DeviceKind.TERMINAL)
        page = await phone.context.new_page()
        await page.clock.install()
        await page.goto("/terminal")
        await page.get_by_role("link", name="English").click()
        await page.get_by_role("link", name="Search").click()
        await page.keyboard.press("Tab")
        await page.locator("#typed").press_sequentially("gljt")
        row = page.locator(".terminal-results .row").first
        languages = "(row) => [...row.querySelectorAll('b, .soft, .days')].map((each) => each.lang)"
        assert await row.evaluate(languages) == ["zh-Hans", "zh-Hans", "en"]
        await page.get_by_role("link", name="高龄津贴申领").click()
        await page.get_by_role("checkbox").first.check()
        assert set(await left_by_the_visit(page)) == {
            "ticks:gaoling-jintie", "terminal-trail", "terminal-typed"
        }  # fmt: skip

        await page.clock.run_for(36_000)
        await expect(page.locator("[data-timeout-notice]")).to_have_text(re.compile("Still there"))
        await page.keyboard.press("Shift")
        await page.clock.run_for(36_000)
        assert page.url.endswith("/handbook/gaoling-jintie"), "it left while someone was there"
        await page.clock.run_for(10_000)
        await page.wait_for_url("**/terminal")
        await page.get_by_role("link", name="养老服务").wait_for()
        assert await left_by_the_visit(page) == []
        await page.go_back()
        await expect(page).to_have_url("about:blank")
        await page.go_forward()
        await page.get_by_role("link", name="养老服务").wait_for()


async def test_a_page_that_back_leads_to_all_the_same_gives_way(new_phone, hall) -> None:
    async with new_phone(url=hall.server.url, viewport=GLASS[0]) as phone:
        page = await started(hall, phone)
        # Someone with a keyboard opened it by its address.
        await page.goto(GUIDE)
        await page.goto("/terminal")
        await page.go_back(wait_until="commit")
        await page.wait_for_url("**/terminal")
        await page.get_by_role("link", name="养老服务").wait_for()


async def test_without_a_network_it_goes_on_from_its_copy(new_phone, hall) -> None:
    async with new_phone(url=hall.server.url, viewport=GLASS[0]) as phone:
        page = await started(hall, phone)
        await kept(page)
        await phone.context.set_offline(True)
        # As after a cut of the power: nothing is there but what it keeps.
        await page.goto("/terminal")
        await page.get_by_role("link", name="养老服务").click()
        await page.get_by_role("link", name="高龄津贴申领").click()
        await expect(page.locator("[data-offline-notice]")).to_contain_text("机器里存的内容")
        await expect(page.get_by_role("link", name="为这件事取号")).to_be_hidden()
        await page.get_by_role("link", name="打印或扫码带走").click()
        await expect(page.get_by_role("img", name="本指南的二维码")).to_be_visible()
        await page.get_by_role("link", name="English").click()
        await expect(page.get_by_role("button", name="Print the list")).to_be_visible()
        await page.get_by_role("link", name="Start page").click()
        await page.get_by_role("link", name="搜索").click()
        await page.locator("[value=d]").click()
        await page.locator("[value=b]").click()
        await page.get_by_role("link", name="最低生活保障").first.click()
        await page.wait_for_url(f"**{HOME}/handbook/*")
        # A number needs the server: back to the start, which is there.
        await page.goto("/terminal/zh-Hans/numbers")
        await page.wait_for_url("**/terminal")
        await page.get_by_role("link", name="养老服务").wait_for()


async def test_one_that_is_revoked_ends_the_visit_and_shows_its_code(new_phone, hall) -> None:
    async def revoke(session: AsyncSession, key: str) -> None:
        device = await pairing.device_of(session, DeviceKind.TERMINAL, key)
        assert isinstance(device, Device)
        await pairing.revoke(session, COMMAND_LINE, device, hall.now)

    async with new_phone(url=hall.server.url, viewport=GLASS[0]) as phone:
        phone.expect(LOST)
        await pair(hall, phone, DeviceKind.TERMINAL)
        cookies = await phone.context.cookies()
        [key] = [each["value"] for each in cookies if each["name"] == "device-terminal"]
        page = await phone.context.new_page()
        await page.clock.install()
        await page.goto(GUIDE)
        await hall.store.write(partial(revoke, key=key))
        await page.clock.run_for(40_000)
        await page.keyboard.press("Shift")
        await page.clock.run_for(21_000)
        await page.locator(".device-code").wait_for()
        assert page.url.endswith("/terminal")
        kept_home = "localStorage.getItem('terminal-home')"
        assert await page.evaluate(kept_home) is None


async def test_words_are_found_stroke_by_stroke_without_a_network(new_phone, hall) -> None:
    async with new_phone(url=hall.server.url, viewport=GLASS[0], has_touch=True) as phone:
        page = await started(hall, phone)
        await kept(page)
        await phone.context.set_offline(True)
        await page.get_by_role("link", name="搜索").tap()
        await page.get_by_role("button", name="按笔画找").tap()
        tiles = page.locator(".terminal-results a")

        async def write(*strokes: str) -> None:
            for stroke in strokes:
                await page.get_by_role("button", name=stroke, exact=True).tap()

        # 低, and 保 behind it: so many strokes of each as someone likes.
        await write("撇", "竖", "撇")
        wide = await tiles.count()
        assert await page.evaluate(FAULTS, [TEXT, TARGET]) == []
        await write("折", "撇", "竖")
        await expect(tiles.first).to_have_text("低保")
        assert 0 < await tiles.count() < wide
        await write("折", "折", "折")
        await expect(tiles).to_have_count(0)
        await expect(page.locator(".terminal-results")).to_contain_text("退一笔再试")
        await write("退一格", "退一格", "退一格")
        await expect(tiles.first).to_have_text("低保")

        # 退, of a life event; 证, within words.
        await write("清空", "折", "横", "横", "折")
        await expect(tiles.get_by_text("要退休了", exact=True)).to_be_visible()
        await write("清空", "点捺", "折", "横", "竖", "横", "竖", "横")
        await expect(tiles.first).to_contain_text("证")
        await write("清空", "横", "竖", "横", "撇", "撇", "折")
        await tiles.get_by_text("老年证", exact=True).tap()
        await page.wait_for_url(f"**{HOME}/handbook/*")
        await page.get_by_role("link", name="上一页").tap()
        await expect(tiles.get_by_text("老年证", exact=True)).to_be_visible()
        await page.get_by_role("link", name="回首页").tap()
        await page.get_by_role("link", name="养老服务").wait_for()
        assert await left_by_the_visit(page) == []


@pytest.mark.parametrize("language", LANGUAGES)
async def test_everyone_can_read_and_press_the_terminal(new_phone, hall, language) -> None:
    lang = "zh-Hans" if language == "Chinese" else "en"
    below = (
        "", "/handbook/categories/elderly", "/handbook/events", "/handbook/events/elderly-parent",
        "/handbook/gaoling-jintie", "/handbook/gaoling-jintie/checklist",
        "/handbook/gaoling-jintie/forms/4", "/search", "/facilities", "/people", "/hall/figures",
    )  # fmt: skip
    base = f"/terminal/{lang}"
    numbers = (f"{base}/numbers", f"{base}/numbers/gaoling-jintie", f"{base}/categories/B")
    found: list[str] = []
    async with new_phone(LANGUAGES[language], url=hall.server.url, viewport=GLASS[0]) as phone:
        phone.expect(LOST)
        await pair(hall, phone, DeviceKind.TERMINAL)
        page = await phone.open("/terminal")
        await page.locator(".terminal-categories").wait_for()
        for path in ("/terminal", *(f"{base}/c/liujiazhuang{each}" for each in below), *numbers):
            await page.goto(path)
            await page.locator(".terminal-categories, [data-timeout]").first.wait_for()
            await unfolded(page)
            for size in GLASS:
                await page.set_viewport_size(size)
                faults = [*await page.evaluate(FAULTS, [TEXT, TARGET])]
                faults += await axe(page) if size == GLASS[0] else []
                found += [f"{path} at {size['width']}: {fault}" for fault in faults]
    assert not found, "\n".join(found)


async def test_everything_is_reached_by_keyboard_alone(new_phone, hall) -> None:
    async with new_phone(url=hall.server.url, viewport=GLASS[0]) as phone:
        page = await started(hall, phone, paper="none")
        for wanted in ("a[href$='categories/elderly']", "a[href$='gaoling-jintie']"):
            await tab_to(page, wanted)
            await page.keyboard.press("Enter")
            await page.wait_for_url(re.compile(re.sub(r".*'(.*)'.*", r"\1", wanted) + "$"))
        await tab_to(page, "a[href$='/checklist']")
        await page.keyboard.press("Enter")
        await expect(page.get_by_role("img", name="本指南的二维码")).to_be_visible()
        await expect(page.locator("[data-terminal-print]")).to_be_hidden()
