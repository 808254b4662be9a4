"""What residents ask about a disclosure: the form, the conversation, and what everyone reads."""

from __future__ import annotations

import datetime as dt
import re
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import select

from domain.disclosures import publishing
from domain.disclosures.tables import Inquiry, InquiryKind
from domain.matters.tables import Matter
from domain.staff.actor import Grant
from domain.staff.tables import Role
from push import recipients
from push.tables import Kind, OutboxRow
from tests.world.forms import ENGLISH, hidden, words
from tests.world.inquiries import ANSWER, WORDS, InquiryOffice, inquiry_office
from tests.world.people import arrived, sign_in
from tests.world.push_browsers import PushBrowser

if TYPE_CHECKING:
    import httpx
    from sqlalchemy.ext.asyncio import AsyncSession

    from domain.disclosures.tables import Disclosure
    from domain.staff.actor import Actor
    from tests.world.app import Browser

HERE = "/c/liujiazhuang/disclosures"
LIST = "/c/liujiazhuang/inquiries"
STAFF = "/staff/c/liujiazhuang/inquiries"


@pytest.fixture
async def asked(own: Browser) -> InquiryOffice:
    """The office, beside the application; the application itself keeps answers."""
    return await inquiry_office(own.store, keeps_answers=False)


async def form_of(own: Browser, address: str, **typed: str) -> dict[str, str]:
    """The form as it was shown, with what was typed."""
    page = (await own.get(address)).text
    return {**hidden(page), "words": WORDS, "kind": "question", **typed}


async def send(own: Browser, disclosure_id: int, about: str = "", **typed: str) -> httpx.Response:
    """Ask about a disclosure."""
    query = f"?line={about}" if about else ""
    form = await form_of(own, f"{HERE}/{disclosure_id}/inquiries/new{query}", **typed)
    return await own.post(f"{HERE}/{disclosure_id}/inquiries", data=form)


async def newest(own: Browser) -> tuple[Matter, Inquiry]:
    """The newest inquiry with its matter."""
    async with own.store.read() as session:
        rows = await session.execute(
            select(Matter, Inquiry)
            .join(Inquiry, Inquiry.matter_id == Matter.id)
            .order_by(Matter.id.desc())
            .limit(1)
        )
        matter, inquiry = rows.one()
        return matter, inquiry


async def count(own: Browser) -> int:
    async with own.store.read() as session:
        return len((await session.scalars(select(Inquiry.matter_id))).all())


async def test_a_question_about_a_line_leads_to_its_conversation(own, asked) -> None:
    disclosure_id = await asked.published()
    page = (await own.get(f"{HERE}/{disclosure_id}")).text
    assert f'href="{HERE}/{disclosure_id}/inquiries/new?line=a2"' in page
    answer = await send(own, disclosure_id, "a2")
    matter, inquiry = await newest(own)
    assert (answer.status_code, answer.headers["location"]) == (303, matter.path)
    assert (inquiry.line, inquiry.asker) == ("a2", "")
    talk = words(await own.get(matter.path))
    assert "楼道照明维修 4,500.00" in talk
    assert "最迟11月25日" in talk
    # Nobody reads it before a moderator looked.
    assert WORDS not in words(await own.get(LIST))
    assert (await own.get(f"{LIST}/{matter.id}")).status_code == 404


