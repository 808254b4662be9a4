"""The handbook as a workbook: out and in again, and everything that can be wrong on the way."""

from __future__ import annotations

import datetime as dt
import re
import time
from decimal import Decimal
from functools import partial
from io import BytesIO
from typing import TYPE_CHECKING, Any
from zipfile import ZipFile

import pytest
from openpyxl import load_workbook
from sqlalchemy import func, select

from domain.content import Contradiction
from domain.handbook.events import (
    NO_MATTER,
    STEP_TWICE,
    EventStep,
    EventSteps,
    Joined,
    StepPlace,
)
from domain.handbook.fit import NO_REASON, REASON_TOO_EARLY, Lead
from domain.handbook.guide import DocumentForm, DocumentPicture, LifeEvent
from domain.papers import kinds, versions
from domain.papers.compare import differences
from domain.papers.kinds.guide import ItemGuide
from domain.papers.paper import Paper
from domain.papers.sheets import unpacking
from domain.papers.sheets.cells import Fault
from domain.papers.sheets.importing import (
    KEPT,
    Changed,
    ItemsPublishedMeanwhileError,
    Standing,
    categories_of,
    changed_events,
    changed_items,
    import_of,
    keep_import,
    publish_import,
    standing_events,
    standing_items,
)
from domain.papers.sheets.layout import EVENTS, ITEMS, PARTS, SHEETS, SLUG, words_of
from domain.papers.sheets.reading import read_workbook
from domain.papers.sheets.unpacking import LARGEST_FILE, LONGEST_CELL, FileFault, UnreadableError
from domain.papers.sheets.writing import workbook_of
from domain.papers.tables import PaperImport, PaperVersion
from domain.revision import content_revision
from domain.rules import NO_CATEGORY, NO_ITEM, PROMISE_TOO_LONG, SLUG_TAKEN
from tests.world.clock import NOW
from tests.world.district import FILES
from tests.world.people import DISTRICT_ADMINISTRATOR, arrived, log_of
from tests.world.workbooks import (
    CATEGORIES,
    LETTERS,
    Editing,
    exported,
    few,
    guides,
    lying,
    rezipped,
    rows_of,
    sharing,
    with_cells,
    with_part,
    with_sheet,
)

if TYPE_CHECKING:
    from domain.papers.sheets.reading import Reading
    from domain.papers.sheets.tables import SheetProblem
    from domain.store import Store
    from tests.world.people import Person

FIRST = 2
"""The row of 低保, the first item."""
DIBAO = "dibao"
MATTERS = FILES.elsewhere.content if FILES.elsewhere else None


def read(data: bytes) -> Reading:
    """Read a file in the sample district."""
    return read_workbook(data, guides(), LETTERS)


def where(problem: SheetProblem) -> tuple[str, int | None, str, str]:
    """Sheet, row, column, header."""
    place = problem.place
    return place.sheet, place.row, place.letter, place.header


def kind(problem: SheetProblem) -> str:
    """What is wrong, in one word."""
    what = problem.what
    if isinstance(what, Fault):
        return what.value
    return what.why if isinstance(what, Contradiction) else what["type"]


def told(data: bytes) -> list[tuple[str, int | None, str, str, str]]:
    """Everything wrong with a file: where, and what."""
    return [(*where(each), kind(each)) for each in read(data).problems]


def refusal(data: bytes) -> FileFault:
    """Why a file is not looked into."""
    with pytest.raises(UnreadableError) as refused:
        read(data)
    return refused.value.fault


def made(slug: str = DIBAO, **changes: Any) -> dict[str, ItemGuide]:
    """One item, changed."""
    plain = {**guides()[slug].model_dump(), **changes}
    return {slug: ItemGuide.model_validate(plain)}


def again(given: dict[str, ItemGuide]) -> Reading:
    """Write these items, and read them."""
    return read(workbook_of(given, CATEGORIES))


# Out and in again


def test_what_was_written_is_read_again_without_a_difference() -> None:
    reading = again(guides())
    assert reading.problems == []
    assert list(reading.guides) == list(guides())
    assert reading.guides == guides()
    plain = [each.model_dump(mode="json") for each in reading.guides.values()]
    assert plain == [each.model_dump(mode="json") for each in guides().values()]


@pytest.mark.parametrize("name", ["sharedStrings", "SharedStrings"])
def test_a_file_that_excel_saved_with_shared_texts_is_read_the_same(name) -> None:
    assert read(sharing(name=name)).guides == few()


def test_every_field_of_a_guide_has_one_column() -> None:
    def fields(shape: Any, above: tuple[str, ...] = ()) -> list[tuple[str, ...]]:
        found = []
        for name, info in shape.model_fields.items():
            inner = [each for each in (info.annotation, *getattr(info.annotation, "__args__", ()))
                     if hasattr(each, "model_fields")]  # fmt: skip
            is_part = not above and name in PARTS
            found += fields(inner[0], (*above, name)) if inner and not is_part else []
            found += [] if inner or is_part else [(*above, name)]
        return found

    columns = [each.path for each in ITEMS.columns if each is not SLUG]
    assert sorted(columns) == sorted(fields(ItemGuide))
    for part, sheet in PARTS.items():
        (shape,) = (
            each
            for each in ItemGuide.model_fields[part].annotation.__args__  # type: ignore[union-attr]
            if hasattr(each, "model_fields")
        )
        assert [each.path for each in sheet.columns] == [("slug",), *fields(shape)]


