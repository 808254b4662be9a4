"""A ledger from the first word to residents' phones, and corrected: by thumb, and by keyboard."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from playwright.async_api import expect

from tests.world.people import begun
from tests.world.phones import HOME, tab_to

if TYPE_CHECKING:
    from playwright.async_api import Locator, Page

    from tests.world.inquiries import InquiryOffice
    from tests.world.phones import Phone

DESK = "/staff/c/liujiazhuang/disclosures"
IDENTITY = "110101199003077758"
"""An identity number with its check digit; nobody has it."""
TITLE = "11 月份社区工作经费收支"
BEFORE = ["上期结余 1,000.00", "收入 12,000.00", "支出 4,500.00", "结余 8,500.00"]
AFTER = ["上期结余 1,000.00", "收入 12,000.00", "支出 4,050.00", "结余 8,950.00"]
"""The totals as residents read them, and once they were corrected."""


async def signed_in(phone: Phone, office: InquiryOffice, name: str) -> Page:
    """A page of someone who works here."""
    key = await begun(office.store, office.people[name], office.now)
    await phone.context.add_cookies([{"name": "staff", "value": key, "url": phone.url}])
    page: Page = await phone.context.new_page()
    return page


async def line(page: Page, day: str, purpose: str, yuan: str, evidence: str) -> None:
    """Add a line to the ledger."""
    await page.get_by_role("button", name="+ 一笔账").click()
    added = page.locator("[data-parts=ledger] .part").last
    await expect(added.get_by_label("用途")).to_be_focused()
    await added.get_by_label("用途").fill(purpose)
    await added.get_by_label("日期").fill(day)
    await added.get_by_label("收支金额（元）").fill(yuan)
    await added.get_by_label("凭证").fill(evidence)


async def go_on(page: Page, one: str) -> None:
    """Save the draft and go to its steps."""
    await page.get_by_role("button", name="保存并继续").click()
    await expect(page).to_have_url(re.compile(f"{one}$"))


async def take(page: Page, one: str, button: str, opinion: str = "") -> None:
    """Take the step that waits for this person, from the list of what waits for them."""
    await page.goto("/staff/disclosures")
    await page.locator(f"main a[href='{one}']").click()
    await expect(page).to_have_url(re.compile(f"{one}$"))
    if opinion:
        await page.get_by_label("审核意见").fill(opinion)
    await page.get_by_role("button", name=button).click()
    # It waits for someone else now.
    await expect(page.get_by_role("button", name=button)).to_have_count(0)


def totals(page: Page) -> Locator:
    return page.locator("dl.totals > div")


async def begin(page: Page) -> str:
    """Begin a ledger of two lines, one of which holds an identity number; its address."""
    await page.goto(DESK)
    await page.get_by_role("radio", name="财务").check()
    await page.get_by_role("button", name="开始写").click()
    await page.wait_for_url("**/draft")
    one = urlsplit(page.url).path.removesuffix("/draft")
    await page.locator("#title").fill(TITLE)
    await page.locator("#summary").fill("修好了 3 号楼的灯。")
    await page.locator("#responsible").fill("孟庆和（样例），社区会计，0531-00001204")
    await page.get_by_label("期初余额（元）").fill("1,000")
    await line(page, "2026-11-03", "收到街道拨款", "1.2万", "记-11-001")
    await line(page, "2026-11-09", "楼道照明维修", "-4,500.00", f"收条 {IDENTITY}")
    await go_on(page, one)
    return one


async def heed_the_check(page: Page, one: str) -> None:
    """See where the number stands, be stopped by it, and take it out."""
    place = page.locator("section[aria-labelledby=places] li")
    await expect(place).to_have_count(1)
    await expect(place).to_contain_text("账目 › 楼道照明维修 › 凭证")
    await expect(place).to_contain_text("身份证号")
    await expect(place).not_to_contain_text(IDENTITY)
    await page.get_by_role("button", name="提交审核").click()
    await expect(page.get_by_role("alert")).to_contain_text("个人信息")
    await place.get_by_role("link", name="去更正").click()
    await page.wait_for_url("**/draft#ledger.1.evidence")
    await page.locator("[id='ledger.1.evidence']").fill("记-11-002")
    await go_on(page, one)
    await expect(place).to_have_count(0)


async def propose(page: Page) -> None:
    """Take the first step, on the page of the disclosure."""
    await page.get_by_role("button", name="提交审核").click()
    await expect(page.locator(".step-list .pill")).to_have_count(1)


async def correct(page: Page, one: str) -> None:
    """Correct what the second line cost."""
    await page.goto(one)
    await page.get_by_text("去更正").click()
    await page.locator("#why-correction").fill("发票金额抄错了")
    await page.get_by_role("button", name="开始更正").click()
    await page.get_by_role("link", name="去写").click()
    await page.locator("[id='ledger.1.fen']").fill("-4,050.00")
    await go_on(page, one)
    changes = page.locator("section[aria-labelledby=changes]")
    await expect(changes).to_contain_text("发票金额抄错了")
    await expect(changes.locator(".change")).to_have_count(1)


async def publish(page: Page) -> None:
    """Publish it, on its page."""
    await page.get_by_role("button", name="现在公开").click()
    await expect(page.get_by_role("button", name="现在公开")).to_have_count(0)
    await expect(page.get_by_text("去更正")).to_be_visible()


async def test_from_nothing_to_published_and_corrected(new_phone, own_server, office) -> None:
    async with (
        new_phone(url=own_server.url) as writers,
        new_phone(url=own_server.url) as supervisors,
        new_phone(url=own_server.url) as chiefs,
        new_phone(url=own_server.url) as seconds,
        new_phone(url=own_server.url) as residents,
    ):
        writers.expect("status of 422")
        writer = await signed_in(writers, office, "writer")
        one = await begin(writer)
        await heed_the_check(writer, one)
        await propose(writer)
        residents.expect("status of 404")
        resident = await residents.open(one.removeprefix("/staff"))
        await expect(resident.get_by_text(TITLE)).to_have_count(0)

        supervisor = await signed_in(supervisors, office, "supervisor")
        await take(supervisor, one, "监督委员会已审核", "账实相符，同意公开。")
        chief = await signed_in(chiefs, office, "chief")
        await take(chief, one, "联席会议已通过", "会议一致通过。")
        await expect(chief.get_by_text("账实相符，同意公开。")).to_be_visible()
        await publish(chief)
        await resident.goto(f"{HOME}/disclosures")
        await resident.get_by_role("link", name=TITLE).click()
        await expect(resident.get_by_role("heading", level=1)).to_have_text(TITLE)
        await expect(totals(resident)).to_have_text(BEFORE)

        # A colleague of the writer corrects it, and until that is decided nothing changes.
        second = await signed_in(seconds, office, "second")
        await correct(second, one)
        await propose(second)
        await take(supervisor, one, "监督委员会已审核", "与发票一致。")
        await resident.reload()
        await expect(totals(resident)).to_have_text(BEFORE)
        await take(chief, one, "联席会议已通过", "同意更正。")
        await second.goto(one)
        await publish(second)
        await resident.reload()
        await expect(totals(resident)).to_have_text(AFTER)
        await resident.get_by_role("link", name="改了什么").click()
        newest = resident.locator(".revision").first
        await expect(newest).to_contain_text("发票金额抄错了")
        await expect(newest.locator("del")).to_contain_text("4,500.00")
        await expect(newest.locator("ins")).to_contain_text("4,050.00")
        await resident.get_by_role("link", name="看当时的样子").click()
        await expect(totals(resident)).to_have_text(BEFORE)


async def press(page: Page, selector: str, key: str = "Enter") -> None:
    """Go there by the tab key, and press a key."""
    await tab_to(page, selector)
    await page.keyboard.press(key)


async def type_in(page: Page, selector: str, words: str) -> None:
    """Go there by the tab key, and type."""
    await tab_to(page, selector)
    await page.keyboard.type(words)


async def test_by_keyboard_alone_it_is_written_decided_and_published(
    new_phone, own_server, office
) -> None:
    async with (
        new_phone(url=own_server.url) as writers,
        new_phone(url=own_server.url) as supervisors,
        new_phone(url=own_server.url) as chiefs,
        new_phone(url=own_server.url) as residents,
    ):
        page = await signed_in(writers, office, "writer")
        await page.goto(f"{DESK}/new")
        # The last of the kinds.
        await press(page, "input[name=kind]", "ArrowUp")
        await expect(page.locator("input[value=finance]")).to_be_checked()
        await press(page, "main form .btn")
        await page.wait_for_url("**/draft")
        one = urlsplit(page.url).path.removesuffix("/draft")
        await type_in(page, "#title", "只用键盘写的账目")
        await type_in(page, "#summary", "买了扫帚。")
        await type_in(page, "#responsible", "社区会计")
        await press(page, "[data-parts=ledger] [data-add]")
        # The focus stands in the new line.
        await expect(page.locator("[id='ledger.n1.purpose']")).to_be_focused()
        await page.keyboard.type("扫帚")
        await type_in(page, "[id='ledger.n1.day']", "2026")
        await page.keyboard.press("Tab")
        await page.keyboard.type("1109")
        await type_in(page, "[id='ledger.n1.fen']", "-36.5")
        await press(page, "button[value=next]")
        await expect(page).to_have_url(re.compile(f"{one}$"))
        await press(page, "form[action$='/steps'] button[value=pass]")
        await expect(page.locator(".step-list .pill")).to_have_count(1)

        for phone, name in ((supervisors, "supervisor"), (chiefs, "chief")):
            desk = await signed_in(phone, office, name)
            await desk.goto("/staff")
            await press(desk, "main a[href='/staff/disclosures']")
            await desk.wait_for_url("**/staff/disclosures")
            await press(desk, f"main a[href='{one}']")
            await expect(desk).to_have_url(re.compile(f"{one}$"))
            await type_in(desk, "#opinion", "同意")
            await press(desk, "form[action$='/steps'] button[value=pass]")
            await expect(desk.locator("form[action$='/steps']")).to_have_count(0)
        await press(desk, "form[action$='/publication'] button[value=now]")
        await expect(desk.locator("form[action$='/publication']")).to_have_count(0)

        resident = await residents.open(f"{HOME}/disclosures")
        await press(resident, f"main a[href='{one.removeprefix('/staff')}']")
        await expect(resident.get_by_role("heading", level=1)).to_have_text("只用键盘写的账目")
        await expect(totals(resident)).to_have_text(["收入 0.00", "支出 36.50"])