async def test_the_whole_way_from_a_question_to_its_judged_answer(own, asked) -> None:
    disclosure_id = await asked.published()
    await send(own, disclosure_id, "a2", asker="王桂英")
    matter, _ = await newest(own)
    await asked.moderates("second", matter.id)
    public = words(await own.get(f"{LIST}/{matter.id}"))
    assert WORDS in public
    assert "王桂英" in public
    assert "11月30日" in public
    asked.later(days=9)
    await asked.answers("above", matter.id)
    for address in (LIST, f"{LIST}/{matter.id}", f"{HERE}/{disclosure_id}"):
        page = words(await own.get(address))
        assert ANSWER in page, address
        assert "迟了 2 天" in page, address
    form = hidden((await own.get(matter.path)).text)
    gone_on = {"request": form["request"], "answered": "no", "words": "验收单看不到"}
    assert (await own.post(f"{matter.path}/judging", data=gone_on)).status_code == 303
    # A double tap asks once.
    await own.post(f"{matter.path}/judging", data=gone_on)
    matter, inquiry = await newest(own)
    assert (inquiry.is_answered, inquiry.reopened_at is None) == (False, False)
    assert matter.owed_since is not None
    assert "办事处" in words(await own.get(matter.path))
    await asked.answers("above", matter.id, "验收单已补上。")
    form = hidden((await own.get(matter.path)).text)
    yes = {"request": form["request"], "answered": "yes"}
    assert (await own.post(f"{matter.path}/judging", data=yes)).status_code == 303
    page = words(await own.get(f"{LIST}/{matter.id}"))
    assert "提问人说：已经回答了" in page
    # It was opened again once; the page has no form for more, and a forged one is refused.
    page = (await own.get(matter.path)).text
    assert "/reopening" not in page
    more = {"request": "y" * 43, "words": "再来一次"}
    assert (await own.post(f"{matter.path}/reopening", data=more)).status_code == 409


async def test_others_see_it_first_and_want_to_know_it_too(own, asked) -> None:
    disclosure_id = await asked.published()
    inquiry_id = await asked.asks(disclosure_id, line="a2")
    await asked.moderates("second", inquiry_id)
    page = (await own.get(f"{HERE}/{disclosure_id}/inquiries/new?line=a2")).text
    assert WORDS in page
    again = await send(own, disclosure_id, "a2", words="楼道照明维修的是哪几栋")
    assert again.status_code == 422
    assert "是不是这些" in words(again)
    assert await count(own) == 1
    support = f"{LIST}/{inquiry_id}/supporters"
    assert f'action="{support}"' in again.text
    form = {"request": hidden(again.text)["request"]}
    own.cookies.clear()
    assert (await own.post(support, data=form)).status_code == 303
    assert (await own.post(support, data=form)).status_code == 303
    page = words(await own.get(f"{LIST}/{inquiry_id}"))
    assert "还有 1 人想知道" in page
    assert "有答复会通知您" in page
    # Who saw them may ask all the same.
    confirmed = {**hidden(again.text), "words": "楼道照明维修的是哪几栋", "kind": "question"}
    sent = await own.post(f"{HERE}/{disclosure_id}/inquiries", data=confirmed)
    assert sent.status_code == 303
    assert await count(own) == 2


async def test_who_wanted_to_know_is_told_of_the_public_answer(own, asked) -> None:
    inquiry_id = await asked.asks(await asked.published())
    await asked.moderates("second", inquiry_id)
    device = "e" * 64
    browser = PushBrowser("https://fcm.googleapis.com/fcm/send/li")
    await browser.subscribe(own.store, recipients.device(device))
    await asked.supports(inquiry_id, device)
    await asked.answers("writer", inquiry_id)
    async with own.store.read() as session:
        rows = (await session.scalars(select(OutboxRow))).all()
    told = [row for row in rows if row.kind is Kind.INQUIRY_ANSWERED]
    assert [row.facts["inquiry"] for row in told] == [inquiry_id]
    assert ANSWER not in str([row.facts for row in rows])


async def test_a_form_that_is_sent_twice_is_one_inquiry(own, asked) -> None:
    disclosure_id = await asked.published()
    form = await form_of(own, f"{HERE}/{disclosure_id}/inquiries/new")
    sent = [await own.post(f"{HERE}/{disclosure_id}/inquiries", data=form) for _ in range(2)]
    assert sent[0].headers["location"] == sent[1].headers["location"]
    changed = {**form, "words": "别的问题"}
    refused = await own.post(f"{HERE}/{disclosure_id}/inquiries", data=changed)
    assert refused.status_code == 409
    assert "别的问题" in refused.text
    assert await count(own) == 1


