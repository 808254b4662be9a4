"""The desk: an office writes, looks, publishes and brings back; residents see it at once."""

from __future__ import annotations

import datetime as dt
import re
from html import unescape
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import select

from domain.papers import kinds
from domain.papers.paper import Paper
from domain.papers.tables import PaperDraft
from domain.phones import grouped
from domain.queue.happened import HallHoursChanged
from tests.world import papers
from tests.world.clock import NOW
from tests.world.forms import posted
from tests.world.papers import publish_form
from tests.world.people import DISTRICT_ADMINISTRATOR, Person, arrived, sign_in

if TYPE_CHECKING:
    import httpx

    from tests.world.app import Browser

GUIDE = "/staff/handbook/gaoling-jintie"
PUBLIC = "/c/liujiazhuang/handbook/gaoling-jintie"
DIBAO = "/staff/handbook/dibao"
OFFICE = "/staff/c/liujiazhuang"
OWN = f"{OFFICE}/handbook/gaoling-jintie"


async def form_of(browser: Browser, paper: Paper) -> dict[str, Any]:
    """The form of a paper, with the values of single fields by themselves."""
    found = await papers.form_of(browser, f"/staff/{paper.subject}")
    return {name: value[0] if len(value) == 1 else value for name, value in found.items()}


def begun(page: str) -> dict[str, str]:
    """What the form of a page says it began from."""
    found = posted(page, "paper")
    return {name: found[name][0] for name in ("base", "began", "nonce")}


async def guide_form(browser: Browser) -> dict[str, Any]:
    """The form of the allowance's guide."""
    return await form_of(browser, Paper(kinds.GUIDE, None, "gaoling-jintie"))


def words(response: httpx.Response) -> str:
    """What a page says, without its marks."""
    return unescape(re.sub(r"\s+", " ", re.sub(r"<[^>]+>", "", response.text)))


# What the page shows is what is saved


@pytest.mark.parametrize("name", ["conditions", "life_events", "documents", "proxy", "fee.note"])
async def test_what_a_form_does_not_show_stays_as_it_is_stored(own, cast, name) -> None:
    paper = Paper(kinds.GUIDE, None, "dibao")
    async with own.store.read() as session:
        before: Any = await paper.read(session)
    form = {k: v for k, v in (await form_of(own, paper)).items() if not f"{k}.".startswith(name)}
    form["shows"] = " ".join(
        each for each in form["shows"].split() if not f"{each}.".startswith(f"{name}.")
    )
    await publish_form(own, DIBAO, {**form, "summary": "别的都没有动的一句话"})
    async with own.store.read() as session:
        after = await paper.read(session)
    assert after == before.model_copy(update={"summary": "别的都没有动的一句话"})


async def test_what_a_form_shows_and_does_not_post_is_emptied(own, cast) -> None:
    form = await form_of(own, Paper(kinds.GUIDE, None, "dibao"))
    form |= {"related": [], "life_events": []}
    await publish_form(own, DIBAO, {k: v for k, v in form.items() if not k.startswith("related")})
    async with own.store.read() as session:
        after: Any = await Paper(kinds.GUIDE, None, "dibao").read(session)
    assert after.related == after.life_events == ()


async def test_a_form_sent_back_untouched_makes_no_draft(own, cast) -> None:
    for kind in kinds.KINDS:
        if kind is kinds.HOLIDAYS:
            continue
        key = "gaoling-jintie" if kind in {kinds.GUIDE, kinds.OWN} else ""
        key = "old-town" if kind is kinds.CATALOGUE else key
        key = "bereavement" if kind is kinds.EVENT else key
        key = "liujiazhuang" if kind is kinds.PLACE else key
        paper = Paper(kind, "liujiazhuang" if kind.is_of_community else None, key)
        desk = f"/staff/{paper.subject}"
        response = await own.post(f"{desk}/draft", data=await form_of(own, paper))
        assert response.status_code == 303, kind
        async with own.store.read() as session:
            assert await session.scalar(select(PaperDraft.document)) is None, kind


# Writing and publishing


@pytest.mark.parametrize(
    ("desk", "tab"),
    [
        ("/staff/handbook/dibao", "/staff/handbook"),
        ("/staff/c/liujiazhuang/people", "/staff/communities"),
    ],
)
async def test_the_tab_of_a_document_is_that_of_the_page_above(own, cast, desk, tab) -> None:
    page = (await own.get(desk)).text
    assert re.findall(r'<a href="([^"]+)" aria-current="page"', page) == [tab]


