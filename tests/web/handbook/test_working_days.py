"""The working-day calculator, and the file that puts a deadline into a phone's calendar."""

from __future__ import annotations

import datetime as dt
import re
from html import unescape
from urllib.parse import urlencode

import pytest

from domain.calendar import LAST_YEAR, MOST_WORKING_DAYS, HolidayNotice, enter_notice
from tests.world.clock import NOW

CALCULATOR = "/working-days"


def value_of(html: str, field: str) -> str:
    """What stands in a field of the form."""
    found = re.search(rf'<input id="{field}" [^>]*?value="([^"]*)"', html)
    assert found
    return unescape(found.group(1))


def wrong_beside(html: str, field: str) -> str:
    """What is said beside a field, where a voice says it together with the field."""
    tag = re.search(rf'<input id="{field}" [^>]*>', html)
    assert tag
    if "aria-invalid" not in tag.group(0):
        assert f'id="{field}-wrong"' not in html
        return ""
    assert 'aria-invalid="true"' in tag.group(0)
    assert f'aria-describedby="{field}-wrong"' in tag.group(0)
    said = re.search(rf'id="{field}-wrong">([^<]+)<', html)
    assert said
    return unescape(said.group(1))


async def test_nothing_asked_counts_a_usual_promise_from_today(resident) -> None:
    page = (await resident.get(CALCULATOR)).text
    assert (value_of(page, "from"), value_of(page, "days")) == ("2026-11-23", "7")
    assert '<p class="date">2026年12月2日星期三</p>' in page


@pytest.mark.parametrize(
    ("accepted_on", "days", "due"),
    [
        ("2026-11-23", "0", "2026年11月23日星期一"),
        ("2026-11-27", "1", "2026年11月30日星期一"),
        ("2026-09-30", "1", "2026年10月8日星期四"),
        ("2026-10-09", "1", "2026年10月10日星期六"),  # a make-up working day
        ("2026-11-28", "1", "2026年11月30日星期一"),  # handed in on a Saturday
        ("2004-01-02", "1", "2004年1月5日星期一"),
    ],
)
async def test_days_are_counted_by_the_state_councils_notice(
    resident, accepted_on, days, due
) -> None:
    response = await resident.get(CALCULATOR, params={"from": accepted_on, "days": days})
    assert response.status_code == 200
    assert f'<p class="date">{due}</p>' in response.text


async def test_the_longest_count_that_is_allowed_is_answered_day_by_day(resident) -> None:
    page = (await resident.get(CALCULATOR, params={"days": str(MOST_WORKING_DAYS)})).text
    assert f'<span class="n">{MOST_WORKING_DAYS}</span>' in page


async def test_a_make_up_working_day_is_named_and_counted(resident) -> None:
    page = (await resident.get(CALCULATOR, params={"from": "2026-10-09", "days": "1"})).text
    assert (
        '<span class="n">1</span><span>10月10日星期六</span><span class="soft">调休上班</span>'
        in page
    )


WRONG = {
    "no date": ("from", "", "请选择受理的日期。"),
    "only spaces": ("from", "   ", "请选择受理的日期。"),
    "words": ("from", "明天", "请按“年-月-日”填写，例如 2026-11-23。您填的是“明天”。"),
    "another order": ("from", "23/11/2026", "您填的是“23/11/2026”。"),
    "a day that is not": ("from", "2026-02-30", "您填的是“2026-02-30”。"),
    "a month that is not": ("from", "2026-13-01", "您填的是“2026-13-01”。"),
    "markup for a date": ("from", "<b>1</b>", "您填的是“<b>1</b>”。"),
    "before any notice": ("from", "2003-12-31", "请选择 2004 到 2099 年之间的日期。"),
    "after all notices": ("from", f"{LAST_YEAR}-01-01", "请选择 2004 到 2099 年之间的日期。"),
    "no days": ("days", "", "请填写多少个工作日。"),
    "days in words": ("days", "七", "请填写整数，例如 7。您填的是“七”。"),
    "a fraction": ("days", "7.5", "您填的是“7.5”。"),
    "fewer than none": ("days", "-1", "您填的是“-1”。"),
    "an exponent": ("days", "1e3", "您填的是“1e3”。"),
    "digits of another script": ("days", "٧", "您填的是“٧”。"),
    "a power": ("days", "7²", "您填的是“7²”。"),
    "one too many": ("days", str(MOST_WORKING_DAYS + 1), "请填写 0 到 365 之间的数。"),
    "very many": ("days", "9999999999", "请填写 0 到 365 之间的数。"),
}