@pytest.mark.parametrize(
    ("typed", "status", "mark"),
    [
        ({"words": " "}, 422, "请先写几个字"),
        ({"words": "灯" * 2001}, 422, "2000 字"),
        ({"kind": "on-site"}, 422, "请选择是提问"),
        ({"kind": "x"}, 422, "请选择是提问"),
        ({"kind": "objection"}, 409, "公示期已过"),
        ({"line": "zz"}, 409, "这笔账已经不在账目里"),
        ({"request": "x"}, 422, "太旧"),
        ({"words": "已经到法院起诉了"}, 422, "12348"),
    ],
)
async def test_a_refused_question_keeps_its_words(own, asked, typed, status, mark) -> None:
    disclosure_id = await asked.published()
    answer = await send(own, disclosure_id, **{"asker": "王桂英", **typed})
    assert answer.status_code == status
    assert mark in words(answer)
    assert 'value="王桂英"' in answer.text
    assert typed.get("words", WORDS).strip()[:20] in answer.text
    assert await count(own) == 0


async def test_what_is_in_court_can_be_sent_all_the_same(own, asked) -> None:
    disclosure_id = await asked.published()
    first = await send(own, disclosure_id, words="已经到法院起诉了")
    form = {**hidden(first.text), "words": "已经到法院起诉了", "kind": "question"}
    assert (await own.post(f"{HERE}/{disclosure_id}/inquiries", data=form)).status_code == 303


async def test_an_objection_is_offered_within_its_period_only(own, asked) -> None:
    disclosure_id = await asked.published(open_days=5)
    page = words(await own.get(f"{HERE}/{disclosure_id}/inquiries/new"))
    assert "11月30日前可以提出" in page.replace(" ", "")
    assert (await send(own, disclosure_id, kind="objection")).status_code == 303
    _, inquiry = await newest(own)
    assert inquiry.kind is InquiryKind.OBJECTION
    plain = await asked.published()
    assert "objection" not in (await own.get(f"{HERE}/{plain}/inquiries/new")).text
    shown = words(await own.get(f"{HERE}/{disclosure_id}"))
    assert "1 条异议" in shown


async def test_a_flood_of_one_phone_ends(own, asked) -> None:
    disclosure_id = await asked.published()
    statuses = [
        (await send(own, disclosure_id, words=f"问题{n}：{chr(0x4E00 + n * 7) * 9}")).status_code
        for n in range(6)
    ]
    assert statuses == [303] * 5 + [429]


@pytest.mark.parametrize("below", ["", "?line=a1", "?line=%00", "?line=" + "x" * 500])
async def test_the_form_is_there_for_any_line(own, asked, below) -> None:
    disclosure_id = await asked.published()
    for address in (f"{HERE}/{disclosure_id}/inquiries/new{below}", f"{LIST}/new"):
        assert (await own.get(address)).status_code == 200
    assert (await own.get(f"{HERE}/999999/inquiries/new{below}")).status_code == 404
    draft = await asked.begun()
    assert (await own.get(f"{HERE}/{draft}/inquiries/new{below}")).status_code == 404
    assert (
        await own.get(f"/c/yikang/disclosures/{disclosure_id}/inquiries/new")
    ).status_code == 404


async def test_a_withdrawn_disclosure_says_so_in_the_form_and_beside_its_inquiries(
    own, asked
) -> None:
    disclosure_id = await asked.published()
    inquiry_id = await asked.asks(disclosure_id, line="a2")
    await asked.moderates("second", inquiry_id)

    async def withdraw(session: AsyncSession, actor: Actor, made: Disclosure) -> None:
        await publishing.withdraw(session, actor, made, "金额有误", asked.now)

    await asked.do(disclosure_id, withdraw)
    form = words(await own.get(f"{HERE}/{disclosure_id}/inquiries/new?line=a2"))
    assert "金额有误" in form
    assert "关于这笔账" not in form
    for address in (f"{LIST}/{inquiry_id}", f"{HERE}/{disclosure_id}"):
        page = words(await own.get(address))
        assert WORDS in page
        assert "撤回" in page
    await asked.answers("writer", inquiry_id)
    assert ANSWER in words(await own.get(f"{LIST}/{inquiry_id}"))


