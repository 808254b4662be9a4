"""A disclosure that was opened is read without a network, until something of it was erased."""

from __future__ import annotations

import asyncio
import re
from typing import TYPE_CHECKING

import pytest
from playwright.async_api import expect

from domain.revision import content_revision
from tests.browser.eyes import LANGUAGES, faults_for_everyone
from tests.world.disclosures import LEDGER
from tests.world.phones import HOME, LOST, kept, kept_at_once
from tests.world.servers import PATIENCE

if TYPE_CHECKING:
    from playwright.async_api import Page

    from tests.world.disclosures import DisclosureOffice
    from tests.world.phones import Phone

AS_OF = {
    "Chinese": re.compile(r"手机里\d+月\d+日 \d\d:\d\d存好的一份"),
    "English": re.compile(r"the copy of \d+ \w+ at \d\d:\d\d saved on this phone"),
}
WHY = "登了身份证号"


async def corrected(office: DisclosureOffice) -> str:
    """One that was corrected since its publication; its address."""
    disclosure_id = await office.published()
    changed = [LEDGER[0], {**LEDGER[1], "fen": -405_000}]
    await office.corrected(disclosure_id, "发票金额抄错了", ledger=changed)
    await office.all_steps(disclosure_id)
    await office.publishes(disclosure_id)
    return f"{HOME}/disclosures/{disclosure_id}"


async def is_known(phone: Phone, office: DisclosureOffice) -> None:
    """Wait until the server knows what another process published last."""
    async with office.store.read() as session:
        published = f'name="lianxin-revision" content="{await content_revision(session)}.'
    async with asyncio.timeout(PATIENCE / 1000):
        while published not in await (await phone.context.request.get(HOME)).text():
            pass


async def is_kept(page: Page, path: str, *, wanted: bool = True) -> None:
    """Wait until the phone keeps this address, or does not any more."""
    looking = page.evaluate(
        """async ([path, wanted]) => {
            while (Boolean(await caches.match(path)) !== wanted)
                await new Promise((again) => setTimeout(again, 50));
        }""",
        [path, wanted],
    )
    await asyncio.wait_for(looking, PATIENCE / 1000)


@pytest.mark.parametrize("language", LANGUAGES)
async def test_what_was_opened_is_read_without_a_network_as_of_then(
    new_phone, own_server, office, language
) -> None:
    one = await corrected(office)
    async with new_phone(LANGUAGES[language], url=own_server.url) as phone:
        phone.expect(LOST)
        await is_known(phone, office)
        page = await phone.open(HOME)
        await kept_at_once(page)
        for path in (one, f"{one}/revisions"):
            await page.goto(path)
            await is_kept(page, path)
        await phone.context.set_offline(offline=True)
        await page.goto(one)
        await expect(page.locator("dl.totals")).to_contain_text("4,050.00")
        notice = page.locator("[data-offline-notice]")
        await expect(notice).to_contain_text(AS_OF[language])
        await page.locator(".revisions a").click()
        await expect(page.locator(".revision")).to_have_count(2)
        await expect(page.locator(".revision del")).to_contain_text("4,500.00")
        await expect(notice).to_contain_text(AS_OF[language])
        assert await faults_for_everyone(page, language) == []
        # What came with the handbook says since when it is kept, too.
        await page.goto(f"{HOME}/handbook")
        await expect(notice).to_contain_text(AS_OF[language])
        # An address that was never opened is no copy of any day.
        await page.goto(f"{one}/revisions/1")
        await expect(notice).to_be_visible()
        await expect(notice).not_to_contain_text(AS_OF[language])


async def test_what_was_erased_is_gone_from_the_phone_at_its_next_contact(
    new_phone, own_server, office
) -> None:
    one = await corrected(office)
    paths = (one, f"{one}/revisions", f"{one}/revisions/1")
    async with new_phone(url=own_server.url) as phone:
        phone.expect(LOST)
        await is_known(phone, office)
        page = await phone.open(HOME)
        await kept_at_once(page)
        for path in paths:
            await page.goto(path)
            await is_kept(page, path)
        await office.erases(int(one.rpartition("/")[2]), WHY)
        await is_known(phone, office)
        # Another page of the community is contact enough.
        await page.goto(HOME)
        await kept(page)
        for path in paths:
            await is_kept(page, path, wanted=False)
        await phone.context.set_offline(offline=True)
        for path in paths:
            await page.goto(path)
            await expect(page.get_by_role("heading", level=1)).to_have_text("没有网络")
        await phone.context.set_offline(offline=False)
        # The page that is not kept opens by itself.
        await expect(page.get_by_role("heading", level=1)).not_to_have_text("没有网络")
        await page.goto(f"{one}/revisions")
        await expect(page.get_by_text(WHY)).to_be_visible()
        await expect(page.get_by_text("4,500.00")).to_have_count(0)