def test_headers_of_a_sheet_stand_once() -> None:
    for sheet in SHEETS:
        headers = [each.header for each in sheet.columns]
        assert len(set(headers)) == len(headers)


@pytest.mark.parametrize(
    "words", [DocumentForm, DocumentPicture, LifeEvent, Joined, StepPlace, Lead]
)
def test_every_member_has_a_word_of_its_own(words) -> None:
    found = words_of(words)
    assert list(found) == [each.value for each in words]
    assert len(set(found.values())) == len(found)


@pytest.mark.parametrize("form", list(DocumentForm))
def test_a_form_is_read_by_its_word_and_by_its_value(form) -> None:
    for given in (words_of(DocumentForm)[form.value], form.value):
        data = Editing().put("材料", FIRST, "原件还是复印件", given).saved()
        assert read(data).guides[DIBAO].documents[0].form is form


def test_life_events_are_read_by_word_and_by_value_however_they_are_separated() -> None:
    every = [*words_of(LifeEvent).values()][:4] + [each.value for each in LifeEvent][4:]
    for between in ("\n", "、", "，", ", ", " "):
        data = Editing().put("事项", FIRST, "相关人生事件", between.join(every)).saved()
        assert read(data).guides[DIBAO].life_events == tuple(LifeEvent)


def test_groups_that_may_be_absent_come_back_absent_and_present() -> None:
    whole = made(
        urgent={"ground": "急等钱看病的。"},
        proxy={"who": "家人", "bring": ("身份证", "委托书")},
        fee={"yuan": Decimal("12.50"), "note": "现金或扫码", "basis": "收费目录"},
        withdrawn="已经停办，请办临时救助。",
    )
    bare = made("linshi-jiuzhu", urgent=None, proxy=None, withdrawn=None)
    assert again({**whole, **bare}).guides == {**whole, **bare}


def test_words_that_begin_like_a_formula_stay_words() -> None:
    given = made(name="=1+1", where="+加号开头", summary="-减号开头的一句话")
    data = workbook_of(given, CATEGORIES)
    assert read(data).guides == given
    cell = Editing(data).cell("事项", FIRST, "事项名称")
    assert (cell.data_type, cell.quotePrefix) == ("s", True)


def test_characters_that_no_workbook_can_hold_do_not_break_the_export() -> None:
    given = guides()[DIBAO].model_copy(update={"where": "窗口\x0b三号"})
    assert again({DIBAO: given}).guides[DIBAO].where == "窗口三号"


def test_an_exported_workbook_is_made_for_people() -> None:
    book = load_workbook(BytesIO(exported()))
    of_items = ["说明", "事项", "适合谁", "材料", "步骤", "问答", "依据"]
    assert book.sheetnames == [*of_items, "人生事件", "不在这里办"]
    page = book["事项"]
    assert page.freeze_panes == "D2"
    checked_on = next(cell.column for cell in page[1] if cell.value == "核实日期")
    assert isinstance(page.cell(2, checked_on).value, dt.datetime)
    assert page.cell(2, checked_on).number_format == "yyyy-mm-dd"
    assert all(cell.alignment.wrap_text for cell in page[2])
    offered = {
        (str(each.sqref), each.formula1)
        for name in ("事项", "材料")
        for each in book[name].data_validations.dataValidation
    }
    assert offered == {
        ("B2:B2001", '"A,B,C,D,E,F,G,H,I,J,K,L"'),
        ("C2:C2001", '"原件,复印件,原件和复印件,电子版即可"'),
        ("H2:H2001", f'"{",".join(words_of(DocumentPicture).values())}"'),
    }
    assert "新事项自己起一个" in str(book["说明"]["A4"].value)


# What people type


@pytest.mark.parametrize(
    ("header", "typed", "path", "value"),
    [
        ("承诺工作日", "7", "promised_days", 7),
        ("承诺工作日", "７", "promised_days", 7),
        ("承诺工作日", 7.0, "promised_days", 7),
        ("金额（元）", "12.5", "fee.yuan", Decimal("12.5")),
        ("金额（元）", 0.1 + 0.2, "fee.yuan", Decimal("0.3")),
        ("核实日期", "2026-11-02", "assured.date", dt.date(2026, 11, 2)),
        ("核实日期", "2026/11/2", "assured.date", dt.date(2026, 11, 2)),
        ("核实日期", "２０２６年１１月２日", "assured.date", dt.date(2026, 11, 2)),
        ("核实日期", "20261102", "assured.date", dt.date(2026, 11, 2)),
        ("核实日期", dt.datetime(2026, 11, 2), "assured.date", dt.date(2026, 11, 2)),  # noqa: DTZ001
        ("文本编号", 2026.2, "version", "2026.2"),
        ("编码", "ＴＱ-A-77", "code", "TQ-A-77"),
        ("咨询电话", "０５３１-00001234", "enquiry_phone", "0531-00001234"),
        ("咨询电话", 12345678, "enquiry_phone", "12345678"),
        ("咨询电话", 13800000000, "enquiry_phone", "13800000000"),
        ("类别", "Ｂ", "category", "B"),
        ("事项名称", "　 低保申请\n", "name", "低保申请"),
        ("条件", " 一\n\n 二 \r\n三", "conditions", ("一", "二", "三")),
        ("谁能办", "一行_x000D_\n两行", "audience", "一行\n两行"),
        ("常一起办的事", "linshi-jiuzhu，yiliao-jiuzhu", "related", ("linshi-jiuzhu", "yiliao-jiuzhu")),
        ("收费说明", "   ", "fee.note", None),
    ],
)  # fmt: skip
def test_what_people_type_is_understood(header, typed, path, value) -> None:
    reading = read(Editing().put("事项", FIRST, header, typed).saved())
    assert reading.problems == []
    found: Any = reading.guides[DIBAO]
    for step in path.split("."):
        found = getattr(found, step)
    assert found == value