async def test_what_nobody_checked_in_time_is_listed_without_its_words(own, asked, clock) -> None:
    inquiry_id = await asked.asks(await asked.published(), asker="王桂英")
    clock.now += dt.timedelta(days=3)
    for address in (LIST, f"{LIST}/{inquiry_id}"):
        page = words(await own.get(address))
        assert "11月23日 起审核中" in page or "11月23日起审核中" in page
        assert WORDS not in page
        assert "王桂英" not in page


async def test_a_held_back_inquiry_is_explained_to_its_asker_who_objects(own, asked) -> None:
    await send(own, await asked.published())
    matter, _ = await newest(own)
    await asked.holds_back("second", matter.id)
    page = await own.get(matter.path)
    assert "点了邻居的名" in page.text
    assert "1 条没有公开" in words(await own.get(LIST))
    form = {"request": hidden(page.text)["request"], "words": "没有点名"}
    # Another phone reads along, and can do nothing.
    mine = dict(own.cookies)
    own.cookies.clear()
    assert "/disputing" not in (await own.get(matter.path)).text
    assert (await own.post(f"{matter.path}/disputing", data=form)).status_code == 403
    own.cookies.update(mine)
    assert (await own.post(f"{matter.path}/disputing", data=form)).status_code == 303
    _, inquiry = await newest(own)
    assert inquiry.disputed_at is not None
    again = {**form, "request": hidden((await own.get(matter.path)).text)["request"]}
    assert (await own.post(f"{matter.path}/disputing", data=again)).status_code == 409


async def test_an_application_goes_to_the_subdistrict_and_its_clock_is_told(own, asked) -> None:
    form = await form_of(own, f"{LIST}/new", kind="question")
    assert (await own.post(f"{LIST}/applications", data=form)).status_code == 303
    matter, inquiry = await newest(own)
    assert (inquiry.kind, inquiry.disclosure_id) == (InquiryKind.APPLICATION, None)
    await asked.asks_correction("above", matter.id, dt.date(2026, 12, 4))
    page = await own.get(matter.path)
    assert "请写明年份" in page.text
    correction = {"request": hidden(page.text)["request"], "words": "要 2025 年的合同"}
    assert (await own.post(f"{matter.path}/correcting", data=correction)).status_code == 303
    assert "已补正，期限重新计算" in words(await own.get(matter.path))
    again = {**correction, "request": "x" * 43}
    assert (await own.post(f"{matter.path}/correcting", data=again)).status_code == 409


async def test_words_that_are_taken_back_are_gone_from_every_page(own, asked) -> None:
    disclosure_id = await asked.published()
    await send(own, disclosure_id, asker="王桂英")
    matter, _ = await newest(own)
    await asked.moderates("second", matter.id)
    await asked.answers("writer", matter.id)
    await asked.closes(matter.id)
    assert (await own.post(f"{matter.path}/erasing", data={"sure": "yes"})).status_code == 303
    for address in (LIST, f"{LIST}/{matter.id}", f"{HERE}/{disclosure_id}", f"{LIST}?q=照明"):
        page = words(await own.get(address))
        assert WORDS not in page
        assert ANSWER not in page
        assert "王桂英" not in page


async def test_lists_are_searched_and_paged(own, asked) -> None:
    disclosure_id = await asked.published()
    for n in range(23):
        inquiry_id = await asked.asks(disclosure_id, device=f"{n}")
        await asked.moderates("second", inquiry_id)
        await asked.answers("writer", inquiry_id, f"第 {n} 个答复。")
    first = await own.get(LIST)
    assert "第 22 个答复" in first.text
    older = re.search(r'rel="next" href="([^"]+)"', first.text)
    assert older
    page = (await own.get(older[1])).text
    assert "第 0 个答复" in page
    assert "第 22 个答复" not in page
    found = (await own.get(f"{LIST}?q=第+7+个")).text
    assert "第 7 个答复" in found
    for query in ("q=%25", "before=x", "before=999999999999", "q=" + "长" * 4000):
        assert (await own.get(f"{LIST}?{query}")).status_code == 200


