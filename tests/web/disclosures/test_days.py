"""The three days, from the plan to the minutes, for the office and for residents."""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import icalendar
import pytest

from domain.staff.actor import Grant
from domain.staff.tables import Role
from tests.world.databases import both_databases
from tests.world.district import places
from tests.world.people import arrived, begun
from web.site.device_key import FormKey

if TYPE_CHECKING:
    import httpx

    from tests.world.app import Browser
    from tests.world.people import Person

HERE = "/c/liujiazhuang/days"
DESK = f"/staff{HERE}"


@pytest.fixture
async def editor(own: Browser) -> Person:
    place = (await places(own.store)).community["liujiazhuang"]
    return await arrived(own.store, "editor-of-days", Grant(Role.EDITOR, community_id=place))


def day_form(browser: Browser, **changes: Any) -> dict[str, str]:
    """A day in three days, from two to four."""
    begins = browser.services.now().replace(hour=14, minute=0) + dt.timedelta(days=3)
    return {
        "request": FormKey.new().key,
        "kind": "inquiry",
        "title": "四季度质询日",
        "begins": f"{begins:%Y-%m-%dT%H:%M}",
        "ends": f"{begins + dt.timedelta(hours=2):%Y-%m-%dT%H:%M}",
        "where": "社区会议室",
        "agenda": "- 楼道照明\n- **停车**",
        **changes,
    }


async def send(browser: Browser, who: Person, below: str, form: dict[str, str]) -> httpx.Response:
    return await browser.post(f"{DESK}/{below}", data=form, headers=who.headers)


async def planned(browser: Browser, who: Person, **changes: Any) -> str:
    """The id of a planned day."""
    answer = await send(browser, who, "plans", day_form(browser, **changes))
    assert answer.status_code == 303, answer.text
    return answer.headers["location"].rpartition("/")[2]


async def event(browser: Browser, day: str) -> Any:
    """The event in the day's file, as an independent reader has it."""
    answer = await browser.get(f"{HERE}/{day}/event.ics")
    assert answer.headers["content-type"].startswith("text/calendar")
    [found] = icalendar.Calendar.from_ical(answer.content).walk("VEVENT")
    assert not found.errors
    return found


@both_databases
async def test_a_planned_day_is_announced_with_its_agenda_calendar_and_poster(own, editor) -> None:
    day = await planned(own, editor)
    listed = (await own.get(HERE)).text
    assert "四季度质询日" in listed
    page = (await own.get(f"{HERE}/{day}")).text
    assert "<strong>停车</strong>" in page
    assert "社区会议室" in page
    found = await event(own, day)
    assert str(found["SUMMARY"]) == "刘家庄社区 四季度质询日"
    assert found["SEQUENCE"] == 0
    assert found["STATUS"] == "CONFIRMED"
    assert found["DTEND"].dt - found["DTSTART"].dt == dt.timedelta(hours=2)
    assert found["DTSTART"].dt.astimezone(own.services.zone).hour == 14
    assert "/code.svg?to=/c/liujiazhuang/days/" in (await own.get(f"{HERE}/{day}/poster")).text
    assert f'href="{HERE}"' in (await own.get("/c/liujiazhuang")).text


async def test_a_form_sent_twice_is_one_day(own, editor) -> None:
    form = day_form(own)
    first = await send(own, editor, "plans", form)
    again = await send(own, editor, "plans", form)
    assert first.headers["location"] == again.headers["location"]
    assert (await own.get(HERE)).text.count("四季度质询日") == 1


async def test_calendars_replace_a_moved_day_and_strike_out_a_cancelled_one(own, editor) -> None:
    day = await planned(own, editor)
    before = await event(own, day)
    later = own.services.now().replace(hour=9, minute=30) + dt.timedelta(days=5)
    moved = day_form(
        own,
        begins=f"{later:%Y-%m-%dT%H:%M}",
        ends=f"{later + dt.timedelta(hours=1):%Y-%m-%dT%H:%M}",
    )
    assert (await send(own, editor, f"{day}/changes", moved)).status_code == 303
    assert (await send(own, editor, f"{day}/changes", moved)).status_code == 303
    after = await event(own, day)
    assert (after["UID"], after["SEQUENCE"]) == (before["UID"], 1)
    assert (await send(own, editor, f"{day}/cancelling", {"why": ""})).status_code == 422
    assert (await send(own, editor, f"{day}/cancelling", {"why": "会议室维修"})).status_code == 303
    off = await event(own, day)
    assert (off["UID"], off["SEQUENCE"], off["STATUS"]) == (before["UID"], 2, "CANCELLED")
    assert "会议室维修" in (await own.get(f"{HERE}/{day}")).text


