"""印出去的码: the office sees every printed code, where it points now, and since when."""

from __future__ import annotations

import re
from html import unescape
from typing import TYPE_CHECKING

from domain.contacts.posts import post_at
from domain.disclosures.tables import Disclosure
from domain.papers import kinds, versions
from domain.papers.paper import Paper
from domain.places.compounds import CompoundsContent
from domain.places.content import EndedPlace
from domain.staff.actor import COMMAND_LINE
from tests.world.clock import NOW
from tests.world.databases import both_databases
from tests.world.people import sign_in
from tests.world.posts import POST

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncSession

    from tests.world.app import Browser

HOME = "/c/liujiazhuang"
CODES = "/staff/c/liujiazhuang/codes"


async def rows(browser: Browser, page: str = CODES) -> dict[str, str]:
    """What each code of the page says in words, by the address in it."""
    text = (await browser.get(page)).text
    found = re.findall(r'<a class="row" href="([^"]+)">(.*?)</a>', text, re.DOTALL)
    return {
        path: " ".join(unescape(re.sub(r"<[^>]+>|⁠|&#\d+;", " ", words)).split())
        for path, words in found
    }


async def change_places(browser: Browser) -> None:
    """End building 3 in favour of 4, and add one."""

    async def unit(session: AsyncSession) -> None:
        paper = Paper(kinds.COMPOUNDS, "liujiazhuang")
        now = CompoundsContent.model_validate(await paper.read(session)).model_dump()
        now["compounds"][0]["buildings"] += ({"slug": "xinju-6", "name": "6 号楼"},)
        ended = EndedPlace(
            what="buildings/3", successor="buildings/4", day=NOW.date(), reason="拆除"
        )
        new = CompoundsContent.model_validate({**now, "ended_places": (ended,)})
        await versions.publish(session, COMMAND_LINE, paper, new, 1, "拆除", NOW)

    await browser.store.write(unit)


@both_databases
async def test_every_code_of_the_posters_and_the_cards_is_listed(own, editing_cast) -> None:
    found = await rows(own)
    for page in (f"{HOME}/posters", "/staff/c/liujiazhuang/cards"):
        printed = re.findall(r"/code\.svg\?to=([^&\"]+)", (await own.get(page)).text)
        # The code of the page itself stands at its foot.
        assert {unescape(each) for each in printed} - {page} <= found.keys(), page
    assert f"/cards/{POST}" in found


async def test_a_listed_code_opens_a_page(own, editing_cast) -> None:
    await change_places(own)
    for path in await rows(own):
        answer = await own.get(path, follow_redirects=True)
        assert answer.status_code == 200, path


@both_databases
async def test_an_ended_door_says_where_it_leads_and_since_when(own, editing_cast) -> None:
    before = await rows(own)
    assert "停用" not in before[f"{HOME}/b/3"]
    await change_places(own)
    found = await rows(own)
    assert "社区首页，并说明现在是“刘家庄新居 4 号楼”" in found[f"{HOME}/b/3"]
    assert f"{NOW.year}年{NOW.month}月{NOW.day}日停用" in found[f"{HOME}/b/3"]
    assert f"{NOW.year}年{NOW.month}月{NOW.day}日起" in found[f"{HOME}/b/xinju-6"]
    assert "日起" not in found[f"{HOME}/b/4"]


async def test_what_ended_is_listed_with_what_it_opens_now(own, editing_cast) -> None:
    async def unit(session: AsyncSession) -> None:
        row = await session.get_one(Disclosure, 4)
        row.state, row.withdrawn_at = type(row.state)("withdrawn"), NOW
        post = await post_at(session, POST)
        assert post
        post.ended_at = NOW

    await own.store.write(unit)
    found = await rows(own)
    assert "原来的页面，写着为什么撤下" in found[f"{HOME}/disclosures/4"]
    assert "停用" in found[f"{HOME}/disclosures/4"]
    assert "公开栏上的公开" in found[f"{HOME}/disclosures"]
    assert "岗位的卡片，写着现在该找谁" in found[f"/cards/{POST}"]


async def test_the_district_counts_doors_community_by_community(own, editing_cast) -> None:
    await change_places(own)
    own_community = await rows(own, "/staff/codes")
    assert list(own_community) == [CODES]
    assert own_community[CODES] == "刘家庄社区 11 个门码 停用 1 个"
    await sign_in(own, editing_cast.admin, NOW)
    every = await rows(own, "/staff/codes")
    assert len(every) > 30
    assert every["/staff/c/jian/codes"] == "济安社区 12 个门码"


async def test_without_a_public_address_the_page_warns_in_plain_words(own, editing_cast) -> None:
    for page in (CODES, "/staff/codes", f"{HOME}/posters"):
        assert "先别张贴：二维码打开的是 http://lianxin.test" in (await own.get(page)).text, page


async def test_the_office_finds_codes_and_posters_from_its_own_pages(own, editing_cast) -> None:
    desk = (await own.get("/staff/c/liujiazhuang")).text
    assert f'href="{CODES}"' in desk
    assert f'href="{HOME}/posters"' in desk
    assert f'href="{HOME}/posters"' in (await own.get(CODES)).text
    await sign_in(own, editing_cast.admin, NOW)
    assert 'href="/staff/codes"' in (await own.get("/staff/communities")).text


async def test_an_outsider_sees_no_codes(own, editing_cast) -> None:
    assert (await own.get("/staff/c/jian/codes")).status_code == 404
    await sign_in(own, editing_cast.clerk, NOW)
    assert (await own.get(CODES)).status_code == 404
