"""Forms and own pages in a basement: nothing that was chosen, typed or taken is lost."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest
from playwright.async_api import expect

from tests.world.phones import HOME, LOST, kept_at_once
from tests.world.servers import PATIENCE

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable
    from contextlib import AbstractAsyncContextManager

    from playwright.async_api import Page, Route

    from tests.world.phones import Phone
    from tests.world.servers import BrowserHall, Server

TAKE = f"{HOME}/take?category=B"
WAITS = "没有网络，还没发出去"


@pytest.fixture
async def phone(
    staffed: BrowserHall,
    own_server: Server,
    new_phone: Callable[..., AbstractAsyncContextManager[Phone]],
) -> AsyncIterator[Phone]:
    """A phone whose worker keeps the handbook; the network is there."""
    async with new_phone(url=own_server.url) as opened:
        opened.expect(f"{LOST}|net::ERR_")
        page = await opened.open(HOME)
        await kept_at_once(page)
        await page.close()
        yield opened


async def lose(page: Page) -> None:
    """Into the basement. Also for the worker's own requests."""
    await page.context.set_offline(True)


async def find(page: Page) -> None:
    """Out of the basement."""
    await page.context.set_offline(False)


async def begun(phone: Phone) -> Page:
    """The form for a number, with something chosen."""
    page = await phone.open(TAKE)
    await page.locator("input[name=item]").first.check()
    await page.get_by_role("radio", name="70").check()
    return page


async def taken(phone: Phone) -> Page:
    page = await begun(phone)
    await page.get_by_role("button", name="取号").click()
    await page.wait_for_url("**/tickets/*")
    return page


async def given_up(page: Page) -> None:
    """The next test finds an empty hall, and a device without a number."""
    await page.locator("#ticket-acts summary", has_text="退掉").click()
    await page.locator("form[action$='/cancellation'] button").click()
    await expect(page.locator("#ticket[data-state=cancelled]")).to_be_visible(timeout=PATIENCE)


async def test_a_number_that_meets_no_network_is_taken_once_when_it_is_back(phone) -> None:
    page = await begun(phone)
    await lose(page)
    await page.get_by_role("button", name="取号").click()
    note = page.locator(".form-waits")
    await expect(note).to_contain_text(WAITS, timeout=PATIENCE)
    assert page.url.endswith(TAKE)
    await expect(page.locator("input[name=item]").first).to_be_checked()
    await expect(page.get_by_role("radio", name="70")).to_be_checked()
    # Pressed again by someone who does not trust it.
    await page.get_by_role("button", name="取号").click()
    await expect(note).to_have_count(1)
    await find(page)
    await page.wait_for_url("**/tickets/*")
    mine = await phone.open("/mine")
    await expect(mine.locator("#my-tickets .row")).to_have_count(1)
    await mine.close()
    await given_up(page)


async def test_a_number_under_way_says_so_until_its_page_or_a_failure(phone) -> None:
    page = await begun(phone)
    button = page.locator("form.take .btn:not([type])")
    await page.route("**/halls/*/tickets", lambda route: route.abort())
    await button.click()
    await expect(page.locator(".form-waits")).to_be_visible(timeout=PATIENCE)
    await expect(button).to_have_text("取号")
    await page.unroute("**/halls/*/tickets")
    # The next page is slow: the button says so for as long as it is looked at.
    answered = asyncio.Event()

    async def slowly(route: Route) -> None:
        await answered.wait()
        await route.continue_()

    await page.route("**/halls/*/tickets", slowly)
    await button.click()
    await expect(button).to_have_text("请稍等……")
    await expect(page.locator("form.take")).to_have_attribute("aria-busy", "true")
    answered.set()
    await page.wait_for_url("**/tickets/*")
    await given_up(page)


async def test_what_waits_can_be_given_up(phone) -> None:
    page = await begun(phone)
    await lose(page)
    await page.get_by_role("button", name="取号").click()
    await page.locator(".form-waits button").click()
    await expect(page.locator(".form-waits")).to_have_count(0)
    await find(page)
    await page.wait_for_timeout(1_000)
    assert page.url.endswith(TAKE)


async def test_a_refused_number_has_an_address_and_back_and_language_work(phone) -> None:
    phone.expect("status of 409")
    page, other = await begun(phone), await begun(phone)
    await page.get_by_role("button", name="取号").click()
    await page.wait_for_url("**/tickets/*")
    await other.get_by_role("button", name="取号").click()
    await expect(other.get_by_role("heading", level=1)).to_have_text("您已经有号了")
    await other.get_by_role("link", name="看排到哪了").click()
    await other.wait_for_url("**/tickets/*")
    await other.go_back()
    await expect(other.get_by_role("heading", level=1)).to_have_text("您已经有号了")
    await other.reload()
    await expect(other.get_by_role("heading", level=1)).to_have_text("您已经有号了")
    await other.get_by_role("button", name="Switch to English").click()
    await expect(other.get_by_role("heading", level=1)).to_have_text("You have a number already")
    await other.get_by_role("button", name="切换为中文").click()
    # A page that is closed on its way to another may never be.
    await expect(other.get_by_role("heading", level=1)).to_have_text("您已经有号了")
    await other.close()
    await given_up(page)


async def test_a_ticket_is_still_there_in_the_basement(phone) -> None:
    page = await taken(phone)
    await page.locator("[data-is-live]").wait_for()
    number = await page.locator(".ticket-number").inner_text()
    mine = await phone.open("/mine")
    await expect(mine.locator("#my-tickets")).to_contain_text(number)
    await lose(page)
    await page.reload()
    await expect(page.locator(".ticket-number")).to_have_text(number)
    await expect(page.get_by_role("status").get_by_text("没有网络")).to_be_visible()
    await expect(page.locator("[data-kept-at]")).to_contain_text("存好的一份")
    await mine.reload()
    await expect(mine.locator("#my-tickets")).to_contain_text(number)
    await find(page)
    await mine.close()
    await page.reload()
    await given_up(page)


