"""The counter in a real browser: a day by keyboard alone, live, for every eye and thumb."""

from __future__ import annotations

import re
from functools import partial
from typing import TYPE_CHECKING

import pytest
from playwright.async_api import expect
from sqlalchemy import update

from domain.queue.seats import UNTOUCHED
from domain.queue.tables import CounterShift, PriorityKind
from tests.browser.eyes import LANGUAGES, LOW, WIDE, faults_for_everyone, unfolded
from tests.world.phones import seated

if TYPE_CHECKING:
    import datetime as dt

    from playwright.async_api import Page
    from sqlalchemy.ext.asyncio import AsyncSession

    from tests.world.servers import BrowserHall


@pytest.fixture
async def hall(request, hall_in, own_server) -> BrowserHall:
    """The hall that the test says; each has its own, and its own clerk."""
    found: BrowserHall = await hall_in(request.param)
    return found


async def taken(page: Page, hall: BrowserHall) -> str:
    """Someone takes a number from the same server; the number."""
    # As a browser says of our own page.
    own = {"origin": hall.server.url}
    answer = await page.request.post(f"{hall.desk()}/tickets", form={"category": "B"}, headers=own)
    found = re.search(r"<h1[^>]*>(\w+)</h1>", await answer.text())
    assert found is not None
    return found[1]


@pytest.mark.parametrize("hall", ["jian"], indirect=True)
async def test_a_day_by_keyboard_alone_and_live(new_phone, hall) -> None:
    async with new_phone(
        "lang:zh-Hans", url=hall.server.url, viewport={"width": 1280, "height": 850}
    ) as p:
        page = await seated(p, await hall.clerk("keys"), hall)
        p.expect("status of 422")
        press, number = page.keyboard.press, page.locator(".huge")
        await expect(page.locator("#live-line")).to_have_text("实时")
        # Refused in words, without a page of its own.
        await press("n")
        await expect(page.get_by_role("alert")).to_contain_text("没有人在等")
        first = await taken(page, hall)
        # A number that is taken elsewhere appears by itself.
        await expect(page.locator("#desk-queue")).to_contain_text(first)
        await press("Space")
        await expect(number).to_have_text(first)
        await expect(page.locator("#news")).to_contain_text(first)
        await press("z")
        await expect(number).to_have_count(0)
        await expect(page.locator("#desk-queue")).to_contain_text(first)
        await press("n")
        await press("r")
        await expect(page.locator("#do-starts")).to_be_visible()
        await press("x")
        await expect(page.locator("#desk-queue")).to_contain_text("过号")
        second = await taken(page, hall)
        await expect(page.locator("#desk-queue")).to_contain_text(second)
        await press("n")
        await expect(number).to_have_text(second)
        await press("s")
        await expect(page.locator("#do-holds")).to_be_visible()
        await press("t")
        await expect(page.locator("#to")).to_be_focused()
        # What is being chosen is not taken away by what happens in the hall.
        third = await taken(page, hall)
        await expect(page.locator("#desk-queue")).to_contain_text(third)
        await expect(page.locator("#to")).to_be_focused()
        await press("Tab")
        await page.locator("h1").click()
        await press("Enter")
        await expect(page.locator("#do-calls")).to_be_visible()
        # With the keys off, a letter is a letter.
        await page.locator("#keys").click()
        await press("n")
        await expect(page.locator("#do-calls")).to_be_visible()


@pytest.mark.parametrize("hall", ["zhijinshi"], indirect=True)
async def test_each_press_without_a_network_says_that_it_did_nothing(new_phone, hall) -> None:
    async with new_phone(
        "lang:zh-Hans", url=hall.server.url, viewport={"width": 1280, "height": 850}
    ) as p:
        p.expect("ERR_INTERNET_DISCONNECTED")
        page = await seated(p, await hall.clerk("offline"), hall)
        number, said = await taken(page, hall), page.locator("#unanswered")
        # The pause begins its row only where the row before it is full.
        assert await page.locator("#desk-tools").evaluate(
            """tools => {
              const of = (each) => each.getBoundingClientRect();
              const [last] = [...tools.querySelectorAll(".pair .btn")].slice(-1).map(of);
              const pause = of(tools.querySelector("#pause summary"));
              return pause.top < last.bottom || last.right + 8 + pause.width > of(tools).right;
            }"""
        )
        await expect(page.locator("#desk-queue")).to_contain_text(number)
        await p.context.set_offline(True)
        await told_of_each_press(page)
        await page.keyboard.press("n")
        await p.context.set_offline(False)
        await expect(page.locator("#live-line")).to_have_text("实时", timeout=20000)
        # Nobody was called meanwhile, the words stay, and the next press ends them.
        await expect(said).to_contain_text("连上后请再按一次")
        await expect(page.locator(".huge")).to_have_count(0)
        await page.keyboard.press("n")
        await expect(page.locator(".huge")).to_have_text(number)
        await expect(said).to_be_hidden()
        await p.context.set_offline(True)
        await told_of_each_press(page)


