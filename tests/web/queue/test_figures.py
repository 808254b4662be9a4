"""大厅晒成绩: what people were told is kept by itself, and the page says how right it was."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any

from sqlalchemy import select

from domain.queue.accuracy import FRESH, TicketForecast
from domain.queue.calling import StaffedCounter
from tests.world.forms import take, words

if TYPE_CHECKING:
    from tests.world.app import Browser
    from tests.world.clock import Clock

PAGE = "/c/liujiazhuang/hall/figures"
MINUTE = dt.timedelta(minutes=1)


async def kept(browser: Browser) -> list[TicketForecast]:
    """Every forecast that was kept."""
    async with browser.store.read() as session:
        return list(await session.scalars(select(TicketForecast)))


async def test_what_a_fresh_number_was_told_is_kept_once(own, desk, clock: Clock) -> None:
    await desk.sit()
    await take(own)
    await own.services.measuring.look()
    [first] = await kept(own)
    assert (first.low, first.told_at) == (0, clock.now)
    clock.now += MINUTE
    own.cookies.clear()
    await take(own)
    await own.services.measuring.look()
    _, second = await kept(own)
    assert second.high > first.high
    assert (await kept(own))[0].told_at == first.told_at


async def test_nothing_is_looked_at_where_nothing_happened(own, desk) -> None:
    await desk.sit()
    await take(own)
    await own.services.measuring.look()
    asked: list[Any] = []
    own.services.measuring._told = asked.append
    await own.services.measuring.look()
    assert asked == []


async def test_a_number_that_is_not_fresh_any_more_was_told_something_else(
    own, desk, clock: Clock
) -> None:
    await desk.sit()
    await take(own)
    clock.now += FRESH + MINUTE
    await own.services.measuring.look()
    assert await kept(own) == []


async def test_where_no_counter_calls_it_nothing_is_promised_and_nothing_kept(own, desk) -> None:
    await desk.sit(letters="A")
    await take(own)
    await own.services.measuring.look()
    assert await kept(own) == []


async def test_the_page_says_how_right_it_was_and_how_long_it_took(own, desk, clock: Clock) -> None:
    await desk.sit()
    assert "近 30 天这里没有叫过号" in (await own.get(PAGE)).text
    for waited in (1, 30):
        own.cookies.clear()
        await take(own)
        await own.services.measuring.look()
        clock.now += waited * MINUTE
        await desk.do(StaffedCounter.call_next)
        await desk.do(StaffedCounter.finish)
    clock.now += 31 * MINUTE
    page = words(await own.get(PAGE))
    assert "11月23日人数2平均等候16 分钟预计内50%" in page
    assert "评价还不够五条" in page
    day = await own.get("/staff/c/liujiazhuang/day")
    assert day.status_code == 303, "the day's own page is the staff's"


async def test_the_page_of_a_hall_that_does_not_exist_is_not_found(resident) -> None:
    assert (await resident.get("/c/mars/hall/figures")).status_code == 404


async def test_the_page_is_linked_from_its_hall_in_both_languages(resident) -> None:
    assert PAGE in (await resident.get("/c/liujiazhuang/hall")).text
    english = await resident.get(PAGE, headers={"accept-language": "en"})
    assert "How the hall is doing" in english.text
