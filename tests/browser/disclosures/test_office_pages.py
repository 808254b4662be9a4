"""The office's pages of disclosures, for everyone: in each view, at two widths, with long texts."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

import pytest
from playwright.async_api import expect

from domain.disclosures.content import DisclosureKind
from domain.store import Store
from tests.browser.eyes import LANGUAGES, LOW, WIDE, faults_for_everyone, unfolded
from tests.world.clock import SHANGHAI
from tests.world.inquiries import InquiryOffice, inquiry_office
from tests.world.people import DISTRICT_ADMINISTRATOR, arrived
from tests.world.phones import HOME

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from tests.world.servers import Server

HERE = f"/staff{HOME}/disclosures"
NUMBER = "11010519491231002X"
LONG = "二〇二六年第四季度老旧小区楼道照明、无障碍坡道和电梯加装工程分批结算的集体资金收支"


@pytest.fixture(scope="module")
async def office(modules_server: Server) -> AsyncIterator[InquiryOffice]:
    """The office beside the server, at this moment."""
    store = Store(modules_server.database)
    await store.open()
    found = await inquiry_office(store)
    found.now = dt.datetime.now(SHANGHAI)
    yield found
    await store.close()


@pytest.mark.parametrize("language", LANGUAGES)
async def test_everyone_can_use_the_office_s_pages(new_phone, own_server, office, language) -> None:
    boss = await arrived(
        office.store, f"boss-{language.lower()}", DISTRICT_ADMINISTRATOR, now=office.now
    )
    draft = await office.begun(
        DisclosureKind.FINANCE,
        title=LONG,
        summary=LONG * 2,
        body=f"身份证 {NUMBER}",
        opening_fen=None,
    )
    shown = await office.published(title=LONG, open_days=5)
    found: list[str] = []
    async with new_phone(LANGUAGES[language], url=own_server.url) as phone:
        phone.expect("status of 422")
        await phone.context.add_cookies([{"name": "staff", "value": boss.key, "url": phone.url}])
        page = await phone.context.new_page()

        async def look() -> None:
            await unfolded(page)
            faults = await faults_for_everyone(page, language, (LOW, WIDE), axe_on=(WIDE,))
            found.extend(f"{page.url}: {fault}" for fault in faults)

        for path in (
            HERE,
            f"{HERE}/{draft}",
            f"{HERE}/{draft}/draft",
            f"{HERE}/{draft}/ledger",
            f"{HERE}/{draft}/persons",
            f"{HERE}/{shown}",
            f"{HERE}/{shown}/postings",
            f"{HERE}/{shown}/erasures",
            f"{HERE}/owed",
            f"{HERE}/wishes",
            f"/staff{HOME}/postings",
            f"/staff{HOME}/inquiries",
            f"/staff{HOME}/days",
            "/staff/disclosures",
            "/staff/disclosures/catalogues",
            "/staff/subdistricts/dikoulu/disclosures/report",
        ):
            await page.goto(path)
            await look()
        await page.goto(f"{HERE}/{draft}/persons")
        await page.locator("#persons").fill("1\t\t80")
        await page.locator("main form .btn").click()
        await expect(page.locator("#problems")).to_be_visible()
        await look()
    assert found == [], "\n".join(found)