async def test_a_correction_reaches_the_resident_at_once(own, cast) -> None:
    assert "七个字的新说明吧" not in (await own.get(PUBLIC)).text
    form = {**await guide_form(own), "summary": "七个字的新说明吧"}
    await publish_form(own, GUIDE, form, "说得更清楚")
    assert "七个字的新说明吧" in (await own.get(PUBLIC)).text
    assert "七个字的新说明吧" in (await own.get("/c/liujiazhuang/offline.json")).text
    page = await own.get(f"{GUIDE}/versions")
    assert "说得更清楚" in page.text
    assert "第 2 版" in page.text


async def test_before_publishing_the_resident_sees_nothing_of_it(own, cast) -> None:
    form = {**await guide_form(own), "summary": "还没有发布的一句话"}
    await own.post(f"{GUIDE}/draft", data=form)
    assert "还没有发布的一句话" not in (await own.get(PUBLIC)).text
    assert "还没有发布的一句话" in (await own.get(f"{GUIDE}/preview")).text
    assert "还没有发布的一句话" in (await own.get(GUIDE)).text
    assert "还没有发布的一句话" in words(await own.get(f"{GUIDE}/publication"))


async def test_what_is_typed_saves_itself(own, cast) -> None:
    form = {**await guide_form(own), "summary": "自己会存的一句话"}
    saved = await own.post(f"/f{GUIDE}/draft", data=form)
    assert "草稿已存 10:26" in saved.text
    assert "自己会存的一句话" in (await own.get(GUIDE)).text


async def test_a_draft_keeps_what_is_wrong_and_says_so_beside_it(own, cast) -> None:
    form = {
        **await guide_form(own),
        "promised_days": "七天",
        "enquiry_phone": "打电话",
        "summary": "短",
        "documents.0.name": "",
    }
    response = await own.post(f"{GUIDE}/draft", data={**form, "do": "review"})
    assert response.headers["location"] == f"{GUIDE}?check=1#problems"
    page = (await own.get(f"{GUIDE}?check=1")).text
    for typed_words in ("七天", "打电话", 'value="短"'):
        assert typed_words in page
    for said in ("请填整数", "请填电话号码", "至少 6 个字", "请填写这一项"):
        assert said in page
    assert 'href="#documents.0.name"' in page
    assert (await own.get(f"{GUIDE}/publication")).status_code == 303
    answer = await own.post(f"{GUIDE}/publication", data={"reason": "x"})
    assert answer.headers["location"] == f"{GUIDE}?check=1#problems"
    assert (await own.get(f"{GUIDE}/preview")).status_code == 200


async def test_parts_that_do_not_fit_are_said_beside_the_field(own, cast) -> None:
    form = {**await guide_form(own), "promised_days": "300", "statutory_days": "30"}
    await own.post(f"{GUIDE}/draft", data={**form, "do": "review"})
    assert "承诺时限比法定时限长" in (await own.get(f"{GUIDE}?check=1")).text


async def test_publishing_needs_a_reason(own, cast) -> None:
    form = {**await guide_form(own), "summary": "没有原因的一句话"}
    await own.post(f"{GUIDE}/draft", data={**form, "do": "review"})
    answer = await own.post(f"{GUIDE}/publication", data={"reason": " "})
    assert answer.status_code == 422
    assert "请用几个字说明原因" in answer.text
    assert "没有原因的一句话" in words(answer)


async def test_full_width_digits_and_loose_hours_are_understood(own, cast) -> None:
    desk = f"{OFFICE}/hall"
    form = await form_of(own, Paper(kinds.HALL, "liujiazhuang"))
    form |= {"phone": "０５３１－００００２１９９", "hours.saturday": "9:00—11:30，13:00至15:00"}
    await publish_form(own, desk, form)
    page = words(await own.get("/c/liujiazhuang/hall"))
    assert "0531-0000 2199" in page
    assert "9:00–11:30" in page
    assert "13:00–15:00" in page


