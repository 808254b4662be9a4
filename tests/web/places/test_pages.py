"""Places: choosing a community, its hall, facilities, people, partners, brand, and its doors."""

from __future__ import annotations

import datetime as dt
import re
from html import unescape
from urllib.parse import parse_qs, urlsplit

import pytest
from pypinyin import lazy_pinyin

from domain.geo import wgs84
from domain.papers import kinds
from domain.papers.paper import Paper
from tests.world.clock import NOW
from tests.world.district import FILES, distance
from tests.world.page_rules import faults_of
from tests.world.papers import OFFICE, publish, read
from tests.world.people import sign_in

FULL = FILES.communities["liujiazhuang"].content


def communities_on(html: str) -> set[str]:
    """The communities that a chooser offers."""
    return set(re.findall(r"<li><a href=\"/c/([a-z-]+)\">", html))


async def test_every_community_can_be_chosen_under_its_subdistrict(resident) -> None:
    page = (await resident.get("/communities?by=subdistrict")).text
    district = FILES.district.content
    assert [each.name for each in district.subdistricts] == re.findall(
        r'<h2 id="s-[a-z-]+">([^<]+)</h2>', page
    )
    count = sum(len(each.communities) for each in district.subdistricts)
    assert len(communities_on(page)) == count
    assert f"{count} 个社区" in page


@pytest.mark.parametrize("language", ["zh-CN", "en"])
async def test_every_community_stands_from_a_to_z_and_each_letter_can_be_gone_to(
    resident, language
) -> None:
    page = (await resident.get("/communities", headers={"accept-language": language})).text
    letters = re.findall(r'<h2 id="letter-(.)">\1</h2>', page)
    assert letters == sorted(set(letters))
    assert re.findall(r'<a href="#letter-(.)">\1</a>', page) == letters
    names = re.findall(r'<li><a href="/c/[a-z-]+"><span><span[^>]*>([^<]+)</span>', page)
    sounds = [lazy_pinyin(name) for name in names]
    assert sounds == sorted(sounds)
    assert {sound[0][0].upper() for sound in sounds} == set(letters)
    assert len(names) == sum(len(each.communities) for each in FILES.district.content.subdistricts)
    assert "/communities?by=subdistrict" in page
    assert ("Liujiazhuang" in page) == (language == "en")


@pytest.mark.parametrize(
    ("typed", "found"),
    [
        ("刘家庄", {"liujiazhuang"}),
        ("liujia", {"liujiazhuang"}),
        (" Jian ", {"jian"}),
        ("堤口路", {"liujiazhuang", "wuyingshan-zhonglu", "dikouzhuang"}),
        ("济 安", {"jian"}),
    ],
)
async def test_a_community_is_found_by_what_people_type(resident, typed, found) -> None:
    page = (await resident.get("/communities", params={"q": typed})).text
    assert communities_on(page) == found


async def test_no_community_of_that_name_leads_to_the_hotline_and_back_to_all(resident) -> None:
    page = (await resident.get("/communities", params={"q": "火星"})).text
    assert "没有叫这个名字的社区" in page
    assert f"tel:{FILES.district.content.hotline}" in page
    assert 'href="/communities">全部显示' in page
    assert 'value="火星"' in page


async def test_what_is_typed_for_a_community_is_never_code(resident) -> None:
    typed = '"><script>alert(1)</script>'
    page = (await resident.get("/communities", params={"q": typed})).text
    assert "<script>alert" not in page


@pytest.mark.parametrize("typed", ["\x00", "刘\x01家庄", "\x7f", "\ufffe"])
async def test_control_characters_typed_for_a_community_do_not_break_the_page(
    resident, typed
) -> None:
    response = await resident.get("/communities", params={"q": typed})
    assert response.status_code == 200


async def test_an_overlong_name_is_cut_and_answered(resident) -> None:
    response = await resident.get("/communities", params={"q": "刘" * 5000})
    assert response.status_code == 200
    assert len(response.text) < 8000


async def test_the_hall_shows_the_coming_week_with_its_days_off(own, clock) -> None:
    clock.now = dt.datetime(2026, 9, 30, 9, 0, tzinfo=NOW.tzinfo)
    page = (await own.get("/c/yikang/hall")).text
    week = re.findall(r'<th scope="row">(.*?)</th><td>(.*?)</td>', page)
    assert len(week) == 7
    morning, afternoon, holiday = (
        f'<span class="whole">{each}</span>' for each in ("8:30–12:00", "13:30–17:00", "9:30–11:00")
    )
    assert week[0] == ("9月30日星期三", f"<span>{morning}、{afternoon}</span>")
    assert week[1] == ('10月1日星期四<span class="soft">放假</span>', holiday)


