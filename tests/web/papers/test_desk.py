"""The desk: an office writes, looks, publishes and brings back; residents see it at once."""

from __future__ import annotations

import datetime as dt
import re
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import select

from domain.papers import kinds
from domain.papers.paper import Paper
from domain.papers.tables import PaperDraft
from domain.phones import grouped
from tests.world.clock import NOW
from tests.world.forms import words_of
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
from tests.world.people import sign_in

if TYPE_CHECKING:
    from collections.abc import Iterator

# What the page shows is what is saved


@pytest.mark.parametrize("name", ["conditions", "life_events", "documents", "proxy", "fee.note"])
async def test_what_a_form_does_not_show_stays_as_it_is_stored(own, cast, name) -> None:
    paper = Paper(kinds.GUIDE, None, "dibao")
    async with own.store.read() as session:
        before: Any = await paper.read(session)
    form = {k: v for k, v in (await typed_form(own, paper)).items() if not f"{k}.".startswith(name)}
    form["shows"] = " ".join(
        each for each in form["shows"].split() if not f"{each}.".startswith(f"{name}.")
    )
    await publish_form(own, DIBAO, {**form, "summary": "别的都没有动的一句话"})
    async with own.store.read() as session:
        after = await paper.read(session)
    assert after == before.model_copy(update={"summary": "别的都没有动的一句话"})


async def test_what_a_form_shows_and_does_not_post_is_emptied(own, cast) -> None:
    form = await typed_form(own, Paper(kinds.GUIDE, None, "dibao"))
    form |= {"related": [], "life_events": []}
    await publish_form(own, DIBAO, {k: v for k, v in form.items() if not k.startswith("related")})
    async with own.store.read() as session:
        after: Any = await Paper(kinds.GUIDE, None, "dibao").read(session)
    assert after.related == after.life_events == ()


async def test_a_form_sent_back_untouched_makes_no_draft(own, cast) -> None:
    for paper in one_of_each():
        desk = f"/staff/{paper.subject}"
        response = await own.post(f"{desk}/draft", data=await typed_form(own, paper))
        assert response.status_code == 303, paper.kind
        async with own.store.read() as session:
            assert await session.scalar(select(PaperDraft.document)) is None, paper.kind


def one_of_each() -> Iterator[Paper]:
    """A paper of each kind that the sample has."""
    for kind in kinds.KINDS:
        if kind is kinds.HOLIDAYS:
            continue
        key = "gaoling-jintie" if kind in {kinds.GUIDE, kinds.OWN} else ""
        key = "old-town" if kind is kinds.CATALOGUE else key
        key = "bereavement" if kind is kinds.EVENT else key
        key = "liujiazhuang" if kind is kinds.PLACE else key
        yield Paper(kind, "liujiazhuang" if kind.is_of_community else None, key)


async def test_a_preview_gives_no_address_of_the_office_away(own, cast) -> None:
    """A resident who scans a code or follows a link that was shared could not open it."""
    for paper in one_of_each():
        page = (await own.get(f"/staff/{paper.subject}/preview")).text
        given = re.findall(r"(?:/code|/code\.svg|/mistakes/new)\?[^\"]+", page)
        assert [each for each in given if "staff" in each] == [], paper.subject
        assert "/staff/" not in words_of(page), paper.subject


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
    form = await typed_form(own, Paper(kinds.HALL, "liujiazhuang"))
    form |= {"phone": "０５３１－００００２１９９", "hours.saturday": "9:00—11:30，13:00至15:00"}
    await publish_form(own, desk, form)
    page = words(await own.get("/c/liujiazhuang/hall"))
    assert "0531-0000 2199" in page
    assert "9:00–11:30" in page
    assert "13:00–15:00" in page


async def test_a_number_from_a_letterhead_is_taken_and_dialled_with_its_extension(
    own, cast
) -> None:
    form = await typed_form(own, Paper(kinds.HALL, "liujiazhuang"))
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
        **began(page),
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
