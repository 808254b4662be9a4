"""Two people, or two tabs, write one document: nothing is lost and nothing undone unseen."""

from __future__ import annotations

import re
from html import unescape
from typing import TYPE_CHECKING, Any

import pytest

from domain.papers import kinds
from domain.papers.paper import Paper
from tests.world.forms import posted
from tests.world.papers import (
    DIBAO,
    GUIDE,
    OFFICE,
    PUBLIC,
    began,
    guide_form,
    publish_form,
    typed_form,
    words,
)
from tests.world.people import DISTRICT_ADMINISTRATOR, Person, arrived

if TYPE_CHECKING:
    from tests.world.app import Browser


async def test_the_second_sees_what_the_first_published_and_loses_nothing(own, cast) -> None:
    form = await guide_form(own)
    mine = {**form, "summary": "第二个人写的一句话", "visits": "2"}
    await own.post(f"{GUIDE}/draft", data=mine)
    colleague = await arrived(own.store, "colleague", DISTRICT_ADMINISTRATOR)
    key = own.cookies.get("staff")
    own.cookies.set("staff", colleague.key)
    assert "也在写这份内容" in (await own.get(GUIDE)).text
    await publish_form(own, GUIDE, {**form, "audience": "第一个人改的对象。", "visits": "3"})
    own.cookies.set("staff", str(key))

    page = await own.get(GUIDE)
    assert "您写的时候，有人发布了第 2 版" in page.text
    assert "第一个人改的对象。" in words(page)
    assert "第二个人写的一句话" in page.text
    response = await own.post(f"{GUIDE}/draft", data={**mine, "do": "review"})
    assert response.headers["location"] == f"{GUIDE}#merged"
    page = await own.get(GUIDE)
    assert "这一处您和对方都改了" in page.text
    for both in ("第一个人改的对象。", "第二个人写的一句话"):
        assert both in page.text
    merged = {**mine, "audience": "第一个人改的对象。", **began(page.text)}
    await own.post(f"{GUIDE}/draft", data={**merged, "do": "theirs visits"})
    page = await own.get(GUIDE)
    assert "这一处您和对方都改了" not in page.text
    assert re.search(r'name="visits"[^>]* value="3"', page.text)
    await publish_form(own, GUIDE, {**merged, "visits": "3"})
    public = words(await own.get(PUBLIC))
    assert "第一个人改的对象。" in public
    assert "第二个人写的一句话" in public


async def test_who_publishes_too_late_is_led_back_with_everything(own, cast) -> None:
    form = await guide_form(own)
    await own.post(f"{GUIDE}/draft", data={**form, "summary": "慢了一步的一句话", "do": "review"})
    colleague: Person = await arrived(own.store, "colleague", DISTRICT_ADMINISTRATOR)
    key = own.cookies.get("staff")
    own.cookies.set("staff", colleague.key)
    await publish_form(own, GUIDE, {**form, "summary": "快了一步的一句话"})
    own.cookies.set("staff", str(key))
    answer = await own.post(f"{GUIDE}/publication", data={"reason": "改"})
    assert answer.headers["location"] == f"{GUIDE}#newer"
    page = await own.get(GUIDE)
    assert "慢了一步的一句话" in page.text
    assert "快了一步的一句话" in words(page)


# Two tabs of one person


async def test_what_two_tabs_typed_in_different_places_is_put_together(own, cast) -> None:
    stale, newer = await guide_form(own), await guide_form(own)
    await own.post(f"/f{GUIDE}/draft", data={**newer, "summary": "第二个标签页写的一句话"})
    answer = await own.post(
        f"/f{GUIDE}/draft", data={**stale, "audience": "第一个标签页写的对象。"}
    )
    assert "已和您在另一个标签页写的合在一起" in answer.text
    again = {**stale, "audience": "第一个标签页又写的对象。", "began": line_field(answer.text)}
    answer = await own.post(f"/f{GUIDE}/draft", data=again)
    assert "data-not-kept" not in answer.text
    form = await guide_form(own)
    assert form["summary"] == "第二个标签页写的一句话"
    assert form["audience"] == "第一个标签页又写的对象。"


