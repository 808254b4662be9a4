"""The counter in a real browser: a day by keyboard alone, live, for every eye and thumb."""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

import pytest
from playwright.async_api import expect
from sqlalchemy import select

from domain.places.content import HallHours
from domain.places.tables import Community
from domain.published import load_community
from domain.queue import tickets
from domain.queue.tables import PriorityKind
from domain.queue.tickets import Wish
from domain.staff import accounts
from domain.staff.acting import COMMAND_LINE, Grant
from domain.staff.tables import Role
from domain.store import Store
from tests.browser.test_accessibility import LOW, VIEWS, faults_on
from tests.web.staff_cast import password_hash

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from playwright.async_api import Page
    from sqlalchemy.ext.asyncio import AsyncSession

    from tests.browser.conftest import Server

DESK = "/staff/c/liujiazhuang/counters/1"
ZONE = ZoneInfo("Asia/Shanghai")
ALL_DAY = ({"opens": "00:00", "closes": "23:59"},)


@dataclass
class Hall:
    """A hall that is open whatever the server's clock says, and a clerk's session key."""

    store: Store
    id: int
    letter: str
    url: str
    key: str

    async def take(self, **wish: Any) -> str:
        """Somebody takes a number elsewhere."""
        ticket = await self.store.write(
            partial(
                tickets.take_ticket,
                hall_id=self.id,
                wish=Wish(self.letter, **wish),
                now=dt.datetime.now(ZONE),
                served={self.letter},
            )
        )
        return ticket.shown


@pytest.fixture
async def hall(own_server: Server) -> AsyncIterator[Hall]:
    """The hall of the server's sample community, with a clerk who is signed in."""
    store = Store(own_server.database)
    await store.open()
    now = dt.datetime.now(dt.UTC)

    async def unit(session: AsyncSession) -> tuple[int, str, str]:
        home = await session.scalar(select(Community.id).where(Community.slug == "liujiazhuang"))
        clerk = await accounts.hire(
            session, COMMAND_LINE, "clerk", "林（样例）", password_hash(),
            (Grant(Role.CLERK, community_id=home),), now,
        )  # fmt: skip
        place = (await load_community(session, "liujiazhuang")).hall
        place.hours = HallHours(
            working_day=ALL_DAY, saturday=ALL_DAY, sunday=ALL_DAY, public_holiday=ALL_DAY
        )
        key = await accounts.begin_session(session, clerk.id, "Chrome · Linux", (), now)
        return place.id, place.counters[0].categories[0], key

    hall_id, letter, key = await store.write(unit)
    yield Hall(store, hall_id, letter, own_server.url, key)
    await store.close()


async def taken(page: Page, hall: Hall) -> str:
    """Somebody takes a number from the same server; the number."""
    answer = await page.request.post(f"{DESK}/tickets", form={"category": hall.letter})
    found = re.search(r"<h1[^>]*>(\w+)</h1>", await answer.text())
    assert found is not None
    return found[1]


async def seated(phone: Any, hall: Hall) -> Page:
    """The desk of the first counter."""
    await phone.context.add_cookies([{"name": "staff", "value": hall.key, "url": phone.url}])
    page: Page = await phone.open("/staff/counters")
    await page.locator(".seat").first.get_by_role("button").click()
    await expect(page).to_have_url(re.compile(f"{DESK}$"))
    return page


async def test_a_day_by_keyboard_alone_and_live(new_phone, hall) -> None:
    async with new_phone(
        "lang:zh-Hans", url=hall.url, viewport={"width": 1280, "height": 850}
    ) as p:
        page = await seated(p, hall)
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


async def test_without_a_script_every_button_is_a_form(new_phone, hall) -> None:
    async with new_phone("lang:zh-Hans", url=hall.url, java_script_enabled=False) as phone:
        shown = await hall.take()
        page = await seated(phone, hall)
        for noun in ("calls", "starts", "finishes"):
            await page.locator(f"#do-{noun}").click()
            await expect(page).to_have_url(re.compile(f"{DESK}$"))
        await expect(page.locator("#desk")).not_to_contain_text(shown)


async def test_everyone_can_use_the_counter(new_phone, hall) -> None:
    for view in ("ordinary", "dark", "elder", "elder English at 30"):
        await hall.take(
            items=("gaoling-jintie",), priority=PriorityKind.AGED, brought=("居民身份证",)
        )
        await hall.take()
        async with new_phone(VIEWS[view], url=hall.url, viewport=LOW) as phone:
            page = await seated(phone, hall)
            paths = [DESK, f"{DESK}/tickets", "/staff/c/liujiazhuang/counters"]
            assert await faults_on(page, view) == [], view
            await page.locator("#do-calls").click()
            await expect(page.locator(".huge")).to_be_visible()
            for summary in await page.locator("#desk summary").all():
                await summary.click()
            assert await faults_on(page, view) == [], view
            paths += ["/staff/c/liujiazhuang/day", "/staff/c/liujiazhuang/day/closing"]
            paths += ["/staff/c/liujiazhuang/tickets/1/slip", "/staff"]
            for path in paths:
                await page.goto(path)
                assert await faults_on(page, view) == [], (view, path)
            await page.goto(DESK)
            await page.locator("#notice summary").click()
            await page.locator("#own").fill("近期一寸照片")
            await page.locator("#notice .btn").click()
            await expect(page).to_have_url(re.compile("/notice$"))
            assert await faults_on(page, view) == [], view
            await page.goto(DESK)
            await page.locator("#do-finishes").click()
            await expect(page.locator(".huge")).to_have_count(0)
            await page.locator("#pause summary").click()
            await page.locator("#pause-1").click()
            await expect(page.locator("#do-pauses-ending")).to_be_visible()
            assert await faults_on(page, view) == [], view
            await page.locator("#do-pauses-ending").click()
            await expect(page.locator("#do-calls")).to_be_visible()
            await page.locator("#do-sign-off").click()
            await expect(page).to_have_url(re.compile("/counters$"))