async def test_a_number_from_a_letterhead_is_taken_and_dialled_with_its_extension(
    own, cast
) -> None:
    form = await form_of(own, Paper(kinds.HALL, "liujiazhuang"))
    await publish_form(own, f"{OFFICE}/hall", {**form, "phone": "（0531）00002199 转 801"})
    page = (await own.get("/c/liujiazhuang/hall")).text
    assert 'href="tel:0531-00002199,801"' in page
    assert grouped("0531-00002199-801") in page


@pytest.mark.parametrize(
    ("typed_day", "kept"),
    [("20261109", "2026-11-09"), ("2026/11/9", "2026-11-09"), ("２０２６年１１月９日", "2026-11-09"),
     ("2026-11-09", "2026-11-09"), ("86400", None), ("202611", None), ("昨天", None)],
)  # fmt: skip
async def test_a_date_is_what_a_person_meant_and_never_seconds(own, cast, typed_day, kept) -> None:
    form = {**await guide_form(own), "assured.date": typed_day}
    await own.post(f"{GUIDE}/draft", data={**form, "do": "review"})
    page = (await own.get(f"{GUIDE}?check=1")).text
    assert ("请填日期" in page) is (kept is None)
    assert f'value="{kept or typed_day}"' in page


@pytest.mark.parametrize(
    ("do", "names"),
    [
        ("up steps.1", [1, 0, 2]),
        ("up steps.0", [0, 1, 2]),
        ("down steps.0", [1, 0, 2]),
        ("remove steps.1", [0, 2]),
        ("add steps", [0, 1, 2, None]),
        ("remove steps.99", [0, 1, 2]),
        ("up nothing.1", [0, 1, 2]),
        ("down steps.x", [0, 1, 2]),
        ("theirs nowhere.4", [0, 1, 2]),
    ],
)
async def test_lists_are_written_without_a_script_too(own, cast, do, names) -> None:
    form = {k: v for k, v in (await guide_form(own)).items() if not k.startswith("steps.")}
    for number in range(3):
        for name in ("what", "who", "takes"):
            form[f"steps.{number}.{name}"] = f"{name}{number}"
    assert (await own.post(f"{GUIDE}/draft", data={**form, "do": do})).status_code == 303
    page = (await own.get(GUIDE)).text
    found = re.findall(r'name="steps\.(\d+)\.who" value="([^"]*)"', page)
    wanted = [(str(n), f"who{was}" if was is not None else "") for n, was in enumerate(names)]
    assert found == wanted


async def test_rows_count_in_the_order_in_which_they_stand(own, cast) -> None:
    form = {k: v for k, v in (await guide_form(own)).items() if not k.startswith("steps.")}
    for number in ("7", "n1", "2"):
        for name in ("what", "who", "takes"):
            form[f"steps.{number}.{name}"] = f"{name}{number}"
    await own.post(f"{GUIDE}/draft", data=form)
    found = re.findall(r'name="steps\.\d+\.who" value="([^"]*)"', (await own.get(GUIDE)).text)
    assert found == ["who7", "whon1", "who2"]


async def test_a_draft_can_be_thrown_away(own, cast) -> None:
    form = {**await guide_form(own), "summary": "马上就不要的一句话"}
    await own.post(f"{GUIDE}/draft", data=form)
    await own.post(f"{GUIDE}/draft/ending")
    assert "马上就不要的一句话" not in (await own.get(GUIDE)).text


@pytest.mark.parametrize("path", ["nothing", "nothing/preview", "nothing/publication"])
async def test_an_item_that_is_not_there_is_not_found(own, cast, path) -> None:
    response = await own.get(f"/staff/handbook/{path}")
    assert response.status_code in {303, 404}
    if response.status_code == 303:
        assert (await own.get(response.headers["location"])).status_code == 404


# Versions


async def test_an_old_version_is_compared_and_brought_back(own, cast) -> None:
    before = re.search(r'<p class="lead">([^<]+)', (await own.get(PUBLIC)).text)
    assert before
    form = {**await guide_form(own), "summary": "写错了的一句话呀"}
    await publish_form(own, GUIDE, form, "手误")
    page = await own.get(f"{GUIDE}/versions/2")
    assert "手误" in page.text
    assert "<del>" in page.text
    assert before[1] in words(page)
    back = await own.post(f"{GUIDE}/versions/1/return")
    assert back.headers["location"] == f"{GUIDE}/publication"
    assert "写错了的一句话呀" in (await own.get(PUBLIC)).text
    await own.post(f"{GUIDE}/publication", data={"reason": "恢复"})
    assert before[1] in (await own.get(PUBLIC)).text
    assert "第 3 版" in (await own.get(f"{GUIDE}/versions")).text
    assert "写错了的一句话呀" in words(await own.get(f"{GUIDE}/versions/3?with=2"))
    assert (await own.get(f"{GUIDE}/versions/9")).status_code == 404
    assert (await own.post(f"{GUIDE}/versions/9/return")).status_code == 404


