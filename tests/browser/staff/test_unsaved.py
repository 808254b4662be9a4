"""What staff typed is not lost when the server is away or their session has ended."""

from __future__ import annotations

import re
from contextlib import asynccontextmanager
from http import HTTPStatus
from typing import TYPE_CHECKING, Any

import pytest
from playwright.async_api import expect
from sqlalchemy import update

from domain.keys import new_key
from domain.staff.actor import Grant
from domain.staff.tables import Role, StaffSession
from tests.browser.eyes import LANGUAGES, LOW, WIDE, faults_for_everyone
from tests.world.people import PASSWORD, begun, hired
from tests.world.phones import LOST
from tests.world.servers import PATIENCE, client_of

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from playwright.async_api import Page

    from tests.world.phones import Phone
    from tests.world.servers import BrowserHall

GUIDE = "/staff/handbook/gaoling-jintie"
OFFICE = "/staff/c/liujiazhuang"
SENTENCE = "断开的时候写的一句话。"
REASON = "停水检修，门口有告示"


@pytest.fixture
async def hall(hall_in, own_server) -> BrowserHall:
    """The hall of 刘家庄, open around the clock."""
    found: BrowserHall = await hall_in("liujiazhuang")
    return found


@pytest.fixture
def signed_in(new_phone: Any, hall: BrowserHall) -> Any:
    """Open the browser of a new member of staff; `PASSWORD` is theirs."""

    @asynccontextmanager
    async def opening(name: str, role: Role, **options: Any) -> AsyncIterator[Phone]:
        member = await hired(hall.store, name, Grant(role), now=hall.now)
        key = await begun(hall.store, member, hall.now)
        async with new_phone(url=hall.server.url, **{"viewport": WIDE, **options}) as phone:
            await phone.context.add_cookies([{"name": "staff", "value": key, "url": phone.url}])
            phone.expect(LOST)
            yield phone

    return opening


async def end_sessions(hall: BrowserHall) -> None:
    """End every session on the server; the browsers keep their cookies."""

    async def end(session: Any) -> None:
        await session.execute(update(StaffSession).values(ended_at=hall.now))

    await hall.store.write(end)


async def take_number(hall: BrowserHall) -> None:
    """A resident takes a number from the server, which tells the desk."""
    async with client_of(hall.server.url) as resident:
        form = {"category": "B", "request": new_key()}
        answer = await resident.post(f"/halls/{hall.slug}/tickets", data=form)
    assert answer.status_code == HTTPStatus.SEE_OTHER, answer.text


async def sign_in(page: Page, name: str) -> None:
    """Fill in the sign-in form that the page shows."""
    await page.locator("#name").fill(name)
    await page.locator("#password").fill(PASSWORD)
    await page.get_by_role("button", name="登录", exact=True).click()
    await expect(page).not_to_have_url(re.compile("/sessions"))


async def sign_in_on_another_tab(page: Page, name: str) -> None:
    """Follow the link of the notice, sign in there and come back."""
    async with page.context.expect_page() as opened:
        await page.get_by_role("alert").get_by_role("link", name="登录").click()
    other = await opened.value
    assert await other.evaluate("window.opener") is None
    await sign_in(other, name)
    await other.close()
    await page.bring_to_front()
    # Chromium without a window does not always say that a tab came to the front.
    await page.evaluate("dispatchEvent(new Event('focus'))")


async def typed_words(page: Page) -> int:
    """How many forms the tab keeps typed words of."""
    kept = "Object.keys(sessionStorage).filter(key => key.startsWith('typed:')).length"
    return int(await page.evaluate(kept))


async def ask_before_leaving(page: Page) -> bool:
    """Whether the page asks before it goes; it stays in either case."""
    asks = "!dispatchEvent(new Event('beforeunload', { cancelable: true }))"
    return bool(await page.evaluate(asks))