def test_how_many_is_one_when_nobody_says() -> None:
    reading = read(Editing().put("材料", FIRST, "份数", None).saved())
    assert reading.guides[DIBAO].documents[0].copies == 1


def test_columns_may_stand_in_any_order() -> None:
    editing = Editing()
    page = editing.book["步骤"]
    for row in page.iter_rows():
        row[1].value, row[3].value = row[3].value, row[1].value
    assert read(editing.saved()).guides == few()


def test_blank_rows_are_skipped() -> None:
    editing = Editing()
    editing.book["步骤"].insert_rows(3, 4)
    editing.put("步骤", 4, "做什么", "   ")
    assert read(editing.saved()).guides == few()


def test_the_order_of_rows_is_the_order_of_parts() -> None:
    editing = Editing()
    page = editing.book["步骤"]
    for column in (2, 3, 4):
        one, two = page.cell(2, column), page.cell(3, column)
        one.value, two.value = two.value, one.value
    before, after = guides()[DIBAO].steps, read(editing.saved()).guides[DIBAO].steps
    assert after == (before[1], before[0], *before[2:])


# What is wrong


@pytest.mark.parametrize(
    ("sheet", "row", "header", "typed", "column", "what"),
    [
        ("事项", 2, "承诺工作日", 31, "G", PROMISE_TOO_LONG),
        ("事项", 3, "常一起办的事", "dibao\nno-such", "AA", NO_ITEM),
        ("事项", 4, "类别", "Z", "B", NO_CATEGORY),
        ("事项", 4, "类别", "社会救助", "B", "string_pattern_mismatch"),
        ("事项", 5, "承诺工作日", "三天", "G", "int_parsing"),
        ("事项", 5, "承诺工作日", 2.5, "G", "int_parsing"),
        ("事项", 5, "承诺工作日", True, "G", "int_parsing"),
        ("事项", 5, "法定工作日", 366, "H", "less_than_equal"),
        ("事项", 6, "事项名称", None, "C", "missing"),
        ("事项", 6, "事项名称", "长" * 81, "C", "string_too_long"),
        ("事项", 6, "一句话说明", "太短", "D", "string_too_short"),
        ("事项", 6, "条件", None, "F", "missing"),
        ("事项", 6, "条件", "行\n" + "长" * 601, "F", "string_too_long"),
        ("事项", 6, "条件", "长" * 601, "F", "string_too_long"),
        ("事项", 6, "搜索用词", "低保\n吃低保", "Y", "too_short"),
        ("事项", 7, "金额（元）", "免费", "J", "decimal_parsing"),
        ("事项", 7, "金额（元）", None, "J", "missing"),
        ("事项", 7, "谁可以代办", None, "T", "missing"),
        ("事项", 7, "代办人带什么", None, "U", "missing"),
        ("事项", 8, "咨询电话", "明天再说", "V", "string_pattern_mismatch"),
        ("事项", 8, "咨询电话", 53100001234, "V", Fault.LOST_ZERO),
        ("事项", 8, "相关人生事件", "中彩票", "Z", "enum"),
        ("事项", 8, "编码", "低保", "AB", "string_pattern_mismatch"),
        ("事项", 9, "核实日期", "去年", "AD", Fault.NO_DATE),
        ("事项", 9, "核实日期", "2026-02-30", "AD", Fault.NO_DATE),
        ("事项", 9, "核实日期", "2026112", "AD", Fault.NO_DATE),
        ("事项", 9, "核实日期", None, "AD", "missing"),
        ("事项", 9, "网址用名", "低保", "A", Fault.BAD_SLUG),
        ("事项", 9, "网址用名", "Di--bao", "A", Fault.BAD_SLUG),
        ("事项", 9, "网址用名", "dibao", "A", SLUG_TAKEN),
        ("材料", 3, "原件还是复印件", "扫描件", "C", "enum"),
        ("材料", 3, "图示", "鱼", "H", "enum"),
        ("材料", 3, "份数", 0, "D", "greater_than_equal"),
        ("材料", 4, "材料名称", None, "B", "missing"),
        ("材料", 4, "空白表格的栏目", "长" * 81, "I", "string_too_long"),
        ("步骤", 3, "要多久", dt.datetime(2026, 3, 5), "D", Fault.BECAME_A_DATE),  # noqa: DTZ001
        ("步骤", 3, "要多久", dt.time(8, 30), "D", Fault.BECAME_A_DATE),
        ("步骤", 4, "网址用名", "dibaoo", "A", Fault.NO_SUCH_ITEM),
        ("步骤", 4, "网址用名", None, "A", Fault.NO_SLUG),
        ("问答", 3, "回答", None, "C", "missing"),
        ("依据", 3, "名称", "长" * 81, "B", "string_too_long"),
        ("依据", 3, "名称", "=A1", "B", Fault.FORMULA),
        ("事项", 3, "收费说明", "=SUM(G2:G9)", "K", Fault.FORMULA),
        ("事项", 3, "收费说明", "#N/A", "K", Fault.ERROR),
    ],
)  # fmt: skip
def test_what_is_wrong_is_told_with_its_place(  # noqa: PLR0913, PLR0917 - a table of data
    sheet, row, header, typed, column, what
) -> None:
    found = told(Editing().put(sheet, row, header, typed).saved())
    assert (sheet, row, column, header, str(what)) in found
    # Whatever else there is to say follows from it: a slug that is gone leaves its parts alone.
    assert len(found) == 1 or header == "网址用名"