async def test_where_two_tabs_meet_nothing_is_saved_before_a_choice(own, cast) -> None:
    stale, newer = await guide_form(own), await guide_form(own)
    await own.post(f"/f{GUIDE}/draft", data={**newer, "summary": "第二个标签页写的一句话"})
    mine = {**stale, "summary": "第一个标签页写的一句话", "audience": "两处都没有的对象。"}
    answer = await own.post(f"/f{GUIDE}/draft", data=mine)
    assert "还没保存：同一处您在另一个标签页也改了" in answer.text
    assert "data-not-kept" in answer.text
    assert (await guide_form(own))["summary"] == "第二个标签页写的一句话"
    for do in ("save", "review"):
        answer = await own.post(f"{GUIDE}/draft", data={**mine, "do": do})
        assert answer.status_code == 422
    page = answer.text
    assert "您在两个标签页都改了这一处" in page
    form = {k: v[0] if len(v) == 1 else v for k, v in posted(page, "paper").items()}
    assert form["summary"] == "第一个标签页写的一句话"
    mark = re.search(r'value="(other [^"]+)"', page)
    assert mark
    for do, kept in (("mine", "第一个标签页写的一句话"), (mark[1], "第二个标签页写的一句话")):
        await own.post(f"{GUIDE}/draft/ending")
        await own.post(f"/f{GUIDE}/draft", data={**newer, "summary": "第二个标签页写的一句话"})
        answer = await own.post(f"{GUIDE}/draft", data={**form, "do": do})
        assert answer.status_code == 303
        saved = await guide_form(own)
        assert (saved["summary"], saved["audience"]) == (kept, "两处都没有的对象。")


async def test_a_form_whose_answer_was_lost_meets_only_itself(own, cast) -> None:
    form = await guide_form(own)
    await own.post(f"/f{GUIDE}/draft", data={**form, "summary": "答复在路上丢了的一句话"})
    answer = await own.post(f"/f{GUIDE}/draft", data={**form, "summary": "接着又写的一句话呀"})
    assert "data-not-kept" not in answer.text
    assert (await guide_form(own))["summary"] == "接着又写的一句话呀"


@pytest.mark.parametrize("began", ["", "[]", "{}", '{"documents": 5}', "5", '{"summary": ["x"]}'])
async def test_a_made_up_beginning_breaks_nothing(own, cast, began) -> None:
    form = {**await guide_form(own), "began": began, "nonce": "x" * 9999}
    await own.post(f"/f{GUIDE}/draft", data={**await guide_form(own), "summary": "先写的一句话呀"})
    answer = await own.post(f"/f{GUIDE}/draft", data={**form, "summary": "后写的一句话呀"})
    assert answer.status_code == 200
    assert (await guide_form(own))["summary"] == "后写的一句话呀"


async def test_nothing_is_published_that_the_review_did_not_show(own, cast) -> None:
    form = {**await guide_form(own), "summary": "看过的一句话要发布"}
    await own.post(f"{GUIDE}/draft", data={**form, "do": "review"})
    review = (await own.get(f"{GUIDE}/publication")).text
    sent = {**posted(review, "publication"), "reason": "改"}
    await own.post(f"/f{GUIDE}/draft", data={**form, "audience": "没有看过的对象。"})
    answer = await own.post(f"{GUIDE}/publication", data=sent)
    assert answer.status_code == 422
    assert "没有发布：您在另一个标签页改了草稿" in answer.text
    assert "没有看过的对象。" in words(answer)
    assert 'value="改"' in answer.text
    sent = {**posted(answer.text, "publication"), "reason": "改"}
    assert (await own.post(f"{GUIDE}/publication", data=sent)).status_code == 303


def line_field(page: str) -> str:
    """What the line of a saved draft says that its form goes on from."""
    found = re.search(r'name="began" value="([^"]*)"', page)
    assert found
    return unescape(found[1])


# Rows of a list


REGISTER, CARDS = "户口簿", "全家人的身份证"


async def as_colleague(browser: Browser, desk: str, form: dict[str, Any]) -> None:
    """Let a colleague publish this form."""
    colleague = await arrived(browser.store, "colleague", DISTRICT_ADMINISTRATOR)
    key = str(browser.cookies.get("staff"))
    browser.cookies.set("staff", colleague.key)
    await publish_form(browser, desk, form)
    browser.cookies.set("staff", key)


def with_rows(form: dict[str, Any], name: str, order: list[int]) -> dict[str, Any]:
    """The form with the rows of one list in this order; those left out are removed."""
    found = {k: v for k, v in form.items() if not k.startswith(f"{name}.")}
    for row in order:
        found |= {k: v for k, v in form.items() if k.startswith(f"{name}.{row}.")}
    return found


