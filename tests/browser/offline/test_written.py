"""What a resident writes is there again after a reload and in the other language, until it is sent."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from playwright.async_api import expect

from tests.world.phones import HOME, kept_at_once
from tests.world.servers import PATIENCE

if TYPE_CHECKING:
    from playwright.async_api import Page

WORDS = "二单元的灯坏了\n晚上看不见"
MISTAKE = f"{HOME}/mistakes/new?page={HOME}/facilities"
FORMS = {
    "message": f"{HOME}/messages/new",
    "inquiry": f"{HOME}/inquiries/new",
    "mistake": MISTAKE,
    "wish": f"{HOME}/disclosures/wishes/new",
}


async def written(page: Page, path: str, words: str = WORDS) -> None:
    """Write on a form, as soon as its page is there."""
    await page.goto(path)
    await page.locator("main textarea").press_sequentially("字")
    await page.wait_for_function("document.querySelector('script[src*=outbox]') !== null")
    await page.wait_for_load_state("networkidle")
    await page.locator("main textarea").fill(words)


@pytest.mark.parametrize("form", FORMS)
async def test_what_is_written_survives_a_reload_and_the_other_language(new_phone, form) -> None:
    async with new_phone() as phone:
        page = await phone.context.new_page()
        await written(page, FORMS[form])
        text = page.locator("main textarea")
        await page.reload()
        await expect(text).to_have_value(WORDS)
        await page.get_by_role("button", name="Switch to English").click()
        await expect(page.locator("html[lang=en]")).to_be_visible()
        await expect(text).to_have_value(WORDS)
        # Taken away, it stays away.
        await text.fill("")
        await page.reload()
        await page.wait_for_load_state("networkidle")
        await expect(text).to_have_value("")


async def test_what_is_chosen_and_typed_beside_it_comes_back_where_it_can_be_seen(
    new_phone,
) -> None:
    async with new_phone() as phone:
        page = await phone.context.new_page()
        await written(page, FORMS["message"])
        await page.get_by_text("怎么联系您").click()
        await page.locator("#asker").fill("王桂英")
        await page.reload()
        await expect(page.locator("#asker")).to_have_value("王桂英")
        await expect(page.locator("#asker")).to_be_visible()
        assert "request" not in await page.evaluate("JSON.stringify({ ...sessionStorage })")


async def test_a_point_on_the_drawing_comes_back_and_stays_away_once_removed(new_phone) -> None:
    async with new_phone() as phone:
        page = await phone.context.new_page()
        await written(page, FORMS["message"])
        await page.get_by_text("在图上标出位置").click()
        await page.get_by_role("button", name="社区简图").click(position={"x": 40, "y": 60})
        point = page.locator("[name=point]")
        given = await point.input_value()
        await page.reload()
        await expect(point).to_have_value(given)
        await expect(page.locator("[data-pin] .pin")).to_be_visible()
        await expect(page.locator("[data-pin] [role=status]")).to_contain_text("已")
        await page.get_by_role("button", name="去掉").click()
        await page.reload()
        await expect(page.locator("main textarea")).to_have_value(WORDS)
        await expect(point).to_have_value("")
        await expect(page.locator("[data-pin] .pin")).to_be_hidden()


async def test_words_about_one_page_are_not_put_into_a_report_about_another(new_phone) -> None:
    async with new_phone() as phone:
        page = await phone.context.new_page()
        await written(page, MISTAKE)
        await page.goto(f"{HOME}/mistakes/new?page={HOME}/hall")
        await page.wait_for_load_state("networkidle")
        await expect(page.locator("main textarea")).to_have_value("")
        await page.goto(MISTAKE)
        await expect(page.locator("main textarea")).to_have_value(WORDS)


async def test_what_was_sent_or_waits_on_the_phone_is_not_written_twice(
    new_phone, own_server
) -> None:
    async with new_phone(url=own_server.url) as phone:
        phone.expect("ERR_INTERNET_DISCONNECTED|ERR_FAILED")
        page = await phone.context.new_page()
        text = page.locator("main textarea")
        await written(page, MISTAKE)
        await page.locator("main form[data-outbox] .btn").last.click()
        await page.wait_for_url(lambda url: "/mistakes/new" not in url)
        await page.goto(MISTAKE)
        await page.wait_for_load_state("networkidle")
        await expect(text).to_have_value("")
        await written(page, FORMS["message"])
        await page.route("**/messages", lambda route: route.abort())
        await page.locator("main form[data-outbox] .btn").last.click()
        await expect(page.locator("main .card[data-in-use]")).to_be_visible()
        await page.goto(FORMS["message"])
        await page.wait_for_load_state("networkidle")
        await expect(text).to_have_value("")


async def test_what_waited_says_on_any_page_that_it_was_sent_and_leads_there(
    new_phone, own_server
) -> None:
    async with new_phone(url=own_server.url) as phone:
        phone.expect("ERR_INTERNET_DISCONNECTED|ERR_FAILED")
        page = await phone.context.new_page()
        await page.goto(HOME)
        await kept_at_once(page)
        await page.goto("/mine")
        notice = page.locator("[data-outbox-notice]")
        await written(page, FORMS["message"])
        await phone.context.set_offline(True)
        await page.locator("main form[data-outbox] .btn").last.click()
        await expect(page.locator("main .card[data-in-use]")).to_be_visible(timeout=PATIENCE)
        await page.goto("/mine")
        await expect(notice).to_contain_text("还没有发出", timeout=PATIENCE)
        await phone.context.set_offline(False)
        await expect(notice).to_contain_text("已经发出去了", timeout=PATIENCE)
        await expect(notice).not_to_contain_text("还没有发出")
        await notice.get_by_role("link", name="去看看").click()
        await expect(page.locator("main")).to_contain_text("二单元的灯坏了")


async def test_what_was_discarded_is_not_said_to_be_sent(new_phone) -> None:
    async with new_phone() as phone:
        phone.expect("ERR_FAILED")
        page = await phone.context.new_page()
        notice = page.locator("[data-outbox-notice]")
        await written(page, FORMS["message"])
        await page.route("**/messages", lambda route: route.abort())
        await page.locator("main form[data-outbox] .btn").last.click()
        await expect(notice).to_be_visible()
        page.on("dialog", lambda dialog: dialog.accept())
        await notice.get_by_role("button").click()
        await expect(notice).to_be_hidden()
