"""各大厅实时情况 in a real browser: by keyboard, by scrolling, and without JavaScript."""

from __future__ import annotations

import re

from playwright.async_api import expect

LAZY = "ul.halls[data-load]"


async def test_a_hall_is_searched_and_opened_by_keyboard_alone(
    hall_in, own_server, new_phone
) -> None:
    await hall_in("liujiazhuang")
    async with new_phone(url=own_server.url) as phone:
        page = await phone.open("/halls")
        await page.get_by_role("searchbox").focus()
        await page.keyboard.type("liujiazhuang")
        await page.keyboard.press("Enter")
        row = page.locator("a.row", has_text="刘家庄社区")
        await expect(page.locator("a.row")).to_have_count(1)
        for _ in range(12):
            if await row.evaluate("row => row === document.activeElement"):
                break
            await page.keyboard.press("Tab")
        await page.keyboard.press("Enter")
        await expect(page).to_have_url(re.compile("/c/liujiazhuang/take"))


async def test_waits_are_read_where_a_person_scrolls(hall_in, own_server, new_phone) -> None:
    await hall_in("liujiazhuang")
    async with new_phone(url=own_server.url) as phone:
        page = await phone.open("/halls")
        last = page.locator("ul.halls").last
        part = await last.get_attribute("id")
        assert await last.get_attribute("data-load") == "seen"
        await last.scroll_into_view_if_needed()
        await expect(page.locator(f"#{part}:not([data-load])")).to_be_visible()


async def test_without_javascript_links_lead_to_the_waits(hall_in, own_server, new_phone) -> None:
    await hall_in("liujiazhuang")
    async with new_phone(url=own_server.url, java_script_enabled=False) as phone:
        page = await phone.open("/halls")
        assert await page.locator(LAZY).count()
        await page.locator("a[href^='/halls?category=']").first.click()
        await expect(page).to_have_url(re.compile(r"/halls\?category=&q="))
        assert not await page.locator(LAZY).count()