async def test_a_visit_that_explains_it_is_a_message_with_its_title(own, asked) -> None:
    disclosure_id = await asked.published()
    page = (await own.get(f"/c/liujiazhuang/messages/new?about={disclosure_id}")).text
    assert "请给我讲讲公开的“11 月份社区工作经费收支”" in page
    for wrong in ("999999", "x", ""):
        answer = await own.get(f"/c/liujiazhuang/messages/new?about={wrong}")
        assert "请给我讲讲" not in answer.text


# What the office does.


async def test_a_moderator_sees_what_was_found_and_must_say_that_it_is_none(
    own, asked, clock
) -> None:
    identity = "他的身份证是 11010519491231002X 吗？"
    await send(own, await asked.published(), words=identity)
    matter, _ = await newest(own)
    await sign_in(own, asked.people["second"], clock.now)
    assert f'href="{STAFF}"' in (await own.get("/staff")).text
    assert f'href="{STAFF}/{matter.id}"' in (await own.get(STAFF)).text
    page = await own.get(f"{STAFF}/{matter.id}", headers=ENGLISH)
    assert "Identity number" in page.text
    assert identity in page.text
    publish = f"{STAFF}/{matter.id}/publishing"
    refused = await own.post(publish, data={"words": identity, "why": ""})
    assert refused.status_code == 422
    assert "可能有个人信息" in refused.text
    assert (await own.post(publish, data={"words": "他的身份证是……吗？"})).status_code == 422
    masked = {"words": "他的身份证是……吗？", "why": "隐去了号码"}
    assert (await own.post(publish, data=masked)).status_code == 303
    # The original is not the moderator's to read again.
    page = (await own.get(f"{STAFF}/{matter.id}")).text
    assert identity not in page
    assert "隐去了号码" in (await own.get(matter.path)).text
    assert "他的身份证是……吗？" in words(await own.get(f"{LIST}/{matter.id}"))


async def test_who_held_it_back_cannot_review_it_and_a_colleague_can(own, asked, clock) -> None:
    await send(own, await asked.published())
    matter, _ = await newest(own)
    await asked.holds_back("second", matter.id)
    await asked.disputes(matter.id)
    await sign_in(own, asked.people["second"], clock.now)
    page = (await own.get(f"{STAFF}/{matter.id}")).text
    assert "异议由另一位工作人员处理" in page
    refused = await own.post(f"{STAFF}/{matter.id}/holding-back", data={"why": "还是不行"})
    assert refused.status_code == 422
    await sign_in(own, asked.people["chief"], clock.now)
    kept = {"words": WORDS}
    assert (await own.post(f"{STAFF}/{matter.id}/publishing", data=kept)).status_code == 303
    assert WORDS in words(await own.get(f"{LIST}/{matter.id}"))


async def test_an_answer_with_a_number_in_it_waits_on_the_list(own, asked, clock) -> None:
    inquiry_id = await asked.asks(await asked.published())
    await asked.moderates("second", inquiry_id)
    await asked.answers("writer", inquiry_id, "请打 13800138000。")
    public = words(await own.get(f"{LIST}/{inquiry_id}"))
    assert "13800138000" not in public
    assert "审核后公开" in public
    await sign_in(own, asked.people["second"], clock.now)
    assert f"{STAFF}/{inquiry_id}" in (await own.get(STAFF)).text
    page = (await own.get(f"{STAFF}/{inquiry_id}")).text
    found = re.search(rf'action="({STAFF}/{inquiry_id}/answers/\d+/publishing)"', page)
    assert found
    assert (await own.post(found[1], data={"words": "请打 13800138000。"})).status_code == 422
    assert (await own.post(found[1], data={"words": "请打社区电话。"})).status_code == 303
    assert "请打社区电话" in words(await own.get(f"{LIST}/{inquiry_id}"))