async def told_of_each_press(page: Page) -> None:
    """Press every button of the desk; each must be told, in view, to have done nothing."""
    said = page.locator("#unanswered")
    await unfolded(page)
    buttons = page.locator("#desk form button:visible")
    assert await buttons.count() > 1
    for button in await buttons.all():
        await said.evaluate("said => { said.hidden = true; }")
        await button.evaluate("button => { button.form.noValidate = true; button.click(); }")
        await expect(said).to_contain_text("刚才按的没有生效")
        await expect(said).to_be_in_viewport()
        await expect(page.locator("html[data-busy]")).to_have_count(0)


@pytest.mark.parametrize("hall", ["dongjie"], indirect=True)
async def test_a_transfer_to_an_empty_counter_asks_and_can_be_meant(new_phone, hall) -> None:
    async with new_phone(
        "lang:zh-Hans", url=hall.server.url, viewport={"width": 1280, "height": 850}
    ) as p:
        page = await seated(p, await hall.clerk("sends"), hall)
        p.expect("status of 422")
        number = await taken(page, hall)
        press, asks = page.keyboard.press, page.locator("[data-asks]")
        await expect(page.locator("#desk-queue")).to_contain_text(number)
        await press("n")
        await expect(page.locator(".huge")).to_have_text(number)
        await press("s")
        await expect(page.locator("#do-holds")).to_be_visible()
        await press("t")
        await page.locator("#to").select_option("counter:2")
        await page.locator("#transfer .btn").click()
        await expect(asks).to_contain_text(f"2 号窗口现在没人，{number}")
        await expect(asks).to_be_focused()
        # The question stays, whatever happens in the hall meanwhile.
        other = await taken(page, hall)
        await expect(page.locator("#desk-queue")).to_contain_text(other)
        await expect(asks).to_be_visible()
        await asks.get_by_role("link").click()
        await expect(page.locator("#do-holds")).to_be_visible()
        await expect(asks).to_have_count(0)
        await press("t")
        await page.locator("#to").select_option("counter:2")
        await page.locator("#transfer .btn").click()
        await expect(asks).to_be_focused()
        await press("Tab")
        await expect(page.locator("#transfer-anyway")).to_be_focused()
        await press("Enter")
        await expect(page.locator(".huge")).to_have_count(0)
        await expect(page.locator(".uncalled")).to_contain_text(number)


@pytest.mark.parametrize("hall", ["shengchanlu"], indirect=True)
async def test_numbers_are_stopped_and_an_end_taken_back_at_the_desk(new_phone, hall) -> None:
    async with new_phone(
        "lang:zh-Hans", url=hall.server.url, viewport={"width": 1280, "height": 850}
    ) as p:
        page = await seated(p, await hall.clerk("stops"), hall)
        press, stop = page.keyboard.press, page.locator("#do-stopping")
        await stop.click()
        await expect(page.locator("#desk-tools")).to_contain_text("在等的人照常叫号")
        await expect(stop).to_have_count(0)
        async with new_phone("lang:zh-Hans", url=hall.server.url) as phone:
            there = await phone.open(f"/c/{hall.slug}/take")
            await expect(there.locator("main")).to_contain_text("今天不再发号")
            await page.locator("#do-stopping-ending").click()
            await expect(stop).to_be_visible()
            await there.reload()
            await expect(there.locator("main")).to_contain_text("来办什么")
        number = await taken(page, hall)
        await expect(page.locator("#desk-queue")).to_contain_text(number)
        for key in ("f", "x"):
            await press("n")
            await expect(page.locator(".huge")).to_have_text(number)
            await press(key)
            await expect(page.locator("#do-calls")).to_be_visible()
            await press("z")
            await expect(page.locator(".huge")).to_have_text(number)
            # The call itself is not taken back after that.
            await expect(page.locator(".undo")).to_have_count(0)
        await press("s")
        await expect(page.locator("#finish-wrong-place")).to_be_visible()
        await press("w")
        await expect(page.locator("[data-until]")).to_contain_text("走错地方")
        await press("z")
        await expect(page.locator("#do-holds")).to_be_visible()


@pytest.mark.parametrize("hall", ["yikang"], indirect=True)
async def test_without_a_script_every_button_is_a_form(new_phone, hall) -> None:
    async with new_phone("lang:zh-Hans", url=hall.server.url, java_script_enabled=False) as phone:
        shown = (await hall.take()).label
        page = await seated(phone, await hall.clerk("forms"), hall)
        for noun in ("calls", "starts", "finishes"):
            await page.locator(f"#do-{noun}").click()
            await expect(page).to_have_url(re.compile(f"{hall.desk()}$"))
        await expect(page.locator(".huge")).to_be_hidden()
        await expect(page.locator("#desk")).to_contain_text(f"{shown} 已办完")


