"""各大厅实时情况: which hall is open, how many wait there, and how long it takes."""

from __future__ import annotations

import asyncio
import re

import pytest
from sqlalchemy import select

from domain.places.tables import Compound
from domain.queue.days import close_day, stop_numbers
from domain.staff.actor import COMMAND_LINE
from tests.world.databases import both_databases
from tests.world.forms import take, words_of
from tests.world.halls import HallDay, hall_of, shut_all_day
from tests.world.statements import statements_of

pytestmark = both_databases


def rows(html: str) -> dict[str, str]:
    """The words of each hall by its address."""
    links = re.findall(r'<a class="row" href="([^"]+)">(.*?)</a>', html, re.DOTALL)
    return {address: words_of(inner) for address, inner in links}


async def staffed(browser) -> None:
    """A clerk at the first counter: without one no wait is promised."""
    await HallDay(browser.store, await hall_of(browser.store), browser.services.now).sit()


async def look(browser, **query: str) -> dict[str, str]:
    response = await browser.get("/halls", params=query)
    assert response.status_code == 200
    return rows(response.text)


async def test_every_hall_of_the_district_is_there_and_leads_to_taking_a_number(resident) -> None:
    page = (await resident.get("/halls")).text
    found = rows(page)
    assert len(found) == len((await resident.services.published()).names)
    assert "没人在等" in found["/c/liujiazhuang/take"]
    # Waits of so many halls come with a part for each subdistrict.
    assert "分钟" not in found["/c/liujiazhuang/take"]
    assert 'data-fragment="/f/halls?category=&amp;in=dikoulu&amp;q="' in page


async def test_a_few_halls_show_at_once_how_long_it_takes(own) -> None:
    await staffed(own)
    await take(own)
    hall = (await look(own, q="刘家庄"))["/c/liujiazhuang/take"]
    assert "1 人在等" in hall
    assert "分钟" in hall


async def test_the_part_of_a_subdistrict_has_the_waits(own) -> None:
    await staffed(own)
    await take(own)
    part = await own.get("/f/halls", params={"in": "dikoulu", "category": "B"})
    hall = rows(part.text)["/c/liujiazhuang/take?category=B"]
    assert "1 人在等" in hall
    assert "分钟" in hall
    assert "data-load" not in part.text


@pytest.mark.parametrize("wanted", ["", "nowhere", "x" * 3000, "💥"])
async def test_a_subdistrict_that_is_not_there_is_not_found(resident, wanted) -> None:
    assert (await resident.get("/f/halls", params={"in": wanted})).status_code == 404


async def test_only_those_who_wait_for_the_category_are_counted(own) -> None:
    await take(own)
    assert (
        "1 人在等" in (await look(own, q="刘家庄", category="B"))["/c/liujiazhuang/take?category=B"]
    )
    assert (
        "没人等办这项"
        in (await look(own, q="刘家庄", category="A"))["/c/liujiazhuang/take?category=A"]
    )


async def test_a_hall_is_found_by_a_compound_that_is_named_beside_it(resident) -> None:
    async with resident.store.read() as session:
        name = await session.scalar(select(Compound.name).order_by(Compound.id))
    found = await look(resident, q=name)
    assert any(name in hall for hall in found.values())


async def test_a_closed_hall_says_when_it_opens_and_gives_no_numbers(own) -> None:
    await shut_all_day(own.store)
    assert "休息中" in (await look(own, q="刘家庄"))["/c/liujiazhuang/hall"]
    assert await look(own, open="1") == {}


async def test_a_day_that_staff_ended_gives_no_numbers(own, clock) -> None:
    await take(own)
    hall = await hall_of(own.store)
    await own.store.write(
        lambda session: close_day(session, COMMAND_LINE, hall.id, hall.community_id, clock())
    )
    assert "今天不再发号" in (await look(own, q="刘家庄"))["/c/liujiazhuang/hall"]


async def test_a_hall_that_gives_no_new_numbers_says_so(own, clock) -> None:
    await take(own)
    hall = await hall_of(own.store)
    await own.store.write(
        lambda session: stop_numbers(session, COMMAND_LINE, hall.id, hall.community_id, clock())
    )
    assert "今天不再发号" in (await look(own, q="刘家庄"))["/c/liujiazhuang/hall"]


async def test_the_own_community_stands_first(resident) -> None:
    await resident.post("/preferences", data={"community": "jian", "next": "/"})
    address, hall = next(iter((await look(resident)).items()))
    assert address.startswith("/c/jian/")
    assert "您的社区" in hall


async def test_no_words_and_no_categories_are_too_odd(resident) -> None:
    for query in ({"q": "刘" * 5000}, {"category": "💥"}, {"category": "AB"}, {"q": "\x00\u202e"}):
        assert (await resident.get("/halls", params=query)).status_code == 200
    page = (await resident.get("/halls", params={"q": "火星"})).text
    assert "没有找到这样的大厅" in page


async def test_the_list_costs_as_many_statements_with_people_as_without(own) -> None:
    await own.get("/halls")
    with statements_of(own.store._engine.sync_engine, asyncio.current_task()) as before:
        await own.get("/halls")
    for letter in "AB":
        await HallDay(own.store, await hall_of(own.store)).take(letter)
    with statements_of(own.store._engine.sync_engine, asyncio.current_task()) as after:
        await own.get("/halls")
    assert len(after) == len(before)


async def test_halls_with_steps_or_of_which_nobody_has_said_are_left_out_and_counted(
    resident,
) -> None:
    """The sample has a hall upstairs without a lift, and one of which nobody has said."""
    page = (await resident.get("/halls", params={"stepfree": "1"})).text
    published = await resident.services.published()
    every = {each.name: each.hall.access.value for each in published.communities}
    assert {"yes", "partly", "no", "unknown"} == set(every.values())
    for name, access in every.items():
        assert (f"<b>{name}" in page) == (access in {"yes", "partly"})
    assert f"另有 {list(every.values()).count('unknown')} 个大厅有没有台阶还不清楚" in page


async def test_the_nearest_halls_come_first_from_the_persons_own_home(resident) -> None:
    cookie = {"cookie": "lianxin=community:jian|building:bei-1"}
    page = (await resident.get("/halls", params={"from": "home"}, headers=cookie)).text
    halls = list(rows(page))
    assert halls[0].startswith("/c/jian/")
    assert len(halls) == 12
    assert "从济安新苑北区算起" in page
    assert "约 " in rows(page)[halls[0]]


async def test_without_a_home_nearest_asks_for_the_community(resident) -> None:
    page = (await resident.get("/halls", params={"from": "home"})).text
    assert 'href="/communities">选我的社区' in page
    assert len(rows(page)) > 12