def test_merged_cells_are_told_as_such_and_not_as_empty_ones() -> None:
    edited = Editing()
    first = edited.row_of("步骤", DIBAO)
    page = edited.book["步骤"]
    page.merge_cells(start_row=first, end_row=first + 1, start_column=1, end_column=1)
    page.merge_cells(start_row=first + 2, end_row=first + 3, start_column=2, end_column=3)
    edited.book["问答"].merge_cells("A2:A3")
    (problem, *others) = read(edited.saved()).problems
    assert (problem.place.sheet, problem.value) == ("步骤", f"A{first}:A{first + 1}")
    assert {problem.what, *(each.what for each in others)} == {Fault.MERGED}
    assert len(others) == 2


def test_a_wrong_cell_is_told_once() -> None:
    data = (
        Editing().put("事项", FIRST, "承诺工作日", "=1").put("步骤", FIRST, "做什么", "=1").saved()
    )
    assert [each[3:] for each in told(data)] == [("承诺工作日", "formula"), ("做什么", "formula")]


def test_everything_that_is_wrong_is_told_at_once_in_the_order_of_the_file() -> None:
    editing = Editing()
    editing.put("依据", 2, "名称", None)
    editing.put("步骤", 9, "要多久", None).put("步骤", 3, "谁来做", None)
    editing.put("事项", 2, "承诺工作日", 200).put("事项", 2, "法定工作日", "x")
    editing.put("事项", 3, "承诺工作日", 200)
    editing.book.create_sheet("表1")
    assert told(editing.saved()) == [
        ("事项", 2, "H", "法定工作日", "int_parsing"),
        ("事项", 3, "G", "承诺工作日", PROMISE_TOO_LONG),
        ("步骤", 3, "C", "谁来做", "missing"),
        ("步骤", 9, "D", "要多久", "missing"),
        ("依据", 2, "B", "名称", "missing"),
        ("表1", None, "", "", "unknown-sheet"),
    ]


def test_an_item_that_is_wrong_elsewhere_is_still_held_to_the_rules() -> None:
    editing = Editing().put("事项", 2, "事项名称", None).put("事项", 2, "常一起办的事", "nobody")
    assert [each[3:] for each in told(editing.saved())] == [
        ("事项名称", "missing"),
        ("常一起办的事", NO_ITEM),
    ]


def test_an_item_without_rows_on_a_sheet_is_told_which_sheet() -> None:
    editing = Editing()
    page = editing.book["问答"]
    while page.cell(2, 1).value == DIBAO:
        page.delete_rows(2)
    (problem,) = read(editing.saved()).problems
    assert where(problem) == ("事项", 2, "A", "网址用名")
    assert (problem.what, problem.value) == (Fault.NO_PARTS, "问答")


def test_items_that_know_each_other_may_come_in_the_same_file() -> None:
    editing = Editing().add_like(DIBAO, "new-one")
    editing.put("事项", FIRST, "常一起办的事", "new-one")
    reading = read(editing.saved())
    assert reading.problems == []
    assert reading.guides[DIBAO].related == ("new-one",)


def test_a_file_of_one_item_may_name_those_that_are_not_in_it() -> None:
    data = Editing().only(DIBAO).saved()
    assert {kind(each) for each in read_workbook(data, (), LETTERS).problems} == {NO_ITEM}
    assert list(read(data).guides) == [DIBAO]


def test_missing_and_unknown_sheets_are_told_and_not_their_consequences() -> None:
    editing = Editing()
    del editing.book["步骤"]
    editing.book["问答"].title = "问题"
    assert told(editing.saved()) == [
        ("问题", None, "", "", "unknown-sheet"),
        ("步骤", None, "", "", "missing-sheet"),
        ("问答", None, "", "", "missing-sheet"),
    ]


def test_missing_unknown_and_doubled_headers_are_told_and_not_their_consequences() -> None:
    editing = Editing()
    editing.cell("步骤", 1, "要多久").value = "多久"
    editing.cell("问答", 1, "网址用名").value = None
    editing.book["依据"].cell(1, 5).value = "名称"
    assert told(editing.saved()) == [
        ("步骤", 1, "", "要多久", "missing-column"),
        ("步骤", 1, "D", "多久", "unknown-column"),
        ("问答", 1, "", "网址用名", "missing-column"),
        ("问答", 1, "A", "", "unknown-column"),
        ("依据", 1, "E", "名称", "column-twice"),
    ]


def test_what_stands_below_no_header_is_told_once() -> None:
    editing = Editing()
    for row in (4, 8, 9):
        editing.book["步骤"].cell(row, 7).value = "备注"
    assert told(editing.saved()) == [("步骤", 1, "G", "", "unknown-column")]


def test_sheets_without_rows_hold_no_item() -> None:
    assert told(Editing().only().saved()) == [("事项", None, "", "", "no-items")]


def test_a_sheet_that_is_too_wide_is_told() -> None:
    editing = Editing()
    editing.book["步骤"].cell(5, 61).value = "远"
    editing.book["依据"].cell(1, 61).value = "远"
    assert told(editing.saved()) == [
        ("步骤", 5, "BI", "", "too-many-columns"),
        ("依据", 1, "BI", "", "too-many-columns"),
    ]


