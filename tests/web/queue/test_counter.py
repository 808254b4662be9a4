"""The counter by plain forms: a whole visit, every refusal in words, and nothing lost."""

from __future__ import annotations

import datetime as dt
import re
from typing import Any

import pytest
from sqlalchemy import select

from domain.published import load_community
from domain.queue.tables import CounterShift, HallQueue, PriorityKind, QueueRules
from domain.staff.actor import Grant
from domain.staff.journal import JournalEntry
from domain.staff.tables import Role
from tests.world.clerks import (
    COUNTERS,
    DESK,
    HALL,
    HOME,
    MINUTE,
    SECOND,
    Clerk,
    another,
)
from tests.world.databases import both_databases
from tests.world.district import places
from tests.world.forms import words
from tests.world.people import PASSWORD, arrived
from web.queue.counter.desk import changes

pytestmark = both_databases

pytestmark = both_databases

AWAY = "yikang"
ITEM = "gaoling-jintie"


@pytest.fixture
async def desk(clerk: Clerk) -> Clerk:
    """The clerk at the first counter."""
    await clerk.sits(letters=(clerk.letter,))
    return clerk


# Signing on


async def test_the_way_to_the_counter(clerk) -> None:
    headers = clerk.person.headers
    assert "没人在等" in await clerk.get("/staff")
    response = await clerk.browser.get("/staff/counters", headers=headers)
    assert response.headers["location"] == COUNTERS
    assert "1 号窗口" in await clerk.get(COUNTERS) or "上岗" in await clerk.get(COUNTERS)
    await clerk.take()
    await clerk.sits(letters=(clerk.letter,))
    response = await clerk.browser.get("/staff/counters", headers=headers)
    assert response.headers["location"] == DESK
    home = await clerk.get("/staff")
    assert "1 人在等" in home
    assert "回到 1 号窗口" in home


async def test_an_administrator_of_the_district_chooses_a_hall(own, clock) -> None:
    boss = await arrived(own.store, "boss", Grant(Role.ADMINISTRATOR))
    found = Clerk(own, clock, boss)
    assert "今天在哪个大厅" in await found.get("/staff/counters")
    assert "刘家庄" in await found.get(COUNTERS)


async def test_a_counter_is_one_persons(desk) -> None:
    other = await another(desk)
    response = await other.post("shifts", letters=(desk.letter,))
    assert response.status_code == 422
    assert "Clerk Wang 正在这个窗口" in words(response)
    assert "Clerk Wang" in await other.get(COUNTERS)


async def test_signing_on_needs_a_category_and_a_counter(clerk) -> None:
    response = await clerk.post("shifts")
    assert response.status_code == 422
    assert "请至少选一类业务" in words(response)
    response = await clerk.post("shifts", letters=["?", "Ж"])
    assert response.status_code == 422
    assert (await clerk.post("shifts", f"{COUNTERS}/99", letters=["A"])).status_code == 404


async def test_nobody_leaves_someone_behind_at_a_counter(desk) -> None:
    await desk.take()
    await desk.does("calls")
    response = await desk.post("shifts", f"{COUNTERS}/2", letters=(desk.letter,))
    assert response.status_code == 422
    assert f"请先办完 {desk.letter}001" in words(response)
    # Other categories at the same counter disturb nobody.
    await desk.sits(letters=("A", desk.letter))
    assert f"{desk.letter}001" in await desk.get()


async def test_without_a_shift_a_polite_page_leads_to_signing_on(clerk) -> None:
    response = await clerk.browser.get(DESK, headers=clerk.person.headers)
    assert response.headers["location"] == f"{COUNTERS}?at=1"
    assert "请先上岗" in await clerk.get(f"{COUNTERS}?at=1")
    response = await clerk.post("calls")
    assert response.status_code == 422
    assert "请先上岗" in words(response)
    response = await clerk.browser.get(f"/f{DESK}", headers=clerk.person.headers)
    assert response.headers["location"] == f"{COUNTERS}?at=1"


async def test_a_clerk_of_another_community_finds_nothing(desk) -> None:
    stranger = await another(desk, "stranger", AWAY)
    ticket = await desk.take()
    headers = stranger.person.headers
    for path in (COUNTERS, DESK, f"{HALL}/day", f"{HALL}/tickets/{ticket.id}/slip"):
        assert (await desk.browser.get(path, headers=headers)).status_code == 404, path
    assert (await stranger.post("calls")).status_code == 404
    # A ticket of this hall is none of theirs either.
    away = f"/staff/c/{AWAY}"
    path = f"{away}/tickets/{ticket.id}/slip"
    assert (await desk.browser.get(path, headers=headers)).status_code == 404