# Two people


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
    merged = {**mine, "audience": "第一个人改的对象。", **begun(page.text)}
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
    form = await form_of(own, Paper(kinds.GUIDE, None, "dibao"))
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
    form = await form_of(own, Paper(kinds.PEOPLE, "liujiazhuang"))
    first, second = form["people.0.name"], form["people.1.name"]
    count = len({k.split(".")[1] for k in form if k.startswith("people.")})
    await as_colleague(own, desk, with_rows(form, "people", [1, 0, *range(2, count)]))
    mine = {**form, "people.0.phone": "0531-00009999"}
    answer = await own.post(f"{desk}/draft", data={**mine, "do": "review"})
    assert answer.headers["location"] == f"{desk}/publication"
    assert f"负责人 › {first} › 办公电话" in words(await own.get(f"{desk}/publication"))
    await own.post(f"{desk}/publication", data={"reason": "号码错了"})
    after = await form_of(own, Paper(kinds.PEOPLE, "liujiazhuang"))
    assert [after["people.0.name"], after["people.1.name"]] == [second, first]
    assert after["people.0.phone"] == form["people.1.phone"]
    assert after["people.1.phone"] == "0531-00009999"


async def test_a_document_removed_by_one_and_one_added_by_the_other_are_no_conflict(
    own, cast
) -> None:
    form = await form_of(own, Paper(kinds.GUIDE, None, "dibao"))
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
    form = await form_of(own, Paper(kinds.GUIDE, None, "dibao"))
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
    answer = await own.post(f"{DIBAO}/draft", data={**mine, **begun(page), "do": mark[1]})
    assert answer.headers["location"] == f"{DIBAO}#documents.{register}"
    page = (await own.get(DIBAO)).text
    assert "这一处您和对方都改了" not in page
    assert re.search(rf'name="documents\.{register}\.copies"[^>]* value="9"', page)


async def test_theirs_goes_into_the_same_document_after_mine_were_moved(own, cast) -> None:
    form = await form_of(own, Paper(kinds.GUIDE, None, "dibao"))
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
    moved = with_rows({**mine, **begun(page)}, "documents", list(range(count))[::-1])
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
    form = await form_of(own, Paper(kinds.GUIDE, None, "dibao"))
    cards, register = row_of(form, "documents", CARDS), row_of(form, "documents", REGISTER)
    form |= {f"documents.{cards}.copies": "五", f"documents.{register}.name": ""}
    form |= {"steps.0.what": "一二三四五六七八九十" * 4, "steps.0.who": ""}
    await own.post(f"{DIBAO}/draft", data={**form, "do": "review"})
    page = words(await own.get(f"{DIBAO}?check=1"))
    assert f"申请材料 › {CARDS} › 份数：请填整数" in page
    assert "步骤 › 一二三四五六七八九十一二三四五六七八九十一二三… › 谁来做" in page
    assert f"申请材料 › {register + 1} › 材料名称：请填写这一项" in page


# The district's handbook


async def test_a_guide_not_assured_for_long_waits_and_is_assured_with_one_press(
    own, cast, clock
) -> None:
    clock.now = NOW + dt.timedelta(days=300)
    await sign_in(own, cast.admin, clock.now)
    assert "份指南很久没有核实了" in (await own.get("/staff")).text
    page = await own.get("/staff/handbook?show=overdue")
    assert f'action="{GUIDE}/assurance"' in page.text
    assert (await own.post(f"{GUIDE}/assurance")).status_code == 303
    page = await own.get("/staff/handbook?show=overdue")
    assert f'action="{GUIDE}/assurance"' not in page.text
    assert "2027年9月19日" in (await own.get(PUBLIC)).text
    assert "核实无误" in (await own.get(f"{GUIDE}/versions")).text


