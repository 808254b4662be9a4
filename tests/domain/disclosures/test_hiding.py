"""The places where a workbook hides data: each one is named, and a plain workbook has none."""

from __future__ import annotations

from io import BytesIO
from typing import TYPE_CHECKING
from zipfile import ZIP_DEFLATED, ZipFile

import pytest
from openpyxl import Workbook
from openpyxl.comments import Comment
from openpyxl.styles import Font, PatternFill
from openpyxl.workbook.defined_name import DefinedName

from domain.disclosures.hiding import Hidden, HidingPlace, hidden_in
from domain.papers.sheets.unpacking import FileFault, UnreadableError
from tests.world.workbooks import rezipped

if TYPE_CHECKING:
    from collections.abc import Callable

    from openpyxl.worksheet.worksheet import Worksheet


def plain() -> tuple[Workbook, Worksheet]:
    """A workbook that hides nothing."""
    book = Workbook()
    page = book.active
    page.title = "财务"
    for row in (
        ["日期", "摘要", "金额"],
        ["2026-11-01", "修路灯", -1200.5],
        ["2026-11-02", "收入", 3],
    ):
        page.append(row)
    book.defined_names["金额"] = DefinedName("金额", attr_text="财务!$C$1")
    page.print_area = "A1:C3"
    page.auto_filter.ref = "A1:C3"
    return book, page


def saved(book: Workbook) -> bytes:
    file = BytesIO()
    book.save(file)
    return file.getvalue()


def changed(change: Callable[[Workbook, Worksheet], None]) -> bytes:
    book, page = plain()
    change(book, page)
    return saved(book)


def with_part(name: str, content: str = "<x/>") -> bytes:
    file = BytesIO(saved(plain()[0]))
    with ZipFile(file, "a", ZIP_DEFLATED) as archive:
        archive.writestr(name, content)
    return file.getvalue()


def name(refers_to: str) -> bytes:
    def change(book: Workbook, _page: Worksheet) -> None:
        book.defined_names["X"] = DefinedName("X", attr_text=refers_to)
        book.create_sheet("里'面").sheet_state = "hidden"

    return changed(change)


def hide_sheet(state: str) -> Callable[[Workbook, Worksheet], None]:
    def change(book: Workbook, _page: Worksheet) -> None:
        book.create_sheet("名单").sheet_state = state

    return change


def hide_row(_book: Workbook, page: Worksheet) -> None:
    page.row_dimensions[2].hidden = page.row_dimensions[3].hidden = True


def flattened() -> bytes:
    """A row without height, as a person makes it with the mouse."""

    def change(part: str, content: bytes) -> bytes:
        if not part.startswith("xl/worksheets/"):
            return content
        return content.replace(b'<row r="2"', b'<row r="2" ht="0" customHeight="1"')

    return rezipped(change, saved(plain()[0]))


def hide_column(_book: Workbook, page: Worksheet) -> None:
    page.column_dimensions["B"].hidden = True


def write_white(_book: Workbook, page: Worksheet) -> None:
    page["B2"].font = Font(color="FFFFFFFF")


def format_away(_book: Workbook, page: Worksheet) -> None:
    page["C2"].number_format = ";;;"


def comment_on(_book: Workbook, page: Worksheet) -> None:
    page["B2"].comment = Comment("王某 13800001111", "x")


SEVEN = [
    (changed(hide_row), HidingPlace.HIDDEN_CELLS, "财务", "2:3"),
    (flattened(), HidingPlace.HIDDEN_CELLS, "财务", "2:2"),
    (changed(hide_column), HidingPlace.HIDDEN_CELLS, "财务", "B:B"),
    (changed(hide_sheet("hidden")), HidingPlace.HIDDEN_SHEET, "", "名单"),
    (changed(hide_sheet("veryHidden")), HidingPlace.HIDDEN_SHEET, "", "名单"),
    (
        with_part("xl/pivotCache/pivotCacheDefinition1.xml"),
        HidingPlace.PIVOT_CACHE,
        "",
        "pivotCacheDefinition1.xml",
    ),
    (
        with_part("xl/externalLinks/externalLink1.xml"),
        HidingPlace.EXTERNAL_LINK,
        "",
        "externalLink1.xml",
    ),
    (with_part("xl/model/item.data", "x"), HidingPlace.DATA_MODEL, "", "item.data"),
    (changed(comment_on), HidingPlace.COMMENT, "财务", "B2"),
    (changed(write_white), HidingPlace.UNSEEN_TEXT, "财务", "B2"),
    (changed(format_away), HidingPlace.UNSEEN_TEXT, "财务", "C2"),
    (with_part("xl/embeddings/a.xlsx", "x"), HidingPlace.EMBEDDED_FILE, "", "a.xlsx"),
    (
        with_part("xl/worksheets/sheet9.xml"),
        HidingPlace.HIDDEN_SHEET,
        "",
        "xl/worksheets/sheet9.xml",
    ),
]


