"""A disclosure that was opened is read without a network, until it is erased."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from playwright.async_api import expect

from tests.world.phones import HOME, LOST, kept, kept_at_once
from tests.world.servers import PATIENCE

if TYPE_CHECKING:
    from playwright.async_api import Page


TITLE, LINE = "11 月份社区工作经费收支", "楼道照明维修"
REVISION = "() => document.querySelector('meta[name=lianxin-revision]').content"


async def home_after(page: Page, revision: str) -> None:
    """Open the home until the server knows what another process wrote."""
    for _ in range(PATIENCE // 500):
        await page.goto(HOME)
        if await page.evaluate(REVISION) != revision:
            return
        await page.wait_for_timeout(500)
    pytest.fail("the server never saw the change")


async def test_what_was_opened_stays_until_it_is_erased(new_phone, own_server, office) -> None:
    path = f"{HOME}/disclosures/{await office.published(open_days=5)}"
    async with new_phone(url=own_server.url) as phone:
        phone.expect(LOST)
        page = await phone.open(path)
        await expect(page.get_by_role("heading", level=1)).to_have_text(TITLE)
        await kept_at_once(page)
        # The worker took over after the first page.
        await page.reload()
        await page.goto(f"{path}/revisions")

        await phone.context.set_offline(offline=True)
        await page.goto(f"{HOME}/disclosures")
        await page.goto(path)
        await expect(page.get_by_role("heading", level=1)).to_have_text(TITLE)
        await expect(page.locator("main")).to_contain_text(LINE)
        await expect(page.get_by_role("status").get_by_text("没有网络")).to_be_visible()
        await page.goto(f"{path}/revisions")
        await expect(page.locator("main")).to_contain_text("首次公开")
        await phone.context.set_offline(offline=False)

        before = await page.evaluate(REVISION)
        await office.erases(int(path.rpartition("/")[2]))
        await home_after(page, before)
        await kept_at_once(page)
        await kept(page)
        await phone.context.set_offline(offline=True)
        for each in (path, f"{path}/revisions"):
            await page.goto(each)
            await expect(page.locator("main")).not_to_contain_text(LINE)
            await expect(page.locator("main")).not_to_contain_text(TITLE)
        await phone.context.set_offline(offline=False)