async def test_a_hall_that_rests_on_a_day_says_so(resident) -> None:
    page = (await resident.get("/c/liujiazhuang/hall")).text
    row = '<tr data-day="2026-11-28" class="rests"><th scope="row">11月28日星期六</th><td>休息</td>'
    assert row in page


async def test_the_hall_page_does_not_outlive_closing_time(own, clock) -> None:
    assert "开放中" in (await own.get("/c/jian/hall")).text
    clock.now = NOW.replace(hour=12)
    assert "休息中" in (await own.get("/c/jian/hall")).text


async def test_the_hall_says_which_counter_serves_what(resident) -> None:
    page = (await resident.get("/c/liujiazhuang/hall")).text
    for counter in FULL.hall.counters:
        assert f"{counter.number} 号窗口</b>" in page or f"{counter.number} 号窗口 · " in page
        assert counter.name in page
    assert "社会救助、养老服务、残疾人服务" in page


async def test_the_way_to_the_hall_opens_in_the_phones_own_map_at_the_right_place(resident) -> None:
    """Maps sold in China are shifted by up to 500 m; the phone's receiver is not."""
    page = (await resident.get("/c/liujiazhuang/hall")).text
    found = re.search(r'href="geo:([0-9.]+),([0-9.]+)\?q=', page)
    assert found
    latitude, longitude = map(float, found.groups())
    assert FULL.hall.position
    assert (latitude, longitude) == pytest.approx(wgs84(FULL.hall.position), abs=1e-6)
    drawn = FULL.hall.position
    assert distance((latitude, longitude), (drawn.latitude, drawn.longitude)) > 300


async def test_facilities_stand_by_kind_and_carry_the_number_they_have_on_the_map(resident) -> None:
    page = (await resident.get("/c/liujiazhuang/facilities")).text
    marks = [int(number) for number in re.findall(r'<text class="number"[^>]*>(\d+)<', page)]
    entries = re.findall(
        r'<li id="([a-z-]+)" class="facility".*?class="number"[^>]*>(\d+)<', page, re.DOTALL
    )
    assert marks == list(range(1, len(FULL.facilities) + 1))
    assert [int(number) for _, number in entries] == marks
    assert {slug for slug, _ in entries} == {each.slug for each in FULL.facilities}


async def test_a_facility_says_where_it_is_when_it_is_open_and_how_one_gets_in(resident) -> None:
    page = (await resident.get("/c/liujiazhuang/facilities")).text
    for each in FULL.facilities:
        entry = page.partition(f'<li id="{each.slug}"')[2].partition("</li>")[0]
        assert each.address in entry
        assert each.hours in entry
        assert any(words in entry for words in ("轮椅可以直接进", "部分无障碍", "有台阶"))


async def test_marks_on_the_map_lie_within_it_and_can_be_touched_apart(resident) -> None:
    page = (await resident.get("/c/liujiazhuang/facilities")).text
    marks = [
        (float(x), float(y))
        for x, y in re.findall(r'<circle cx="([0-9.-]+)" cy="([0-9.-]+)"', page)
    ]
    assert len(marks) == len(FULL.facilities)
    for n, (x, y) in enumerate(marks):
        assert 0 <= x <= 360
        assert 0 <= y <= 250
        for other_x, other_y in marks[:n]:
            assert (x - other_x) ** 2 + (y - other_y) ** 2 >= 20**2


async def test_a_position_far_away_by_a_slip_leaves_the_pages_as_they_are(own, cast) -> None:
    paper = Paper(kinds.FACILITIES, "liujiazhuang")
    document = await read(own.store, paper)
    first, *others = document.facilities
    far = first.position.model_copy(update={"latitude": first.position.latitude - 20})
    moved = (first.model_copy(update={"position": far}), *others)
    await publish(own.store, paper, document.model_copy(update={"facilities": moved}))
    for path in ("facilities", "messages/new"):
        assert (await own.get(f"/c/liujiazhuang/{path}")).status_code == 200
    await sign_in(own, cast.editor, NOW)
    assert (await own.get(f"{OFFICE}/facilities")).status_code == 200