@pytest.mark.parametrize("case", WRONG)
async def test_what_is_wrong_is_said_beside_its_field_and_nothing_typed_is_lost(
    resident, case
) -> None:
    field, typed, said = WRONG[case]
    other, untouched = ("days", "5") if field == "from" else ("from", "2026-11-24")
    response = await resident.get(
        CALCULATOR, params={field: typed, other: untouched, "title": "高龄津贴"}
    )
    assert response.status_code == 422
    assert said in wrong_beside(response.text, field)
    assert wrong_beside(response.text, other) == ""
    assert value_of(response.text, field) == typed.strip()
    assert value_of(response.text, other) == untouched
    assert 'name="title" value="高龄津贴"' in response.text
    assert 'class="date"' not in response.text


async def test_two_wrong_fields_are_said_at_once(resident) -> None:
    response = await resident.get(CALCULATOR, params={"from": "?", "days": "?"})
    assert response.status_code == 422
    assert wrong_beside(response.text, "from")
    assert wrong_beside(response.text, "days")


async def test_a_wrong_date_is_not_in_a_field_that_would_hide_it(resident) -> None:
    """A browser empties a date field that holds no date."""
    page = (await resident.get(CALCULATOR, params={"from": "明天"})).text
    assert '<input id="from" name="from" type="text"' in page
    right = (await resident.get(CALCULATOR, params={"from": "2026-11-24"})).text
    # Neither is an attribute of a text (HTML, 4.10.5.1.2).
    assert ' min="' not in page
    assert ' min="2004-01-01"' in right
    assert '<input id="from" name="from" type="date"' in right


@pytest.mark.parametrize("typed", ["20261124", "2026-W48-2"])
async def test_a_date_that_is_understood_can_be_seen_in_its_field(resident, typed) -> None:
    page = (await resident.get(CALCULATOR, params={"from": typed})).text
    assert 'type="text"' in page or value_of(page, "from") == "2026-11-24"


@pytest.mark.parametrize("field", ["from", "days", "title"])
@pytest.mark.parametrize("typed", ["\x00", "7\x01", "\x7f"])
async def test_control_characters_do_not_break_the_page(resident, field, typed) -> None:
    response = await resident.get(CALCULATOR, params={field: typed})
    assert response.status_code in {200, 422}


async def test_a_number_with_idle_zeros_is_not_cut_into_another_number(resident) -> None:
    response = await resident.get(CALCULATOR, params={"days": "00000000007"})
    assert response.status_code == 422 or '<p class="date">2026年12月2日' in response.text


async def test_an_overlong_title_is_cut_and_markup_in_it_is_shown_as_typed(resident) -> None:
    title = "<b>" + "老" * 500
    page = (await resident.get(CALCULATOR, params={"title": title})).text
    assert '<h2 id="answer">&lt;b&gt;老老' in page
    assert page.count("老") < 500


async def test_a_year_without_a_notice_is_provisional(resident) -> None:
    words = "暂定：那一年的放假通知还没有公布"
    sure = (await resident.get(CALCULATOR, params={"from": "2026-12-01", "days": "7"})).text
    assert words not in sure
    into = (await resident.get(CALCULATOR, params={"from": "2026-12-30", "days": "7"})).text
    assert words in into