async def test_other_communities_staff_and_lower_roles_see_none_of_it(own, asked, clock) -> None:
    inquiry_id = await asked.asks(await asked.published())
    addresses = [STAFF, f"{STAFF}/{inquiry_id}", f"{STAFF}/{inquiry_id}/code"]
    acts = [f"{STAFF}/{inquiry_id}/publishing", f"{STAFF}/{inquiry_id}/holding-back"]
    async with own.store.read() as session:
        away = await session.scalar(select(Matter.community_id).where(Matter.id == inquiry_id))
    stranger = await arrived(own.store, "away", Grant(Role.EDITOR, community_id=(away or 0) + 1))
    for headers in (stranger.headers, {}):
        for address in addresses:
            status = (await own.get(address, headers=headers)).status_code
            assert status == (404 if headers else 303), address
        for address in acts:
            status = (await own.post(address, data={"why": "x"}, headers=headers)).status_code
            assert status == (404 if headers else 303), address
    await sign_in(own, asked.people["clerk"], clock.now)
    for address in addresses:
        assert (await own.get(address)).status_code == 404, address
    other = "/staff/c/yikang/inquiries"
    await sign_in(own, asked.people["mayor"], clock.now)
    assert (await own.get(f"{other}/{inquiry_id}")).status_code == 404
    assert (await own.get(f"{STAFF}/{inquiry_id}/answers/1/publishing")).status_code == 303
    missing = await own.post(f"{STAFF}/{inquiry_id}/answers/999/publishing", data={"words": "x"})
    assert missing.status_code == 404


async def test_a_handler_reads_both_and_moves_the_clock(own, asked, clock) -> None:
    inquiry_id = await asked.asks(None, InquiryKind.APPLICATION)
    await asked.moderates("second", inquiry_id, "照明维修的是哪几栋？", "缩短了")
    desk = f"/staff/matters/{inquiry_id}"
    await sign_in(own, asked.people["chief"], clock.now)
    reading = await own.get(desk)
    assert WORDS not in reading.text
    for noun in ("correction", "third-parties", "third-parties-heard", "extension"):
        refused = await own.post(f"{desk}/{noun}", data={"reason": "x", "until": "2026-12-04"})
        assert refused.status_code in {404, 409}, noun
    await sign_in(own, asked.people["above"], clock.now)
    page = await own.get(desk)
    assert WORDS in page.text
    assert "照明维修的是哪几栋？" in page.text
    assert "/extension" in page.text
    for data in ({"reason": "", "until": "2026-12-04"}, {"reason": "x", "until": "2020-01-01"}):
        assert (await own.post(f"{desk}/correction", data=data)).status_code == 422
    why = {"reason": "征求物业公司意见"}
    assert (await own.post(f"{desk}/third-parties", data=why)).status_code == 303
    assert (await own.post(f"{desk}/third-parties", data=why)).status_code == 422
    assert "third-parties-heard" in (await own.get(desk)).text
    assert (await own.post(f"{desk}/extension", data=why)).status_code == 303
    assert (await own.post(f"{desk}/extension", data=why)).status_code == 422
    matter, _ = await newest(own)
    talk = words(await own.get(matter.path))
    assert "正在征求第三方意见" in talk
    assert "延长答复期限" in talk


async def test_a_clerk_writes_down_what_was_asked_in_the_room(own, asked, clock) -> None:
    disclosure_id = await asked.published()
    await sign_in(own, asked.people["clerk"], clock.now)
    form = hidden((await own.get(f"{STAFF}/new")).text)
    typed = {**form, "words": WORDS, "disclosure": str(disclosure_id), "answer": ANSWER}
    for wrong in ({"words": " "}, {"disclosure": ""}, {"disclosure": "999999"}, {"request": "x"}):
        refused = await own.post(f"{STAFF}/on-site", data={**typed, **wrong})
        assert refused.status_code == 422
        assert ANSWER in refused.text
    sent = [await own.post(f"{STAFF}/on-site", data=typed) for _ in range(2)]
    assert sent[0].headers["location"] == sent[1].headers["location"]
    matter, inquiry = await newest(own)
    assert await count(own) == 1
    assert (inquiry.kind, inquiry.written_by) == (InquiryKind.ON_SITE, asked.people["clerk"])
    assert matter.owed_since is None
    page = (await own.get(sent[0].headers["location"])).text
    code = page.partition('class="call-code"')[2].partition("</p>")[0]
    assert "".join(re.findall(r"<span>(\w\w)</span>", code)) == matter.code
    await asked.moderates("second", matter.id)
    assert ANSWER in words(await own.get(f"{LIST}/{matter.id}"))
