"""各大厅实时情况 in a real browser: by keyboard, by scrolling, and without JavaScript."""

from __future__ import annotations

import re

from playwright.async_api import expect

METRES = """(rows) => rows.map((row) => {
  const [, number, unit] = row.querySelector(".away").textContent.match(/([0-9.]+) (k?m)/);
  return number * (unit === "km" ? 1000 : 1);
})"""
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


async def test_halls_stand_by_where_the_phone_is_and_nobody_is_told(new_phone) -> None:
    # Beside the museum of 制革街老院, in the degrees of a phone's receiver.
    position = {"latitude": 36.6791, "longitude": 116.9848}
    async with new_phone(geolocation=position, permissions=["geolocation"]) as phone:
        page = await phone.open("/halls")
        rows = page.locator(".halls > li:visible")
        count = await rows.count()
        before = await rows.first.inner_text()
        asked: list[str] = []
        page.on("request", lambda request: asked.append(request.url))
        await page.get_by_role("button", name="从我现在的位置排").click()
        await expect(page.get_by_text("位置只留在这部手机上")).to_be_visible()
        await expect(rows.first.locator(".away")).to_have_text(re.compile("约 .* m"))
        assert await rows.count() == count
        assert await rows.first.inner_text() != before
        away = [float(each) for each in await rows.evaluate_all(METRES)]
        assert away == sorted(away)
        # The order outlives a choice in the form, which the server answers without knowing it.
        await page.get_by_label("来办什么").select_option("B")
        await page.get_by_role("searchbox").focus()
        await page.keyboard.press("Enter")
        await expect(page).to_have_url(re.compile("category=B.*from=here"))
        await expect(page.locator(".halls > li:visible .away").first).to_have_text(
            re.compile("约 .* m")
        )
        assert [url for url in asked if "36.67" in url or "116.98" in url] == []
        assert [url for url in asked if "/f/halls" in url] == []


async def test_a_phone_that_refuses_says_so_and_halls_stay_as_they_are(phone) -> None:
    page = await phone.open("/halls")
    first = await page.locator(".halls > li").first.inner_text()
    await page.get_by_role("button", name="从我现在的位置排").click()
    await expect(page.locator("[data-halls-status]")).to_contain_text("手机没有给出位置")
    assert await page.locator(".halls > li:visible").first.inner_text() == first
