"""Opening a file that was sent: whether it is a workbook, and one that is safe to read.

A workbook is a zip of XML, and both can be made to eat a machine. So the parts that are needed
are unpacked here, counted while they come, looked through for what no handbook holds, and
stripped to their cells; the library that reads workbooks is given only what is left. Sizes that
a file states about itself are never believed.
"""

from __future__ import annotations

import re
import warnings
from dataclasses import dataclass
from enum import StrEnum
from io import BytesIO
from itertools import islice
from typing import TYPE_CHECKING
from zipfile import ZIP_DEFLATED, ZIP_STORED, BadZipFile, ZipFile
from zlib import error as ZlibError  # noqa: N812 - it is an error

from openpyxl import load_workbook

from domain.characters import clean_lines
from domain.errors import LianxinError
from domain.papers.sheets.layout import MOST_ROWS, SHEETS

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterator
    from zipfile import ZipInfo

    from openpyxl.workbook import Workbook
    from openpyxl.worksheet.worksheet import Worksheet

# openpyxl 3.1 knows cells, dates and shared texts, but it also follows anything else a file holds,
# at any cost. So the few needed parts are unpacked in pieces with every size counted (what a zip
# says of itself is not believed), refused if they declare entities, cut down to their cells, and
# packed again for the library. Cost is limited in tags, because time grows with tags and not with
# bytes.
# Not taken: defusedxml, which stops entities and nothing else.
LARGEST_FILE = 8 << 20
# Bytes of everything in the file, unpacked.
LARGEST = 48 << 20
# Bytes of a part that is neither cells nor their texts: styles, names of sheets.
LARGEST_FRAME = 1 << 20
# How many times larger a part may become; sheets become about fifteen times.
LARGEST_RATIO = 400
MOST_PARTS = 200
# Tags in all parts: the time that reading takes grows with them and not with bytes.
MOST_TAGS = 1_000_000
# How much longer a tag takes among the shared texts.
WEIGHT_OF_TEXT = 3
CHUNK = 1 << 18
# Characters that Excel puts into a cell; with a bound on each, no step with a cell takes long.
LONGEST_CELL = 32_767

TYPES, BOOK = "[Content_Types].xml", "xl/workbook.xml"
# In small letters: some programs write it with a capital S.
TEXTS = "xl/sharedstrings.xml"
FRAME = {TYPES, "_rels/.rels", BOOK, "xl/_rels/workbook.xml.rels", "xl/styles.xml"}
SHEET = re.compile(r"xl/worksheets/[^/]+\.xml")

# Merged ranges of a sheet that are told; a person who sees these looks for others.
MOST_MERGED = 50

NAMES = {each.name for each in SHEETS}
# The last row that any spreadsheet has; a file that states more has only blank rows there.
LAST_ROW = 1 << 20

IS_ZIP, IS_OLE = b"PK\x03\x04", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
# The flag of a zip's part that needs a password.
LOCKED = 0x1
DECLARATION = re.compile(rb"<!\s*(DOCTYPE|ENTITY)", re.IGNORECASE)
TOP = re.compile(rb"<((?:\w+:)?)worksheet\b")
CELLS = re.compile(rb"<((?:\w+:)?)sheetData\b")
# These patterns read no further than the next opening: what a search tries from every opening to
# the end of the file takes time with the square of its size, and holds the interpreter meanwhile.
FORMULA = re.compile(rb"<((?:\w+:)?f)\s[^<>]*?(/?)>")
MERGED = re.compile(
    rb"<(?:\w+:)?mergeCell\s[^<>]*?ref=.([A-Z]{1,3}\d{1,7}:[A-Z]{1,3}\d{1,7})[^<>]*>"
)


class FileFault(StrEnum):
    """Why a file is not even looked into."""

    EMPTY = "empty"
    TOO_LARGE = "too-large"
    NO_WORKBOOK = "no-workbook"
    OLD_OR_LOCKED = "old-or-locked"
    MACROS = "macros"
    DAMAGED = "damaged"
    # Opening it takes too much time or memory.
    TOO_COSTLY = "too-costly"


class UnreadableError(LianxinError):
    """The file cannot be read as a workbook."""

    def __init__(self, fault: FileFault) -> None:
        super().__init__(fault)
        self.fault = fault


@dataclass(frozen=True)
class Cell:
    """One cell that is not empty: its column from 1, what stands in it, and how it is marked."""

    column: int
    value: object
    is_formula: bool = False
    is_error: bool = False


