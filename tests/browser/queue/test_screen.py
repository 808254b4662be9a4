"""The hall's screen and kiosk in a real browser: each call said once, one number by touch."""

from __future__ import annotations

import asyncio
import json
from typing import TYPE_CHECKING, Any

import pytest
from playwright.async_api import expect

from domain.devices.tables import DeviceKind
from tests.browser.eyes import LANGUAGES, VIEWS, wear
from tests.world.phones import KIOSKS, LOST, OVERFLOW, WALL, axe, hurry, pair
from tests.world.servers import finish

if TYPE_CHECKING:
    from playwright.async_api import Page, Route

    from tests.world.servers import BrowserHall

WALLS = (WALL, {"width": 3840, "height": 2160}, {"width": 1080, "height": 1920})
LISTEN = """document.addEventListener("lianxin:say", ({ detail }) => {
  const all = JSON.parse(sessionStorage.getItem("heard") ?? "[]");
  sessionStorage.setItem("heard", JSON.stringify([...all, { ...detail, at: Date.now() }]));
});"""
HEARD = "JSON.parse(sessionStorage.getItem('heard') ?? '[]')"


@pytest.fixture(scope="module")
async def halls(hall_in) -> dict[str, BrowserHall]:
    """The halls, whose screens say everything once."""
    found = {slug: await hall_in(slug) for slug in ("liujiazhuang", "jian", "yikang")}
    for hall in found.values():
        await hall.rules(repeats=1, board="今天下午三点，会议室讲医保新政策。")
    return found


@pytest.fixture
async def day(request, halls, own_server) -> BrowserHall:
    """The hall that the test says, with two counters staffed; each test has its own."""
    found: BrowserHall = halls[request.param]
    for counter in {1, 2} - set(found.at):
        await found.staff(counter, "BC")
    return found


async def heard(page: Page, count: int) -> list[dict[str, Any]]:
    """What the screen has said, once it is this much."""
    waiting = page.evaluate(
        f"""async () => {{
            while ({HEARD}.length < {count}) await new Promise((again) => setTimeout(again, 50));
        }}"""
    )
    await asyncio.wait_for(waiting, 60)
    found: list[dict[str, Any]] = await page.evaluate(HEARD)
    assert len(found) == count
    return found


@pytest.mark.parametrize("day", ["liujiazhuang"], indirect=True)
async def test_a_screen_says_each_call_once_and_in_order_whatever_happens(new_phone, day) -> None:
    async with new_phone(url=day.server.url, viewport=WALL) as wall:
        wall.expect(LOST)
        await pair(day, wall, DeviceKind.SCREEN)
        await wall.context.add_init_script(LISTEN)
        page = await wall.open("/screen")
        await page.locator("[data-screen]").wait_for()
        # One tap, where the browser wants one; this one may or may not.
        await page.mouse.click(5, 5)
        await page.locator(".wall-voice").wait_for()
        if await page.locator("[data-voice-start]").is_visible():
            await page.locator("[data-voice-start]").click()

        first, second = await day.call(1), await day.call(2)
        # The card is the call that is being said, and the other flashes in its row.
        await page.wait_for_function(f"{HEARD}.length === 1")
        await expect(page.locator(".wall-number")).to_have_text(first)
        await expect(page.locator(".wall-calls .is-new:not([hidden])")).to_contain_text(second)
        both = await heard(page, 2)
        assert both[0]["clips"] == [
            *("qing", "letter-b", "digit-0", "digit-0", "digit-1"),
            *("hao", "dao", "counter-1", "hao-chuangkou"),
        ]
        assert both[1]["clips"][-2:] == ["counter-2", "hao-chuangkou"]
        assert both[1]["at"] - both[0]["at"] > 4000, "the second cut the first off"
        await expect(page.locator(".wall-number")).to_have_text(second)
        await expect(page.locator(".wall-calls li:not([hidden]) b").first).to_have_text(first)

        await page.mouse.move(50, 50)
        await page.locator("[data-voice-mode=chime]").click()
        await page.reload()
        await page.locator("[data-newest]").wait_for()
        await page.mouse.click(5, 5)
        await hurry(page)

        await wall.context.set_offline(True)
        await finish(day, 1)
        await day.press("recalls", 2)
        third = await day.call(1)
        await wall.context.set_offline(False)
        await hurry(page)
        everything = await heard(page, 4)
        ids = [each["id"] for each in everything]
        assert ids == sorted(set(ids))
        assert everything[-1]["how"] == "chime"
        await expect(page.locator(".wall-number")).to_have_text(third)
        assert await page.locator("html").get_attribute("data-said") == str(ids[-1])


async def test_every_number_and_counter_can_be_said(new_phone, server) -> None:
    async with new_phone(viewport=WALL) as wall:
        page = await wall.open("/screen")
        missing = await page.evaluate(
            """() => {
              const clips = document.querySelector("[data-voice]").dataset.clips.trim().split(" ");
              const names = new Set(clips.map((each) => each.split("=")[0]));
              const calls = [..."ABCDEFGHIJKL"].flatMap((letter) => [1, 98, 765, 1234].map((n) =>
                `${letter}${String(n).padStart(3, "0")}`));
              const said = calls.flatMap((number) => [...Array(120).keys()].flatMap((counter) =>
                modules["queue/screen"].sentence(
                  { number, counter: counter + 1 }, (name) => names.has(name))));
              return [...new Set(said)].filter((each) => !names.has(each));
            }"""
        )
        assert missing == []