async def test_a_press_while_the_server_is_away_keeps_the_page_and_goes_on_later(
    signed_in, hall
) -> None:
    async with signed_in("away", Role.EDITOR) as phone:
        page = await phone.open(GUIDE)
        hall.server.stop()
        await page.get_by_label("一句话说明").fill(SENTENCE)
        await page.get_by_role("button", name="核对并发布").click()
        await expect(page.get_by_role("alert")).to_contain_text("服务器没有回应")
        await expect(page).to_have_url(re.compile(f"{GUIDE}$"))
        await expect(page.get_by_label("一句话说明")).to_have_value(SENTENCE)
        assert await ask_before_leaving(page)
        hall.server.start()
        await page.evaluate("dispatchEvent(new Event('online'))")
        await expect(page).to_have_url(re.compile("/publication$"), timeout=PATIENCE)
        await expect(page.locator("main")).to_contain_text("断开的时候写的")


async def test_a_press_after_the_session_ended_goes_on_after_signing_in_on_another_tab(
    signed_in, hall
) -> None:
    async with signed_in("out", Role.EDITOR) as phone:
        page = await phone.open(GUIDE)
        await end_sessions(hall)
        await page.get_by_label("一句话说明").fill(SENTENCE)
        await page.get_by_role("button", name="核对并发布").click()
        await expect(page.get_by_role("alert")).to_contain_text("登录已失效")
        await expect(page).to_have_url(re.compile(f"{GUIDE}$"))
        assert await ask_before_leaving(page)
        await sign_in_on_another_tab(page, "out")
        await expect(page).to_have_url(re.compile("/publication$"), timeout=PATIENCE)
        await expect(page.locator("main")).to_contain_text("断开的时候写的")


async def test_an_autosave_that_found_the_session_ended_is_done_after_signing_in(
    signed_in, hall
) -> None:
    async with signed_in("autosave", Role.EDITOR) as phone:
        page = await phone.open(GUIDE)
        await end_sessions(hall)
        await page.get_by_label("一句话说明").fill(SENTENCE)
        # Loud at once: nobody reads a small grey line.
        await expect(page.get_by_role("alert")).to_contain_text("登录已失效")
        await sign_in_on_another_tab(page, "autosave")
        await expect(page.locator("#saved")).to_contain_text("草稿已存")
        await expect(page.get_by_role("alert")).to_have_count(0)
        await expect(page).to_have_url(re.compile(f"{GUIDE}$"))
        assert not await ask_before_leaving(page)


async def test_what_is_typed_after_a_press_is_not_taken_away_by_going_on(signed_in, hall) -> None:
    async with signed_in("typing-on", Role.EDITOR) as phone:
        page = await phone.open(GUIDE)
        await end_sessions(hall)
        await page.get_by_label("一句话说明").fill(SENTENCE)
        await page.get_by_role("button", name="核对并发布").click()
        await expect(page.get_by_role("alert")).to_be_visible()
        await page.get_by_label("一句话说明").fill(f"{SENTENCE}还有一句。")
        await sign_in_on_another_tab(page, "typing-on")
        await expect(page.locator("#saved")).to_contain_text("草稿已存")
        await expect(page).to_have_url(re.compile(f"{GUIDE}$"))


async def test_nothing_is_saved_in_the_name_of_a_colleague_who_signed_in_meanwhile(
    signed_in, hall
) -> None:
    await hired(hall.store, "colleague", Grant(Role.EDITOR), now=hall.now)
    async with signed_in("left-open", Role.EDITOR) as phone:
        page = await phone.open(GUIDE)
        await end_sessions(hall)
        await page.get_by_label("一句话说明").fill(SENTENCE)
        await page.get_by_role("button", name="核对并发布").click()
        await expect(page.get_by_role("alert")).to_contain_text("登录已失效")
        await sign_in_on_another_tab(page, "colleague")
        await expect(page.get_by_role("alert")).to_contain_text("另一位同事")
        fresh = await phone.open(GUIDE)
        await expect(fresh.get_by_label("一句话说明")).not_to_have_value(SENTENCE)