@dataclass(frozen=True)
class OpenedSheet:
    """A sheet's name and its rows that are not empty, by their numbers."""

    name: str
    rows: dict[int, list[Cell]]
    # Whether there were more rows than are read.
    is_too_long: bool
    # Ranges of cells made into one, such as `A2:A4`.
    merged: tuple[str, ...] = ()


@dataclass(frozen=True)
class Unpacked:
    """The names of every part of a file, and the parts that were asked for."""

    names: list[str]
    parts: dict[str, bytes]


def opened(
    data: bytes, names: Collection[str] | None = NAMES, most_rows: int = MOST_ROWS
) -> list[OpenedSheet]:
    """The sheets of a file, with the rows of those that have these names; None for all names.

    At most `most_rows` below the headers are read. Raises `UnreadableError`.
    """
    parts = unpacked(data, {TYPES, BOOK}, _is_needed).parts
    sheets = {name: part for name, part in parts.items() if SHEET.fullmatch(name)}
    parts |= {name: _stripped(sheet) for name, sheet in sheets.items()}
    try:
        with warnings.catch_warnings():
            # What the library does not keep of a workbook is nothing we asked for.
            warnings.simplefilter("ignore")
            book: Workbook = load_workbook(_packed(parts), read_only=True, keep_links=False)
            return [_read(sheet, names, most_rows, sheets) for sheet in book.worksheets]
    except MemoryError as error:
        raise UnreadableError(FileFault.TOO_COSTLY) from error
    except Exception as error:
        # The library answers what is not well-formed with whatever went wrong first.
        raise UnreadableError(FileFault.DAMAGED) from error


def _is_needed(name: str) -> bool:
    """Whether a part belongs to the names, the cells or the texts of a workbook."""
    return name in FRAME or name.lower() == TEXTS or SHEET.fullmatch(name) is not None


def unpacked(data: bytes, required: set[str], is_wanted: Callable[[str], bool]) -> Unpacked:
    """The wanted parts of an Office file, unpacked and found harmless.

    Raises `UnreadableError`, with `NO_WORKBOOK` where a required part is missing.
    """
    if not data:
        raise UnreadableError(FileFault.EMPTY)
    if len(data) > LARGEST_FILE:
        raise UnreadableError(FileFault.TOO_LARGE)
    if data.startswith(IS_OLE):
        raise UnreadableError(FileFault.OLD_OR_LOCKED)
    if not data.startswith(IS_ZIP):
        raise UnreadableError(FileFault.NO_WORKBOOK)
    try:
        with ZipFile(BytesIO(data)) as archive:
            return _unpacked(archive, required, is_wanted)
    except (BadZipFile, ZlibError, EOFError, NotImplementedError, OSError, ValueError) as error:
        raise UnreadableError(FileFault.DAMAGED) from error


def _unpacked(archive: ZipFile, required: set[str], is_wanted: Callable[[str], bool]) -> Unpacked:
    entries = archive.infolist()
    names = [each.filename for each in entries]
    if len(entries) > MOST_PARTS:
        raise UnreadableError(FileFault.TOO_LARGE)
    if any(name.lower().endswith("vbaproject.bin") for name in names):
        raise UnreadableError(FileFault.MACROS)
    if not required <= set(names):
        raise UnreadableError(FileFault.NO_WORKBOOK)
    if len(set(names)) < len(names):
        raise UnreadableError(FileFault.DAMAGED)
    room, tags = LARGEST, MOST_TAGS
    parts: dict[str, bytes] = {}
    for entry in entries:
        name = entry.filename
        if not is_wanted(name):
            continue
        most = min(room, LARGEST_FRAME) if name in FRAME else room
        part = _unpack(archive, entry, most)
        weight = WEIGHT_OF_TEXT if name.lower() == TEXTS else 1
        room, tags = room - len(part), tags - part.count(b"<") * weight
        if tags < 0:
            raise UnreadableError(FileFault.TOO_LARGE)
        # No workbook declares entities; with them a few bytes become gigabytes. A NUL is the
        # trace of an encoding in which the declaration would not be seen.
        if DECLARATION.search(part) or b"\0" in part:
            raise UnreadableError(FileFault.DAMAGED)
        parts[name] = part
    if b"macroEnabled" in parts[TYPES]:
        raise UnreadableError(FileFault.MACROS)
    return Unpacked(names, parts)


