"""小区和楼栋 at the office: added, renamed, moved and ended, while printed codes keep working."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote

import pytest
from sqlalchemy import select

from domain.contacts.tables import Conversation
from domain.papers import kinds
from domain.papers.paper import Paper
from domain.places.compounds import RESERVED
from tests.world.clock import NOW
from tests.world.databases import both_databases
from tests.world.forms import posted
from tests.world.papers import form_of, publish_form, refusal, review, row
from tests.world.people import sign_in
from web.places import narrowing
from web.places.compounds_paper import COMPOUNDS_PAPER
from web.site.device_key import FormKey

if TYPE_CHECKING:
    from tests.world.app import Browser

HOME = "/c/liujiazhuang"
DESK = "/staff/c/liujiazhuang/compounds"
POSTS = "/staff/c/liujiazhuang/posts"
THREE = {"what": "buildings/3", "day": "2026-11-20", "reason": "拆除重建"}


async def scanned(browser: Browser, building: str) -> str:
    """The page that a code on a door opens."""
    response = await browser.get(f"{HOME}/b/{building}")
    assert response.status_code == 303
    return (await browser.get(response.headers["location"])).text


def remembered(browser: Browser) -> str:
    """What the browser's cookie remembers."""
    return unquote(browser.cookies.get("lianxin") or "")


@both_databases
async def test_a_new_building_has_a_code_made_of_its_compound_and_number(own, editing_cast) -> None:
    form = await form_of(own, DESK) | row("compounds.0.buildings.9", slug="", name="6 号楼")
    page = await publish_form(own, DESK, form)
    assert "新楼栋要贴门码海报。发布以后请打印：刘家庄新居 6 号楼。" in page
    assert f"{HOME}/b/xinju-6" in (await own.get(f"{HOME}/posters")).text
    await scanned(own, "xinju-6")
    assert "building:xinju-6" in remembered(own)
    assert "刘家庄新居 6 号楼" in (await own.get("/f/here")).text
    # A building without a contact of its own is named where contacts are written.
    assert "没有联系人的楼：6 号楼" in (await own.get(POSTS)).text


async def test_a_new_compound_gets_a_name_in_addresses_that_is_free(own, editing_cast) -> None:
    # As pasted from a map: it says itself from which coordinates.
    pasted = "https://uri.amap.com/marker?position=116.95,36.68"
    place = {"position.latitude": pasted, "position.longitude": "", "position.datum": ""}
    new = row("compounds.n1", slug="", name="Hall", address="堤口路 1 号", **place)
    new |= row("compounds.n1.buildings.n2", slug="", name="甲座")
    await publish_form(own, DESK, await form_of(own, DESK) | new)
    page = (await own.get(f"{HOME}/facilities?from=hall-2")).text
    assert "Hall" in page
    assert f"{HOME}/b/hall-2-jia-zuo" in (await own.get(f"{HOME}/posters")).text


def test_words_of_addresses_are_no_compound() -> None:
    assert {narrowing.HOME, narrowing.HALL, narrowing.HERE} == RESERVED


@both_databases
async def test_an_old_door_opens_the_page_of_the_successor_and_says_so(own, editing_cast) -> None:
    await own.get(f"{HOME}/b/3")
    ended = row("ended_places.0", **THREE, successor="buildings/4")
    page = await publish_form(own, DESK, await form_of(own, DESK) | ended)
    assert "“刘家庄新居 3 号楼”停用。门上的码以后通向“刘家庄新居 4 号楼”。" in page
    assert "联系岗位“新居 3 至 5 号楼联系党员”不再负责：刘家庄新居 3 号楼。" in page
    home = await scanned(own, "3")
    assert "刘家庄新居 3 号楼已停用。这个码现在通向刘家庄新居 4 号楼。" in home
    assert "拆除重建" in home
    assert "building:4" in remembered(own)
    assert "已停用" not in (await own.get(HOME)).text
    for below in ("posters", "messages/new", "contacts", "brand"):
        shown = (await own.get(f"{HOME}/{below}")).text
        assert "新居 3 号楼" not in shown, below
    assert f"{HOME}/b/3<" not in (await own.get(f"{HOME}/posters")).text


async def test_a_phone_that_remembers_an_ended_building_is_at_home_in_the_next(
    own, editing_cast
) -> None:
    await own.get(f"{HOME}/b/3")
    before = remembered(own)
    await publish_form(
        own,
        DESK,
        await form_of(own, DESK) | row("ended_places.0", **THREE, successor="buildings/1"),
    )
    assert "building:3" in before
    assert "刘家庄新居 1 号楼" in (await own.get("/f/here")).text
    write = (await own.get(f"{HOME}/messages/new")).text
    assert re.search(r'value="1"\s+selected', write)
    contacts = (await own.get(f"{HOME}/contacts")).text
    assert 'data-buildings="1 2 3"' in contacts
    assert "&#34;3&#34;: &#34;1 号楼&#34;" in contacts
    assert 'data-buildings="1 2 4 5 3"' in (await own.get(f"{HOME}/facilities?from=hall")).text
    assert "刘家庄新居" in (await own.get(f"{HOME}/facilities?from=home")).text