# Serving


async def test_a_whole_visit(desk) -> None:
    await desk.take(items=(ITEM,), priority=PriorityKind.AGED, brought=("居民身份证",))
    desk.clock.now += 5 * MINUTE
    assert "1 人在等您" in await desk.get()
    called = await desk.does("calls")
    assert f"{desk.letter}001" in called
    assert "已叫号" in called
    assert "撤回叫号" in called
    assert "优先：70 岁及以上" in called
    assert "办理时限" in called
    desk.clock.now += 12 * SECOND
    assert "撤回叫号" not in await desk.does("recalls")
    serving = await desk.does("starts")
    assert "办理中" in serving
    assert "已核实" in await desk.does("priorities", is_right="yes")
    await desk.does("holds")
    assert "暂离 1" in await desk.get()
    (held,) = (await desk.look()).tickets
    assert "办理中" in await desk.does("resumptions", ticket=held.id)
    assert "没有人在等" in await desk.does("finishes")
    assert "办结" in await desk.get(f"{HALL}/day")


async def test_a_priority_that_is_not_right_goes(desk) -> None:
    await desk.take(priority=PriorityKind.DISABLED)
    assert "优先：残疾人" in await desk.does("calls")
    assert "优先：残疾人" not in await desk.does("priorities", is_right="no")
    assert "请确认优先是否属实" in await desk.refused("priorities")


async def test_a_wrong_call_is_taken_back_and_a_passed_one_called_again(desk) -> None:
    ticket = await desk.take()
    await desk.does("calls")
    assert "1 人在等您" in await desk.does("undoings")
    await desk.does("calls")
    assert "过号 1" in await desk.does("no-shows")
    assert "已叫号" in await desk.does("chosen-calls", ticket=ticket.id)


async def test_a_missed_number_whose_phone_holds_another_is_refused_in_words(desk) -> None:
    ticket = await desk.take(device_hash="phone")
    await desk.does("calls")
    await desk.does("no-shows")
    newer = await desk.take(device_hash="phone")
    assert newer.label in await desk.refused("chosen-calls", ticket=ticket.id)
    assert "1 人在等您" in await desk.get()


async def test_someone_is_sent_on(desk) -> None:
    await desk.take()
    await desk.does("calls")
    assert "请选择转到哪里" in await desk.refused("transfers")
    assert "请选择转到哪里" in await desk.refused("transfers", to="counter:1")
    assert "请选择转到哪里" in await desk.refused("transfers", to="category:Ж")
    assert "2 号窗口现在没人" in (await desk.post("transfers", to="counter:2")).text
    assert "没有窗口叫的号 1" in await desk.does("transfers", to="counter:2", sure="yes")
    (there,) = (await desk.look()).waiting
    assert there.for_counter == 2
    await desk.does("chosen-calls", ticket=there.id)
    await desk.does("transfers", to=f"category:{desk.letter}")
    (here,) = (await desk.look()).waiting
    assert (here.for_counter, here.category) == (None, desk.letter)


async def test_a_pause_says_why(desk) -> None:
    await desk.take()
    assert "请写明原因" in await desk.refused("pauses")
    assert "吃饭" in await desk.does("pauses", reason="吃饭")
    assert "窗口暂停中" in await desk.refused("calls")
    assert "叫下一位" in await desk.does("pauses/ending")
    assert "去街道送材料" in await desk.does("pauses", reason="吃饭", other="去街道送材料")


@pytest.mark.parametrize(
    ("said", "shown"),
    [
        ({"back_in": "30"}, True),
        ({"back_in": "31"}, False),
        ({"back_at": "23:59"}, True),
        ({"back_at": "00:00"}, False),
        ({"back_at": "noon", "back_in": ""}, False),
    ],
)
async def test_a_pause_says_until_when_if_the_clerk_said(desk, said, shown) -> None:
    assert ("预计" in await desk.does("pauses", reason="吃饭", **said)) is shown
    assert "预计" not in await desk.does("pauses/ending")


async def test_every_refusal_is_said_in_words(desk) -> None:
    assert "没有人在等" in await desk.refused("calls")
    for noun in ("recalls", "starts", "finishes", "no-shows", "holds", "undoings"):
        assert "请先叫下一位" in await desk.refused(noun), noun
    assert "不是本大厅今天的号" in await desk.refused("chosen-calls", ticket="x")
    assert "不是本大厅今天的号" in await desk.refused("resumptions", ticket="999999999")
    await desk.take()
    second = await desk.take()
    await desk.does("calls")
    assert f"请先办完 {desk.letter}001" in await desk.refused("calls")
    assert f"请先办完 {desk.letter}001" in await desk.refused("sign-off")
    assert "状态是“已叫号”" in await desk.refused("holds")
    desk.clock.now += 11 * SECOND
    assert "十秒内" in await desk.refused("undoings")
    await desk.does("starts")
    assert "状态是“办理中”" in await desk.refused("no-shows")
    await desk.does("finishes")
    assert "状态是“等候中”" in await desk.refused("resumptions", ticket=second.id)


