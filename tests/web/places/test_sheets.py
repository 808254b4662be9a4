"""印码: chosen codes of many communities on one page, on sheets, stickers or cards."""

from __future__ import annotations

import re
from html import unescape
from typing import TYPE_CHECKING

import pytest

from tests.world.clock import NOW
from tests.world.people import sign_in
from tests.world.posts import POST
from web.places import sheets

if TYPE_CHECKING:
    from tests.world.app import Browser

SHEETS = "/staff/codes/sheets"


async def codes(browser: Browser, asked: str = "") -> list[str]:
    """The addresses in the codes of the page, besides that of the page itself."""
    text = (await browser.get(f"{SHEETS}?{asked}")).text
    return [unescape(each) for each in re.findall(r"/code\.svg\?to=([^\"]+)&amp;poster\"", text)]


async def test_who_edits_one_community_sees_its_posters_at_once(own, editing_cast) -> None:
    found = await codes(own)
    posters = (await own.get("/c/liujiazhuang/posters")).text
    assert len(found) == posters.count("&amp;poster")
    assert "/c/liujiazhuang/take" in found
    page = (await own.get(SHEETS)).text
    assert "哪些社区的" not in page
    assert "先别张贴：二维码打开的是 http://lianxin.test" in page


async def test_each_says_who_printed_it_when(own, editing_cast) -> None:
    actor = f"{NOW.year}年{NOW.month}月{NOW.day}日"
    for on in sheets.Cut:
        page = (await own.get(f"{SHEETS}?on={on}")).text
        said = re.findall(rf"{actor} (\S+)印", unescape(page).replace("⁠", ""))
        assert len(said) == page.count("&amp;poster") > 3, on
        assert len(set(said)) == 1


async def test_a_district_prints_what_it_chooses(own, editing_cast) -> None:
    await sign_in(own, editing_cast.admin, NOW)
    assert await codes(own) == []
    one = await codes(own, "place.jian=1&door=1")
    assert len(one) == 12
    assert all(each.startswith("/c/jian/b/") for each in one)
    cards = await codes(own, "place.liujiazhuang=1&place.jian=1&card=1&on=card")
    assert f"/cards/{POST}" in cards
    found = re.findall(r'name="(subdistrict\.[\w-]+)"', (await own.get(SHEETS)).text)
    whole = await codes(own, f"{found[0]}=1&gate=1&on=sticker")
    assert len(whole) >= 6
    assert len({each.split("/")[2] for each in whole}) > 1


async def test_labels_are_cut_by_the_sheet(own, editing_cast) -> None:
    await sign_in(own, editing_cast.admin, NOW)
    page = (await own.get(f"{SHEETS}?place.jian=1&place.liujiazhuang=1&on=sticker")).text
    count = page.count("&amp;poster")
    assert page.count('<ul class="labels') == -(-count // 24)
    assert f"{-(-count // 24)} 张 A4" in page


async def test_more_than_a_browser_can_fetch_are_refused_in_words(
    own, editing_cast, monkeypatch
) -> None:
    monkeypatch.setattr(sheets, "MOST", 20)
    await sign_in(own, editing_cast.admin, NOW)
    page = (await own.get(f"{SHEETS}?place.jian=1&place.liujiazhuang=1")).text
    assert "请少选几个社区" in page
    assert "&amp;poster" not in page
    # What was chosen stays chosen.
    assert 'name="place.jian" value="1" checked' in page


@pytest.mark.parametrize(
    "asked", ["on=paper", "place.=1", "place.nowhere=1", "subdistrict.x=1", "gate", "x=%00&on=%FF"]
)
async def test_made_up_choices_break_nothing(own, editing_cast, asked) -> None:
    assert (await own.get(f"{SHEETS}?{asked}")).status_code == 200


async def test_no_code_of_another_community_is_printed(own, editing_cast) -> None:
    assert all("jian" not in each.split("/") for each in await codes(own, "place.jian=1"))
    await sign_in(own, editing_cast.clerk, NOW)
    assert (await own.get(SHEETS)).status_code == 404