def row_of(form: dict[str, Any], name: str, value: str) -> int:
    """The number of the row in which a field has this value."""
    return next(int(k.split(".")[1]) for k, v in form.items() if v == value and k.startswith(name))


async def documents(browser: Browser, item: str) -> dict[str, int]:
    """The documents of a guide as published, and how many of each, in order."""
    async with browser.store.read() as session:
        guide: Any = await Paper(kinds.GUIDE, None, item).read(session)
    return {each.name: each.copies for each in guide.documents}


async def test_a_change_stays_with_its_document_when_a_colleague_moved_it(own, cast) -> None:
    form = await typed_form(own, Paper(kinds.GUIDE, None, "dibao"))
    before = await documents(own, "dibao")
    cards, register = row_of(form, "documents", CARDS), row_of(form, "documents", REGISTER)
    order = list(range(len(before)))
    order[cards], order[register] = register, cards
    await as_colleague(own, DIBAO, with_rows(form, "documents", order))

    mine = {**form, f"documents.{cards}.copies": "5"}
    answer = await own.post(f"{DIBAO}/draft", data={**mine, "do": "review"})
    assert answer.headers["location"] == f"{DIBAO}/publication"
    review = words(await own.get(f"{DIBAO}/publication"))
    assert f"申请材料 › {CARDS} › 份数" in review
    # What the merge did to the order that the editor saw.
    assert "已与您写的时候发布的第 2 版合在一起" in review
    assert "申请材料 › 顺序" in review
    await own.post(f"{DIBAO}/publication", data={"reason": "改份数", "base": "2"})
    after = await documents(own, "dibao")
    assert after == {**before, CARDS: 5}
    assert list(after)[register] == CARDS
    assert f"申请材料 › {CARDS} › 份数" in words(await own.get(f"{DIBAO}/versions/3"))
    assert "申请材料 › 顺序" in words(await own.get(f"{DIBAO}/versions/2"))


async def test_a_telephone_stays_with_its_person_when_a_colleague_swapped_them(own, cast) -> None:
    desk = f"{OFFICE}/people"
    form = await typed_form(own, Paper(kinds.PEOPLE, "liujiazhuang"))
    first, second = form["people.0.name"], form["people.1.name"]
    count = len({k.split(".")[1] for k in form if k.startswith("people.")})
    await as_colleague(own, desk, with_rows(form, "people", [1, 0, *range(2, count)]))
    mine = {**form, "people.0.phone": "0531-00009999"}
    answer = await own.post(f"{desk}/draft", data={**mine, "do": "review"})
    assert answer.headers["location"] == f"{desk}/publication"
    assert f"负责人 › {first} › 办公电话" in words(await own.get(f"{desk}/publication"))
    await own.post(f"{desk}/publication", data={"reason": "号码错了"})
    after = await typed_form(own, Paper(kinds.PEOPLE, "liujiazhuang"))
    assert [after["people.0.name"], after["people.1.name"]] == [second, first]
    assert after["people.0.phone"] == form["people.1.phone"]
    assert after["people.1.phone"] == "0531-00009999"


async def test_a_document_removed_by_one_and_one_added_by_the_other_are_no_conflict(
    own, cast
) -> None:
    form = await typed_form(own, Paper(kinds.GUIDE, None, "dibao"))
    before = await documents(own, "dibao")
    cards, register = row_of(form, "documents", CARDS), row_of(form, "documents", REGISTER)
    left = [row for row in range(len(before)) if row != register]
    await as_colleague(own, DIBAO, with_rows(form, "documents", left))
    added = {"name": "租房合同", "form": "copy", "copies": "1", "issuer": "房东"}
    mine = {**form, f"documents.{cards}.copies": "5"}
    mine |= {f"documents.n1.{name}": value for name, value in added.items()}
    await publish_form(own, DIBAO, mine)
    del before[REGISTER]
    assert await documents(own, "dibao") == {**before, CARDS: 5, "租房合同": 1}