@pytest.mark.parametrize("dimension", [b"A1:A100001", b"A1"])
def test_a_hundred_thousand_rows_are_told_whatever_the_file_says_of_its_size(dimension) -> None:
    found = told(with_cells(rows_of(100_000), dimension))
    assert ("事项", 2002, "", "", "too-many-rows") in found


def test_two_thousand_rows_are_not_too_many() -> None:
    assert "too-many-rows" not in {each[4] for each in told(with_cells(rows_of(2001)))}
    assert "too-many-rows" in {each[4] for each in told(with_cells(rows_of(2002)))}


def test_a_row_far_below_is_not_lost_in_silence() -> None:
    cells = b'<sheetData><row r="1048576"><c><v>1</v></c></row></sheetData>'
    assert ("事项", 2002, "", "", "too-many-rows") in told(with_cells(cells))


def test_rows_that_are_only_formatted_are_not_too_many() -> None:
    def formatted(sheet: bytes) -> bytes:
        return sheet.replace(
            b"</sheetData>", b'<row r="9000"><c r="A9000" s="1"/></row></sheetData>'
        )

    assert read(with_sheet(formatted)).guides == few()


# What is not even looked into


def test_a_file_of_nothing_is_refused() -> None:
    assert refusal(b"") is FileFault.EMPTY


def test_a_file_larger_than_a_handbook_is_refused() -> None:
    assert refusal(exported() + b"\0" * LARGEST_FILE) is FileFault.TOO_LARGE


@pytest.mark.parametrize(
    "data",
    ["网址用名,类别\ndibao,A\n".encode(), b"<html><table></table></html>", b"%PDF-1.7", b"PK", b"MZ\x90\0"],
    ids=["csv", "html", "pdf", "short", "program"],
)  # fmt: skip
def test_a_file_that_only_has_the_name_of_a_workbook_is_refused(data) -> None:
    assert refusal(data) is FileFault.NO_WORKBOOK


def test_another_kind_of_zip_is_refused() -> None:
    data = rezipped(lambda name, part: part if not name.startswith("xl/") else None)
    assert refusal(data) is FileFault.NO_WORKBOOK


def test_an_old_file_and_one_with_a_password_are_refused() -> None:
    assert refusal(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 512) is FileFault.OLD_OR_LOCKED


def test_a_zip_with_a_password_is_refused() -> None:
    data = bytearray(exported())
    for mark, offset in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        for found in re.finditer(re.escape(mark), bytes(data)):
            data[found.start() + offset] |= 1
    assert refusal(bytes(data)) is FileFault.OLD_OR_LOCKED


def test_macros_are_refused_however_they_are_called() -> None:
    assert refusal(with_part("xl/vbaProject.bin", b"macro")) is FileFault.MACROS
    assert refusal(with_part("xl/VBAPROJECT.BIN", b"macro")) is FileFault.MACROS
    typed = rezipped(
        lambda _name, part: part.replace(
            b"application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml",
            b"application/vnd.ms-excel.sheet.macroEnabled.main+xml",
        )
    )
    assert refusal(typed) is FileFault.MACROS


def test_links_to_other_files_are_not_followed() -> None:
    link = b'<externalLink xmlns="x"><externalBook id="http://elsewhere.test/"/></externalLink>'
    assert read(with_part("xl/externalLinks/externalLink1.xml", link)).guides == few()


@pytest.mark.parametrize("part", ["xl/workbook.xml", "xl/styles.xml", "xl/worksheets/sheet2.xml", "xl/sharedStrings.xml", "[Content_Types].xml"])  # fmt: skip
@pytest.mark.parametrize("encoding", ["utf-8", "utf-16"])
def test_a_part_that_declares_entities_is_refused(part, encoding) -> None:
    laughs = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10 if n else "ha"}">' for n in range(9))

    def change(name: str, content: bytes) -> bytes:
        if name != part:
            return content
        text = re.sub(r"^<\?xml[^>]*>", "", content.decode())
        return f"<!DOCTYPE x [{laughs}]>{text}".encode(encoding)

    assert refusal(rezipped(change, sharing())) is FileFault.DAMAGED


def test_a_zip_bomb_is_refused_before_it_goes_off() -> None:
    assert refusal(with_part("xl/worksheets/sheet99.xml", b" " * (40 << 20))) is FileFault.TOO_LARGE


def test_a_zip_bomb_that_lies_about_its_size_is_refused() -> None:
    bomb = with_part("xl/worksheets/sheet99.xml", b"<worksheet>" + b" " * (40 << 20))
    assert refusal(lying(bomb, "xl/worksheets/sheet99.xml", 11)) is FileFault.DAMAGED


def test_what_is_not_cells_is_never_unpacked() -> None:
    assert read(with_part("xl/media/image1.png", b" " * (40 << 20))).guides == few()


@pytest.mark.parametrize(
    "data",
    [
        pytest.param(lambda: with_cells(rows_of(60_000, 4)), id="tags"),
        pytest.param(lambda: sharing(more=b"<si><t>a</t></si>" * 100_000), id="texts"),
        pytest.param(
            lambda: rezipped(
                lambda name, part: (
                    part + b"<!--" + bytes(range(65, 91)) * 50_000 + b"-->"
                    if name == "xl/styles.xml"
                    else part
                )
            ),
            id="styles",
        ),
    ],
)
def test_what_would_take_long_to_read_is_refused(data) -> None:
    assert refusal(data()) is FileFault.TOO_LARGE


