"""Limits of what strangers set: letters, settings, and numbers that they follow."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import func, select

from push.tables import OutboxRow, Preferences, TicketWatch
from tests.world.forms import MAIL, take, words
from web.running import services

if TYPE_CHECKING:
    import pytest

    from tests.world.app import Browser

MINE = "/mine/notifications"
TOO_MANY = 429


async def counted(browser: Browser, table: type) -> int:
    async with browser.store.read() as session:
        return await session.scalar(select(func.count()).select_from(table)) or 0


async def test_one_address_has_only_so_many_letters_written_to_strangers(open_app) -> None:
    async with open_app(**MAIL) as browser:
        answers = []
        for number in range(services.LETTERS_AN_ADDRESS + 3):
            browser.cookies.clear()
            email = {"email": f"victim-{number}@example.com"}
            answers.append(await browser.post(f"{MINE}/addresses", data=email))
        assert [each.status_code for each in answers].count(TOO_MANY) == 3
        assert await counted(browser, OutboxRow) == services.LETTERS_AN_ADDRESS
        assert await counted(browser, Preferences) == services.LETTERS_AN_ADDRESS
        refused = answers[-1]
        assert "次数太多" in words(refused)
        assert 'value="victim-22@example.com"' in refused.text
        assert int(refused.headers["retry-after"]) > 3000


async def test_settings_of_ever_new_devices_are_limited_by_address(open_app) -> None:
    async with open_app(numbers_an_address=5) as browser:
        answers = []
        for _ in range(8):
            browser.cookies.clear()
            answers.append(await browser.post(MINE, data={"ahead": "1"}))
        assert [each.status_code for each in answers] == [303] * 5 + [TOO_MANY] * 3
        assert "次数太多" in words(answers[-1])
        assert await counted(browser, Preferences) == 5


async def test_one_device_saves_only_so_often(own, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(own.services.settings_by_device, "_most", 2)
    answers = [await own.post(MINE, data={"ahead": "1"}) for _ in range(3)]
    assert [each.status_code for each in answers] == [303, 303, TOO_MANY]


async def test_a_number_is_followed_only_so_often_from_one_address(open_app) -> None:
    async with open_app(numbers_an_address=2) as browser:
        address = await take(browser)
        answers = []
        for _ in range(3):
            browser.cookies.clear()
            answers.append(await browser.post(f"{address}/watches", data={"ahead": "3"}))
        assert [each.status_code for each in answers] == [303, 303, TOO_MANY]
        assert "过几分钟" in words(answers[-1])
        assert await counted(browser, TicketWatch) == 2