async def test_a_document_removed_by_one_and_changed_by_the_other_is_shown_and_taken(
    own, cast
) -> None:
    form = await typed_form(own, Paper(kinds.GUIDE, None, "dibao"))
    before = await documents(own, "dibao")
    register = row_of(form, "documents", REGISTER)
    left = [row for row in range(len(before)) if row != register]
    await as_colleague(own, DIBAO, {**form, f"documents.{register}.copies": "9"})
    mine = with_rows(form, "documents", left)
    answer = await own.post(f"{DIBAO}/draft", data={**mine, "do": "review"})
    assert answer.headers["location"] == f"{DIBAO}#merged"
    page = (await own.get(DIBAO)).text
    assert f"申请材料 › {REGISTER}" in unescape(page)
    mark = re.search(r'value="(theirs [^"]+)"', page)
    assert mark
    answer = await own.post(f"{DIBAO}/draft", data={**mine, **began(page), "do": mark[1]})
    assert answer.headers["location"] == f"{DIBAO}#documents.{register}"
    page = (await own.get(DIBAO)).text
    assert "这一处您和对方都改了" not in page
    assert re.search(rf'name="documents\.{register}\.copies"[^>]* value="9"', page)


async def test_theirs_goes_into_the_same_document_after_mine_were_moved(own, cast) -> None:
    form = await typed_form(own, Paper(kinds.GUIDE, None, "dibao"))
    count = len(await documents(own, "dibao"))
    cards = row_of(form, "documents", CARDS)
    await as_colleague(own, DIBAO, {**form, f"documents.{cards}.copies": "4"})
    mine = {**form, f"documents.{cards}.copies": "5"}
    await own.post(f"{DIBAO}/draft", data={**mine, "do": "review"})
    page = (await own.get(DIBAO)).text
    assert f"申请材料 › {CARDS} › 份数" in unescape(page)
    mark = re.search(r'value="(theirs [^"]+)"', page)
    assert mark
    # The rows are moved on the page before the button is pressed.
    moved = with_rows({**mine, **began(page)}, "documents", list(range(count))[::-1])
    answer = await own.post(f"{DIBAO}/draft", data={**moved, "do": mark[1]})
    assert answer.headers["location"] == f"{DIBAO}#documents.{count - 1 - cards}.copies"
    page = (await own.get(DIBAO)).text
    found = dict(re.findall(r'name="documents\.(\d+)\.copies" value="(\d+)"', page))
    assert found[str(count - 1 - cards)] == "4"
    assert set(found.values()) == {"4", "1"}


async def test_a_form_from_before_the_others_publication_undoes_nothing(own, cast) -> None:
    form = await guide_form(own)
    await own.post(f"{GUIDE}/draft", data={**form, "summary": "第二个人写的一句话"})
    await as_colleague(own, GUIDE, {**form, "audience": "第一个人改的对象。"})
    await own.post(f"{GUIDE}/draft", data={**form, "summary": "第二个人的话", "do": "review"})
    review = await own.get(f"{GUIDE}/publication")
    assert "第一个人改的对象。" in words(review)
    # Back to the page from before, and one more word there.
    await own.post(f"/f{GUIDE}/draft", data={**form, "summary": "第二个人又写的一句话"})
    # The review of before does not publish what it did not show.
    answer = await own.post(f"{GUIDE}/publication", data={"reason": "改", "base": "2"})
    assert answer.headers["location"] == f"{GUIDE}#newer"
    await publish_form(own, GUIDE, {**form, "summary": "第二个人又写的一句话"})
    public = words(await own.get(PUBLIC))
    assert "第一个人改的对象。" in public
    assert "第二个人又写的一句话" in public


async def test_a_place_that_needs_a_look_says_the_name_of_its_row(own, cast) -> None:
    form = await typed_form(own, Paper(kinds.GUIDE, None, "dibao"))
    cards, register = row_of(form, "documents", CARDS), row_of(form, "documents", REGISTER)
    form |= {f"documents.{cards}.copies": "五", f"documents.{register}.name": ""}
    form |= {"steps.0.what": "一二三四五六七八九十" * 4, "steps.0.who": ""}
    await own.post(f"{DIBAO}/draft", data={**form, "do": "review"})
    page = words(await own.get(f"{DIBAO}?check=1"))
    assert f"申请材料 › {CARDS} › 份数：请填整数" in page
    assert "步骤 › 一二三四五六七八九十一二三四五六七八九十一二三… › 谁来做" in page
    assert f"申请材料 › {register + 1} › 材料名称：请填写这一项" in page
