"""Calls and letters in a real browser: by keyboard alone, and readable for everyone."""

from __future__ import annotations

import datetime as dt
import re
from typing import TYPE_CHECKING

import pytest
from playwright.async_api import expect

from domain.contacts.tables import Letter, LetterKind, LetterState
from domain.staff.actor import Grant
from domain.staff.tables import Role
from domain.store import Store
from tests.browser.eyes import LANGUAGES, LOW, faults_for_everyone
from tests.world.conversations import with_post
from tests.world.district import places
from tests.world.people import begun, hired

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from sqlalchemy.ext.asyncio import AsyncSession

    from tests.world.servers import Server

OFFICE = "/staff/c/liujiazhuang"
SAYS_WHY = "status of 422"


@pytest.fixture(scope="module")
async def key(server: Server) -> AsyncIterator[str]:
    """The session key of an editor of 刘家庄, where a letter needs an eye."""
    store = Store(server.database)
    await store.open()
    now = dt.datetime.now(dt.UTC)
    community_id = (await places(store)).community["liujiazhuang"]
    member = await hired(store, "editor", Grant(Role.EDITOR, community_id=community_id), now=now)
    await with_post(store, holder="editor")

    async def a_letter(session: AsyncSession) -> None:
        session.add(
            Letter(
                community_id=community_id,
                kind=LetterKind.RECEIVED,
                state=LetterState.IGNORED,
                why="automatic",
                at=now,
                address="wang@example.com",
                subject="自动回复",
                id_hash="letter",
                raw=b"From: wang@example.com",
            )
        )

    await store.write(a_letter)
    yield await begun(store, member, now)
    await store.close()


@pytest.mark.parametrize("language", LANGUAGES)
async def test_everyone_can_use_the_pages_of_calls_and_letters(new_phone, key, language) -> None:
    async with new_phone(LANGUAGES[language], viewport=LOW) as phone:
        phone.expect(SAYS_WHY)
        await phone.context.add_cookies([{"name": "staff", "value": key, "url": phone.url}])
        page = await phone.open("/staff")
        for path in ("/staff", OFFICE, f"{OFFICE}/letters", f"{OFFICE}/calls/new"):
            await page.goto(path)
            assert await faults_for_everyone(page, language) == [], path
        await page.locator("#words").fill("楼下着火了")
        await page.locator("#phone").fill("13800000000")
        await page.locator("main form .btn").click()
        await page.locator('a[href="tel:119"]').wait_for()
        assert await faults_for_everyone(page, language) == []
        await page.locator("main form .btn").click()
        await page.locator("#call-back-wrong").wait_for()
        assert await faults_for_everyone(page, language) == []
        await page.locator("#may-call-back").check()
        await page.locator("main form .btn").click()
        await page.locator(".call-code").wait_for()
        assert await faults_for_everyone(page, language) == []


async def test_a_call_is_entered_by_keyboard_alone(phone, key) -> None:
    await phone.context.add_cookies([{"name": "staff", "value": key, "url": phone.url}])
    page = await phone.open(f"{OFFICE}/calls/new")
    await expect(page.locator("#words")).to_be_focused()
    await page.keyboard.type("楼道的灯坏了")
    await page.keyboard.press("Tab")
    await page.keyboard.press("Control+Enter")
    await expect(page.locator(".call-code span")).to_have_count(4)
    await expect(page).to_have_url(re.compile(f"{OFFICE}/calls/[0-9]+$"))
