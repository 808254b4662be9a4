"""区和社区 at the office: a new community is begun, published and there for residents at once."""

from __future__ import annotations

from typing import TYPE_CHECKING

from domain.papers import kinds
from domain.papers.paper import Paper
from domain.staff.actor import Grant
from domain.staff.tables import Role
from tests.world.databases import both_databases
from tests.world.district import places
from tests.world.forms import words_of
from tests.world.papers import form_of, publish_form, review
from tests.world.people import arrived

if TYPE_CHECKING:
    from tests.world.app import Browser


async def publish(own: Browser, path: str, **typed: str) -> None:
    """Fill in the form of a document and publish it."""
    await publish_form(own, path, await form_of(own, path) | typed)


@both_databases
async def test_a_new_community_is_begun_on_a_page_and_there_at_once(own, cast) -> None:
    begun = await own.post("/staff/places", data={"name": "新沙社区", "subdistrict": "dikoulu"})
    path = begun.headers["location"]
    assert path == f"/staff/{Paper(kinds.PLACE, None, 'xinsha').subject}"
    assert (await own.get("/c/xinsha")).status_code == 404
    preview = await own.get(f"{path}/preview")
    assert "新沙社区" in preview.text
    await publish(own, path)
    assert "新沙社区" in (await own.get("/c/xinsha")).text
    assert "/c/xinsha" in (await own.get("/communities")).text
    assert "新沙社区" in (await own.get("/staff/c/xinsha")).text


async def test_a_guide_of_the_sample_says_so_until_the_district_published_it(own, cast) -> None:
    await publish(own, "/staff/district", standing="real")
    note = "本区还没有核对"
    guide = "/c/liujiazhuang/handbook/dibao"
    assert note in (await own.get(guide)).text
    await publish(own, "/staff/handbook/dibao", version="2027.1")
    assert note not in (await own.get(guide)).text
    assert "样例" not in (await own.get("/c/liujiazhuang/hall")).text


async def test_a_renamed_community_keeps_its_address(own, cast) -> None:
    await publish(own, "/staff/places/liujiazhuang", name="刘家庄新社区")
    assert "刘家庄新社区" in (await own.get("/c/liujiazhuang")).text


async def test_a_review_of_a_merge_says_names_and_what_follows(own, cast) -> None:
    path, names = "/staff/places/liujiazhuang", (await own.services.published()).names
    typed = {"ended.day": "2026-11-23", "ended.successor": "jian"}
    page = words_of(await review(own, path, await form_of(own, path) | typed))
    assert f"并入哪个社区：{names['jian']}" in page
    assert f"都通向{names['jian']}" in page
    assert f"{names['jian']}接过它的" in page
    await publish(own, path, **typed)
    back = dict.fromkeys(typed, "")
    page = words_of(await review(own, path, await form_of(own, path) | back))
    assert f"{names['jian']}接过的小区和楼栋还留在那边" in page


async def test_a_preview_changes_nothing_that_others_see(own, cast) -> None:
    """The preview is made of the published rows, which all visits share."""
    path = "/staff/places/liujiazhuang"
    form = await form_of(own, path) | {"subdistrict": "luokou"}
    before = (await own.get("/communities")).text
    await own.post(f"{path}/draft", data={**form, "do": "save"})
    assert (await own.get(f"{path}/preview")).text != before
    assert (await own.get("/communities")).text == before


async def test_the_district_is_written_by_those_of_the_district_alone(own, cast) -> None:
    ids = (await places(own.store)).community
    person = await arrived(own.store, "part", Grant(Role.EDITOR, None, ids["liujiazhuang"]))
    for path in ("/staff/district", "/staff/places/liujiazhuang"):
        assert (await own.get(path)).status_code == 200
        assert (await own.get(path, headers=person.headers)).status_code == 404
    refused = await own.post("/staff/places", data={"name": "x"}, headers=person.headers)
    assert refused.status_code == 404


async def test_a_name_that_sounds_like_another_gets_an_address_of_its_own(own, cast) -> None:
    for expected in ("liujiazhuang-2", "liujiazhuang-3"):
        begun = await own.post("/staff/places", data={"name": "柳家庄社区"})
        assert begun.headers["location"] == f"/staff/places/{expected}"
    assert (await own.post("/staff/places", data={"name": " "})).status_code == 303
