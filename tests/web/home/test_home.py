"""The front door and a community's home."""

from __future__ import annotations

import datetime as dt

from tests.world.clock import NOW


async def test_the_front_door_asks_which_community_on_the_first_visit(resident):
    response = await resident.get("/")
    assert (response.status_code, response.headers["location"]) == (303, "/communities")


async def test_the_front_door_leads_home_when_the_phone_remembers_it(resident):
    await resident.get("/c/yikang")
    assert (await resident.get("/")).headers["location"] == "/c/yikang"
    assert (await resident.get("/handbook")).headers["location"] == "/c/yikang/handbook"


async def test_home_says_until_when_the_hall_is_open(resident):
    page = (await resident.get("/c/liujiazhuang")).text
    assert "服务大厅 营业中" in page
    assert "到 17:00" in page


async def test_home_says_when_a_closed_hall_opens_next(own, clock):
    clock.now = NOW.replace(hour=18)
    assert "11月24日星期二 8:30 开门" in (await own.get("/c/liujiazhuang")).text


async def test_a_make_up_working_saturday_is_a_working_day(own, clock):
    clock.now = dt.datetime(2026, 10, 10, 9, 0, tzinfo=NOW.tzinfo)
    page = (await own.get("/c/liujiazhuang")).text
    assert "营业中" in page
    assert "调休上班" in page


async def test_a_kept_home_is_not_true_any_more_after_closing_time(own, clock):
    assert "营业中" in (await own.get("/c/liujiazhuang")).text
    clock.now = NOW.replace(hour=17, minute=0)
    assert "休息中" in (await own.get("/c/liujiazhuang")).text
