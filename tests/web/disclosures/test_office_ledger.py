"""Ledgers from workbooks: shown first with everything that is wrong, and taken then."""

from __future__ import annotations

import json
from html import unescape
from typing import TYPE_CHECKING, Any

import pytest

from tests.world.publishing import TEXT, book_of, said

if TYPE_CHECKING:
    import httpx

    from tests.world.publishing import PublishingOffice

MOBILE = "13800001111"
HEADINGS = ["日期", "摘要", "收入", "支出", "对方", "凭证"]
LINES: list[list[Any]] = [
    HEADINGS,
    ["2026-11-03", "街道拨款", "12,000.00", None, "街道办事处", "记-11-001"],
    ["2026-11-09", "楼道照明维修", None, "4500", "物业公司（样例）", "记-11-002"],
]


@pytest.fixture
async def one(bureau: PublishingOffice) -> str:
    """A draft; its address."""
    one = await bureau.begins()
    await bureau.writes(one, **TEXT)
    return one


def hides(book: Any) -> None:
    """Hide a row with a number, and a sheet."""
    book.active.append(["2026-11-10", MOBILE, None, "1"])
    book.active.row_dimensions[book.active.max_row].hidden = True
    other = book.create_sheet("备注")
    other.append([MOBILE])
    other.sheet_state = "hidden"


def rows_in(page: httpx.Response) -> str:
    """The lines that a dry run sends back."""
    return unescape(page.text.partition('name="rows" value="')[2].partition('"')[0])


async def test_a_ledger_is_shown_first_and_taken_then(bureau: PublishingOffice, one: str) -> None:
    page = await bureau.sends(f"{one}/ledger/file", "x.xlsx", book_of(LINES))
    assert page.status_code == 200
    assert "12,000.00" in page.text
    assert ((await bureau.draft(one)).draft or {})["ledger"] == []
    done = await bureau.post("writer", f"{one}/ledger/rows", rows=rows_in(page))
    assert done.status_code == 303
    form = await bureau.form("writer", one)
    assert (form["ledger.0.purpose"], form["ledger.1.fen"]) == (["街道拨款"], ["-4,500.00"])


async def test_each_fault_of_a_ledger_has_its_sheet_row_and_column(
    bureau: PublishingOffice, one: str
) -> None:
    wrong = [*LINES, ["昨天", "灯泡", None, "3,00"]]
    page = await bureau.sends(f"{one}/ledger/file", "x.xlsx", book_of(wrong))
    assert page.status_code == 422
    table = page.text.partition("<tbody")[2].partition("</tbody>")[0]
    assert table.count("<tr") == 2
    for place in (">账目</th>", "</span>4</td>", "<b>A</b>", "<b>D</b>"):
        assert place in table, place
    assert ((await bureau.draft(one)).draft or {})["ledger"] == []


async def test_hidden_rows_of_a_ledger_are_not_taken(bureau: PublishingOffice, one: str) -> None:
    page = await bureau.sends(f"{one}/ledger/file", "x.xlsx", book_of(LINES, hides))
    assert page.status_code == 422
    assert "4:4" in page.text
    assert MOBILE not in page.text


async def test_what_is_downloaded_and_sent_back_changes_nothing(
    bureau: PublishingOffice, one: str
) -> None:
    page = await bureau.sends(f"{one}/ledger/file", "x.xlsx", book_of(LINES))
    await bureau.post("writer", f"{one}/ledger/rows", rows=rows_in(page))
    before = await bureau.draft(one)
    book = await bureau.get("writer", f"{one}/ledger.xlsx")
    page = await bureau.sends(f"{one}/ledger/file", "x.xlsx", book.content)
    assert page.status_code == 200, said(page)
    await bureau.post("writer", f"{one}/ledger/rows", rows=rows_in(page))
    after = await bureau.draft(one)
    assert after.draft == before.draft
    assert after.draft_number == before.draft_number


async def test_what_changes_names_no_field_that_nobody_types(
    bureau: PublishingOffice, one: str
) -> None:
    page = await bureau.sends(f"{one}/ledger/file", "x.xlsx", book_of(LINES))
    await bureau.post("writer", f"{one}/ledger/rows", rows=rows_in(page))
    # Another line, that says much of what the second one said.
    other = ["2026-11-10", "楼道照明改造", None, "9900", *LINES[2][4:]]
    page = await bureau.sends(f"{one}/ledger/file", "x.xlsx", book_of([*LINES[:2], other]))
    assert "9,900.00" in page.text
    assert "内部编号" not in page.text
    await bureau.all_steps(one)
    await bureau.publishes(one)
    await bureau.post("writer", f"{one}/correction", why="换一行", changes="meaning")
    await bureau.post("writer", f"{one}/ledger/rows", rows=rows_in(page))
    desk = await bureau.get("writer", one)
    assert 'id="changes"' in desk.text
    assert "内部编号" not in desk.text


async def test_a_line_that_changed_in_the_file_is_the_same_line(
    bureau: PublishingOffice, one: str
) -> None:
    page = await bureau.sends(f"{one}/ledger/file", "x.xlsx", book_of(LINES))
    await bureau.post("writer", f"{one}/ledger/rows", rows=rows_in(page))
    first, second = ((await bureau.draft(one)).draft or {})["ledger"]
    changed: list[list[Any]] = [
        HEADINGS,
        ["2026-11-01", "新的一行", "1", None],
        [*LINES[2][:3], "4600"],
        LINES[1],
    ]
    page = await bureau.sends(f"{one}/ledger/file", "x.xlsx", book_of(changed))
    await bureau.post("writer", f"{one}/ledger/rows", rows=rows_in(page))
    keys = [line["key"] for line in ((await bureau.draft(one)).draft or {})["ledger"]]
    assert keys[1:] == [second["key"], first["key"]]
    assert keys[0] not in keys[1:]


async def test_a_long_ledger_is_kept_whole_when_the_form_is_saved(
    bureau: PublishingOffice, one: str
) -> None:
    rows: list[list[Any]] = [
        HEADINGS,
        *(["2026-11-03", f"支出 {n}", None, "1"] for n in range(1500)),
    ]
    page = await bureau.sends(f"{one}/ledger/file", "x.xlsx", book_of(rows))
    done = await bureau.post("writer", f"{one}/ledger/rows", rows=rows_in(page))
    assert done.status_code == 303
    before = await bureau.draft(one)
    await bureau.writes(one)
    assert (await bureau.draft(one)).draft == before.draft
    await bureau.writes(one, summary="改了")
    assert len(((await bureau.draft(one)).draft or {})["ledger"]) == 1500
    await bureau.all_steps(one)
    assert (await bureau.publishes(one)).status_code == 303


@pytest.mark.parametrize("rows", ["", "{", "3", '[3, null, {"day": 4, "key": "x", "fen": []}]'])
async def test_what_is_sent_back_may_be_any_nonsense(
    bureau: PublishingOffice, one: str, rows: str
) -> None:
    assert (await bureau.post("writer", f"{one}/ledger/rows", rows=rows)).status_code == 303
    assert (await bureau.get("writer", f"{one}/draft?check=1")).status_code == 200
    json.dumps((await bureau.draft(one)).draft)