async def test_without_a_successor_an_old_door_opens_the_community(own, editing_cast) -> None:
    page = await publish_form(own, DESK, await form_of(own, DESK) | row("ended_places.0", **THREE))
    assert "门上的码以后打开社区首页，并说明已停用。" in page
    assert "刘家庄新居 3 号楼已停用。这里是社区的首页。" in await scanned(own, "3")
    assert (await own.get(f"{HOME}/b/99")).status_code == 404
    assert "已停用" not in (await own.get(f"{HOME}?door=99")).text
    assert "已停用" not in (await own.get(f"{HOME}?door=4")).text


async def test_a_message_about_an_ended_building_is_about_the_next(own, editing_cast) -> None:
    await publish_form(
        own,
        DESK,
        await form_of(own, DESK) | row("ended_places.0", **THREE, successor="buildings/1"),
    )
    sent = {"request": FormKey.new().key, "words": "楼道灯坏了", "building": "3"}
    assert (await own.post(f"{HOME}/messages", data=sent)).status_code == 303
    async with own.store.read() as session:
        conversation = (await session.scalars(select(Conversation))).one()
    assert conversation.building == "1"


async def test_contact_posts_are_written_as_before_once_a_building_ended(own, editing_cast) -> None:
    await publish_form(
        own,
        DESK,
        await form_of(own, DESK) | row("ended_places.0", **THREE, successor="buildings/4"),
    )
    form = await form_of(own, POSTS)
    assert form["posts.1.buildings"] == ["4", "5"]
    changed = form | {"posts.1.name": "新居 4、5 号楼联系党员"}
    response = await own.post(f"{POSTS}/draft", data={**changed, "do": "review"})
    assert response.headers["location"] == f"{POSTS}/publication"
    await own.post(f"{POSTS}/publication", data={"reason": "3 号楼停用"})
    async with own.store.read() as session:
        document: Any = await Paper(kinds.POSTS, "liujiazhuang").read(session)
    assert document.posts[1].buildings == ("4", "5")


async def test_a_building_moves_and_its_door_stays(own, editing_cast) -> None:
    move = row("moves.0", what="buildings/bei-1", to="compounds/xinju")
    page = await publish_form(own, DESK, await form_of(own, DESK) | move)
    assert "“堤口北院 1 号楼”归到“刘家庄新居”，门上的码不变。" in page
    form = await form_of(own, DESK)
    assert form["compounds.0.buildings.5.slug"] == ["bei-1"]
    assert not any(name.startswith("moves.0") for name in form)
    assert f"{HOME}/b/bei-1" in (await own.get(f"{HOME}/posters")).text
    versions = (await own.get(f"{DESK}/versions/2")).text
    assert "北院 1 号楼" in versions


async def test_what_was_published_has_no_button_to_remove_it(own, editing_cast) -> None:
    page = (await own.get(DESK)).text
    assert 'value="remove compounds.0"' not in page
    assert 'value="remove compounds.0.buildings.0"' not in page
    new = await form_of(own, DESK) | row("compounds.0.buildings.9", slug="", name="6 号楼")
    await own.post(f"{DESK}/draft", data={**new, "do": "save"})
    assert 'value="remove compounds.0.buildings.5"' in (await own.get(DESK)).text


async def test_a_form_without_a_published_building_is_refused_and_kept(own, editing_cast) -> None:
    form = await form_of(own, DESK)
    left = {name: value for name, value in form.items() if "compounds.0.buildings.2" not in name}
    new = row("compounds.0.buildings.9", slug="", name="6 号楼")
    page = await refusal(own, DESK, left | new)
    assert "“刘家庄新居 3 号楼”的码可能已经印在纸上，不能删掉" in page
    assert 'value="6 号楼"' in page


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        (row("compounds.0.buildings.9", slug="", name="  "), "请填写这一项"),
        (row("compounds.0.buildings.9", slug="", name="甲" * 81), "最多 80 个字"),
        (row("compounds.0.buildings.9", slug="", name="3 号楼"), "有两个都叫“3 号楼”"),
        (row("compounds.0.buildings.9", slug="3", name="新楼"), "网址用名 3 重复了"),
        (row("ended_places.0", **THREE, successor="buildings/3"), "不能由它自己接替"),
        (row("ended_places.0", **THREE, successor="buildings/dong"), "上面没有这个地方"),
        (row("ended_places.0", **THREE, successor="../../x"), "请选择"),
        (row("ended_places.0", **{**THREE, "day": "明天"}), "请填日期"),
        (row("ended_places.0", **{**THREE, "reason": ""}), "请填写这一项"),
        (
            row("ended_places.0", **{**THREE, "what": "compounds/xinju"}),
            "请先到“联系岗位”里给它换一栋楼",
        ),
        (row("compounds.9", slug="hall", name="一"), "请填写这一项"),
    ],
)
async def test_what_is_wrong_is_said_and_nothing_typed_is_lost(
    own, editing_cast, typed, said
) -> None:
    page = await refusal(own, DESK, await form_of(own, DESK) | typed)
    assert said in page
    shown = {name: values[0] for name, values in posted(page, "paper").items()}
    kept = [value.strip() for value in typed.values() if value.strip()]
    assert all(
        value in shown.values() for value in kept if not value.startswith(("..", "buildings/dong"))
    )


