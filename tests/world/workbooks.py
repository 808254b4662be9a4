"""Workbooks as people make them, and as nobody should: what tests send to be read."""

from __future__ import annotations

import re
import zlib
from functools import cache
from io import BytesIO
from itertools import islice
from typing import TYPE_CHECKING, Any
from zipfile import ZIP_DEFLATED, ZipFile

from openpyxl import Workbook, load_workbook

from domain.papers.kinds.guide import ItemGuide
from domain.papers.sheets.layout import ITEMS, SHEETS
from domain.papers.sheets.writing import workbook_of
from tests.world.district import FILES

if TYPE_CHECKING:
    from collections.abc import Callable

LETTERS = "ABCDEFGHIJKL"
CATEGORIES = [(each, f"类别{each}") for each in LETTERS]


@cache
def guides() -> dict[str, ItemGuide]:
    """Every item of the sample district, by slug."""
    return {
        item.slug: ItemGuide(**item.guide().model_dump(), category=source.content.category)
        for source in FILES.handbook
        for item in source.content.items
    }


@cache
def few() -> dict[str, ItemGuide]:
    """The first items, for what does not need all of them."""
    return dict(islice(guides().items(), 8))


@cache
def exported() -> bytes:
    """The first items as a workbook."""
    return workbook_of(few(), CATEGORIES)


class Editing:
    """A workbook in the hands of someone who edits it."""

    def __init__(self, data: bytes | None = None) -> None:
        self.book: Workbook = load_workbook(BytesIO(data or exported()))

    def cell(self, sheet: str, row: int, header: str) -> Any:
        """The cell of a row below a header."""
        page = self.book[sheet]
        return next(page.cell(row, each.column) for each in page[1] if each.value == header)

    def put(self, sheet: str, row: int, header: str, value: Any) -> Editing:
        """Type something."""
        self.cell(sheet, row, header).value = value
        return self

    def row_of(self, sheet: str, slug: str) -> int:
        """The first row of an item."""
        return next(n for n, row in enumerate(self.book[sheet].values, 1) if row[0] == slug)

    def add_like(self, slug: str, new: str) -> Editing:
        """Copy an item with all its parts, under another slug."""
        for sheet in SHEETS:
            page = self.book[sheet.name]
            for row in [[c.value for c in row] for row in page.iter_rows() if row[0].value == slug]:
                page.append([new, *row[1:]])
        return self

    def only(self, *slugs: str) -> Editing:
        """Delete every row of other items."""
        for sheet in SHEETS:
            page = self.book[sheet.name]
            for number in range(page.max_row, 1, -1):
                if page.cell(number, 1).value not in slugs:
                    page.delete_rows(number)
        return self

    def saved(self) -> bytes:
        """The file."""
        file = BytesIO()
        self.book.save(file)
        return file.getvalue()


def rezipped(change: Callable[[str, bytes], bytes | None], data: bytes | None = None) -> bytes:
    """The file with each part changed, or left out."""
    file = BytesIO()
    with (
        ZipFile(BytesIO(data or exported())) as old,
        ZipFile(file, "w", ZIP_DEFLATED) as new,
    ):
        for name in old.namelist():
            part = change(name, old.read(name))
            if part is not None:
                new.writestr(name, part)
    return file.getvalue()


def with_part(name: str, content: bytes) -> bytes:
    """The file with a part more."""
    file = BytesIO(exported())
    with ZipFile(file, "a", ZIP_DEFLATED) as archive:
        archive.writestr(name, content)
    return file.getvalue()


def sheet_path(name: str) -> str:
    """The part that holds a sheet."""
    number = 2 + next(n for n, sheet in enumerate(SHEETS) if sheet.name == name)
    return f"xl/worksheets/sheet{number}.xml"


def with_sheet(change: Callable[[bytes], bytes], name: str = ITEMS.name) -> bytes:
    """The file with the XML of one sheet changed."""
    path = sheet_path(name)
    return rezipped(lambda part, content: change(content) if part == path else content)


def rows_of(count: int, texts: int = 1) -> bytes:
    """A sheet of many rows, as a spreadsheet writes it, with or without sharing its texts."""
    row = b"".join(b'<c t="inlineStr"><is><t>x</t></is></c>' for _ in range(texts))
    return b"<sheetData>" + (b"<row>" + row + b"</row>") * count + b"</sheetData>"


def with_cells(cells: bytes, dimension: bytes = b"A1:AC51") -> bytes:
    """The file with the items' sheet made of other cells."""

    def change(sheet: bytes) -> bytes:
        sheet = re.sub(rb"<sheetData>.*</sheetData>", cells, sheet, flags=re.DOTALL)
        return re.sub(rb'<dimension ref="[^"]*"', b'<dimension ref="%s"' % dimension, sheet)

    return with_sheet(change)


def lying(data: bytes, name: str, size: int) -> bytes:
    """The file with a part that says it is smaller than it is, with a sum that fits the lie."""
    with ZipFile(BytesIO(data)) as archive:
        entry, whole = archive.getinfo(name), archive.read(name)
    told = zlib.crc32(whole[:size]).to_bytes(4, "little")
    true = entry.CRC.to_bytes(4, "little")
    was = entry.file_size.to_bytes(4, "little")
    lie = size.to_bytes(4, "little")
    return data.replace(true, told).replace(was, lie)


INLINE = re.compile(rb't="inlineStr"><is>(<t[ >].*?</t>)</is>', re.DOTALL)
NAMESPACE = b"http://schemas.openxmlformats.org/spreadsheetml/2006/main"
KIND = b"application/vnd.openxmlformats-officedocument.spreadsheetml.sharedStrings+xml"
RELATION = b"http://schemas.openxmlformats.org/officeDocument/2006/relationships/sharedStrings"


def sharing(data: bytes | None = None, more: bytes = b"", name: str = "sharedStrings") -> bytes:
    """The file as Excel saves it: its texts in a part of their own, and `more` behind them."""
    texts: list[bytes] = []

    def share(found: re.Match[bytes]) -> bytes:
        texts.append(found[1])
        return b't="s"><v>%d</v>' % (len(texts) - 1)

    def change(part: str, content: bytes) -> bytes:
        if part == "[Content_Types].xml":
            line = b'<Override PartName="/xl/%s.xml" ContentType="%s"/>' % (name.encode(), KIND)
            return content.replace(b"</Types>", line + b"</Types>")
        if part == "xl/_rels/workbook.xml.rels":
            target = b'Id="rId99" Type="%s" Target="%s.xml"' % (RELATION, name.encode())
            return content.replace(
                b"</Relationships>", b"<Relationship %s/></Relationships>" % target
            )
        return INLINE.sub(share, content) if part.startswith("xl/worksheets/") else content

    changed = rezipped(change, data)
    items = b"".join(b"<si>%s</si>" % each for each in texts)
    table = b'<sst xmlns="%s">%s%s</sst>' % (NAMESPACE, items, more)
    file = BytesIO(changed)
    with ZipFile(file, "a", ZIP_DEFLATED) as archive:
        archive.writestr(f"xl/{name}.xml", table)
    return file.getvalue()