async def test_another_halls_ticket_cannot_be_called(desk) -> None:
    theirs = await desk.take(AWAY)
    assert "不是本大厅今天的号" in await desk.refused("chosen-calls", ticket=theirs.id)
    path = f"{HALL}/tickets/{theirs.id}/slip"
    response = await desk.browser.get(path, headers=desk.person.headers)
    assert response.status_code == 404


async def test_a_session_that_ended_in_the_middle_loses_nothing(desk) -> None:
    await desk.take(items=(ITEM,))
    await desk.does("calls")
    await desk.does("starts")
    desk.clock.now += dt.timedelta(hours=9)
    response = await desk.browser.get(DESK, headers=desk.person.headers)
    way = response.headers["location"]
    assert way == "/staff/sessions/new?next=%2Fstaff%2Fc%2Fliujiazhuang%2Fcounters%2F1"
    assert (await desk.post("finishes")).headers["location"] == "/staff/sessions/new"
    form = {"name": "clerk", "password": PASSWORD, "next": DESK}
    response = await desk.browser.post("/staff/sessions", data=form)
    assert response.headers["location"] == DESK
    found = await desk.browser.get(DESK)
    assert f"{desk.letter}001" in words(found)
    assert "办理中" in words(found)


async def test_signing_off(desk) -> None:
    response = await desk.post("sign-off")
    assert response.headers["location"] == COUNTERS
    async with desk.browser.store.read() as session:
        assert (await session.scalar(select(CounterShift.ended_at))) is not None


async def test_the_fragment_is_the_desk(desk) -> None:
    response = await desk.browser.get(f"/f{DESK}", headers=desk.person.headers)
    assert response.status_code == 200
    assert '<div id="desk"' in response.text
    assert "<!doctype" not in response.text


# Paper


async def test_what_is_missing_is_said_once_in_writing(desk) -> None:
    ticket = await desk.take(items=(ITEM,))
    await desk.does("calls")
    assert "请把缺的材料一次勾全" in await desk.refused("notices", own=" \n ")
    page = f"{HALL}/tickets/{ticket.id}/notice"
    assert (await desk.browser.get(page, headers=desk.person.headers)).status_code == 404
    form = {"missing": ["居民身份证"], "own": "本人近照\n居民身份证\n"}
    response = await desk.post("notices", **form)
    assert response.headers["location"] == page
    notice = await desk.get(page)
    assert "一次性告知" in notice
    assert notice.count("居民身份证") == 1
    assert "本人近照" in notice
    assert "已一次性告知缺" in await desk.get()


async def test_a_number_for_someone_without_a_phone(desk) -> None:
    form_page = await desk.browser.get(f"{DESK}/tickets", headers=desk.person.headers)
    found = re.search(r'name="key" value="([^"]+)"', form_page.text)
    assert found is not None
    key = found[1]
    form = {"key": key, "category": desk.letter, "item": [ITEM], "priority": "aged"}
    first, again = [await desk.post("tickets", **form) for _ in range(2)]
    assert first.status_code == 303
    assert first.headers["location"] == again.headers["location"]
    slip = await desk.browser.get(first.headers["location"], headers=desk.person.headers)
    (ticket,) = (await desk.look()).waiting
    assert ticket.label in slip.text
    assert f"/code.svg?to=/tickets/{ticket.token}" in slip.text
    assert ticket.priority is PriorityKind.AGED
    assert ticket.device_hash is None


async def test_a_number_that_cannot_be_given_is_said(desk) -> None:
    response = await desk.post("tickets", category="", items=[ITEM])
    assert response.status_code == 422
    assert "请选择办什么" in words(response)
    async with desk.browser.store.read() as session:
        hall_id = (await load_community(session, HOME)).hall.id

    async def few(session: Any) -> None:
        session.add(HallQueue(hall_id=hall_id, rules=QueueRules(most_a_day=1)))

    await desk.unit(few)
    await desk.post("tickets", category=desk.letter, key="a")
    response = await desk.post("tickets", category=desk.letter, key="b")
    assert "今天的号已经发完" in words(response)
    assert 'value="b"' in response.text


# Live