async def test_a_new_item_begins_from_one_like_it(own, cast) -> None:
    answer = await own.post("/staff/handbook/items", data={"name": "", "like": "x"})
    assert answer.status_code == 422
    form = {"name": "百岁老人津贴", "like": "gaoling-jintie"}
    answer = await own.post("/staff/handbook/items", data=form)
    desk = answer.headers["location"]
    assert desk == "/staff/handbook/bai-sui-lao-ren-jin-tie"
    assert "百岁老人津贴" in (await own.get("/staff/handbook")).text
    assert (await own.get("/c/liujiazhuang/handbook/bai-sui-lao-ren-jin-tie")).status_code == 404
    page = (await own.get(desk)).text
    assert "户口簿" in page
    new = {
        **await guide_form(own),
        **begun(page),
        "name": "百岁老人津贴",
        "code": "TQ-BS-01",
        "summary": "满一百周岁的老人，每月领取津贴。",
    }
    await publish_form(own, desk, new, "新政策")
    page = await own.get("/c/liujiazhuang/handbook/bai-sui-lao-ren-jin-tie")
    assert page.status_code == 200
    assert "百岁老人津贴" in (await own.get("/c/liujiazhuang/search?q=百岁")).text


async def test_an_item_that_ended_says_what_to_do_instead(own, cast) -> None:
    form = {**await guide_form(own), "withdrawn": "已并入养老补贴，请看新指南。"}
    await publish_form(own, GUIDE, form, "政策合并")
    page = await own.get(PUBLIC)
    assert page.status_code == 410
    assert "已并入养老补贴" in page.text
    assert "高龄津贴" not in (await own.get("/c/liujiazhuang/handbook")).text
    assert (await own.get(GUIDE)).status_code == 200


@pytest.mark.parametrize("year", [0, 1900, 2003, 2101])
async def test_a_year_without_a_calendar_has_no_holidays_to_enter(own, cast, year) -> None:
    assert (await own.get(f"/staff/holidays/{year}")).status_code == 404
    answer = await own.post(f"/staff/holidays/{year}/draft", data={"base": "0", "do": "review"})
    assert answer.status_code == 404


async def test_the_years_holidays_are_entered_like_any_document(own, cast) -> None:
    assert "2027 年的放假安排还没录入" in words(await own.get("/staff"))
    desk = "/staff/holidays/2027"
    wrong = {"base": "0", "days_off": "2027-01-01 2026-01-02", "make_up_days": "某天"}
    await own.post(f"{desk}/draft", data={**wrong, "do": "review"})
    page = (await own.get(f"{desk}?check=1")).text
    assert "某天" in page
    assert "请这样写日期" in page
    form = {"base": "0", "days_off": "2027-02-05~2027-02-11\n2027-01-01", "make_up_days": ""}
    await publish_form(own, desk, form, "国务院通知")
    assert "2027 年的放假安排还没录入" not in words(await own.get("/staff"))
    asked = await own.get("/working-days?from=2027-02-04&days=1")
    assert "2月12日" in asked.text


# A community's own


async def test_a_community_says_what_is_different_here(own, cast) -> None:
    await sign_in(own, cast.editor, NOW)
    desk = f"{OFFICE}/handbook/dibao"
    form = {
        "base": "0",
        "note": "先到二楼登记。",
        "counter": "2",
        "hours": "每周三下午",
        "person": "",
        "phones.0.name": "低保专线",
        "phones.0.phone": "0531-00009999",
    }
    await publish_form(own, desk, form, "方便居民")
    page = words(await own.get("/c/liujiazhuang/handbook/dibao"))
    for said in ("先到二楼登记。", "2 号窗口", "每周三下午", "低保专线", "0531-0000 9999"):
        assert said in page
    assert "先到二楼登记" not in (await own.get("/c/yikang/handbook/dibao")).text
    wrong = {**form, "base": "1", "counter": "55"}
    await own.post(f"{desk}/draft", data={**wrong, "do": "review"})
    assert "大厅没有 55 号窗口" in (await own.get(f"{desk}?check=1")).text


