"""The way through the handbook: from the code on the gate to ticked documents, also by keyboard."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import pytest
from playwright.async_api import Page, expect

from tests.world.phones import GUIDE, HOME, MOST_TABS, tab_to

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable

    from tests.world.phones import Phone


async def outline(page: Page) -> str:
    """How the element with the focus shows that it has it."""
    style = "(() => getComputedStyle(document.activeElement).outlineStyle)()"
    return str(await page.evaluate(style))


async def test_from_the_code_on_the_gate_to_a_ticked_list_and_back(phone) -> None:
    page = await phone.open(HOME)
    await page.get_by_role("link", name="养老服务").click()
    await expect(page).to_have_url(re.compile("/handbook/categories/elderly$"))
    await page.get_by_role("link", name="高龄津贴申领").click()
    await expect(page.get_by_role("heading", level=1)).to_have_text("高龄津贴申领")
    boxes = page.get_by_role("checkbox")
    documents = await boxes.count()
    await boxes.nth(0).check()
    await boxes.nth(2).check()

    await page.reload()
    assert [await box.is_checked() for box in await boxes.all()] == [
        number in {0, 2} for number in range(documents)
    ]
    await expect(page.locator("[data-ticked]")).to_have_text(f"2 / {documents}")

    await page.get_by_role("link", name="我的", exact=True).click()
    progress = page.get_by_role("progressbar", name="高龄津贴申领")
    await expect(progress).to_have_js_property("value", 2)
    await expect(progress).to_have_js_property("max", documents)
    await page.get_by_role("link", name="高龄津贴申领").click()
    await expect(boxes.nth(2)).to_be_checked()


async def test_a_step_that_was_ticked_stays_ticked_and_stands_on_mine(phone) -> None:
    page = await phone.open(f"{HOME}/handbook/events/bereavement")
    await page.get_by_role("checkbox", name="开死亡证明").check()
    await page.reload()
    await expect(page.get_by_role("checkbox", name="开死亡证明")).to_be_checked()
    await expect(page.get_by_role("checkbox", name="联系殡仪馆")).not_to_be_checked()
    await page.goto("/mine")
    await expect(page.get_by_role("progressbar", name="家人去世")).to_have_js_property("value", 1)
    await page.get_by_role("link", name="家人去世").click()
    await expect(page.get_by_role("checkbox", name="开死亡证明")).to_be_checked()


async def test_a_forgotten_list_is_gone_from_the_phone(phone) -> None:
    page = await phone.open(GUIDE)
    await page.get_by_role("checkbox").first.check()
    await page.goto("/mine")
    await page.get_by_role("button", name="清除 高龄津贴申领").click()
    await expect(page.get_by_role("progressbar")).to_have_count(0)
    await expect(page.locator("[data-none]")).to_be_visible()
    await page.goto(GUIDE)
    await expect(page.get_by_role("checkbox").first).not_to_be_checked()


async def test_ticks_never_leave_the_phone(phone) -> None:
    page = await phone.open(GUIDE)
    sent: list[str] = []
    page.on("request", lambda request: sent.append(f"{request.method} {request.url}"))
    await page.get_by_role("checkbox").first.check()
    await page.goto("/mine")
    await expect(page.get_by_role("progressbar")).to_be_visible()
    cookies = [cookie["value"] for cookie in await phone.context.cookies()]
    assert not [each for each in sent if each.startswith("POST")]
    assert not [each for each in [*sent, *cookies] if "jintie" in each]


async def test_the_code_on_a_door_remembers_the_building(phone) -> None:
    page = await phone.open(f"{HOME}/posters")
    door = page.locator(".sheet .address").last
    address = (await door.inner_text()).removeprefix(phone.url)
    name = await page.locator(".sheet h2").last.inner_text()
    await page.goto(address)
    await expect(page).to_have_url(f"{phone.url}{HOME}")
    await page.goto("/mine")
    await expect(page.locator("#here")).to_contain_text(name)


async def test_results_come_as_one_types(phone) -> None:
    page = await phone.open(f"{HOME}/search")
    await page.get_by_role("searchbox").press_sequentially("gljt")
    results = page.locator("#results")
    await expect(results.get_by_role("link").first).to_contain_text("高龄津贴申领")
    await page.get_by_role("searchbox").fill("社保卡丢了怎么办")
    await expect(results.get_by_role("link").first).to_contain_text("社保卡")


async def test_paper_has_the_code_and_the_answers_and_no_buttons(phone) -> None:
    page = await phone.open(GUIDE)
    await page.emulate_media(media="print")
    for bar in (page.get_by_role("banner"), page.get_by_role("navigation", name="主导航")):
        await expect(bar).to_be_hidden()
    for button in await page.get_by_role("button").all():
        await expect(button).to_be_hidden()
    await expect(page.get_by_role("img", name="本页的二维码")).to_be_visible()
    await expect(page.get_by_text(f"{phone.url}{GUIDE}")).to_be_visible()
    await expect(page.locator(".questions details p").first).to_be_visible()


async def test_the_code_is_drawn_before_the_page_goes_to_the_printer(phone) -> None:
    page = await phone.open(GUIDE)
    await page.pdf()
    width = "document.querySelector('.on-paper img').naturalWidth"
    assert await page.evaluate(width) > 0


async def test_everything_can_be_done_with_the_keyboard(phone) -> None:
    page = await phone.open(HOME)
    await page.keyboard.press("Tab")
    skip = page.get_by_role("link", name="跳到正文")
    await expect(skip).to_be_focused()
    await expect(skip).to_be_in_viewport(ratio=1)
    await page.keyboard.press("Enter")
    await tab_to(page, "main input[type=search]")
    assert await outline(page) != "none"
    await page.keyboard.type("高龄津贴")
    await page.keyboard.press("Enter")
    await expect(page).to_have_url(re.compile("/search"))

    await tab_to(page, "#results a[href$='/gaoling-jintie']")
    assert await outline(page) != "none"
    await page.keyboard.press("Enter")
    await expect(page).to_have_url(re.compile(f"{GUIDE}$"))

    await tab_to(page, "input[type=checkbox]")
    assert await outline(page) != "none"
    await page.keyboard.press("Space")
    await expect(page.get_by_role("checkbox").first).to_be_checked()
    await tab_to(page, "details summary")
    await page.keyboard.press("Enter")
    await expect(page.locator(".deadline details[open] > summary")).to_be_focused()


async def test_a_focused_button_is_never_hidden_behind_the_bars(phone) -> None:
    page = await phone.open(GUIDE)
    await page.set_viewport_size({"width": 360, "height": 640})
    hidden: list[str] = []
    for _ in range(MOST_TABS):
        await page.keyboard.press("Tab")
        covered = await page.evaluate(
            """() => {
              const one = document.activeElement;
              if (one === document.body || one.matches(".skip")) return null;
              const { left, right, top, bottom } = one.getBoundingClientRect();
              const hit = document.elementFromPoint((left + right) / 2, (top + bottom) / 2);
              return one.contains(hit) || hit?.contains(one) ? null : one.outerHTML.slice(0, 90);
            }"""
        )
        hidden += [covered] if covered else []
    assert hidden == []


async def test_the_view_that_was_chosen_with_the_keyboard_keeps_the_focus(phone) -> None:
    page = await phone.open(HOME)
    await tab_to(page, "header button[value=elder]")
    await page.keyboard.press("Enter")
    await expect(page.locator("header button[value=standard]")).to_be_focused()


@pytest.fixture
async def plain(new_phone: Callable[..., Any]) -> AsyncIterator[Phone]:
    """A phone whose browser runs no scripts."""
    async with new_phone(java_script_enabled=False) as opened:
        yield opened


async def test_without_scripts_search_answers_and_a_guide_can_be_read(plain) -> None:
    page = await plain.open(HOME)
    await page.get_by_role("searchbox").fill("老年证")
    await page.get_by_role("button", name="搜索").click()
    await expect(page.get_by_role("searchbox")).to_have_value("老年证")
    await page.locator("#results").get_by_role("link").first.click()
    await expect(page.get_by_role("heading", level=1)).to_have_text("老年人优待证办理")
    await page.get_by_role("checkbox").first.check()
    await page.locator(".questions summary").first.click()
    await expect(page.locator(".questions details p").first).to_be_visible()


async def test_without_scripts_questions_lead_to_an_end_and_back(plain) -> None:
    page = await plain.open(GUIDE)
    await page.get_by_role("link", name="回答几个问题").click()
    await page.get_by_role("link", name="在", exact=True).click()
    await page.get_by_role("banner").get_by_role("button", name="Switch to English").click()
    await page.get_by_role("link", name="还没满").click()
    await expect(page.get_by_role("heading", name="Probably not for you")).to_be_visible()
    await page.go_back()
    await expect(page.get_by_role("heading", name="老人满 80 周岁了吗？")).to_be_visible()
    await page.go_forward()
    await page.get_by_role("link", name="Start again").click()
    await expect(page.get_by_role("heading", name="老人的户口在天桥区吗？")).to_be_visible()


async def test_without_scripts_nothing_is_offered_that_needs_one(plain) -> None:
    for path in (GUIDE, f"{HOME}/facilities", "/mine", "/offline", f"{HOME}/posters"):
        page = await plain.open(path)
        for button in await page.locator("button[type=button]").all():
            await expect(button).to_be_hidden()
        await page.close()


@pytest.mark.parametrize(
    ("button", "attribute", "value"),
    [("长辈版", "data-view", "elder"), ("深色", "data-theme", "dark"), ("English", "lang", "en")],
)
async def test_without_scripts_a_preference_is_kept_by_a_form(
    plain, button, attribute, value
) -> None:
    page = await plain.open("/mine")
    await page.get_by_role("main").get_by_role("button", name=button, exact=True).click()
    await expect(page).to_have_url(f"{plain.url}/mine")
    await expect(page.locator("html")).to_have_attribute(attribute, value)
    await page.goto(GUIDE)
    await expect(page.locator("html")).to_have_attribute(attribute, value)


async def test_without_scripts_the_header_changes_the_view_and_leads_back_to_the_guide(
    plain,
) -> None:
    page = await plain.open(GUIDE)
    await page.get_by_role("banner").get_by_role("button", name="Switch to English").click()
    await expect(page).to_have_url(f"{plain.url}{GUIDE}")
    await expect(page.get_by_role("heading", name="What to bring")).to_be_visible()