async def test_a_copy_of_a_ticket_that_is_live_again_is_not_called_a_copy(phone) -> None:
    page = await taken(phone)
    await page.locator("[data-is-live]").wait_for()
    await lose(page)
    await page.reload()
    notice = page.locator("[data-offline-notice]")
    await expect(notice).to_contain_text("存好的一份", use_inner_text=True)
    await find(page)
    await expect(page.locator("[data-is-live]")).to_be_visible(timeout=PATIENCE)
    await expect(notice).to_be_hidden(timeout=PATIENCE)
    # Lost again, what is shown is as of the last word, and no copy.
    await lose(page)
    await expect(notice).to_contain_text("没有网络", use_inner_text=True, timeout=PATIENCE)
    await expect(notice).not_to_contain_text("存好的一份", use_inner_text=True)
    await find(page)
    await expect(notice).to_be_hidden(timeout=PATIENCE)
    await given_up(page)


async def test_following_a_number_is_asked_for_once_when_the_network_is_back(phone) -> None:
    page = await taken(phone)
    await page.locator("[data-watch-form] button").first.focus()
    await page.wait_for_function("document.querySelector('script[src*=outbox]') !== null")
    await lose(page)
    await page.locator("[data-watch-form] button").first.click()
    await expect(page.locator("#watch .form-waits")).to_contain_text(WAITS, timeout=PATIENCE)
    # The row of buttons stays one.
    await expect(page.locator("#watch .options + .form-waits")).to_be_visible()
    tops = await page.locator("#watch .options button").evaluate_all(
        "(buttons) => buttons.map((button) => button.getBoundingClientRect().top)"
    )
    assert len(set(tops)) == 1
    await find(page)
    await expect(page.locator("#watch[data-reads]")).to_be_visible(timeout=PATIENCE)
    await given_up(page)


async def test_letting_others_pass_without_a_network_says_so_and_happens_when_tapped_again(
    phone, staffed
) -> None:
    for _ in range(3):
        await staffed.take()
    page = await taken(phone)
    ahead = page.locator("[data-live=ahead]")
    before = int(await ahead.inner_text())
    sent: list[str] = []
    page.on("request", lambda each: sent.append(each.url) if each.method == "POST" else None)
    await staffed.take()
    await page.locator("#ticket-acts summary", has_text="让").click()
    option = page.locator("form[action$='/letting-pass'] button").first
    await lose(page)
    await option.click()
    note = page.locator("form[action$='/letting-pass'] .options + .form-waits")
    await expect(note).to_contain_text("没有让别人先办", timeout=PATIENCE)
    await option.click()
    await expect(note).to_have_count(1)
    sent.clear()
    await find(page)
    # What was meant for a line that has moved on is not sent by itself.
    await page.wait_for_timeout(6_000)
    assert not [url for url in sent if "letting-pass" in url]
    await option.click()
    await page.wait_for_url("**?let=1")
    await expect(ahead).to_have_text(str(before + 1))
    await given_up(page)
    for _ in range(4):
        for noun in ("calls", "starts", "finishes"):
            await staffed.press(noun, 3)


async def test_a_rating_in_the_making_survives_a_flicker_and_a_tunnel(phone, staffed) -> None:
    page = await taken(phone)
    await page.locator("[data-is-live]").wait_for()
    for noun in ("calls", "starts", "finishes"):
        await staffed.press(noun, 3)
    words = page.get_by_role("textbox", name="想说的话")
    level = page.locator(".rate label", has_text="非常满意").first
    await expect(level).to_be_visible(timeout=PATIENCE)
    await level.click()
    await words.fill("小程讲得很清楚")
    await lose(page)
    await page.wait_for_timeout(1_500)
    await find(page)
    await page.wait_for_timeout(4_000)
    await expect(words).to_have_value("小程讲得很清楚")
    await lose(page)
    await page.get_by_role("button", name="提交评价").click()
    await expect(page.locator("[data-in-use]")).to_be_visible(timeout=PATIENCE)
    await expect(page.locator("[data-outbox-notice]")).to_contain_text("小程讲得很清楚")
    await find(page)
    await expect(page.locator(".rated")).to_be_visible(timeout=PATIENCE)
    await expect(page.locator("[data-outbox-notice]")).to_be_hidden()


async def test_wishes_for_notifications_wait_for_the_network(phone) -> None:
    page = await phone.open("/mine/notifications")
    box = page.locator(".wishes input").first
    await box.uncheck()
    await lose(page)
    await page.get_by_role("button", name="保存").click()
    await expect(page.locator(".form-waits")).to_contain_text(WAITS, timeout=PATIENCE)
    await expect(box).not_to_be_checked()
    await find(page)
    await page.wait_for_url("**done=saved")
    await expect(box).not_to_be_checked()


async def test_without_a_network_taking_says_who_to_call_and_a_door_opens_home(phone) -> None:
    page = await phone.open(HOME)
    await lose(page)
    await expect(page.locator(".hall-take")).to_be_hidden()
    await page.goto(f"{HOME}/take")
    await expect(page.locator("main")).to_contain_text("取号要有网络")
    await expect(page.locator("main a[href^='tel:']")).to_be_visible()
    await page.goto(f"{HOME}/b/1")
    await expect(page.get_by_role("heading", level=1)).to_have_text("刘家庄社区")
    assert "building:1" in await page.evaluate("document.cookie")
    await page.goto("/staff/handbook")
    await expect(page.locator("main")).not_to_contain_text("社区的手册")
    await find(page)
