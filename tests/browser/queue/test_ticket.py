"""取号 on a phone: taken from a guide, followed live, called, and right again after a tunnel."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from playwright.async_api import expect

from tests.browser.eyes import LANGUAGES, LOW, WIDE, faults_for_everyone, unfolded
from tests.world.phones import GUIDE, HOME, PHONE, axe, kept_at_once
from tests.world.servers import PATIENCE, client_of

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from playwright.async_api import Page

    from tests.world.servers import BrowserHall, Server

TAKE = f"{HOME}/take"


@pytest.fixture
def hall(staffed: BrowserHall, own_server: Server) -> BrowserHall:
    """The same, on a server that runs."""
    return staffed


async def finished(hall: BrowserHall) -> None:
    """The person who was called is served, and leaves."""
    for noun in ("starts", "finishes"):
        await hall.press(noun, 3)


async def served(hall: BrowserHall) -> None:
    """The person who is next is called, served, and leaves."""
    await hall.press("calls", 3)
    await finished(hall)


async def taken(page: Page) -> None:
    """Take a number for what a guide is about."""
    await page.goto(GUIDE)
    await page.get_by_role("link", name="为这件事取号").click()
    # Until its style is there, the page shows what every matter needs.
    await page.wait_for_url("**/take?*")
    await page.get_by_role("checkbox", name="身份证").check()
    await page.get_by_role("button", name="取号").click()
    await page.wait_for_url("**/tickets/*")


async def test_from_a_guide_to_the_counter_by_itself(new_phone, own_server, hall) -> None:
    async with new_phone(url=own_server.url) as phone:
        page = await phone.context.new_page()
        await taken(page)
        shown = await page.locator(".ticket-number").inner_text()
        await expect(page.get_by_role("checkbox", name="身份证")).to_be_checked()
        await page.get_by_role("button", name="叫到我时响一声").click()
        await expect(page.get_by_role("button", name="叫到您会响")).to_be_visible()
        await hall.press("calls", 3)
        await expect(page.locator(".ticket-called")).to_contain_text("请到窗口3", timeout=PATIENCE)
        await expect(page).to_have_title(f"{shown} 请到 3 号窗口")
        assert await axe(page) == []
        await hall.press("no-shows", 3)
        await page.get_by_role("button", name="我回来了").click(timeout=PATIENCE)
        await page.wait_for_url("**/tickets/*?back*")
        await expect(page.locator("[data-live=ahead]")).to_have_text("0")
        await page.goto("/mine")
        await expect(page.get_by_role("link", name=shown)).to_be_visible()
        await served(hall)


async def test_a_screen_reader_hears_once_that_the_turn_is_near(
    new_phone, own_server, hall
) -> None:
    for _ in range(5):
        await hall.take()
    async with new_phone(url=own_server.url) as phone:
        page = await phone.context.new_page()
        await taken(page)
        shown = await page.locator(".ticket-number").inner_text()
        soon, ahead = page.locator("[data-ticket-soon]"), page.locator("[data-live=ahead]")
        await expect(ahead).to_have_text("5")
        await expect(soon).to_have_text("")
        for left in (4, 3, 2):
            await served(hall)
            await expect(ahead).to_have_text(str(left), timeout=PATIENCE)
        await expect(soon).to_have_text(f"{shown}：快到了，请回到大厅")
        # What has been said is not said again, and not of who was called.
        await soon.evaluate("(place) => { place.textContent = ''; }")
        await served(hall)
        await expect(ahead).to_have_text("1", timeout=PATIENCE)
        await expect(soon).to_have_text("")
        await soon.evaluate("(place) => { place.textContent = '快到了'; }")
        await served(hall)
        await hall.press("calls", 3)
        await expect(page.locator(".ticket-called")).to_be_visible(timeout=PATIENCE)
        await expect(soon).to_have_text("")
        await finished(hall)


async def test_a_number_that_was_taken_is_among_ones_own_without_a_network(
    new_phone, own_server, hall
) -> None:
    async with new_phone(url=own_server.url) as phone:
        phone.expect("ERR_INTERNET_DISCONNECTED|ERR_FAILED|Failed to fetch")
        page = await phone.open(HOME)
        await kept_at_once(page)
        await taken(page)
        shown = await page.locator(".ticket-number").inner_text()
        await page.wait_for_function("caches.match('/f/mine/tickets').then(Boolean)")
        await phone.context.set_offline(True)
        await page.goto("/mine")
        await expect(page.locator("#my-tickets")).to_contain_text(shown, timeout=PATIENCE)
        await phone.context.set_offline(False)
        for noun in ("calls", "starts", "finishes"):
            await hall.press(noun, 3)


async def test_in_a_tunnel_the_page_says_since_when_and_is_right_again(
    new_phone, own_server, hall
) -> None:
    async with new_phone(url=own_server.url) as phone:
        phone.expect("ERR_INTERNET_DISCONNECTED|ERR_CONNECTION")
        page = await phone.context.new_page()
        await page.clock.install()
        await taken(page)
        await page.locator("[data-is-live]").wait_for()
        await phone.context.set_offline(True)
        await page.clock.run_for(4_000)
        await expect(page.locator("[data-ticket-notice]")).to_contain_text(
            "没有更新", timeout=PATIENCE
        )
        await hall.press("calls", 3)
        await phone.context.set_offline(False)
        await expect(page.locator(".ticket-called")).to_contain_text("请到窗口3", timeout=PATIENCE)
        await expect(page.locator("[data-ticket-notice]")).to_be_hidden()
        await finished(hall)


async def test_a_server_with_an_open_stream_stops_and_the_page_finds_it_again(
    new_phone, own_server, hall
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
        await hall.press("calls", 3)
        await expect(page.locator(".ticket-called")).to_contain_text(
            "请到窗口3", timeout=2 * PATIENCE
        )
        await expect(page.locator("[data-ticket-notice]")).to_be_hidden()
        await finished(hall)


@pytest.fixture(scope="module")
async def ticket(staffed: BrowserHall, modules_server: Server) -> AsyncIterator[str]:
    """The address of a number that waits."""
    if modules_server.process is None:
        modules_server.start()
    url = staffed.server.url
    async with client_of(url) as asking:
        page = (await asking.get(f"{TAKE}?item=gaoling-jintie")).text
        key = page.partition('name="request" value="')[2].partition('"')[0]
        fields = {"category": "B", "item": "gaoling-jintie", "request": key}
        answer = await asking.post("/halls/liujiazhuang/tickets", data=fields)
        yield answer.headers["location"]


@pytest.mark.parametrize("language", LANGUAGES)
async def test_everyone_can_read_and_press_everything(new_phone, hall, ticket, language) -> None:
    options = {"viewport": LOW, "service_workers": "block", "url": hall.server.url}
    async with new_phone(LANGUAGES[language], **options) as phone:
        phone.expect(r"status of 404")
        found = []
        for path in (TAKE, f"{TAKE}?item=gaoling-jintie", ticket, "/tickets/nothing"):
            page = await phone.open(path)
            await unfolded(page)
            screens = (LOW, PHONE, WIDE)
            faults = await faults_for_everyone(page, language, screens, axe_on=(WIDE,))
            found += [f"{path}: {each}" for each in faults]
            await page.close()
        assert not found, "\n".join(found)
