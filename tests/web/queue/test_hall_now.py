"""大厅现在: a community's home says how many wait in its hall, and how long it takes."""

from __future__ import annotations

from domain.queue.days import close_day, stop_numbers
from domain.staff.actor import COMMAND_LINE
from tests.world.databases import both_databases
from tests.world.forms import take, words_of
from tests.world.halls import HallDay, hall_of

pytestmark = both_databases
CARD = "/f/halls/liujiazhuang"


async def test_the_card_says_how_many_wait_and_how_long_it_takes(own, clock) -> None:
    await HallDay(own.store, await hall_of(own.store), clock).sit()
    assert "0人在等2 分钟以内" in words_of((await own.get(CARD)).text)
    await take(own, "B", item="gaoling-jintie")
    words = words_of((await own.get(CARD)).text)
    assert "1人在等" in words
    assert "分钟" in words


async def test_the_home_that_is_kept_for_all_fetches_the_figures(own) -> None:
    page = (await own.get("/c/liujiazhuang")).text
    card = page.partition('id="hall"')[2].partition("</section>")[0]
    assert f'data-fragment="{CARD}"' in card
    assert "data-load" in card
    assert "is-unread" in card
    assert "data-load" not in (await own.get(CARD)).text


async def test_a_hall_that_stopped_says_so_and_offers_no_number(own, clock) -> None:
    hall = await hall_of(own.store)
    day = (COMMAND_LINE, hall.id, hall.community_id, clock())
    await own.store.write(lambda session: stop_numbers(session, *day))
    page = (await own.get(CARD)).text
    assert "今天不再发号" in page
    assert "hall-take" not in page
    await own.store.write(lambda session: close_day(session, *day))
    page = (await own.get(CARD)).text
    assert "人在等" not in page
    assert "hall-take" not in page