def _unpack(archive: ZipFile, entry: ZipInfo, most: int) -> bytes:
    """One part, piece by piece, and not further than `most`."""
    if entry.flag_bits & LOCKED:
        raise UnreadableError(FileFault.OLD_OR_LOCKED)
    if entry.compress_type not in {ZIP_STORED, ZIP_DEFLATED}:
        raise UnreadableError(FileFault.DAMAGED)
    most = min(most, max(entry.compress_size * LARGEST_RATIO, CHUNK))
    pieces, size = [], 0
    with archive.open(entry) as source:
        while piece := source.read(CHUNK):
            size += len(piece)
            if size > most:
                raise UnreadableError(FileFault.TOO_LARGE)
            pieces.append(piece)
    return b"".join(pieces)


def _stripped(sheet: bytes) -> bytes:
    """A sheet with nothing but its cells, and of formulas only that they are there.

    Everything else that a sheet can hold costs time to read, and a stated size can lie.
    """
    top = TOP.search(sheet)
    if top is None:
        raise UnreadableError(FileFault.DAMAGED)
    prefix = top[1]
    size = b'<%sdimension ref="A1"/>' % prefix
    plain = FORMULA.sub(rb"<\1\2>", _cells_in(sheet))
    return b"".join((_tag(sheet, top), size, plain, b"</%sworksheet>" % prefix))


# In steps, each of which reads on from where the one before ended. As one expression
# (`<sheetData[^>]*>.*?</sheetData>`) it is tried from every opening to the end of the file:
# 9,000 openings without an end took 13 s.
def _cells_in(sheet: bytes) -> bytes:
    """The part of a sheet that holds its cells, from its first opening to the next end."""
    start = CELLS.search(sheet)
    if start is None:
        raise UnreadableError(FileFault.DAMAGED)
    tag = _tag(sheet, start)
    if tag.endswith(b"/>"):
        return tag
    closing = re.compile(rb"</%ssheetData\s*>" % start[1])
    end = closing.search(sheet, start.start() + len(tag))
    if end is None:
        raise UnreadableError(FileFault.DAMAGED)
    return sheet[start.start() : end.end()]


def _merged_in(sheet: bytes) -> tuple[str, ...]:
    found = islice(MERGED.finditer(sheet), MOST_MERGED)
    return tuple(each[1].decode() for each in found)


def _tag(sheet: bytes, start: re.Match[bytes]) -> bytes:
    """The whole tag that begins so."""
    end = sheet.find(b">", start.end())
    if end < 0:
        raise UnreadableError(FileFault.DAMAGED)
    return sheet[start.start() : end + 1]


def _packed(parts: dict[str, bytes]) -> BytesIO:
    """The parts as a workbook again."""
    file = BytesIO()
    with ZipFile(file, "w", ZIP_STORED) as archive:
        for name, part in parts.items():
            archive.writestr(name, part)
    file.seek(0)
    return file


def _read(
    sheet: Worksheet, names: Collection[str] | None, most_rows: int, parts: dict[str, bytes]
) -> OpenedSheet:
    """The rows of a sheet, as far as they are read; of a sheet with another name the name."""
    rows: dict[int, list[Cell]] = {}
    if names is not None and sheet.title not in names:
        return OpenedSheet(sheet.title, rows, is_too_long=False)
    # The library names a sheet's part nowhere else, and reads no merged cells row by row.
    merged = _merged_in(parts[sheet._worksheet_path.lstrip("/")])  # noqa: SLF001
    sheet.reset_dimensions()
    for number, row in enumerate(sheet.iter_rows(max_row=LAST_ROW), 1):
        if cells := list(_cells(row)):
            if number > most_rows + 1:
                return OpenedSheet(sheet.title, rows, is_too_long=True, merged=merged)
            rows[number] = cells
    return OpenedSheet(sheet.title, rows, is_too_long=False, merged=merged)


def _cells(row: tuple[object, ...]) -> Iterator[Cell]:
    for number, cell in enumerate(row, 1):
        value, kind = cell.value, cell.data_type  # type: ignore[attr-defined]
        if isinstance(value, str) and len(value) > LONGEST_CELL:
            raise UnreadableError(FileFault.DAMAGED)
        if isinstance(value, str):
            value = clean_lines(value)
        if kind == "f":
            yield Cell(number, value, is_formula=True)
        elif value is not None and str(value).strip():
            yield Cell(number, value, is_error=kind == "e")