async def test_the_stream_says_something_new_whenever_the_queue_changes(desk) -> None:
    seen = [changes(await desk.look())]

    async def is_new() -> bool:
        seen.append(changes(await desk.look()))
        return seen[-1] != seen[-2]

    assert not await is_new()
    await desk.take()
    assert await is_new()
    for noun in ("calls", "recalls", "starts", "finishes"):
        await desk.does(noun)
        assert await is_new(), noun
    await desk.does("pauses", reason="开会")
    assert await is_new()


# Closing, and what nobody calls


async def test_no_new_numbers_from_the_desk_and_back_again(clerk) -> None:
    await clerk.sits()
    await clerk.take()
    assert "在等的人照常叫号" in await clerk.does("stopping")
    assert clerk.letter in await clerk.does("calls")
    await clerk.does("finishes")
    day = await clerk.get(f"{HALL}/day")
    assert "起不再发新号" in day
    assert "大厅今天不再发新号" in await clerk.get(f"{DESK}/tickets")
    response = await clerk.post("tickets", key="k" * 16, category=clerk.letter)
    assert response.status_code == 303
    assert "停止发新号" in await clerk.does("stopping/ending")
    assert not (await clerk.look()).is_stopped


async def test_no_new_numbers_from_the_page_of_the_day(clerk) -> None:
    for noun, is_stopped in (("stopping", True), ("stopping/ending", False)):
        response = await clerk.post(noun, f"{HALL}/day")
        assert response.headers["location"] == f"{HALL}/day"
        assert (await clerk.look()).is_stopped is is_stopped


async def test_a_number_given_all_the_same_is_in_the_log_once(clerk) -> None:
    await clerk.sits()
    await clerk.does("stopping")
    for _ in range(2):
        await clerk.post("tickets", key="k" * 16, category=clerk.letter)
        clerk.clock.now += SECOND
    async with clerk.browser.store.read() as session:
        found = await session.scalars(
            select(JournalEntry).where(JournalEntry.action == "number-given-anyway")
        )
        (entry,) = found.all()
    assert entry.after == {"number": f"{clerk.letter}001"}


async def test_nobody_is_sent_where_nobody_calls_without_a_question(clerk) -> None:
    served = (await clerk.look()).usual
    other = next(each for each in sorted(served[2]) if each not in served[1])
    await clerk.take()
    await clerk.sits()
    await clerk.does("calls")
    await clerk.does("starts")
    for where in ("counter:2", f"category:{other}"):
        response = await clerk.post("transfers", to=where)
        assert response.status_code == 422
        assert "仍然转过去" in words(response)
        assert (await clerk.look()).desks[0].ticket is not None
    page = await clerk.does("transfers", to=f"category:{other}", sure="yes")
    assert "没有窗口叫的号 1" in page
    assert "人在等其他窗口" not in page


async def test_an_end_is_taken_back_at_the_desk(clerk) -> None:
    await clerk.sits()
    ticket = await clerk.take()
    await clerk.does("calls")
    for noun in ("finishes", "no-shows"):
        assert "撤回" in await clerk.does(noun)
        assert ticket.label in await clerk.does("undoings")
        assert "十秒内" in await clerk.refused("undoings")
    await clerk.does("finishes")
    clerk.clock.now += 11 * SECOND
    assert "撤回" not in await clerk.get()


async def test_enter_ends_nobody_who_was_only_just_called(clerk) -> None:
    await clerk.sits()
    await clerk.take()

    async def keys() -> list[str]:
        page = await clerk.browser.get(DESK, headers=clerk.person.headers)
        return re.findall('data-keys="([^"]*)"', page.text)

    await clerk.does("calls")
    assert not any("Enter" in each for each in await keys())
    await clerk.does("starts")
    assert "f Enter" in await keys()


async def test_the_desk_says_who_is_at_another_counter_with_another_number(clerk) -> None:
    first, second = sorted((await clerk.look()).usual[1])[:2]
    for letter in (first, second):
        ticket = await clerk.take(letter=letter, device_hash="f" * 64)
    await clerk.sits(letters=(first, second))
    other = await arrived(
        clerk.browser.store,
        "other",
        Grant(Role.CLERK, community_id=(await places(clerk.browser.store)).community[HOME]),
    )
    colleague = Clerk(clerk.browser, clerk.clock, other)
    await colleague.sits(f"{COUNTERS}/2", (first,))
    await colleague.post("calls", f"{COUNTERS}/2")
    assert "正在别的窗口" in await clerk.get()
    assert "正在 2 号窗口办" in await clerk.refused("chosen-calls", ticket=ticket.id)
    assert "没有人在等" in await clerk.refused("calls")