async def test_a_notice_that_the_office_enters_makes_it_certain(own) -> None:
    asked = {"from": "2027-01-29", "days": "1"}
    assert "暂定" in (await own.get(CALCULATOR, params=asked)).text
    notice = HolidayNotice(
        year=2027,
        days_off=(dt.date(2027, 2, 1),),
        make_up_days=(dt.date(2027, 1, 31),),
    )
    await own.store.write(lambda session: enter_notice(session, notice))
    page = (await own.get(CALCULATOR, params=asked)).text
    assert "暂定" not in page
    assert '<p class="date">2027年1月31日星期日</p>' in page


async def test_the_calculator_says_what_is_wrong_in_english_too(resident) -> None:
    resident.cookies.set("lianxin", "lang:en")
    response = await resident.get(CALCULATOR, params={"from": "soon", "days": "many"})
    assert response.status_code == 422
    assert "You wrote “soon”." in wrong_beside(response.text, "from")
    assert "You wrote “many”." in wrong_beside(response.text, "days")


def content_lines(body: bytes) -> list[str]:
    """The lines of an iCalendar file, unfolded (RFC 5545, 3.1)."""
    assert body.endswith(b"\r\n")
    raw = body.split(b"\r\n")[:-1]
    assert not any(b"\n" in line or b"\r" in line for line in raw)
    assert all(0 < len(line) <= 75 for line in raw)
    for line in raw:
        line.decode()  # no character is cut in two
    return body.decode().replace("\r\n ", "").split("\r\n")[:-1]


def unescaped(text: str) -> str:
    """A text value (RFC 5545, 3.3.11)."""
    assert not re.search(r"(?<!\\)(?:\\\\)*[,;]", text)
    return re.sub(r"\\(.)", r"\1", text)


async def event(browser, **asked: str) -> dict[str, str]:
    """The event in a calendar file, by the names of its properties."""
    response = await browser.get(f"/working-days.ics?{urlencode(asked)}")
    assert response.status_code == 200
    assert response.headers["content-type"] == "text/calendar; charset=utf-8"
    lines = content_lines(response.content)
    assert lines[:2] == ["BEGIN:VCALENDAR", "VERSION:2.0"]
    assert lines[-1] == "END:VCALENDAR"
    stack: list[str] = []
    found: dict[str, str] = {}
    for line in lines:
        name, colon, value = line.partition(":")
        assert colon
        assert re.fullmatch(r"[A-Z-]+(;[A-Z]+=[A-Z]+)*", name)
        if name == "BEGIN":
            stack.append(value)
        elif name == "END":
            assert stack.pop() == value
        else:
            key = "/".join([*stack[1:], name])
            assert key not in found
            found[key] = value
    assert stack == []
    return found


async def test_the_deadline_is_one_whole_day_in_the_phones_calendar(resident) -> None:
    found = await event(resident, **{"from": "2026-11-23", "days": "7", "title": "高龄津贴申领"})
    assert found["PRODID"]
    assert found["VEVENT/DTSTART;VALUE=DATE"] == "20261202"
    assert found["VEVENT/DTEND;VALUE=DATE"] == "20261203"
    assert found["VEVENT/SUMMARY"] == "高龄津贴申领：最晚办结日"
    assert unescaped(found["VEVENT/DESCRIPTION"]) == "2026年11月23日受理，承诺 7 个工作日内办结。"
    assert found["VEVENT/TRANSP"] == "TRANSPARENT"
    assert found["VEVENT/STATUS"] == "CONFIRMED"
    assert found["VEVENT/DTSTAMP"] == f"{NOW.astimezone(dt.UTC):%Y%m%dT%H%M%SZ}"
    assert found["VEVENT/URL"] == (
        f"http://lianxin.test/working-days?{urlencode({'from': '2026-11-23', 'days': 7})}"
        f"&{urlencode({'title': '高龄津贴申领'})}"
    )
    assert found["VEVENT/VALARM/ACTION"] == "DISPLAY"
    assert found["VEVENT/VALARM/DESCRIPTION"]
    assert re.fullmatch(r"-PT\d+H", found["VEVENT/VALARM/TRIGGER"])