@pytest.mark.parametrize(("data", "place", "sheet", "where"), SEVEN)
def test_each_hiding_place_is_named(data, place, sheet, where) -> None:
    assert hidden_in(data) == [Hidden(place, sheet, where)]


@pytest.mark.parametrize(
    "refers_to",
    [
        "[1]Sheet1!$A$1",
        "'里''面'!$A$1:$B$9",
        "无此表!$A$1",
        '"王某 370102"',
        "OFFSET(财务!$A$1,1,1)",
        "财务!$A$1,'里''面'!$A$1",
        "#REF!",
        "财务!$A$1" + ",财务!$A$1" * 70,
    ],
)
def test_a_name_for_what_is_not_shown_is_a_hiding_place(refers_to) -> None:
    found = [each for each in hidden_in(name(refers_to)) if each.place is HidingPlace.DEFINED_NAME]
    assert found == [Hidden(HidingPlace.DEFINED_NAME, "", "X")]


@pytest.mark.parametrize(
    "refers_to", ["财务!$A$1", "财务!$A:$C", "财务!$1:$2", "财务!$A$1,财务!$C$3"]
)
def test_a_name_for_what_is_shown_is_none(refers_to) -> None:
    assert [each.place for each in hidden_in(name(refers_to))] == [HidingPlace.HIDDEN_SHEET]


def point(book: Workbook, refers_to: str, *, hidden: bool = False) -> None:
    book.defined_names["X"] = DefinedName("X", attr_text=refers_to, hidden=hidden)


@pytest.mark.parametrize("hide", [hide_row, hide_column])
def test_a_name_for_a_hidden_row_or_column_is_named(hide) -> None:
    def change(book: Workbook, page: Worksheet) -> None:
        hide(book, page)
        point(book, "财务!$A$2:$C$3")

    assert Hidden(HidingPlace.DEFINED_NAME, "", "X") in hidden_in(changed(change))


def test_a_name_that_is_hidden_itself_is_named() -> None:
    data = changed(lambda book, _page: point(book, "财务!$A$1", hidden=True))
    assert hidden_in(data) == [Hidden(HidingPlace.DEFINED_NAME, "", "X")]


def test_a_plain_workbook_hides_nothing() -> None:
    assert hidden_in(saved(plain()[0])) == []

    def white_on_red(_book: Workbook, page: Worksheet) -> None:
        page["B1"].font, page["B1"].fill = Font(color="FFFFFFFF"), PatternFill("solid", "FFB3261E")
        # Hidden, and empty.
        page.row_dimensions[9].hidden = page.column_dimensions["F"].hidden = True

    assert hidden_in(changed(white_on_red)) == []


def test_a_workbook_that_names_a_sheet_without_a_part_is_damaged() -> None:
    def drop(part: str, content: bytes) -> bytes | None:
        return None if part.startswith("xl/worksheets/") else content

    with pytest.raises(UnreadableError) as refused:
        hidden_in(rezipped(drop, saved(plain()[0])))
    assert refused.value.fault is FileFault.DAMAGED


@pytest.mark.parametrize(
    "sheet",
    [
        b"<worksheet><sheetData><row r='x'/></sheetData></worksheet>",
        b"<worksheet><cols><col hidden='1'/></cols></worksheet>",
        b"<worksheet><sheetData><row><c t='s'><v>99</v></c></row></sheetData></worksheet>",
        b"<worksheet><sheetData>",
        b"<!DOCTYPE x><worksheet/>",
        b"",
    ],
)
def test_a_damaged_sheet_is_refused(sheet) -> None:
    def change(part: str, content: bytes) -> bytes:
        return sheet if part.startswith("xl/worksheets/") else content

    with pytest.raises(UnreadableError) as refused:
        hidden_in(rezipped(change, saved(plain()[0])))
    assert refused.value.fault is FileFault.DAMAGED