async def test_people_can_be_called_at_their_desk_and_say_who_stands_in(resident) -> None:
    page = (await resident.get("/c/liujiazhuang/people")).text
    for person in FULL.people:
        assert f"tel:{person.phone}" in page
        assert f"不在时找{person.deputy}" in page
        assert person.answers_for in page
    assert FULL.first_secretary is not None
    assert FULL.first_secretary.about in page


async def test_partners_say_who_answers_for_what(resident) -> None:
    page = (await resident.get("/c/liujiazhuang/partners")).text
    for partner in FULL.partners:
        assert partner.name in page
        assert partner.answers_for in page


async def test_the_brand_page_tells_the_whole_story_under_its_name(resident) -> None:
    page = (await resident.get("/c/liujiazhuang/brand")).text
    assert FULL.brand is not None
    assert f"<h1>{FULL.brand.name}</h1>" in page
    assert all(f"<p>{paragraph}</p>" in page for paragraph in FULL.brand.story)


@pytest.mark.parametrize("room", ["facilities", "people", "partners", "brand"])
async def test_a_room_nobody_has_written_yet_says_so_and_whom_to_call(resident, room) -> None:
    response = await resident.get(f"/c/houhuangtun/{room}")
    assert response.status_code == 200
    assert "这个社区还没有写好这一页" in response.text
    assert 'href="tel:0531-00005107"' in response.text
    assert 'href="/c/houhuangtun/handbook">服务手册' in response.text


@pytest.mark.parametrize("room", ["", "/hall", "/facilities", "/people", "/partners", "/brand"])
@pytest.mark.parametrize("community", ["jian", "yikang", "houhuangtun"])
async def test_every_room_of_a_community_keeps_the_house_rules_in_english(
    resident, community, room
) -> None:
    resident.cookies.set("lianxin", "lang:en")
    page = (await resident.get(f"/c/{community}{room}")).text
    assert list(faults_of(page)) == []
    assert '<html lang="en"' in page


async def test_a_position_on_a_phone_is_where_the_facility_is(resident) -> None:
    page = (await resident.get("/c/liujiazhuang/facilities")).text
    for each in FULL.facilities:
        entry = page.partition(f'<li id="{each.slug}"')[2].partition(">")[0]
        found = re.search(r'data-latitude="([0-9.]+)" data-longitude="([0-9.]+)"', entry)
        assert found
        latitude, longitude = wgs84(each.position)
        assert float(found.group(1)) == pytest.approx(latitude, abs=1e-6)
        assert float(found.group(2)) == pytest.approx(longitude, abs=1e-6)


def map_links(page: str) -> dict[str, str]:
    """The links of the first place on a page to maps, by the names of the maps."""
    part = page.partition('<details class="maps">')[2].partition("</details>")[0]
    found = re.findall(r'<a class="link" href="([^"]+)" rel="noreferrer">([^<]+)</a>', part)
    return {name: unescape(address) for address, name in found}


@pytest.mark.parametrize("page", ["hall", "facilities"])
async def test_each_link_to_a_map_names_the_datum_of_its_position(resident, page) -> None:
    answer = (await resident.get(f"/c/liujiazhuang/{page}")).text
    links = map_links(answer)
    assert [*links] == ["高德地图", "百度地图", "腾讯地图", "苹果地图", "其他地图"]
    asked = {name: parse_qs(urlsplit(link).query) for name, link in links.items()}
    assert asked["高德地图"]["coordinate"] == ["wgs84"]
    assert asked["百度地图"]["coord_type"] == ["wgs84"]
    assert asked["腾讯地图"]["coord_type"] == ["1"]
    longitude, latitude = map(float, asked["高德地图"]["position"][0].split(","))
    assert 36 < latitude < 37
    assert 116 < longitude < 118
    assert asked["百度地图"]["location"] == [f"{latitude:.6f},{longitude:.6f}"]
    assert asked["腾讯地图"]["marker"][0].startswith(f"coord:{latitude:.6f},{longitude:.6f};title:")
    # Apple documents no datum in China, so it gets no position.
    assert asked["苹果地图"]["address"][0].startswith("济南市")
    assert not re.search(r"\d\.\d{4}", links["苹果地图"])
    assert links["其他地图"].startswith(f"geo:{latitude:.6f},{longitude:.6f}?")
