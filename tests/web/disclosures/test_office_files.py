"""What the office sends: attachments that are looked through, and ledgers from workbooks."""

from __future__ import annotations

import json
from html import unescape
from typing import TYPE_CHECKING, Any

import pytest

from domain.disclosures.attachments import MOST_FILES, add_file, put_into_draft
from domain.disclosures.content import FileReport
from domain.disclosures.publishing import locked
from domain.staff.actor import COMMAND_LINE
from tests.world.clock import NOW
from tests.world.documents import pages_of, pdf_of
from tests.world.photos import picture_of, saved
from tests.world.publishing import TEXT, book_of, said

if TYPE_CHECKING:
    import httpx
    from sqlalchemy.ext.asyncio import AsyncSession

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


async def files_in(bureau: PublishingOffice, one: str) -> list[str]:
    """The names of the draft's files."""
    draft = (await bureau.draft(one)).draft or {}
    return [file["name"] for file in draft.get("files") or ()]


def tokens(page: httpx.Response, one: str) -> list[str]:
    """The tokens of the files on its page."""
    return [part.partition('"')[0] for part in page.text.split(f'href="{one}/files/')[1:]]


async def test_a_file_is_published_and_served_as_a_download(
    bureau: PublishingOffice, one: str
) -> None:
    sent = await bureau.sends(f"{one}/file", "会议 纪要.pdf", pdf_of(pages_of("minutes")))
    assert sent.status_code == 303
    assert await files_in(bureau, one) == ["会议 纪要.pdf"]
    [token] = tokens(await bureau.get("writer", one), one)
    public = f"{one.removeprefix('/staff')}/files/{token}"
    assert (await bureau.browser.get(public)).status_code == 404
    assert (await bureau.get("neighbour", f"{one}/files/{token}")).status_code == 404
    assert (await bureau.get("writer", f"{one}/files/{token}")).content.startswith(b"%PDF")
    await bureau.all_steps(one)
    assert (await bureau.publishes(one)).status_code == 303
    served = await bureau.browser.get(public)
    assert served.status_code == 200
    assert served.headers["content-disposition"].startswith("attachment")
    assert "sandbox" in served.headers["content-security-policy"]


REFUSED = [
    ("a.svg", b"<svg onload='alert(1)'/>"),
    ("a.html", b"<script>"),
    ("a.pdf", b"<html>"),
    ("a.png", b"%PDF-1.4"),
    ("a.xlsx", b"PK\x03\x04" + bytes(100)),
    ("a", b""),
]


async def test_a_file_that_may_not_be_published_is_refused_with_words(
    bureau: PublishingOffice, one: str
) -> None:
    for name, data in REFUSED:
        refused = await bureau.sends(f"{one}/file", name, data)
        assert (refused.status_code, bool(said(refused))) == (422, True), name
    assert await files_in(bureau, one) == []


async def test_personal_data_in_a_file_is_named_and_confirmed(
    bureau: PublishingOffice, one: str
) -> None:
    await bureau.sends(f"{one}/file", "a.pdf", pdf_of(pages_of(f"call {MOBILE}")))
    page = await bureau.get("writer", one)
    assert MOBILE not in page.text
    assert "a.pdf › 1" in page.text
    assert (await bureau.steps(one, "writer")).status_code == 422
    place = page.text.partition('name="place" value="')[2].partition('"')[0]
    await bureau.post("writer", f"{one}/confirmations", place=place, why="值班电话")
    assert (await bureau.steps(one, "writer")).status_code == 303


async def test_a_picture_is_made_again_and_a_person_says_that_they_looked(
    bureau: PublishingOffice, one: str
) -> None:
    await bureau.sends(f"{one}/file", "现场.png", saved(picture_of(), "PNG"))
    assert await files_in(bureau, one) == ["现场.jpg"]
    page = await bureau.get("writer", one)
    [token] = tokens(page, one)
    assert (await bureau.get("writer", f"{one}/files/{token}")).content.startswith(b"\xff\xd8\xff")
    assert (await bureau.steps(one, "writer")).status_code == 422


def hides(book: Any) -> None:
    """Hide a row with a number, and a sheet."""
    book.active.append(["2026-11-10", MOBILE, None, "1"])
    book.active.row_dimensions[book.active.max_row].hidden = True
    other = book.create_sheet("备注")
    other.append([MOBILE])
    other.sheet_state = "hidden"


async def test_a_workbook_is_shown_as_a_table_without_what_it_hides(
    bureau: PublishingOffice, one: str
) -> None:
    assert (await bureau.sends(f"{one}/file", "账.xlsx", book_of(LINES, hides))).status_code == 303
    assert await files_in(bureau, one) == []
    page = await bureau.get("writer", one)
    for words in ("4:4", "备注"):
        assert words in page.text
    [token] = tokens(page, one)
    done = await bureau.post("writer", f"{one}/files/{token}/table")
    assert done.status_code == 303
    body = ((await bureau.draft(one)).draft or {})["body"]
    assert "楼道照明维修" in body
    assert MOBILE not in body
    assert tokens(await bureau.get("writer", one), one) == []


async def test_the_original_of_a_workbook_is_published_only_if_the_office_says_so(
    bureau: PublishingOffice, one: str
) -> None:
    await bureau.sends(f"{one}/file", "账.xlsx", book_of(LINES, hides))
    [token] = tokens(await bureau.get("writer", one), one)
    done = await bureau.post("writer", f"{one}/files/{token}/original")
    assert done.status_code == 303
    assert await files_in(bureau, one) == ["账.xlsx"]
    # What it hides is looked through as well, so it is not published like that.
    assert (await bureau.steps(one, "writer")).status_code == 422
    await bureau.post("writer", f"{one}/files/{token}/removal")
    assert await files_in(bureau, one) == []
    assert (await bureau.get("writer", f"{one}/files/{token}")).status_code == 404


async def test_at_most_ten_files(bureau: PublishingOffice, one: str) -> None:
    async def plant(session: AsyncSession) -> None:
        disclosure = await locked(session, int(one.rpartition("/")[2]))
        for number in range(MOST_FILES):
            given = disclosure, f"{number}.txt", "text/plain", b"x", FileReport()
            file = await add_file(session, *given)
            await put_into_draft(session, COMMAND_LINE, disclosure, file, NOW)

    await bureau.browser.store.write(plant)
    refused = await bureau.sends(f"{one}/file", "11.txt", b"words")
    assert refused.status_code == 422
    assert len(await files_in(bureau, one)) == MOST_FILES


async def test_a_file_that_was_taken_out_stays_where_it_was_published(
    bureau: PublishingOffice, one: str
) -> None:
    await bureau.sends(f"{one}/file", "a.txt", b"words")
    [token] = tokens(await bureau.get("writer", one), one)
    await bureau.all_steps(one)
    await bureau.publishes(one)
    await bureau.post("writer", f"{one}/correction", why="不要附件", changes="meaning")
    await bureau.post("writer", f"{one}/files/{token}/removal")
    public = f"{one.removeprefix('/staff')}/files/{token}"
    assert (await bureau.browser.get(public)).status_code == 200
    await bureau.all_steps(one)
    assert (await bureau.publishes(one)).status_code == 303
    assert (await bureau.browser.get(public)).status_code == 404


# Ledgers


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
    table = page.text.partition("<tbody>")[2].partition("</tbody>")[0]
    assert table.count("<tr>") == 2
    for place in ("<td>账目</td>", '<td class="cell-row">4</td>', "<b>A</b>", "<b>D</b>"):
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
