"""The handbook as a workbook that people fill in: every item, its parts on sheets of their own."""

from __future__ import annotations

from io import BytesIO
from typing import TYPE_CHECKING, Any

from openpyxl import Workbook
from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE
from openpyxl.styles import Alignment, Border, Font, PatternFill, Side
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.datavalidation import DataValidation

from domain.handbook.guide import LifeEvent
from domain.papers.compare import value_at
from domain.papers.sheets import communities
from domain.papers.sheets.community_documents import rows_of
from domain.papers.sheets.layout import (
    CATEGORY,
    ELSEWHERE,
    EVENTS,
    INTRODUCTION,
    ITEMS,
    MOST_ROWS,
    OF_ITEMS,
    SHEETS,
    Column,
    Kind,
    Sheet,
    words_of,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from openpyxl.worksheet.worksheet import Worksheet

    from domain.handbook.elsewhere import MattersElsewhere
    from domain.handbook.events import EventSteps
    from domain.papers.kinds.guide import ItemGuide
    from domain.papers.sheets.community_documents import CommunityStands, PlacesStanding

HEAD = PatternFill("solid", fgColor="F3EDE2")
NEEDED, OPTIONAL = Font(bold=True, color="B3261E"), Font(bold=True, color="1F1B16")
BELOW_HEAD = Border(bottom=Side("thin", color="8B8173"))
HEAD_PLACE = Alignment(vertical="center", wrap_text=True)
TOP = Alignment(vertical="top", wrap_text=True)
AS_TEXT = "@"
# Kinds of which a spreadsheet would lose zeros, or make dates.
AS_TYPED = {Kind.CODE, Kind.CODES, Kind.PHONE, Kind.PERIODS}
# Where the part of a sheet begins that moves: on the items' beside their names.
FROZEN = {ITEMS.name: "D2"}


def workbook_of(
    guides: Mapping[str, ItemGuide],
    categories: Iterable[tuple[str, str]],
    events: Mapping[str, EventSteps] | None = None,
    elsewhere: MattersElsewhere | None = None,
) -> bytes:
    """The handbook as an xlsx file; `categories` are letters and names."""
    letters = dict(categories)
    book = _begun(_introduction(letters))
    plain = {slug: each.model_dump(mode="json") for slug, each in guides.items()}
    # A date stands in its cell as a date, so that it can be sorted and typed.
    for slug, each in guides.items():
        plain[slug]["assured"]["date"] = each.assured.date
    for sheet in OF_ITEMS:
        rows = _rows_of(sheet, plain)
        _write(book.create_sheet(sheet.name), sheet, rows, list(letters))
    _write(book.create_sheet(EVENTS.name), EVENTS, _steps_of(events or {}), [])
    matters = elsewhere.model_dump(mode="json")[ELSEWHERE.part] if elsewhere else []
    _write(book.create_sheet(ELSEWHERE.name), ELSEWHERE, matters, [])
    return _saved(book)


def _begun(introduction: list[str]) -> Workbook:
    """A workbook whose first sheet says how to fill in the others."""
    book = Workbook()
    book.properties.creator = "连心"
    page = book.active
    page.title = INTRODUCTION
    page.column_dimensions["A"].width = 96
    page.append(["怎么填这份表格"])
    page["A1"].font = Font(bold=True, size=16)
    for line in introduction:
        page.append([line])
        page.cell(page.max_row, 1).alignment = TOP
    return book


def _saved(book: Workbook) -> bytes:
    file = BytesIO()
    book.save(file)
    return file.getvalue()


def _introduction(categories: dict[str, str]) -> list[str]:
    names = "、".join(sheet.name for sheet in SHEETS)
    return [
        f"这份表格是整本服务手册，分在 {names} 几张表里，改好以后整个文件传回来就行。",
        "“事项”一行一件事。其余几张，一行一样材料、一个步骤、一个问题或者一条依据，上下顺序就是手册里的顺序。",
        "“网址用名”把各张表连在一起，已经印在纸上，请不要改。新事项自己起一个：小写字母、数字和短横线。",
        "红色表头的必须填。一格里有好几条的，一条一行（Alt+Enter 换行）。",
        "“适合谁”一行一个回答：同一题的第二个回答，“问题”可以空着。一件事问两到五题，也可以不问。",
        "“人生事件”一行一步，照先后排。没有写进表格的人生事件保持原样。",
        "“不在这里办”一行一件这里不办的事；没有写进表格的保持原样。",
        "没有写进表格的事项保持原样；不再办理的事，请在“已停办”一栏写明现在该怎么办。",
        "请不要改表名和表头，也不要用公式。传回来以后先检查，您确认了才发布。",
        "类别：" + "，".join(f"{letter} {name}" for letter, name in categories.items()),
        "相关人生事件可以写：" + "、".join(words_of(LifeEvent).values()),
    ]


def workbook_of_communities(
    stands: Mapping[str, CommunityStands],
    places: PlacesStanding,
    categories: Iterable[tuple[str, str]],
) -> bytes:
    """What communities keep true as an xlsx file; `categories` are letters and names."""
    letters = dict(categories)
    book = _begun(_introduction_to_communities(letters))
    page = book.create_sheet(communities.PLACES.name)
    _write(page, communities.PLACES, places.rows(), [], communities.MOST_ROWS)
    for sheet in communities.SHEETS:
        page = book.create_sheet(sheet.name)
        _write(page, sheet, rows_of(sheet, stands), [], communities.MOST_ROWS)
    return _saved(book)


def _introduction_to_communities(categories: dict[str, str]) -> list[str]:
    names = "、".join(sheet.name for sheet in communities.SHEETS)
    return [
        f"这份表格是各社区的 {names}，每行写明是哪个社区，改好以后整个文件传回来就行。",
        "“社区”一行一个社区：名称和所属街道可以改；新社区加一行，网址用名空着。",
        "新社区的大厅、人员和楼栋，等它发布以后，同一份文件再传一次。",
        "不用的表可以整张删掉，那部分保持原样。表里没有出现的社区也保持原样。",
        "一个社区在一张表里只要有一行，这张表就算它的全部：少写的人、设施、单位会被去掉，少写的岗位会停用。",
        "小区和楼栋印在门上的码一直有效，所以不能从表里去掉；停用和合并请在网页上办。",
        "红色表头的必须填。一格里有好几条的，一条一行（Alt+Enter 换行）。时间写成 08:30-12:00。",
        "“网址用名”已经印在纸上，请不要改；新的一行空着，会自动起一个。",
        "“坐标来自”从列表里选：高德、腾讯地图是 GCJ-02，手机和 GPS 是 WGS-84，写错会差五百米。",
        "“联系岗位”的楼栋写楼栋的网址用名，空着就是整个社区；谁在岗、代班写工作人员的账号。",
        "请不要改表名和表头，也不要用公式。传回来以后先检查，您确认了才发布。",
        "类别：" + "，".join(f"{letter} {name}" for letter, name in categories.items()),
    ]


def _rows_of(sheet: Sheet, documents: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """The rows of a sheet of items or of their parts."""
    for slug, document in documents.items():
        for part in document[sheet.part] if sheet.part else [document]:
            yield {**part, "slug": slug}


def _steps_of(events: Mapping[str, EventSteps]) -> Iterator[dict[str, Any]]:
    """The rows of the sheet of life events."""
    for event, plan in events.items():
        for step in plan.model_dump(mode="json")["steps"]:
            yield {**step, "event": event}


def _write(
    page: Worksheet,
    sheet: Sheet,
    rows: Iterable[dict[str, Any]],
    categories: list[str],
    most_rows: int = MOST_ROWS,
) -> None:
    page.freeze_panes = FROZEN.get(sheet.name, "B2")
    page.row_dimensions[1].height = 32
    for number, column in enumerate(sheet.columns, 1):
        letter = get_column_letter(number)
        page.column_dimensions[letter].width = column.width
        head = page.cell(1, number, column.header)
        head.font = NEEDED if column.is_needed else OPTIONAL
        head.fill, head.border, head.alignment = HEAD, BELOW_HEAD, HEAD_PLACE
        _offer(page, f"{letter}2:{letter}{most_rows + 1}", column, categories)
    for number, row in enumerate(rows, 2):
        _write_row(page, number, sheet, row)


def _offer(page: Worksheet, cells: str, column: Column, categories: list[str]) -> None:
    """Let the spreadsheet offer what a cell may hold, where that is one of a few."""
    words = categories if column is CATEGORY else []
    if column.kind is Kind.CHOICE and column.words is not None:
        words = list(words_of(column.words).values())
    if words:
        offered = DataValidation("list", f'"{",".join(words)}"', allow_blank=True)
        offered.error, offered.showErrorMessage = "请从列表里选。", True
        page.add_data_validation(offered)
        offered.add(cells)


def _write_row(page: Worksheet, row: int, sheet: Sheet, part: dict[str, Any]) -> None:
    for number, column in enumerate(sheet.columns, 1):
        cell = page.cell(row, number)
        cell.alignment = TOP
        value = _shown(column, value_at(part, column.path))
        if column.kind is Kind.DATE:
            cell.number_format = "yyyy-mm-dd"
        elif column.kind in AS_TYPED:
            cell.number_format = AS_TEXT
        if value in (None, ""):
            continue
        cell.value = value
        if isinstance(value, str):
            # Words that begin like a formula stay words (OWASP, CSV injection).
            cell.data_type = "s"
            cell.quotePrefix = value[0] in "=+-@"


def _shown(column: Column, value: Any) -> Any:
    """What stands in a cell for a value."""
    if value is None:
        return None
    names = words_of(column.words) if column.words else {}
    if column.kind is Kind.PERIODS:
        return "\n".join(f"{each['opens'][:5]}-{each['closes'][:5]}" for each in value)
    if isinstance(value, list):
        lines = (" ".join(names.get(each, str(each)).split()) for each in value)
        return _clean("\n".join(lines))
    if column.kind is Kind.NUMBER:
        return float(value) if isinstance(value, str) else value
    return _clean(names.get(value, value)) if isinstance(value, str) else value


def _clean(text: str) -> str:
    """Without characters that no workbook can hold."""
    return str(ILLEGAL_CHARACTERS_RE.sub("", text))