UNCLOSED = [b"<sheetData>", b"<sheetData ", b"<worksheet ", b"</sheetData ", b"<f ", b"<!", b"<a:"]
HOSTILE = 20_000
MOST_SECONDS = 5
"""Of a core; a search that tries every opening to the end of the file takes minutes."""


@pytest.mark.parametrize("tag", UNCLOSED)
def test_tags_without_an_end_are_refused_in_no_time(tag) -> None:
    start = time.process_time()
    for sheet in (tag * HOSTILE, b"<worksheet><sheetData>" + tag * HOSTILE):
        data = with_sheet(lambda _, sheet=sheet: sheet)  # type: ignore[misc]
        assert refusal(data) is FileFault.DAMAGED
    assert time.process_time() - start < MOST_SECONDS


def test_no_pattern_over_a_strangers_bytes_reads_on_from_every_start() -> None:
    patterns = [
        each
        for each in vars(unpacking).values()
        if isinstance(each, re.Pattern) and isinstance(each.pattern, bytes)
    ]
    assert patterns
    start = time.process_time()
    for pattern in patterns:
        for tag in UNCLOSED:
            pattern.sub(b"", tag * HOSTILE)
    assert time.process_time() - start < MOST_SECONDS


def test_a_cell_longer_than_any_spreadsheet_makes_is_refused() -> None:
    long = Editing().put(ITEMS.name, FIRST, ITEMS.columns[2].header, "长" * 32_767)
    assert read(long.saved()).problems
    row = b'<row><c t="inlineStr"><is><t>%s</t></is></c></row>' % (b"x" * (LONGEST_CELL + 1))
    assert refusal(with_cells(b"<sheetData>" + row + b"</sheetData>")) is FileFault.DAMAGED


def test_too_many_parts_are_refused() -> None:
    file = BytesIO(exported())
    with ZipFile(file, "a") as archive:
        for number in range(200):
            archive.writestr(f"xl/media/{number}.png", b"")
    assert refusal(file.getvalue()) is FileFault.TOO_LARGE


