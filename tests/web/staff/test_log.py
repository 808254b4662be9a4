"""The log: narrowed, paged, and as a file."""

from __future__ import annotations

import asyncio
import csv
import re
from functools import partial
from html import unescape
from io import StringIO
from typing import TYPE_CHECKING, Any

from domain.staff.actor import COMMAND_LINE
from domain.staff.journal import JournalEntry, note
from tests.world.clock import NOW
from web.staff import log

if TYPE_CHECKING:
    from tests.world.app import Browser
    from tests.world.people import Person


async def numbers(own: Browser, person: Person, query: str = "") -> list[int]:
    """The entries that a page of the log shows."""
    page = (await own.get(f"/staff/log{query}", headers=person.headers)).text
    return [int(each) for each in re.findall(r'class="number"[^>]*>(\d+)<', page)]


async def said(own: Browser, action: str, subject: str, **more: Any) -> None:
    """Put an entry into the log."""
    await own.store.write(
        partial(note, actor=COMMAND_LINE, action=action, subject=subject, now=NOW, **more)
    )


async def test_the_log_is_narrowed_by_who_what_and_about_what(own, admin) -> None:
    await said(own, "item-published", "handbook/dibao")
    await said(own, "item-published", "handbook/gaoling")
    await said(own, "hall-changed", "100%/x")
    assert await numbers(own, admin) == [5, 4, 3, 2, 1]
    assert await numbers(own, admin, "?person=ADMIN") == [2, 1]
    assert await numbers(own, admin, "?action=item-published") == [4, 3]
    assert await numbers(own, admin, "?subject=handbook/dibao") == [3]
    assert await numbers(own, admin, "?subject=handbook/") == [4, 3]
    assert await numbers(own, admin, "?subject=handbook/d") == []
    assert await numbers(own, admin, "?subject=handbook&action=hall-changed") == []
    assert await numbers(own, admin, "?subject=%25") == []
    assert await numbers(own, admin, "?subject=100%25") == [5]
    assert await numbers(own, admin, "?person=nobody") == []


async def test_the_log_of_one_person_is_not_that_of_ten(own, admin) -> None:
    await said(own, "tried", "staff/1")
    await said(own, "tried", "staff/10")
    assert await numbers(own, admin, "?subject=staff/1&action=tried") == [3]


async def test_an_odd_question_to_the_log_is_answered(own, admin) -> None:
    for query in (
        "?before=x",
        "?before=-1",
        "?before=²",
        "?before=" + "9" * 40,
        "?before=99999999999999",
        "?person=%00&action=%00&subject=%00",
        "?person=" + "x" * 5000,
        "?action='--",
    ):
        for path in ("/staff/log", "/staff/log.csv"):
            response = await own.get(path + query, headers=admin.headers)
            assert response.status_code == 200, query


async def test_older_pages_keep_the_filters_and_end(own, admin) -> None:
    for number in range(101):
        await said(own, "tried", f"a&b/{number}")
    seen, query = [], "?subject=a%26b/&action=tried"
    for _ in range(3):
        page = (await own.get(f"/staff/log{query}", headers=admin.headers)).text
        seen += [int(each) for each in re.findall(r'class="number"[^>]*>(\d+)<', page)]
        older = re.search(r'href="/staff/log(\?[^"]*before=\d+)"', page)
        if older is None:
            break
        query = unescape(older.group(1))
    assert seen == list(range(103, 2, -1))
    assert older is None


async def test_before_and_after_are_words_and_never_markup(own, admin) -> None:
    await said(own, "<b>tried</b>", "<i>x</i>", before="<script>1", after={"名": "“<img>”"})
    page = (await own.get("/staff/log", headers=admin.headers)).text
    assert "<script>1" not in page
    assert "&lt;script&gt;1" in page
    assert "名" in page
    assert "<b>tried" not in page


async def test_no_cell_of_the_file_is_a_formula(own, admin) -> None:
    begins = "=+-@\t\r"
    for begin in begins:
        await said(own, f"{begin}1+1", f"{begin}HYPERLINK(1)", after="=1", before=-1)
    text = (await own.get("/staff/log.csv", headers=admin.headers)).text
    assert text.startswith("\ufeff")
    rows = list(csv.reader(StringIO(text.removeprefix("\ufeff"), newline="")))
    assert rows[0] == ["id", "at", "who", "session", "action", "subject", "before", "after", "hash"]
    assert {len(row) for row in rows} == {9}
    assert not [cell for row in rows for cell in row if cell[:1] in set("=+-@\t\r")]
    assert [row[4] for row in rows[-len(begins) :]] == [f"'{begin}1+1" for begin in begins]


async def test_the_file_holds_what_the_page_is_narrowed_to(own, admin) -> None:
    await said(own, "tried", "x/1", after={"名": "“引,号”\n"})
    response = await own.get("/staff/log.csv?action=tried", headers=admin.headers)
    rows = list(csv.DictReader(StringIO(response.text.removeprefix("\ufeff"))))
    assert [(row["action"], row["subject"], row["who"]) for row in rows] == [("tried", "x/1", "")]
    assert rows[0]["after"] == '{"名": "“引,号”\\n"}'
    assert rows[0]["at"] == "2026-11-23T10:26:00+08:00"
    assert "attachment" in response.headers["content-disposition"]


async def test_a_long_file_lets_others_have_their_turn(own, admin, monkeypatch) -> None:
    monkeypatch.setattr(log, "PART", 10)
    for number in range(95):
        await said(own, "tried", f"x/{number}", after=number)
    done = most = 0

    def counting(entry: JournalEntry, *given: Any) -> log.Row:
        nonlocal done
        done += 1
        return row(entry, *given)

    row = log._row
    monkeypatch.setattr(log, "_row", counting)
    asking = asyncio.create_task(own.get("/staff/log.csv?action=tried", headers=admin.headers))
    while not asking.done():
        before = done
        await asyncio.sleep(0)
        most = max(most, done - before)
    rows = list(csv.DictReader(StringIO((await asking).text.removeprefix("\ufeff"))))
    assert [each["after"] for each in rows] == [str(number) for number in range(95)]
    assert 0 < most <= 10


async def test_a_file_ends_at_the_most_rows(own, admin, monkeypatch) -> None:
    monkeypatch.setattr(log, "PART", 10)
    monkeypatch.setattr(log, "MOST_ROWS", 25)
    for number in range(40):
        await said(own, "tried", f"x/{number}")
    text = (await own.get("/staff/log.csv?action=tried", headers=admin.headers)).text
    assert text.count("tried") == 25


async def test_nobody_below_the_district_reads_the_log(own, town) -> None:
    for name in ("chief", "below", "above"):
        for path in ("/staff/log", "/staff/log.csv"):
            assert (await own.get(path, headers=town[name].headers)).status_code == 404
