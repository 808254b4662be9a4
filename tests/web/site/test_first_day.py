"""A district on its first day: every page answers, though the office has described nothing yet."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.world.addresses import example_of
from tests.world.app import opened
from tests.world.clock import NOW, Clock
from tests.world.links import OF_ANY_COMMUNITY, Crawl
from tests.world.people import DISTRICT_ADMINISTRATOR, arrived

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from tests.world.app import Browser
    from tests.world.databases import SqliteFiles

HOME = "xinsha"


@pytest.fixture(scope="module")
async def first_day(sqlite_files: SqliteFiles) -> AsyncIterator[Browser]:
    """A resident of a district that was just made."""
    async with opened(sqlite_files.copy("new"), Clock(NOW)) as browser:
        yield browser


async def test_every_page_of_residents_answers_on_the_first_day(first_day) -> None:
    crawl = Crawl(first_day, HOME)
    crawl.waiting[f"/c/{HOME}"] = "typed"
    await crawl.walk()
    assert crawl.broken == []
    seen = {address.split("?")[0] for address in crawl.seen}
    assert {f"/c/{HOME}/{page}" for page in ("hall", "take", "handbook")} <= seen


@pytest.mark.parametrize("address", OF_ANY_COMMUNITY)
async def test_what_no_page_leads_to_yet_answers_too(first_day, address) -> None:
    assert (await first_day.get(example_of(address, community=HOME))).status_code < 400


async def test_a_hall_without_hours_gives_no_number_and_says_whom_to_call(first_day) -> None:
    page = (await first_day.get(f"/c/{HOME}/take")).text
    assert "请打电话问" in page
    hall = (await first_day.get(f"/c/{HOME}/hall")).text
    assert "开门时间还没有填写" in hall
    assert 'href="tel:0531-85900000"' in hall
    assert "https://uri.amap.com/search?" in hall
    assert "geo:" not in hall


async def test_every_page_of_the_office_answers_on_the_first_day(first_day) -> None:
    person = await arrived(first_day.store, "first", DISTRICT_ADMINISTRATOR)
    first_day.headers.update(person.headers)
    crawl = Crawl(first_day, HOME)
    crawl.waiting = {"/staff": "typed"}
    await crawl.walk()
    assert crawl.broken == []
    assert f"/staff/c/{HOME}/hall" in crawl.seen