@pytest.mark.parametrize(
    "title",
    [
        "申领" * 40,
        "a" * 67 + "申领高龄津贴",
        "👵🏻" * 30,
        "一; 二, 三\\四: 五",
        "\\n",
        "BEGIN:VEVENT",
    ],
)
async def test_any_title_gives_a_valid_file_that_says_it(resident, title) -> None:
    found = await event(resident, **{"from": "2026-11-23", "days": "7", "title": title})
    assert unescaped(found["VEVENT/SUMMARY"]) == f"{title[:80]}：最晚办结日"


async def test_a_title_cannot_add_lines_of_its_own(resident) -> None:
    title = "津贴\r\nATTENDEE:mailto:a@b.test\n\nX:1"
    found = await event(resident, **{"from": "2026-11-23", "days": "7", "title": title})
    assert not any("ATTENDEE" in name for name in found)


async def test_each_matter_and_each_deployment_has_an_event_of_its_own(resident, open_app) -> None:
    asked = {"from": "2026-11-26", "days": "10", "title": "最低生活保障申请"}
    others = [
        {**asked, "title": "医疗救助"},
        {**asked, "days": "9"},
        {**asked, "from": "2026-11-25"},
    ]
    first = (await event(resident, **asked))["VEVENT/UID"]
    assert first == (await event(resident, **asked))["VEVENT/UID"]
    uids = {(await event(resident, **other))["VEVENT/UID"] for other in others}
    async with open_app(public_url="https://elsewhere.example.cn") as browser:
        uids.add((await event(browser, **asked))["VEVENT/UID"])
    assert len(uids | {first}) == 5


async def test_a_provisional_day_says_so_in_the_file_and_its_later_file_replaces_it(own) -> None:
    asked = {"from": "2026-12-28", "days": "5", "title": "医疗救助"}
    before = await event(own, **asked)
    assert before["VEVENT/SUMMARY"] == "医疗救助：最晚办结日（暂定）"
    assert "放假通知还没出" in before["VEVENT/DESCRIPTION"]
    assert before["VEVENT/STATUS"] == "TENTATIVE"
    notice = HolidayNotice(year=2027, days_off=(dt.date(2027, 1, 1), dt.date(2027, 1, 4)))
    await own.store.write(lambda session: enter_notice(session, notice))
    after = await event(own, **asked)
    assert after["VEVENT/STATUS"] == "CONFIRMED"
    assert after["VEVENT/UID"] == before["VEVENT/UID"]
    assert after["VEVENT/DTSTART;VALUE=DATE"] == "20270106"


@pytest.mark.parametrize(
    ("typed", "days"),
    [
        ("2026-11-26", "３"),
        ("2026/11/26", "3天"),
        ("2026年11月26日", "3个工作日"),
        ("２０２６．１１．２６", "3 工作日"),
        ("20261126", "3 days"),
        (" 2026年11月26号 ", "003"),
    ],
)
async def test_a_date_and_a_number_are_taken_as_people_write_them(resident, typed, days) -> None:
    answer = await resident.get(CALCULATOR, params={"from": typed, "days": days})
    assert answer.status_code == 200
    assert value_of(answer.text, "from") == "2026-11-26"
    assert value_of(answer.text, "days") == "3"
    assert "2026年12月1日" in answer.text


@pytest.mark.parametrize("typed", ["2026-W48-4", "2026330", "11/26", "2026年11月", "2026-11-31"])
async def test_what_is_no_date_here_is_refused(resident, typed) -> None:
    answer = await resident.get(CALCULATOR, params={"from": typed, "days": "3"})
    assert answer.status_code == 422


async def test_a_wrong_question_for_a_file_leads_to_the_page_that_says_so(resident) -> None:
    response = await resident.get("/working-days.ics?from=soon&days=7")
    assert response.status_code == 303
    page = await resident.get(response.headers["location"])
    assert page.status_code == 422
    assert value_of(page.text, "from") == "soon"
