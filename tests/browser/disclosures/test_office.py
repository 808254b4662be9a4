"""The office's side of a disclosure: written on a phone, taken through its steps, read by everyone."""

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
from tests.world.people import DISTRICT_ADMINISTRATOR, arrived, begun
from tests.world.phones import HOME, LOST, PHONE, kept_at_once, tab_to
from tests.world.servers import PATIENCE

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from playwright.async_api import Page

    from tests.world.phones import Phone
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


async def desk_of(phone: Phone, office: InquiryOffice, name: str) -> Page:
    """This person's screen, signed in."""
    key = await begun(office.store, office.people[name], office.now)
    await phone.context.add_cookies([{"name": "staff", "value": key, "url": phone.url}])
    page: Page = await phone.context.new_page()
    return page


async def saved(page: Page) -> None:
    """Wait until what was typed is kept."""
    await expect(page.locator("[data-autosave]:not([data-unsaved])")).to_have_count(1)
    await expect(page.locator("#saved")).to_contain_text("草稿已存")


async def begun_on(page: Page) -> str:
    """Begin a finance disclosure and fill it in, with a number that must not be public; its address."""
    await page.goto(HERE)
    await page.get_by_label("财务").check()
    await page.get_by_role("button", name="开始写").click()
    await expect(page.locator("#paper")).to_be_visible(timeout=PATIENCE)
    await page.get_by_label("标题").fill("十一月修灯的账")
    await page.get_by_label("一句话说清").fill("3 号楼的灯修好了。")
    await page.get_by_label("正文").fill(f"经手人身份证 {NUMBER}。")
    await page.get_by_label("责任人").fill("会计（样例），0531-00001204")
    for day, what, amount in (("03", "收到拨款", "1.2万"), ("09", "修灯", "-4,500.00")):
        await page.get_by_role("button", name="+ 一笔账").click()
        line = page.locator("[data-parts=ledger] .part").last
        await line.locator("[name$='.day']").fill(f"2026-11-{day}")
        await line.locator("[name$='.purpose']").fill(what)
        await line.locator("[name$='.fen']").fill(amount)
    await saved(page)
    return page.url.removesuffix("/draft")


async def read_without_a_network(phone: Phone, path: str) -> None:
    """A resident opens it, and still reads it when the network is gone."""
    page = await phone.open(path)
    await expect(page.get_by_role("heading", level=1)).to_have_text("十一月修灯的账")
    await expect(page.locator("main")).to_contain_text("12,000.00")
    await kept_at_once(page)
    await page.reload()
    phone.expect(LOST)
    await phone.context.set_offline(offline=True)
    await page.goto(f"{HOME}/disclosures")
    await page.goto(path)
    await expect(page.get_by_role("heading", level=1)).to_have_text("十一月修灯的账")
    await expect(page.get_by_role("status").get_by_text("没有网络")).to_be_visible()
    await phone.context.set_offline(offline=False)


async def test_from_a_phone_of_the_office_to_the_phones_of_residents(
    new_phone, own_server, office
) -> None:
    async with (
        new_phone(url=own_server.url, viewport=PHONE) as writing,
        new_phone(url=own_server.url, viewport=PHONE) as checking,
        new_phone(url=own_server.url, viewport=PHONE) as deciding,
        new_phone(url=own_server.url) as resident,
    ):
        page = await desk_of(writing, office, "writer")
        one = await begun_on(page)
        await page.get_by_role("button", name="保存并继续").click()

        # The check names the place; the office corrects it there.
        await expect(page.get_by_role("heading", name="有 1 处像个人信息")).to_be_visible()
        assert NUMBER not in await page.locator("main").inner_text()
        await page.get_by_role("link", name="去更正").click()
        await page.get_by_label("正文").fill("支出见账目。")
        await saved(page)
        await page.goto(one)
        await expect(page.get_by_text("像个人信息")).to_have_count(0)
        await page.locator(".desk-act .btn").first.click()
        await expect(page.locator(".desk-act")).to_have_count(0)

        page = await desk_of(checking, office, "supervisor")
        await page.goto(one)
        await page.locator("#opinion").fill("账实相符。")
        await page.locator(".desk-act .btn").first.click()
        await expect(page.locator(".desk-act")).to_have_count(0)

        # By keyboard alone.
        page = await desk_of(deciding, office, "chief")
        await page.goto(one)
        await tab_to(page, "#opinion")
        await page.keyboard.type("同意公开。")
        await tab_to(page, ".desk-act .btn")
        await page.keyboard.press("Enter")
        await expect(page.locator("button[value=now]")).to_be_visible()
        await tab_to(page, "button[value=now]")
        await page.keyboard.press("Enter")
        await expect(page.get_by_role("link", name="居民看到的样子")).to_be_visible()
        await read_without_a_network(
            resident, one.replace("/staff", "", 1).removeprefix(own_server.url)
        )


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