@pytest.mark.parametrize("hall", ["liujiazhuang"], indirect=True)
async def test_everyone_can_use_the_counter(new_phone, hall) -> None:
    key, desk, staff = await hall.clerk("eyes"), hall.desk(), f"/staff/c/{hall.slug}"
    for language, cookie in LANGUAGES.items():
        aged = await hall.take(
            items=("gaoling-jintie",), priority=PriorityKind.AGED, brought=("居民身份证",)
        )
        await hall.take()
        async with new_phone(cookie, url=hall.server.url, viewport=LOW) as phone:
            page = await seated(phone, key, hall)
            assert await faults_for_everyone(page, language, axe_on=(WIDE,)) == [], language
            await page.locator("#do-calls").click()
            await expect(page.locator(".huge")).to_be_visible()
            await unfolded(page)
            assert await faults_for_everyone(page, language, axe_on=(WIDE,)) == [], language
            for path in (
                f"{desk}/tickets",
                f"{staff}/counters",
                f"{staff}/day",
                f"{staff}/day/closing",
                f"{staff}/tickets/{aged.id}/slip",
                "/staff",
            ):
                await page.goto(path)
                assert await faults_for_everyone(page, language, axe_on=(WIDE,)) == [], (
                    language,
                    path,
                )
            await page.goto(desk)
            await page.locator("#notice summary").click()
            await page.locator("#own").fill("近期一寸照片")
            await page.locator("#notice .btn").click()
            await expect(page).to_have_url(re.compile("/notice$"))
            assert await faults_for_everyone(page, language, axe_on=(WIDE,)) == [], language
            await page.goto(desk)
            await page.locator("#do-finishes").click()
            await expect(page.locator(".huge")).to_have_count(0)
            await page.locator("#pause summary").click()
            await page.locator("#pause-1").click()
            await expect(page.locator("#do-pauses-ending")).to_be_visible()
            assert await faults_for_everyone(page, language, axe_on=(WIDE,)) == [], language
            await page.locator("#do-pauses-ending").click()
            await expect(page.locator("#do-calls")).to_be_visible()
            await page.locator("#do-sign-off").click()
            await expect(page).to_have_url(re.compile("/counters$"))


@pytest.mark.parametrize("hall", ["liujiazhuang"], indirect=True)
async def test_everyone_can_take_over_a_seat_that_was_left_alone(new_phone, hall) -> None:
    key, seats = await hall.clerk("colleague"), f"/staff/c/{hall.slug}/counters"
    signed_in = {"name": "staff", "value": key, "url": hall.server.url}
    await hall.take(items=("gaoling-jintie",))
    async with new_phone("lang:zh-Hans", url=hall.server.url, viewport=WIDE) as absent:
        old = await seated(absent, await hall.clerk("absent"), hall)
        await old.locator("#do-calls").click()
        number = await old.locator(".huge").text_content()
        await hall.store.write(partial(left_alone, now=hall.now))
        await hall.staff(2, "ABC")
        await hall.press("pauses", 2, reason="吃饭")
        for language, cookie in LANGUAGES.items():
            async with new_phone(cookie, url=hall.server.url, viewport=LOW) as phone:
                await phone.context.add_cookies([signed_in])
                for path in (seats, f"{seats}/1/take-over", f"{seats}/2/take-over"):
                    page = await phone.open(path)
                    faults = await faults_for_everyone(page, language, axe_on=(WIDE,))
                    assert faults == [], (language, path)
        # Without a script it is a link, a question and a form.
        async with new_phone(
            "lang:zh-Hans", url=hall.server.url, java_script_enabled=False
        ) as phone:
            await phone.context.add_cookies([signed_in])
            page = await phone.open(seats)
            await page.locator("a[href$='/1/take-over']").click()
            await expect(page.locator("main")).to_contain_text(f"{number} 正在这个窗口")
            await page.locator("form .btn").first.click()
            await expect(page).to_have_url(re.compile(f"{hall.desk()}$"))
            await expect(page.locator(".huge")).to_have_text(str(number))
        # The desk that was left open says by itself what happened.
        await expect(old.locator(".said")).to_contain_text("坐到 1 号窗口")


async def left_alone(session: AsyncSession, now: dt.datetime) -> None:
    """Make it so that at every seat nothing was done for as long as a colleague must wait."""
    await session.execute(update(CounterShift).values(acted_at=now - UNTOUCHED))