async def test_a_community_is_told_when_the_district_changed_the_text(own, cast) -> None:
    await publish_form(own, GUIDE, {**await guide_form(own), "summary": "区里改过的一句话"})
    await sign_in(own, cast.editor, NOW)
    assert "区里改了原文" in (await own.get("/staff")).text
    assert "区里改了原文" in (await own.get(OFFICE)).text
    page = await own.get(OWN)
    assert "区里改过的一句话" in words(page)
    assert (await own.post(f"{OWN}/confirmation")).status_code == 303
    assert "区里改了原文" not in (await own.get("/staff")).text
    assert (await own.post(f"{OFFICE}/handbook/dibao/confirmation")).status_code == 404


async def test_a_guide_that_was_only_checked_again_is_no_news_for_a_community(own, cast) -> None:
    form = await guide_form(own)
    await publish_form(own, GUIDE, {**form, "assured.date": "2026-11-20"}, "仍然无误")
    await sign_in(own, cast.editor, NOW)
    assert "区里改了原文" not in (await own.get(OFFICE)).text
    await sign_in(own, cast.admin, NOW)
    form = await guide_form(own)
    await publish_form(own, GUIDE, {**form, "summary": "区里改过的一句话"})
    await sign_in(own, cast.editor, NOW)
    assert "区里改了原文" in (await own.get(OFFICE)).text


PASTED = """· 户口簿
1．身份证
（2）照片
3.8妇女节
1.5 元
- 申请表
—— 落款"""


async def test_the_marks_of_a_pasted_list_are_left_out(own, cast) -> None:
    form = await guide_form(own)
    await own.post(f"{GUIDE}/draft", data={**form, "conditions": PASTED, "do": "save"})
    kept = ["户口簿", "身份证", "照片", "3.8妇女节", "1.5 元", "申请表", "落款"]
    assert (await guide_form(own))["conditions"].splitlines() == kept


async def test_closed_this_afternoon_stands_on_the_door_at_once(own, cast) -> None:
    await sign_in(own, cast.editor, NOW)
    day = {"day": "2026-11-23", "periods": "8:30-10:00", "reason": "停电检修"}
    heard: list[object] = []
    own.store.listen(heard.append)
    assert (await own.post(f"{OFFICE}/exceptions", data=day)).status_code == 303
    [told] = [each for each in heard if isinstance(each, HallHoursChanged)]
    assert told.hours == "8:30-10:00"
    tomorrow = {**day, "day": "2026-11-24"}
    assert (await own.post(f"{OFFICE}/exceptions", data=tomorrow)).status_code == 303
    assert sum(isinstance(each, HallHoursChanged) for each in heard) == 1, "who waits waits today"
    home = words(await own.get("/c/liujiazhuang"))
    assert "服务大厅 休息中" in home
    assert "停电检修" in home
    assert "停电检修" in (await own.get("/c/liujiazhuang/hall")).text
    # A second word about a day is a correction; a second press changes nothing.
    assert 'value="8:30-10:00"' not in (await own.get(OFFICE)).text
    assert 'value="08:30-10:00"' in (await own.get(f"{OFFICE}?day=2026-11-23")).text
    longer = {**day, "periods": "13:30-15:00 08:30-11:00"}
    for _ in range(2):
        assert (await own.post(f"{OFFICE}/exceptions", data=longer)).status_code == 303
    page = words(await own.get(OFFICE))
    assert page.count("11月23日星期一：") == 1
    assert "8:30–11:00、13:30–15:00" in page
    far = {**day, "day": "2027-11-23"}
    assert (await own.post(f"{OFFICE}/exceptions", data=far)).status_code == 303
    assert "2027年11月23日星期二：" in words(await own.get(OFFICE))
    for wrong, said in (
        ({**day, "periods": "08:00-12:00 11:00-15:00"}, "08:00-12:00, 11:00-15:00"),
        ({**day, "periods": "12:00-08:00"}, "后一个时间要晚于前一个"),
        ({**day, "periods": "08:00-24:00"}, "一天到 23:59 为止"),
        ({**day, "day": "2026-11-22"}, "这一天已经过去了"),
        ({**day, "day": "明天"}, "请填日期"),
        ({**day, "reason": ""}, "请填写这一项"),
        ({**day, "day": "2026-11-25", "periods": "下午"}, "请这样写时间"),
    ):
        answer = await own.post(f"{OFFICE}/exceptions", data=wrong)
        assert answer.status_code == 422
        assert said in answer.text
    assert (await own.post(f"{OFFICE}/exceptions/2026-11-23/withdrawal")).status_code == 303
    assert "停电检修" not in (await own.get("/c/liujiazhuang")).text
    for day_words in ("2026-11-23", "nonsense"):
        answer = await own.post(f"{OFFICE}/exceptions/{day_words}/withdrawal")
        assert answer.status_code == 404


