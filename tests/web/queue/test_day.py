"""A hall's day for its staff: its figures, its files, its end, and its rules."""

from __future__ import annotations

import csv
import datetime as dt
import re
from functools import partial
from io import StringIO
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import select

from domain.queue.tables import HallQueue, PriorityKind, QueueRules
from domain.staff.actor import Grant
from domain.staff.journal import JournalEntry
from domain.staff.tables import Role
from tests.world.clerks import DESK, HALL, HOME, MINUTE, again
from tests.world.databases import both_databases
from tests.world.district import places
from tests.world.forms import words
from tests.world.people import arrived
from web.queue import day_file

if TYPE_CHECKING:
    from tests.world.clerks import Clerk
    from tests.world.people import Person

pytestmark = both_databases


@pytest.fixture
async def desk(clerk: Clerk) -> Clerk:
    """The clerk at the first counter."""
    await clerk.sits(letters=(clerk.letter,))
    return clerk


async def test_the_day_in_figures_and_as_a_file(desk) -> None:
    assert "没有人取号" in await desk.get(f"{HALL}/day?day=2026-11-20")
    assert "2026年11月23日" in await desk.get(f"{HALL}/day?day=tomorrow")
    assert "2026年11月23日" in await desk.get(f"{HALL}/day?day=2099-01-01")
    await desk.take()
    await desk.take(priority=PriorityKind.AGED)
    desk.clock.now += 6 * MINUTE
    await desk.does("calls")
    await desk.does("starts")
    desk.clock.now += 3 * MINUTE
    await desk.does("finishes")
    day = await desk.get(f"{HALL}/day")
    assert "6.0 分" in day
    assert "3.0 分" in day
    assert f"{desk.letter}001" in day
    # The counter was staffed for nine minutes, six of them without a person.
    _, _, counters = day.partition("按窗口")
    assert re.findall(r"[\d.]+ 分", counters)[:3] == ["9.0 分", "3.0 分", "6.0 分"]
    response = await desk.browser.get(f"{HALL}/day.csv", headers=desk.person.headers)
    lines = response.text.lstrip("\ufeff").splitlines()
    assert lines[0].startswith("日子,社区名称,号码,类别,事项,优先")
    head, _, rest = next(each for each in lines if f"{desk.letter}002" in each).partition(",,")
    assert head.startswith(f"2026-11-23,刘家庄社区,{desk.letter}002,{desk.letter} ")
    assert rest == "70 岁及以上,10:26:00,10:32:00,10:35:00,已办完,已办完,1,6.0,3.0,0"


async def test_how_visits_ended_is_counted_and_stands_in_the_file(desk) -> None:
    pressed = ("", "come-back", "come-back", "wrong-place", "handed-on")
    for outcome in pressed:
        await desk.take()
        await desk.does("calls")
        await desk.does("starts")
        await desk.does("finishes", **({"outcome": outcome} if outcome else {}))
    day = await desk.get(f"{HALL}/day")
    _, _, ended = day.partition("来办事的结果")
    assert ended.startswith("已办完1还要再来2走错地方1转交别处1"), ended[:60]
    response = await desk.browser.get(f"{HALL}/day.csv", headers=desk.person.headers)
    rows = list(csv.reader(StringIO(response.text.removeprefix("\ufeff"))))
    at = rows[0].index("办理结果")
    assert [row[at] for row in rows[1:]] == [
        "已办完",
        "还要再来",
        "还要再来",
        "走错地方",
        "转交别处",
    ]


async def test_several_days_and_the_whole_district_are_one_file(desk, monkeypatch) -> None:
    first = await desk.take()
    desk.clock.now += dt.timedelta(days=1)
    desk.person = await again(desk)
    second = await desk.take()

    async def days(path: str, person: Person) -> list[tuple[str, str]]:
        answer = await desk.browser.get(path, headers=person.headers)
        assert answer.status_code == 200, path
        rows = csv.reader(StringIO(answer.text.removeprefix("\ufeff")))
        return [(row[0], row[2]) for row in list(rows)[1:]]

    both = [("2026-11-23", first.label), ("2026-11-24", second.label)]
    here = partial(days, person=desk.person)
    assert await here(f"{HALL}/day.csv") == both[1:]
    assert await here(f"{HALL}/day.csv?day=2026-11-23") == both[:1]
    assert await here(f"{HALL}/day.csv?since=2026-11-01&until=2026-11-30") == both
    assert await here(f"{HALL}/day.csv?since=2026-11-24&until=2026-11-01") == both
    # No more than a quarter of a year, from its first day on.
    assert await here(f"{HALL}/day.csv?since=2026-01-01&until=2026-11-30") == []
    assert await here(f"{HALL}/day.csv?since=x&until=9999-12-31") == both[1:]
    clerk = await desk.browser.get("/staff/queue.csv", headers=desk.person.headers)
    assert clerk.status_code == 404
    boss = await arrived(desk.browser.store, "boss", Grant(Role.ADMINISTRATOR), now=desk.clock.now)
    assert await days("/staff/queue.csv?since=2026-11-01&until=2026-11-24", boss) == both
    monkeypatch.setattr(day_file, "MOST_ROWS", 1)
    answer = await desk.browser.get(
        "/staff/queue.csv?since=2026-11-01&until=2026-11-24", headers=boss.headers
    )
    assert answer.text.splitlines()[-1] == "后面还有。请把日期选短一些。"