async def test_a_name_of_eighty_characters_is_right(own, editing_cast) -> None:
    form = await form_of(own, DESK) | {"compounds.0.buildings.0.name": "甲" * 80}
    await publish_form(own, DESK, form)
    assert "甲" * 80 in (await own.get(f"{HOME}/posters")).text


async def test_three_hundred_buildings_are_published_at_once(own, editing_cast) -> None:
    many: dict[str, str] = {}
    for n in range(300):
        many |= row(f"compounds.0.buildings.n{n}", slug="", name=f"{n + 10} 号楼")
    await publish_form(own, DESK, await form_of(own, DESK) | many)
    assert f"{HOME}/b/xinju-309" in (await own.get(f"{HOME}/posters")).text
    assert len((await own.get(DESK)).content) < 1_500_000


@both_databases
async def test_two_clerks_who_write_at_once_are_put_together(own, editing_cast) -> None:
    mine = await form_of(own, DESK) | row("ended_places.0", **THREE, successor="buildings/4")
    await own.post(f"{DESK}/draft", data={**mine, "do": "save"})
    await sign_in(own, editing_cast.admin, NOW)
    await publish_form(
        own, DESK, await form_of(own, DESK) | row("compounds.0.buildings.9", slug="", name="6 号楼")
    )
    await sign_in(own, editing_cast.editor, NOW)
    await publish_form(own, DESK, await form_of(own, DESK))
    form = await form_of(own, DESK)
    assert form["compounds.0.buildings.5.slug"] == ["xinju-6"]
    assert form["ended_places.0.what"] == ["buildings/3"]


async def test_an_old_version_comes_back_with_what_came_since(own, editing_cast) -> None:
    await publish_form(own, DESK, await form_of(own, DESK) | {"compounds.0.name": "刘家庄家园"})
    new = row("compounds.0.buildings.9", slug="", name="6 号楼")
    ended = row("ended_places.0", **THREE)
    await publish_form(own, DESK, await form_of(own, DESK) | new | ended)
    response = await own.post(f"{DESK}/versions/1/return")
    page = (await own.get(response.headers["location"])).text
    assert "“刘家庄新居 3 号楼”恢复使用，门上的码照旧。" in page
    await own.post(f"{DESK}/publication", data={"reason": "停用错了"})
    form = await form_of(own, DESK)
    assert form["compounds.0.name"] == ["刘家庄新居"]
    assert form["compounds.0.buildings.5.slug"] == ["xinju-6"]
    assert "已停用" not in await scanned(own, "3")


async def test_versions_and_the_log_call_places_by_their_names(own, editing_cast) -> None:
    await publish_form(
        own,
        DESK,
        await form_of(own, DESK) | row("ended_places.0", **THREE, successor="buildings/4"),
    )
    for page in (f"{DESK}/versions/2", "/staff/log"):
        await sign_in(own, editing_cast.admin, NOW)
        shown = (await own.get(page)).text
        assert "刘家庄新居 3 号楼" in shown, page
        assert "刘家庄新居 4 号楼" in shown, page
        assert "buildings/" not in shown, page


async def test_an_early_end_and_the_last_compound_are_said(own, editing_cast) -> None:
    late = row("ended_places.0", **{**THREE, "day": "2030-01-01"})
    page = await review(own, DESK, await form_of(own, DESK) | late)
    assert "“刘家庄新居 3 号楼”一发布就停用，不等您写的那天。" in page


async def test_only_people_of_the_community_change_its_places(own, editing_cast) -> None:
    assert (await own.get("/staff/c/jian/compounds")).status_code == 404
    await sign_in(own, editing_cast.clerk, NOW)
    assert (await own.get(DESK)).status_code == 404


async def test_the_preview_shows_where_residents_will_live(own, editing_cast) -> None:
    form = await form_of(own, DESK) | {"compounds.0.name": "刘家庄家园"}
    await own.post(f"{DESK}/draft", data={**form, "do": "save"})
    assert "刘家庄家园" in (await own.get(f"{DESK}/preview")).text
    assert "刘家庄家园" not in (await own.get(f"{HOME}/brand")).text
    async with own.store.read() as session:
        document: Any = await Paper(kinds.COMPOUNDS, "liujiazhuang").read(session)
    assert document.compounds[0].name == "刘家庄新居"


def test_the_form_is_registered_by_itself() -> None:
    assert COMPOUNDS_PAPER.kind in kinds.KINDS