async def write_exception(page: Page, day: str) -> None:
    """Fill in other hours for a day, and press."""
    await page.locator("#day").fill(day)
    await page.locator("#reason").fill(REASON)
    await page.get_by_role("button", name="立即告诉居民").click()


async def test_a_plain_form_waits_for_the_server_and_is_sent_once(signed_in, hall) -> None:
    async with signed_in("plain-away", Role.EDITOR) as phone:
        page = await phone.open(OFFICE)
        hall.server.stop()
        await write_exception(page, "2031-03-03")
        await expect(page.get_by_role("alert")).to_contain_text("服务器没有回应")
        await expect(page.locator("#reason")).to_have_value(REASON)
        hall.server.start()
        await page.evaluate("dispatchEvent(new Event('online'))")
        row = page.locator("main li", has_text=REASON)
        await expect(row).to_have_count(1, timeout=PATIENCE)
        await expect(page.locator("#reason")).to_have_value("")
        assert await typed_words(page) == 0


async def test_a_plain_form_is_sent_after_signing_in_on_another_tab(signed_in, hall) -> None:
    async with signed_in("plain-out", Role.EDITOR) as phone:
        page = await phone.open(OFFICE)
        await end_sessions(hall)
        await write_exception(page, "2031-04-04")
        await expect(page.get_by_role("alert")).to_contain_text("登录已失效")
        await sign_in_on_another_tab(page, "plain-out")
        await expect(page.locator("main li", has_text="4月4日")).to_have_count(1)


async def test_what_was_typed_comes_back_after_signing_in_on_the_same_tab(signed_in, hall) -> None:
    await hired(hall.store, "nosy", Grant(Role.EDITOR), now=hall.now)
    async with signed_in("same-tab", Role.EDITOR) as phone:
        page = await phone.open(OFFICE)
        await page.locator("#reason").fill(REASON)
        await end_sessions(hall)
        await page.reload()
        # Another person's words are not shown to who signs in here meanwhile.
        await sign_in(page, "nosy")
        await expect(page.locator("#reason")).to_have_value("")
        await end_sessions(hall)
        await page.reload()
        await sign_in(page, "same-tab")
        await expect(page).to_have_url(re.compile(f"{OFFICE}$"))
        await expect(page.locator("#reason")).to_have_value(REASON)
        await expect(page.get_by_text("还没有发送")).to_be_visible()


async def test_signing_out_forgets_what_was_typed_on_every_tab(signed_in) -> None:
    async with signed_in("leaving", Role.EDITOR) as phone:
        first, second = await phone.open(OFFICE), await phone.open("/staff/account")
        await first.locator("#reason").fill(REASON)
        assert await typed_words(first) == 1
        here = second.locator("li", has_text="这台")
        await here.get_by_role("button").click()
        await expect(second.get_by_role("heading", level=1)).to_have_text("登录")
        assert await typed_words(first) == 0


async def test_a_refused_form_and_a_page_shown_once_look_as_without_a_script(signed_in) -> None:
    async with signed_in("inviting", Role.ADMINISTRATOR) as phone:
        phone.expect("status of 422")
        page = await phone.open(OFFICE)
        await page.locator("#day").fill("2031-05-05")
        await page.locator("#periods").fill("12:00-08:00")
        await page.get_by_role("button", name="立即告诉居民").click()
        await expect(page.locator("#periods")).to_have_attribute("aria-invalid", "true")
        await expect(page.locator("#periods")).to_be_focused()
        assert await typed_words(page) == 1
        await page.goto("/staff/people")
        await page.locator("#full_name").fill("王小明")
        await page.select_option("#role", "clerk")
        await page.select_option("#place", "district")
        await page.get_by_role("button", name="生成链接").click()
        await expect(page.locator(".secret")).to_contain_text("/invitations/")
        await expect(page).to_have_title(re.compile("王小明"))


