"""The office's paper of posts: chosen from what is there, and addressed for ever."""

from __future__ import annotations

from typing import Any

from domain.papers import kinds
from domain.papers.paper import Paper
from tests.world.databases import both_databases
from tests.world.papers import form_of, publish_form
from tests.world.posts import CARD, POST

DESK = "/staff/c/liujiazhuang/posts"


async def test_holders_are_chosen_among_those_who_work_here(own, editing_cast) -> None:
    page = (await own.get(DESK)).text
    assert '<option value="clerk">clerk（样例） (clerk)</option>' in page
    assert '<option value="admin">' in page
    assert '<option value="neighbour">' not in page


async def test_buildings_are_ticked_by_their_names(own, editing_cast) -> None:
    page = (await own.get(DESK)).text
    assert "刘家庄新居 3 号楼" in page
    form = await form_of(own, DESK)
    assert form["posts.1.buildings"] == ["3", "4", "5"]


@both_databases
async def test_a_holder_that_is_published_has_the_post(own, editing_cast) -> None:
    form = await form_of(own, DESK)
    await publish_form(
        own, DESK, {**form, "posts.1.holder": "clerk", "posts.1.substitute": "editor"}
    )
    async with own.store.read() as session:
        document: Any = await Paper(kinds.POSTS, "liujiazhuang").read(session)
    post = next(post for post in document.posts if post.slug == POST)
    assert (post.holder, post.substitute) == ("clerk", "editor")
    page = (await own.get("/staff/c/liujiazhuang/cards")).text
    assert "新居 3 至 5 号楼联系党员" in page


async def test_a_new_post_gets_an_address_that_begins_with_its_community(own, editing_cast) -> None:
    form = await form_of(own, DESK)
    count = len([name for name in form if name.endswith(".slug")])
    row = {
        "slug": "",
        "kind": "other",
        "name": "网格员",
        "answers_for": "楼道里的事。",
        "phone": "0531-00002199",
        "hours": "9:00-17:00",
        "answers_within": "3",
        "passes_on_after": "8",
    }
    new = {f"posts.{count}.{name}": value for name, value in row.items()}
    await publish_form(own, DESK, {**form, **new})
    assert (await own.get("/cards/liujiazhuang-wang-ge-yuan")).status_code == 200
    assert "网格员" in (await own.get("/c/liujiazhuang/contacts")).text


async def test_a_post_that_is_removed_is_ended_and_its_card_still_answers(
    own, editing_cast
) -> None:
    form = await form_of(own, DESK)
    left = {name: value for name, value in form.items() if not name.startswith("posts.1.")}
    await publish_form(own, DESK, left)
    response = await own.get(CARD)
    assert (response.status_code, "已撤销" in response.text) == (200, True)
    assert POST not in (await own.get("/c/liujiazhuang/contacts")).text
    for page in (DESK, "/staff/c/liujiazhuang/cards"):
        assert "3 号楼、4 号楼、5 号楼" in (await own.get(page)).text, page


async def test_what_is_wrong_is_said_at_its_field(own, editing_cast) -> None:
    form = await form_of(own, DESK)
    wrong = {"posts.1.holder": "clerk", "posts.1.substitute": "clerk", "posts.1.phone": "call me"}
    response = await own.post(f"{DESK}/draft", data={**form, **wrong, "do": "review"})
    assert response.headers["location"] == f"{DESK}?check=1#problems"
    page = (await own.get(f"{DESK}?check=1")).text
    assert "请填电话号码" in page
    await own.post(f"{DESK}/draft", data={**form, **wrong, "posts.1.phone": "0531-00002101"})
    assert "clerk 不能给自己代班" in (await own.get(f"{DESK}?check=1")).text


async def test_the_preview_shows_the_list_with_the_draft_and_stores_nothing(
    own, editing_cast
) -> None:
    form = await form_of(own, DESK)
    await own.post(f"{DESK}/draft", data={**form, "posts.1.name": "三号楼的老秦"})
    assert "三号楼的老秦" in (await own.get(f"{DESK}/preview")).text
    assert "三号楼的老秦" not in (await own.get("/c/liujiazhuang/contacts")).text
    assert "三号楼的老秦" not in (await own.get(CARD)).text
