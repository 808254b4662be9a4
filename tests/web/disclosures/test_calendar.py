"""The calendar of what is owed: in public, as iCalendar, and beside other communities."""

from __future__ import annotations

import datetime as dt
import re
from typing import TYPE_CHECKING, Any

import icalendar
import pytest
from sqlalchemy import delete, select

from domain.disclosures.tables import AffairsDay, AffairsDayKind, DisclosureCatalogue
from domain.places.tables import Community
from tests.world.clock import NOW, SHANGHAI
from web.site.icalendar import CalendarEvent, calendar_file, escaped, folded

if TYPE_CHECKING:
    from tests.world.app import Browser


def events_in(content: bytes) -> dict[str, Any]:
    """The events of a calendar by their uid, as another's reader reads them."""
    read: Any = icalendar.Calendar.from_ical(content)
    events = {str(event["UID"]): event for event in read.walk("VEVENT")}
    assert read.errors == []
    assert all(event.errors == [] for event in events.values())
    return events


HERE = "/c/liujiazhuang/disclosures"
CALENDAR, FEED = f"{HERE}/calendar", f"{HERE}/calendar.ics"
OVERDUE = "集体收支"


async def test_what_is_overdue_is_said_in_public(resident) -> None:
    page = (await resident.get(CALENDAR)).text
    assert "逾期未公开" in page
    assert page.index(OVERDUE) < page.index("惠民资金和项目") < page.index('id="published"')
    assert f"{CALENDAR}/jiti-caiwu_2026-10" in page
    # What was published leads to it.
    assert re.search(rf'href="{HERE}/[0-9]+"', page)


async def test_a_duty_counts_its_days_one_by_one_and_names_its_basis(resident) -> None:
    page = (await resident.get(f"{CALENDAR}/jiti-caiwu_2026-10")).text
    assert page.count('class="counts') == 16
    assert "2026年11月20日" in page
    assert "山东省关于村务公开的规定" in page


@pytest.mark.parametrize("duty", ["none", "jiti-caiwu", "jiti-caiwu_2020-01", "_", "wish-9"])
async def test_what_is_no_duty_is_not_found(resident, duty) -> None:
    assert (await resident.get(f"{CALENDAR}/{duty}")).status_code == 404


async def test_the_catalogue_says_what_how_often_and_by_which_rule(resident) -> None:
    page = (await resident.get(f"{HERE}/catalogue")).text
    assert "村改居" in page
    assert "期末后 15 个工作日内" in page
    assert "《政府信息公开条例》第四十九条" in page
    assert "10 分之一的居民" in page


async def test_a_community_without_a_catalogue_says_so(own) -> None:
    async def ends(session: Any) -> None:
        await session.execute(delete(DisclosureCatalogue))

    await own.store.write(ends)
    for path in (CALENDAR, f"{HERE}/catalogue"):
        assert "还没有公开目录" in (await own.get(path)).text
    feed = await own.get(FEED)
    assert events_in(feed.content) == {}


async def test_communities_stand_beside_each_other_as_counts(resident) -> None:
    page = (await resident.get("/subdistricts/dikoulu/disclosures/calendar")).text
    assert "刘家庄社区" in page
    assert "逾期 1 项" in page
    assert OVERDUE not in page
    assert (await resident.get("/subdistricts/none/disclosures/calendar")).status_code == 404


# iCalendar


async def test_the_feed_is_read_by_another_s_reader(resident) -> None:
    answer = await resident.get(FEED)
    assert answer.headers["content-type"].startswith("text/calendar")
    events = events_in(answer.content)
    overdue = events["duty-liujiazhuang-jiti-caiwu_2026-10@lianxin.test"]
    assert overdue["DTSTART"].dt == dt.date(2026, 11, 20)
    assert overdue["DTEND"].dt == dt.date(2026, 11, 21)
    assert str(overdue["SUMMARY"]) == "应公开：集体收支 2026-10"
    assert str(overdue["URL"]).endswith(f"{CALENDAR}/jiti-caiwu_2026-10")
    kept = events["duty-liujiazhuang-gongzuo-jingfei_2026-10@lianxin.test"]
    assert re.fullmatch(rf"http://[a-z.]+{HERE}/[0-9]+", str(kept["URL"]))


async def test_its_lines_are_as_the_standard_asks(resident) -> None:
    content = (await resident.get(FEED)).content
    assert content.endswith(b"\r\n")
    assert b"\n" not in content.replace(b"\r\n", b"")
    assert max(map(len, content.split(b"\r\n"))) <= 75


async def test_the_same_feed_twice_is_the_same(resident) -> None:
    assert (await resident.get(FEED)).content == (await resident.get(FEED)).content


async def test_the_community_s_days_are_in_it_also_cancelled_ones(own: Browser) -> None:
    begins = NOW + dt.timedelta(days=3)

    async def announces(session: Any) -> None:
        community = await session.scalar(
            select(Community.id).where(Community.slug == "liujiazhuang")
        )
        for uid, cancelled in (("held", None), ("gone", NOW)):
            session.add(
                AffairsDay(
                    uid=uid,
                    community_id=community,
                    kind=AffairsDayKind.DELIBERATION,
                    title="要不要换门禁；会后答疑, 都来",
                    begins_at=begins,
                    ends_at=begins + dt.timedelta(hours=2),
                    place="大厅\n二楼",
                    changed_at=NOW,
                    cancelled_at=cancelled,
                    cancelled_why="下雪" if cancelled else "",
                )
            )

    await own.store.write(announces)
    events = events_in((await own.get(FEED)).content)
    held = events["held@lianxin"]
    assert held["DTSTART"].dt.astimezone(SHANGHAI) == begins
    assert str(held["SUMMARY"]) == "议政日：要不要换门禁；会后答疑, 都来"
    assert str(held["LOCATION"]) == "大厅\n二楼"
    assert (str(held["STATUS"]), str(events["gone@lianxin"]["STATUS"])) == (
        "CONFIRMED",
        "CANCELLED",
    )


@pytest.mark.parametrize(
    "text",
    [
        "a\\b;c,d",
        "one\ntwo\r\nthree\rfour",
        "BEGIN:VEVENT\r\nUID:forged",
        "\x00\x07\x1b[31m\x7f",
        "很长的标题" * 60,
        "😀" * 40,
    ],
)
def test_no_text_breaks_a_calendar(text) -> None:
    event = CalendarEvent("u@x", NOW, text, dt.date(2026, 12, 1), description=text, location=text)
    content = calendar_file(text, [event])
    assert max(map(len, content.split(b"\r\n"))) <= 75
    content.decode()
    [read] = events_in(content).values()
    plain = text.replace("\r\n", "\n").replace("\r", "\n")
    expected = "".join(each for each in plain if each == "\n" or (each >= " " and each != "\x7f"))
    assert str(read["SUMMARY"]) == expected
    assert str(read["UID"]) == "u@x"


def test_a_fold_cuts_no_character() -> None:
    line = "SUMMARY:" + "汉" * 100
    parts = folded(line).split(b"\r\n ")
    assert "".join(part.decode() for part in parts).strip() == line
    assert escaped("a\\;") == "a\\\\\\;"