@pytest.mark.parametrize("day", ["jian"], indirect=True)
async def test_a_number_by_touch_on_paper_and_everybodys_kiosk_again(new_phone, day) -> None:
    options = {"viewport": KIOSKS[0], "has_touch": True, "url": day.server.url}
    lost: list[str] = []

    async def lose_the_first_answer(route: Route) -> None:
        if lost:
            await route.continue_()
            return
        lost.append((await route.fetch(max_redirects=0)).headers["location"])
        await route.abort()

    async with new_phone(**options) as kiosk:
        kiosk.expect(LOST)
        await pair(day, kiosk, DeviceKind.KIOSK)
        await kiosk.context.route("**/kiosk/tickets", lose_the_first_answer)
        await kiosk.context.add_init_script(
            "let prints = 0; window.print = () => { prints += 1;"
            "document.documentElement.dataset.printed = prints; };"
        )
        page = await kiosk.open("/kiosk")
        clock = page.locator("[data-clock]")
        await page.get_by_role("link", name="养老服务").wait_for()
        await clock.hover()
        await page.mouse.down()
        await page.get_by_role("button", name="58 毫米纸卷").wait_for()
        await page.mouse.up()
        await page.get_by_role("button", name="58 毫米纸卷").tap()

        await page.get_by_role("link", name="养老服务").tap()
        await page.get_by_text("高龄津贴申领").tap()
        await page.get_by_text("居家养老助餐登记").tap()
        await page.get_by_role("button", name="下一步").tap()
        await page.get_by_role("button", name="都不是，直接取号").dblclick()
        await expect(page.locator(".kiosk-number")).to_have_text("B001")
        assert page.url.endswith(lost[0])
        await expect(page.locator(".kiosk-for")).to_have_text("高龄津贴申领、居家养老助餐登记")
        await expect(page.locator("[data-kiosk-print]")).to_be_visible()
        await expect(page.locator("html")).to_have_attribute("data-printed", "1")
        assert await page.locator("html").get_attribute("data-paper") == "58"
        assert (await day.take()).label == "B002", "a double tap took two numbers"
        await page.evaluate("document.querySelector('[data-timeout]').dataset.timeout = 1")
        await page.wait_for_url("**/kiosk")
        await page.get_by_role("link", name="养老服务").wait_for()


@pytest.mark.parametrize("day", ["yikang"], indirect=True)
@pytest.mark.parametrize("language", LANGUAGES)
async def test_everyone_can_read_the_wall_and_press_the_kiosk(new_phone, day, language) -> None:
    found: list[str] = []

    async def look(page: Page, what: str, sizes: tuple[Any, ...]) -> None:
        for size in sizes:
            await page.set_viewport_size(size)
            faults = await page.evaluate(OVERFLOW)
            found.extend(f"{what} at {size['width']}: {each}" for each in faults)
        # Neither a screen nor a kiosk has an elder view: both are made for everybody at once.
        for view in VIEWS[language]:
            if view.root["view"] == "standard":
                await wear(page, {"theme": view.root["theme"]})
                faults = await axe(page, view.first)
                found.extend(f"{what}, {view.name}: {each}" for each in faults)
        await wear(page, {"theme": "auto"})

    for _ in range(4):
        for at in (1, 2):
            await day.call(at)
            await finish(day, at)
    await day.take("C")
    async with new_phone(LANGUAGES[language], url=day.server.url, viewport=WALL) as wall:
        await pair(day, wall, DeviceKind.SCREEN)
        page = await wall.open("/screen")
        await page.locator(".wall-number").wait_for()
        for size in WALLS:
            await page.set_viewport_size(size)
            big = "parseFloat(getComputedStyle(document.querySelector('.wall-number')).fontSize)"
            assert await page.evaluate(f"{big} / innerHeight") >= 0.2
            assert await page.evaluate("document.documentElement.scrollHeight <= innerHeight")
        await page.mouse.move(9, 9)
        await look(page, "screen", WALLS)
        await pair(day, wall, DeviceKind.KIOSK)
        await page.goto("/kiosk")
        await page.locator("a.kiosk-tile").first.wait_for()
        await look(page, "start", KIOSKS)
        # A kiosk has no scroll bar: what it starts with stands on its glass.
        for size in KIOSKS:
            await page.set_viewport_size(size)
            high = await page.evaluate("document.documentElement.scrollHeight")
            assert high <= size["height"], (language, size, high)
        await page.locator("a.kiosk-tile", has_text="养老服务").click()
        await page.locator(".kiosk-tick").first.wait_for()
        await look(page, "items", KIOSKS)
        await page.locator(".kiosk-go .btn").click()
        await page.locator(".kiosk-kinds").wait_for()
        await look(page, "priority", KIOSKS)
        await page.locator(".kiosk-kinds .btn").first.click()
        await page.locator(".kiosk-number").wait_for()
        await look(page, "ticket", KIOSKS)
        small = await page.evaluate(
            "[...document.querySelectorAll('a, button')].filter((each) => each.checkVisibility() "
            "&& each.getBoundingClientRect().height < 60).map((each) => each.outerHTML)"
        )
        assert small == []
    assert not found, json.dumps(found, ensure_ascii=False, indent=1)
