"""The front door and a community's home."""

from __future__ import annotations

import datetime as dt
import re
from pathlib import Path

import pytest

from tests.world.clock import NOW
from web.features import FEATURES

TEMPLATE = Path(__file__).parents[3] / "templates" / "home" / "show.html"


async def test_the_front_door_asks_which_community_on_the_first_visit(resident):
    response = await resident.get("/")
    assert (response.status_code, response.headers["location"]) == (303, "/communities")


async def test_the_front_door_leads_home_when_the_phone_remembers_it(resident):
    await resident.get("/c/yikang")
    assert (await resident.get("/")).headers["location"] == "/c/yikang"
    assert (await resident.get("/handbook")).headers["location"] == "/c/yikang/handbook"


async def test_home_says_when_the_hall_is_open_today(resident):
    page = (await resident.get("/c/liujiazhuang")).text
    assert "服务大厅 开放中" in page
    assert '今天 <span class="whole">8:30–17:00</span>' in page


@pytest.mark.parametrize("path", ["", "/hall", "/people", "/handbook/gaoling-jintie"])
async def test_a_title_names_the_community_once(resident, path):
    page = (await resident.get(f"/c/liujiazhuang{path}")).text
    title = page.partition("<title>")[2].partition("</title>")[0]
    assert title.count("刘家庄社区") == 1
    assert " · " in title


async def test_home_says_when_a_closed_hall_opens_next(own, clock):
    clock.now = NOW.replace(hour=18)
    assert "11月24日星期二 8:30 开门" in (await own.get("/c/liujiazhuang")).text


async def test_a_make_up_working_saturday_is_a_working_day(own, clock):
    clock.now = dt.datetime(2026, 10, 10, 9, 0, tzinfo=NOW.tzinfo)
    page = (await own.get("/c/liujiazhuang")).text
    assert "开放中" in page
    assert "调休上班" in page


async def test_a_kept_home_is_not_true_any_more_after_closing_time(own, clock):
    assert "开放中" in (await own.get("/c/liujiazhuang")).text
    clock.now = NOW.replace(hour=17, minute=0)
    assert "休息中" in (await own.get("/c/liujiazhuang")).text


def around(page: str) -> list[str]:
    """The addresses of the rows of "Around you", from top to bottom."""
    return re.findall(r'<a class="row" href="([^"]+)"', page.partition('id="around"')[2])


async def test_around_you_are_the_rows_of_the_features_in_their_order(resident):
    here = "/c/liujiazhuang"
    below = ("hall", "facilities", "partners")
    rows = [
        *(f"{here}/{noun}" for noun in below),
        "/working-days",
        f"{here}/promises",
        f"{here}/days",
        f"{here}/posters",
    ]
    page = (await resident.get(here)).text
    assert around(page) == rows
    community = await (await resident.services.published()).community("liujiazhuang")
    named = {row.address for feature in FEATURES for row in feature.on_community_home(community)}
    assert set(rows) == named
    assert f"{len(community.facilities)} 处，有地图" in page


async def test_what_a_community_does_not_have_is_not_around_you(resident):
    here = "/c/houhuangtun"
    assert around((await resident.get(here)).text) == [
        f"{here}/hall",
        "/working-days",
        f"{here}/promises",
        f"{here}/days",
        f"{here}/posters",
    ]


def test_the_home_names_no_row_of_a_feature_itself():
    assert around(TEMPLATE.read_text(encoding="utf-8")) == ["{{ row.address }}"]
