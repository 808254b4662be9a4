"""The choice of a community, as a visitor types its name."""

from __future__ import annotations

from urllib.parse import quote

from playwright.async_api import expect


async def test_communities_come_as_you_type(phone) -> None:
    page = await phone.open("/communities")
    links = page.locator("#communities").get_by_role("link")
    assert await links.count() > 1
    await page.get_by_role("searchbox").press_sequentially("刘家庄")
    await expect(links).to_have_text(["刘家庄社区"])
    await page.get_by_role("searchbox").fill(unknown := "没有这个社区")
    await expect(page.locator("#communities")).to_contain_text("没有叫这个名字的社区")
    # What was typed is in the address, to go back to and to share.
    await expect(page).to_have_url(f"{phone.url}/communities?q={quote(unknown)}")