@pytest.mark.parametrize(
    ("changes", "word"),
    [
        ({"title": ""}, "请填写"),
        ({"begins": "yesterday"}, "日期和时间"),
        ({"begins": "2020-01-01T10:00", "ends": "2020-01-01T11:00"}, "已经过去"),
        ({"ends": "2020-01-01T11:00"}, "晚于开始"),
        ({"kind": "party"}, "四季度质询日"),
        ({"agenda": "x" * 20_001}, "精简"),
        ({"begins": "9999-12-31T23:59", "ends": "9999-12-31T23:58"}, "晚于开始"),
    ],
)
async def test_what_cannot_be_is_said_and_what_was_typed_stays(own, editor, changes, word) -> None:
    answer = await send(own, editor, "plans", day_form(own, **changes))
    assert answer.status_code == 422
    assert word in answer.text
    assert "停车" in answer.text or "agenda" in changes
    assert "四季度质询日" not in (await own.get(HERE)).text


async def test_minutes_with_personal_data_are_public_only_after_a_look(own, editor, clock) -> None:
    day = await planned(own, editor)
    early = await send(own, editor, f"{day}/minutes", {"minutes": "x"})
    assert early.status_code == 422
    clock.now += dt.timedelta(days=4)
    editor = replace(editor, key=await begun(own.store, editor.id, clock.now))
    text = "# 记录\n\n王某，身份证 11010519491231002X，反映停车问题。"
    refused = await send(own, editor, f"{day}/minutes", {"minutes": text})
    assert refused.status_code == 422
    assert "110…2X" in refused.text
    assert "11010519491231002X" in refused.text
    assert "反映停车" not in (await own.get(f"{HERE}/{day}")).text
    fine = {"minutes": text.replace("身份证 11010519491231002X，", "")}
    assert (await send(own, editor, f"{day}/minutes", fine)).status_code == 303
    assert "反映停车" in (await own.get(f"{HERE}/{day}")).text
    for wrong in ("1000", "-1", "five", "9" * 30):
        answer = await send(own, editor, f"{day}/minutes", {**fine, "assessed": wrong})
        assert (answer.status_code, "0 到 999" in answer.text) == (422, True)
    assert (await send(own, editor, f"{day}/minutes", {**fine, "assessed": "7"})).status_code == 303
    assert "评议人数：7" in (await own.get(f"{HERE}/{day}")).text
    looked = {"minutes": text, "anyway": "on"}
    assert (await send(own, editor, f"{day}/minutes", looked)).status_code == 303


async def test_days_of_others_are_not_found_and_markup_stays_words(own, editor) -> None:
    words = '<script>alert(1)</script>"><b>'
    day = await planned(own, editor, title=words, where=words, agenda=words)
    for below in ("", "/poster"):
        assert "<script>alert" not in (await own.get(f"{HERE}/{day}{below}")).text
    for below in (day, f"{day}/poster", f"{day}/event.ics"):
        assert (await own.get(f"/c/yikang/days/{below}")).status_code == 404
    assert (await own.get(f"{HERE}/999999")).status_code == 404
    other = f"/staff/c/yikang/days/{day}"
    assert (await own.get(other, headers=editor.headers)).status_code == 404


async def test_search_finds_the_ways_in(resident) -> None:
    for words, path in (
        ("质询日", "/days"),
        ("账目", "/disclosures"),
        ("公开日历", "/disclosures/cal"),
    ):
        page = (await resident.get(f"/c/liujiazhuang/search?q={words}")).text
        assert re.search(rf'href="/c/liujiazhuang{path}', page), words
