"""The office's pages in a real browser: everyone can read and press everything, keyboard included."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest
from playwright.async_api import expect

from tests.browser.eyes import LANGUAGES, LOW, faults_for_everyone
from tests.world.people import PASSWORD
from tests.world.servers import administrator_of

if TYPE_CHECKING:
    from tests.world.servers import Server

REFUSED = re.compile("status of 4(04|22)")


@pytest.fixture(scope="module")
async def key(server: Server) -> str:
    """The session key of an administrator of the server that all tests share."""
    return await administrator_of(server, "boss")


@pytest.mark.parametrize("language", LANGUAGES)
async def test_everyone_can_use_the_pages_of_the_office(new_phone, key, language) -> None:
    async with new_phone(LANGUAGES[language], viewport=LOW) as phone:
        phone.expect(REFUSED.pattern)
        await phone.context.add_cookies([{"name": "staff", "value": key, "url": phone.url}])
        page = await phone.open("/staff")
        for path in (
            "/staff",
            "/staff/people",
            "/staff/people/1",
            "/staff/log",
            "/staff/account",
            "/staff/first-week",
        ):
            await page.goto(path)
            assert await faults_for_everyone(page, language) == [], path
        await page.goto("/staff/second-factor")
        assert await faults_for_everyone(page, language) == []
        await page.goto("/staff/people")
        await page.locator("#full_name").fill("王小明")
        await page.select_option("#role", "clerk")
        await page.select_option("#place", "district")
        await page.locator("main form .btn").last.click()
        await page.locator(".secret").first.wait_for()
        assert await faults_for_everyone(page, language) == []
        link = await page.locator(".secret").inner_text()
        await page.goto("/staff/people")
        await page.locator(".given-links form").first.wait_for()
        assert await faults_for_everyone(page, language) == []
        await page.goto("/staff/invitations/list")
        await page.select_option("#role", "clerk")
        await page.locator("#people").fill("李明,不在的社区")
        await page.locator("main form .btn").click()
        await page.locator("main .card.notice").wait_for()
        assert await faults_for_everyone(page, language) == []
        await page.locator("#people").fill("李明,刘家庄社区\n王芳,刘家庄社区")
        await page.locator("main form .btn").click()
        await expect(page.locator(".invited-cards li")).to_have_count(2)
        # A page that took the place of its form has what scripts add to a page.
        await expect(page.locator("[data-print]")).to_be_visible()
        assert await faults_for_everyone(page, language) == []
        await phone.context.clear_cookies(name="staff")
        await page.goto(link)
        assert await faults_for_everyone(page, language) == []
        await page.locator("#name").fill("X Y")
        await page.locator("#password").fill("short")
        await page.locator("main form .btn").click()
        await page.locator(".wrong").first.wait_for()
        assert await faults_for_everyone(page, language) == []
        await page.goto("/invitations/nothing")
        assert await faults_for_everyone(page, language) == []
        await page.goto("/staff")
        assert await faults_for_everyone(page, language) == []


async def test_signing_in_and_out_by_keyboard_alone(phone, key) -> None:
    page = await phone.open("/staff")
    await page.locator("#name").focus()
    await page.keyboard.type("boss")
    await page.keyboard.press("Tab")
    await page.keyboard.type(PASSWORD)
    await page.keyboard.press("Enter")
    await expect(page.get_by_role("heading", level=1)).to_have_text("您好，Boss Wang")
    await page.goto("/staff/account")
    here = page.locator("li", has_text="这台")
    await here.get_by_role("button").focus()
    await page.keyboard.press("Enter")
    await expect(page.get_by_role("heading", level=1)).to_have_text("登录")
    await page.goto("/staff/log")
    await expect(page).to_have_url(re.compile("/staff/sessions/new"))