async def seated(phone: Phone, hall: BrowserHall) -> Page:
    """The desk of the first counter that is free."""
    page = await phone.open(f"/staff/c/{hall.slug}/counters")
    await page.get_by_role("button", name="上岗").first.click()
    await expect(page).to_have_url(re.compile(r"/counters/\d+$"))
    await page.locator("#do-calls").click()
    await expect(page.locator(".huge")).to_be_visible()
    return page


LINES = "户口簿\n近期一寸照片\n单位证明"


async def write_notice(page: Page) -> None:
    """Write three lines of a one-time notice."""
    await page.locator("#notice summary").click()
    await page.locator("#own").fill(LINES)


async def test_the_desk_stays_while_a_notice_is_written_and_the_session_ends(
    signed_in, hall
) -> None:
    async with signed_in("desk", Role.CLERK) as phone:
        await hall.take()
        page = await seated(phone, hall)
        desk = page.url
        await write_notice(page)
        await end_sessions(hall)
        await take_number(hall)
        await expect(page.get_by_role("alert")).to_contain_text("登录已失效")
        await page.locator("#notice .btn").click()
        await expect(page.locator("html[data-busy]")).to_have_count(0)
        assert page.url == desk
        await expect(page.locator("#own")).to_have_value(LINES)
        await sign_in_on_another_tab(page, "desk")
        await expect(page.get_by_role("alert")).to_have_count(0)
        await expect(page.locator("#own")).to_have_value(LINES)
        await page.locator("#notice .btn").click()
        await expect(page).to_have_url(re.compile("/notice$"))
        await expect(page.locator("main")).to_contain_text("近期一寸照片")
        assert await typed_words(page) == 0
        await page.goto(desk)
        await page.locator("#do-finishes").click()
        await page.locator("#do-sign-off").click()


async def test_the_desk_gives_a_notice_back_to_its_clerk_and_to_nobody_else(
    signed_in, hall_in
) -> None:
    hall = await hall_in("jian")
    await hired(hall.store, "next-clerk", Grant(Role.CLERK), now=hall.now)
    async with signed_in("desk-back", Role.CLERK) as phone:
        await hall.take()
        page = await seated(phone, hall)
        desk = page.url
        await write_notice(page)
        await end_sessions(hall)
        # A colleague signs in on another tab: this one shows them nothing of what is written.
        other = await phone.open("/staff/sessions/new")
        await sign_in(other, "next-clerk")
        await other.close()
        await page.evaluate("dispatchEvent(new Event('focus'))")
        await expect(page).not_to_have_url(desk)
        await expect(page.locator("#own")).to_have_count(0)
        await end_sessions(hall)
        await page.goto(desk)
        await sign_in(page, "desk-back")
        await expect(page).to_have_url(desk)
        await expect(page.locator("#own")).to_have_value(LINES)
        await expect(page.locator("#notice")).to_have_attribute("open", "")
        await page.locator("#do-starts").click()
        await expect(page.locator("#do-holds")).to_be_visible()
        await expect(page.locator("#own")).to_have_value(LINES)
        # The words belong to this ticket; they go with it.
        await page.locator("#do-finishes").click()
        await expect(page.locator(".huge")).to_have_count(0)
        assert await typed_words(page) == 0
        await page.locator("#do-sign-off").click()


@pytest.mark.parametrize("language", LANGUAGES)
async def test_everyone_can_read_the_notice(signed_in, hall, language) -> None:
    cookie = LANGUAGES[language]
    name = f"notice-{language.lower()}"
    async with signed_in(name, Role.EDITOR, preferences=cookie, viewport=LOW) as phone:
        pages = [await phone.open(OFFICE), await phone.open(GUIDE)]
        await end_sessions(hall)
        found = []
        for page in pages:
            await page.locator("#reason, #summary").first.fill(REASON)
            await page.locator("main form .btn:not(.quiet)").last.click()
            await expect(page.get_by_role("alert")).to_be_visible()
            found += await faults_for_everyone(page, language, axe_on=(WIDE,))
        assert found == []