async def test_people_and_facilities_are_kept_by_the_community(own, cast) -> None:
    await sign_in(own, cast.editor, NOW)
    form = await form_of(own, Paper(kinds.PEOPLE, "liujiazhuang"))
    await publish_form(own, f"{OFFICE}/people", {**form, "people.0.name": "新来的人"})
    assert "新来的人" in (await own.get("/c/liujiazhuang/people")).text
    form = await form_of(own, Paper(kinds.FACILITIES, "liujiazhuang"))
    number = 1 + max(int(name.split(".")[1]) for name in form if name.startswith("facilities."))
    new = {
        "slug": "", "name": "新书屋", "kind": "culture", "address": "堤口路 1 号", "hours": "全天",
        "phone": "", "step_free": "yes", "step_free_note": "", "position.latitude": "36.68",
        "position.longitude": "116.96", "position.datum": "GCJ-02", "about": "",
    }  # fmt: skip
    added = {f"facilities.{number}.{name}": value for name, value in new.items()}
    await publish_form(own, f"{OFFICE}/facilities", {**form, **added})
    page = (await own.get("/c/liujiazhuang/facilities")).text
    assert "新书屋" in page
    assert 'id="xin-shu-wu"' in page


async def test_who_edits_one_community_goes_straight_there(own, cast) -> None:
    await sign_in(own, cast.editor, NOW)
    assert (await own.get("/staff/communities")).headers["location"] == OFFICE
    for path in ("/staff/handbook", GUIDE, f"{GUIDE}/preview", "/staff/holidays/2027"):
        assert (await own.get(path)).status_code == 404
    await sign_in(own, cast.admin, NOW)
    assert "益康社区" in (await own.get("/staff/communities")).text


# Safety


async def test_only_a_preview_may_stand_in_a_frame_and_only_in_ours(own, cast) -> None:
    for path, who in ((f"{GUIDE}/preview", "'self'"), (GUIDE, "'none'"), (PUBLIC, "'none'")):
        response = await own.get(path)
        policy = response.headers["content-security-policy"]
        assert f"frame-ancestors {who}" in policy, path
        frame = "SAMEORIGIN" if who == "'self'" else "DENY"
        assert response.headers["x-frame-options"] == frame


async def test_a_form_larger_than_any_guide_is_refused(own, cast) -> None:
    form = {"base": "1", "summary": "字" * 400_000}
    for path in (f"{GUIDE}/draft", f"/f{GUIDE}/draft"):
        assert (await own.post(path, data=form)).status_code == 413
    form["summary"] = "字" * 30_000
    assert (await own.post(f"{GUIDE}/draft", data=form)).status_code == 303


@pytest.mark.parametrize(
    "form",
    [
        {"base": "99999999999999999999"},
        {"base": "-1", "documents": "x", "documents.0": "y", "documents.0.name": "z"},
        {"base": "1", "documents.0.name.more.yet": "z", "": "x", "...": "y", "a.b": "c"},
        {"base": "x", "do": "up"},
        {"do": "add fee"},
        {"do": "remove"},
        {"do": "theirs "},
    ],
)
async def test_a_made_up_form_breaks_nothing(own, cast, form) -> None:
    assert (await own.post(f"{GUIDE}/draft", data=form)).status_code == 303
    assert (await own.get(GUIDE)).status_code == 200
    assert (await own.get(f"{GUIDE}?check=1")).status_code == 200
    assert (await own.get(f"{GUIDE}/preview")).status_code == 200


async def test_hostile_words_are_words(own, cast) -> None:
    form = {**await guide_form(own), "summary": "<script>alert(1)</script>&lt;b"}
    await publish_form(own, GUIDE, form)
    for path in (PUBLIC, GUIDE, f"{GUIDE}/versions/2", f"{GUIDE}/preview"):
        page = (await own.get(path)).text
        assert "<script>alert" not in page
        assert "&lt;script&gt;alert(1)&lt;/script&gt;&amp;lt;b" in page or "&amp;lt;b" in page