@pytest.mark.parametrize(
    "data",
    [
        pytest.param(lambda: exported()[: len(exported()) // 2], id="half"),
        pytest.param(lambda: with_sheet(lambda sheet: sheet[:-900]), id="half a sheet"),
        pytest.param(
            lambda: with_sheet(lambda sheet: sheet.replace(b"</row>", b"", 1)), id="not closed"
        ),
        pytest.param(
            lambda: with_sheet(lambda sheet: sheet.replace(b'r="2"', b'r="two"', 1)), id="row two"
        ),
        pytest.param(
            lambda: rezipped(lambda name, part: b"" if name == "xl/workbook.xml" else part),
            id="empty workbook",
        ),
        pytest.param(
            lambda: rezipped(lambda name, part: None if name.endswith(".rels") else part),
            id="no relations",
        ),
        pytest.param(lambda: with_part("xl/workbook.xml", b"<workbook/>"), id="a part twice"),
    ],
)
@pytest.mark.filterwarnings("ignore:Duplicate name")
def test_a_damaged_file_is_refused(data) -> None:
    assert refusal(data()) is FileFault.DAMAGED


def test_a_formula_is_seen_whatever_kind_it_is() -> None:
    def change(sheet: bytes) -> bytes:
        kinds = (b't="shared" si="0" ref="G2:G9"', b't="array" ref="G2"', b't="dataTable" r1="A1"')
        cells = b"".join(
            b'<c r="%s2"><f %s>1+1</f><v>2</v></c>' % (column, each)
            for column, each in zip((b"C", b"D", b"E"), kinds, strict=True)
        )
        row = b'<row r="2"><c r="A2" t="inlineStr"><is><t>dibao</t></is></c>%s</row>' % cells
        return re.sub(rb'<row r="2".*?</row>', row, sheet, flags=re.DOTALL)

    found = told(with_sheet(change))
    assert [each[2] for each in found if each[4] == "formula"] == ["C", "D", "E"]


# The store


async def standing(store: Store) -> dict[str, Standing]:
    """Every item as it is published."""
    async with store.read() as session:
        return await standing_items(session)


async def imported(store: Store, person: Person, editing: Editing, now: dt.datetime = NOW) -> int:
    """Look a file through and keep what it changes; the import's number."""
    stands = await standing(store)
    reading = read_workbook(editing.saved(), stands, LETTERS)
    assert reading.problems == []
    changed = changed_items(stands, reading.guides)
    unchanged = len(reading.guides) - len(changed)
    return await store.write(
        partial(
            keep_import,
            actor=person.actor,
            file_name="手册.xlsx",
            changed=changed,
            unchanged=unchanged,
            now=now,
        )
    )


async def published_all(store: Store, person: Person, number: int) -> None:
    """Publish an import."""

    async def unit(session: Any) -> None:
        kept = await import_of(session, person.actor, number, to_publish=True)
        assert kept is not None
        await publish_import(session, person.actor, kept, "新规定", NOW)

    await store.write(unit)


def guide_paper(slug: str) -> Paper:
    """An item's guide."""
    return Paper(kinds.GUIDE, None, slug)


async def test_the_sample_comes_back_without_problems_and_without_changes(sample: Store) -> None:
    stands = await standing(sample)
    async with sample.read() as session:
        categories = await categories_of(session)
    given = {slug: each.guide for slug, each in stands.items()}
    reading = read_workbook(workbook_of(given, categories), stands, dict(categories))
    assert reading.problems == []
    assert len(reading.guides) == 50
    assert changed_items(stands, reading.guides) == []


async def test_one_changed_cell_is_exactly_that_difference(sample: Store) -> None:
    stands = await standing(sample)
    data = Editing().put("步骤", FIRST, "要多久", "马上").saved()
    (changed,) = changed_items(stands, read_workbook(data, stands, LETTERS).guides)
    (found,) = differences(stands[DIBAO].guide.model_dump(mode="json"), changed.document)
    assert (changed.slug, changed.base) == (DIBAO, 1)
    assert (found.path, found.before, found.after) == (("steps", 0, "takes"), "当场", "马上")


def test_an_amount_written_another_way_is_no_difference() -> None:
    before = made(fee={"yuan": Decimal("12.50"), "basis": "目录"})
    stands = {DIBAO: Standing(1, before[DIBAO])}
    back = again(before).guides
    assert changed_items(stands, back) == []
    noted = made(fee={"yuan": Decimal("12.5"), "basis": "目录", "note": "扫码"})
    (changed,) = changed_items(stands, again(noted).guides)
    (found,) = differences(before[DIBAO].model_dump(mode="json"), changed.document)
    assert found.path == ("fee", "note")


async def test_an_import_is_published_whole_with_versions_and_in_the_log(sample: Store) -> None:
    person = await arrived(sample, "han", DISTRICT_ADMINISTRATOR)
    editing = Editing().put("事项", FIRST, "承诺工作日", 9).put("事项", 3, "到场次数", 2)
    number = await imported(sample, person, editing.add_like(DIBAO, "brand-new"))
    async with sample.read() as session:
        before = await content_revision(session)
        assert await session.scalar(select(func.count()).select_from(PaperVersion)) == 0
    await published_all(sample, person, number)
    stands = await standing(sample)
    assert (stands[DIBAO].number, stands[DIBAO].guide.promised_days) == (2, 9)
    assert (stands["dibao-bianyuan"].number, stands["dibao-bianyuan"].guide.visits) == (2, 2)
    assert stands["brand-new"].guide == stands[DIBAO].guide.model_copy()
    assert stands["linshi-jiuzhu"].number == 1
    in_category = [slug for slug, each in stands.items() if each.guide.category == "A"]
    assert in_category[-1] == "brand-new"
    async with sample.read() as session:
        assert await content_revision(session) > before
    *single, last = (await log_of(sample))[-4:]
    assert [each.action for each in single] == ["published"] * 3
    assert (last.action, last.subject) == ("handbook-imported", "handbook")
    assert last.after == {"file": "手册.xlsx", "new": 1, "changed": 2, "reason": "新规定"}


async def test_nothing_of_an_import_is_published_when_one_item_was_meanwhile(
    sample: Store,
) -> None:
    person = await arrived(sample, "han", DISTRICT_ADMINISTRATOR)
    colleague = await arrived(sample, "wu", DISTRICT_ADMINISTRATOR)
    editing = Editing().put("事项", FIRST, "承诺工作日", 9).put("事项", 3, "到场次数", 2)
    editing.put("事项", 4, "到场次数", 2)
    number = await imported(sample, person, editing)
    meanwhile = ["dibao-bianyuan", "tekun-gongyang"]
    for slug in meanwhile:
        other = (await standing(sample))[slug].guide.model_copy(update={"where": "二楼"})
        await sample.write(
            partial(
                versions.publish,
                actor=colleague.actor,
                paper=guide_paper(slug),
                document=other,
                base=1,
                reason="搬家",
                now=NOW,
            )
        )
    entries = len(await log_of(sample))
    with pytest.raises(ItemsPublishedMeanwhileError) as refused:
        await published_all(sample, person, number)
    assert refused.value.slugs == meanwhile
    stands = await standing(sample)
    assert (stands[DIBAO].number, stands["dibao-bianyuan"].guide.where) == (1, "二楼")
    assert len(await log_of(sample)) == entries


async def test_what_somebody_was_writing_survives_their_import(sample: Store) -> None:
    person = await arrived(sample, "han", DISTRICT_ADMINISTRATOR)
    paper = guide_paper(DIBAO)
    await sample.write(
        partial(
            versions.save_draft,
            actor=person.actor,
            paper=paper,
            document={"name": "写了一半"},
            base=1,
            now=NOW,
        )
    )
    number = await imported(sample, person, Editing().put("事项", FIRST, "承诺工作日", 9))
    await published_all(sample, person, number)
    async with sample.read() as session:
        draft = await versions.draft_of(session, paper, person.actor)
    assert draft is not None
    assert (draft.document, draft.base) == ({"name": "写了一半"}, 1)


async def test_an_import_belongs_to_who_made_it(sample: Store) -> None:
    person = await arrived(sample, "han", DISTRICT_ADMINISTRATOR)
    colleague = await arrived(sample, "wu", DISTRICT_ADMINISTRATOR)
    number = await imported(sample, person, Editing().put("事项", FIRST, "承诺工作日", 9))
    async with sample.read() as session:
        assert await import_of(session, colleague.actor, number) is None
        mine = await import_of(session, person.actor, number)
    assert mine is not None
    assert (mine.file_name, mine.unchanged) == ("手册.xlsx", 7)
    (document,) = (Changed(**each) for each in mine.documents)
    assert (document.slug, document.base) == (DIBAO, 1)


async def test_imports_that_are_done_or_too_old_are_forgotten(sample: Store) -> None:
    person = await arrived(sample, "han", DISTRICT_ADMINISTRATOR)

    async def kept() -> list[int]:
        async with sample.read() as session:
            return list(await session.scalars(select(PaperImport.id).order_by(PaperImport.id)))

    first = await imported(sample, person, Editing().put("事项", FIRST, "承诺工作日", 9))
    second = await imported(sample, person, Editing().put("事项", FIRST, "承诺工作日", 8))
    assert await kept() == [first, second]
    await published_all(sample, person, first)
    later = NOW + dt.timedelta(hours=1)
    third = await imported(sample, person, Editing().put("事项", 3, "到场次数", 2), later)
    assert set(await kept()) == {second, third}
    last = await imported(sample, person, Editing().put("事项", 3, "到场次数", 2), NOW + KEPT * 2)
    assert await kept() == [last]


async def test_withdrawn_items_are_exported_too(sample: Store) -> None:
    person = await arrived(sample, "han", DISTRICT_ADMINISTRATOR)
    await published_all(
        sample,
        person,
        await imported(
            sample, person, Editing().put("事项", FIRST, "已停办：现在该怎么办", "请办临时救助。")
        ),
    )
    stands = await standing(sample)
    data = workbook_of({slug: each.guide for slug, each in stands.items()}, CATEGORIES)
    assert Editing(data).cell("事项", FIRST, "已停办：现在该怎么办").value == "请办临时救助。"
    assert len(read(data).guides) == 50


# Life events


def plans() -> dict[str, EventSteps]:
    """The steps of the sample's life events."""
    assert FILES.events is not None
    return {each.event.value: each.plan() for each in FILES.events.content}


def with_events(**cells: Any) -> Editing:
    """The first items and all life events, with cells of the second row of steps changed."""
    editing = Editing(workbook_of(few(), CATEGORIES, plans()))
    for header, value in cells.items():
        editing.put("人生事件", FIRST + 1, header, value)
    return editing


def read_events(data: bytes) -> Reading:
    """Read a file in the sample district, which knows what is done elsewhere."""
    return read_workbook(data, guides(), LETTERS, MATTERS)


def test_the_steps_of_life_events_come_back_as_they_were() -> None:
    reading = read_events(with_events().saved())
    assert reading.problems == []
    assert reading.events == plans()
    assert list(reading.events) == list(plans())


def test_every_field_of_a_step_has_one_column() -> None:
    fields = [("event",), *((name,) for name in EventStep.model_fields)]
    assert sorted(each.path for each in EVENTS.columns) == sorted(fields)


@pytest.mark.parametrize(
    ("header", "value", "what"),
    [
        ("人生事件", None, "no-event"),
        ("人生事件", "搬走了", "no-such-event"),
        ("要做什么", None, "missing"),
        ("要做什么", "字" * 81, "string_too_long"),
        ("怎么接上一步", "明天", "enum"),
        ("办事指南", "nothing", NO_ITEM),
        ("不在这里办", "nowhere", NO_MATTER),
        ("要做什么", "做生育登记", STEP_TWICE),
        ("社区的哪一页", "月亮", "enum"),
    ],
)
def test_what_is_wrong_with_a_step_is_told_with_its_place(header, value, what) -> None:
    (problem,) = read_events(with_events(**{header: value}).saved()).problems
    assert where(problem)[:2] == ("人生事件", FIRST + 1)
    assert where(problem)[3] == header
    assert kind(problem) == what


async def test_changed_steps_are_published_with_the_items_of_the_file(sample: Store) -> None:
    person = await arrived(sample, "han", DISTRICT_ADMINISTRATOR)
    async with sample.read() as session:
        stands = await standing_events(session)
    assert {event: each.plan for event, each in stands.items()} == plans()
    data = with_events(期限="出院以前，越早越好").saved()
    changed = changed_events(stands, read_events(data).events)
    assert [(each.slug, each.base) for each in changed] == [("child", 1)]
    keep = partial(
        keep_import,
        actor=person.actor,
        file_name="手册.xlsx",
        changed=changed,
        unchanged=17,
        now=NOW,
    )
    await published_all(sample, person, await sample.write(keep))
    async with sample.read() as session:
        now = (await standing_events(session))["child"]
    assert (now.number, now.plan.steps[1].when) == (2, "出院以前，越早越好")
    assert (await log_of(sample))[-2].subject == "events/child"


async def test_an_import_kept_before_there_were_life_events_is_of_guides() -> None:
    kept: dict[str, Any] = {"slug": DIBAO, "base": 1, "document": {}}
    assert Changed(**kept).paper == Paper(kinds.GUIDE, None, DIBAO)


# Is this for me?


@pytest.mark.parametrize(
    ("header", "value", "what"),
    [
        ("回答", None, "missing"),
        ("接下来", "也许", "enum"),
        ("接下来", "问下一题", REASON_TOO_EARLY),
        ("可以看哪一件事", "nothing", NO_ITEM),
        ("怎么办，或者为什么不适合", None, NO_REASON),
    ],
)
def test_what_is_wrong_with_an_answer_is_told_with_its_place(header, value, what) -> None:
    data = Editing().put("适合谁", FIRST + 1, header, value).saved()
    found = [(*where(each)[:2], kind(each)) for each in read(data).problems]
    assert ("适合谁", FIRST + 1, what) in found