async def test_a_day_is_closed_with_those_who_were_named(desk) -> None:
    ticket = await desk.take()
    page = await desk.get(f"{HALL}/day/closing")
    assert ticket.label in page
    assert "还有 1 人没办完" in page
    later = await desk.take()
    response = await desk.post("closing", f"{HALL}/day", open=[ticket.id])
    assert response.status_code == 422
    assert f"刚才又来了：{later.label}" in words(response)
    response = await desk.post("closing", f"{HALL}/day", open=[ticket.id, later.id])
    assert response.headers["location"] == f"{HALL}/day"
    assert "Clerk Wang 于 10:26 结束" in await desk.get(f"{HALL}/day")
    async with desk.browser.store.read() as session:
        entry = await session.scalar(
            select(JournalEntry).where(JournalEntry.action == "day-closed")
        )
    assert entry is not None
    assert entry.after == {"open": [ticket.label, later.label]}
    # Closing it again changes nothing; nobody signs on to a day that is over.
    assert (await desk.post("closing", f"{HALL}/day")).status_code == 303
    response = await desk.post("shifts", letters=(desk.letter,))
    assert "今天已经结束" in words(response)


async def test_a_day_that_nobody_closed_is_asked_for_the_next_morning(desk) -> None:
    ticket = await desk.take()
    assert "没有结束" not in await desk.get("/staff")
    desk.clock.now += dt.timedelta(hours=22)
    desk.person = await again(desk)
    today = await desk.take()
    closing = f"{HALL}/day/closing?day=2026-11-23"
    home = await desk.browser.get("/staff", headers=desk.person.headers)
    assert closing in home.text
    assert "没有结束，还有 1 个号没办完" in words(home)
    page = await desk.get(closing)
    assert ticket.label in page
    assert "那天还有 1 个号没办完" in page
    response = await desk.browser.post(closing, headers=desk.person.headers)
    assert response.status_code == 422
    form = {"open": [ticket.id]}
    response = await desk.browser.post(closing, data=form, headers=desk.person.headers)
    assert response.headers["location"] == f"{HALL}/day?day=2026-11-23"
    assert "没有结束" not in await desk.get("/staff")
    assert "Clerk Wang 于" in await desk.get(f"{HALL}/day?day=2026-11-23")
    assert [each.id for each in (await desk.look()).waiting] == [today.id]


async def test_a_day_that_never_began_is_not_closed(desk) -> None:
    closing = f"{HALL}/day/closing?day=2026-11-20"
    response = await desk.browser.post(closing, headers=desk.person.headers)
    assert response.headers["location"] == f"{HALL}/day?day=2026-11-20"
    assert "day/closing" not in await desk.get(f"{HALL}/day?day=2026-11-20")


async def test_a_day_closed_by_mistake_is_reopened_for_an_hour(desk) -> None:
    ticket = await desk.take()
    await desk.post("closing", f"{HALL}/day", open=[ticket.id])
    assert "11:26 前可以重新开放" in await desk.get(f"{HALL}/day")
    desk.clock.now += 61 * MINUTE
    assert "重新开放" not in await desk.get(f"{HALL}/day")
    assert (await desk.post("reopening", f"{HALL}/day")).status_code == 303
    assert (await desk.look()).is_closed
    desk.clock.now -= 2 * MINUTE
    response = await desk.post("reopening", f"{HALL}/day")
    assert response.headers["location"] == f"{HALL}/day"
    assert [each.id for each in (await desk.look()).waiting] == [ticket.id]
    await desk.sits(letters=(desk.letter,))
    assert ticket.label in await desk.does("calls")


async def test_midnight_leaves_the_person_on_the_desk_and_the_phone(desk) -> None:
    desk.clock.now = desk.clock.now.replace(hour=23, minute=58)
    desk.person = await again(desk)
    await desk.sits(letters=(desk.letter,))
    ticket = await desk.take()
    await desk.does("calls")
    await desk.does("starts")
    desk.clock.now += 3 * MINUTE
    assert ticket.label in await desk.get()
    phone = await desk.browser.get(f"/tickets/{ticket.token}")
    assert 'data-state="serving"' in phone.text
    response = await desk.post("finishes")
    assert response.headers["location"] == DESK
    assert not (await desk.look()).tickets


async def test_the_halls_rules_are_edited_like_any_document(own, clock) -> None:
    home = (await places(own.store)).community[HOME]
    editor = await arrived(own.store, "editor", Grant(Role.EDITOR, community_id=home))
    path = f"{HALL}/queue"
    page = await own.get(path, headers=editor.headers)
    assert "排队规则" in words(page)
    form = {
        "base": "1", "priority_minutes": "20", "longest_wait_minutes": "45", "back_places": "2",
        "most_returns": "2", "most_lets": "3", "most_a_day": "", "repeats": "2", "board": "",
    }  # fmt: skip
    await own.post(f"{path}/draft", data={**form, "do": "review"}, headers=editor.headers)
    response = await own.post(
        f"{path}/publication", data={"base": "1", "reason": "试行"}, headers=editor.headers
    )
    assert response.status_code == 303
    async with own.store.read() as session:
        rules = await session.scalar(select(HallQueue.rules))
    assert rules == QueueRules(priority_minutes=20, longest_wait_minutes=45, back_places=2)
    response = await own.get(f"{path}/preview", headers=editor.headers)
    assert response.status_code == 200
