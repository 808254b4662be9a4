"""What an Office file holds, also where nobody looks: cells, and the text of every other part.

The parts are unpacked within the bounds of `domain.papers.sheets.unpacking` and read with expat,
which calls for a tag in less than a microsecond: 40,000 cells take a third of a second.
Not taken: openpyxl, which takes ten times as long and leaves out what is hidden.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from decimal import Decimal
from posixpath import dirname, join, normpath
from typing import TYPE_CHECKING, NamedTuple
from xml.parsers.expat import ExpatError, ParserCreate

from domain.papers.sheets.unpacking import (
    BOOK,
    LONGEST_CELL,
    TEXTS,
    TYPES,
    FileFault,
    UnreadableError,
    unpacked,
)

if TYPE_CHECKING:
    from collections.abc import Callable

BOOK_LINKS, STYLES = "xl/_rels/workbook.xml.rels", "xl/styles.xml"
IS_SHEET = re.compile(r"xl/[a-z]+sheets/[^/]+\.xml", re.IGNORECASE)
# Parts with neither text nor places to hide something.
DULL = ("xl/theme/", "xl/printerSettings/", "xl/media/", "xl/calcChain")
PLACE = re.compile(r"([A-Z]{1,3})([0-9]{1,7})")
YES = {"1", "true"}


class BookCell(NamedTuple):
    """A cell that is not empty: its row and column from 1, its text, the number of its style."""

    row: int
    column: int
    text: str
    style: int


@dataclass
class BookSheet:
    """工作表: its cells in their order, and what of it is not shown."""

    name: str
    path: str
    is_visible: bool
    cells: list[BookCell] = field(default_factory=list)
    hidden_rows: set[int] = field(default_factory=set)
    # First and last of each.
    hidden_columns: list[tuple[int, int]] = field(default_factory=list)
    # The text of formulas, headers and footers, by the cell or the name of the part.
    loose: list[tuple[str, str]] = field(default_factory=list)

    def is_column_hidden(self, column: int) -> bool:
        return any(first <= column <= last for first, last in self.hidden_columns)


@dataclass(frozen=True)
class DefinedName:
    """名称: what it refers to, as a formula."""

    name: str
    refers_to: str
    is_hidden: bool


@dataclass(frozen=True)
class Book:
    """工作簿: its sheets, its names, and the names and texts of all other parts."""

    sheets: list[BookSheet]
    defined_names: list[DefinedName]
    # Styles whose text has the colour of the paper, or a format that shows nothing.
    unseen_styles: set[int]
    part_names: list[str]
    texts: dict[str, str]
    # The cells with comments, by the path of their sheet.
    comments: dict[str, list[str]]


Attributes = dict[str, str]


def book_of(data: bytes) -> Book:
    """The workbook in an xlsx file. Raises `UnreadableError`."""
    file = unpacked(data, {TYPES, BOOK, BOOK_LINKS}, _is_wanted)
    parts = file.parts
    found = [_shared(part) for name, part in parts.items() if name.lower() == TEXTS]
    shared = SharedTexts([text for texts in found for text in texts])
    sheets, names = _listed(parts)
    for sheet in sheets:
        _read_sheet(parts[sheet.path], sheet, shared)
    known = {sheet.path for sheet in sheets}
    comments = {path: _comments(parts, path) for path in known}
    plain = {BOOK, BOOK_LINKS, STYLES, TYPES, *known}
    texts = {
        name: text_of(part)
        for name, part in parts.items()
        if name not in plain and name.lower() != TEXTS and not name.endswith(".rels")
    }
    texts["xl/sharedStrings.xml"] = "\n".join(shared.unused())
    unseen = _unseen_styles(parts[STYLES]) if STYLES in parts else set()
    return Book(sheets, names, unseen, file.names, texts, comments)


def _is_wanted(name: str) -> bool:
    if name in {TYPES, "docProps/core.xml", "docProps/custom.xml", "docProps/app.xml"}:
        return True
    is_text = name.lower().endswith((".xml", ".rels"))
    return is_text and name.startswith("xl/") and not name.startswith(DULL)


def parse(
    part: bytes,
    opens: Callable[[str, Attributes], None],
    closes: Callable[[str], None] = lambda _tag: None,
    says: Callable[[str], None] = lambda _text: None,
) -> None:
    """Read XML, calling for each tag (without its prefix) and text. Raises `UnreadableError`."""
    parser = ParserCreate()
    parser.buffer_text = True
    parser.StartElementHandler = lambda tag, given: opens(tag[tag.find(":") + 1 :], given)
    parser.EndElementHandler = lambda tag: closes(tag[tag.find(":") + 1 :])
    parser.CharacterDataHandler = says
    try:
        parser.Parse(part, True)  # noqa: FBT003 - expat's own name for the last piece
    except (ExpatError, ValueError, LookupError, ArithmeticError) as error:
        raise UnreadableError(FileFault.DAMAGED) from error


def text_of(part: bytes) -> str:
    """All text in a part, a line for each element, with the values of a pivot table's cache."""
    lines: list[str] = []

    def opens(_tag: str, given: Attributes) -> None:
        lines.append(given.get("v", ""))

    parse(part, opens, says=lines.append)
    return "\n".join(line for line in lines if line.strip())


def _comments(parts: dict[str, bytes], path: str) -> list[str]:
    """The cells of a sheet that have comments."""
    links = f"{dirname(path)}/_rels/{path.rpartition('/')[2]}.rels"
    paths = _targets(parts[links], dirname(path)).values() if links in parts else ()
    found: dict[str, None] = {}

    def opens(tag: str, given: Attributes) -> None:
        if tag in {"comment", "threadedComment"}:
            found[given.get("ref", "")] = None

    for comment in paths:
        if "omments" in comment and comment in parts:
            parse(parts[comment], opens)
    return list(found)


def _targets(links: bytes, folder: str) -> dict[str, str]:
    """The paths that a part of relations names, by their ids."""
    found: dict[str, str] = {}

    def opens(tag: str, given: Attributes) -> None:
        if tag == "Relationship" and given.get("TargetMode") != "External":
            target = given.get("Target", "")
            path = target[1:] if target.startswith("/") else normpath(join(folder, target))
            found[given.get("Id", "")] = path

    parse(links, opens)
    return found


def _listed(parts: dict[str, bytes]) -> tuple[list[BookSheet], list[DefinedName]]:
    """The sheets that the workbook lists, those that it does not list, and its names."""
    targets = _targets(parts[BOOK_LINKS], "xl")
    sheets: list[BookSheet] = []
    names: list[DefinedName] = []
    name, refers_to = Attributes(), list[str]()

    def opens(tag: str, given: Attributes) -> None:
        if tag == "sheet":
            link = next((value for key, value in given.items() if key.endswith(":id")), "")
            path = targets.get(link, "")
            if path not in parts:
                # What is not read must not pass as checked.
                raise UnreadableError(FileFault.DAMAGED)
            is_visible = given.get("state", "visible") == "visible"
            sheets.append(BookSheet(given.get("name", ""), path, is_visible))
        elif tag == "definedName":
            name.clear()
            name.update(given)
            refers_to.clear()

    def closes(tag: str) -> None:
        if tag == "definedName":
            is_hidden = name.get("hidden") in YES
            names.append(DefinedName(name.get("name", ""), "".join(refers_to), is_hidden))

    parse(parts[BOOK], opens, closes, refers_to.append)
    listed = {sheet.path for sheet in sheets}
    left = sorted(path for path in parts if IS_SHEET.fullmatch(path) and path not in listed)
    return [*sheets, *(BookSheet(path, path, is_visible=False) for path in left)], names


def _shared(part: bytes) -> list[str]:
    """The shared texts, with how they are pronounced: that is text as well."""
    found: list[str] = []
    pieces: list[str] = []
    is_text = False

    def opens(tag: str, _given: Attributes) -> None:
        nonlocal is_text
        is_text = tag == "t"
        if tag == "si":
            pieces.clear()

    def closes(tag: str) -> None:
        nonlocal is_text
        is_text = False
        if tag == "si":
            found.append("".join(pieces))

    parse(part, opens, closes, lambda text: pieces.append(text) if is_text else None)
    return found


class SharedTexts:
    """The texts that cells refer to by number. A text of a deleted cell may be left among them."""

    def __init__(self, texts: list[str]) -> None:
        self._texts = texts
        self._used: set[int] = set()

    def __getitem__(self, number: int) -> str:
        self._used.add(number)
        return self._texts[number]

    def unused(self) -> list[str]:
        return [text for number, text in enumerate(self._texts) if number not in self._used]


class _SheetReader:
    """Reads the part of one sheet into a `BookSheet`."""

    def __init__(self, sheet: BookSheet, shared: SharedTexts) -> None:
        self._sheet, self._shared = sheet, shared
        self._row, self._column = 0, 0
        self._kind, self._style = "", 0
        self._pieces: list[str] = []
        self._value = ""

    def opens(self, tag: str, given: Attributes) -> None:
        if tag == "c":
            self._open_cell(given)
        elif tag in {"v", "f"}:
            self._pieces = []
        elif tag == "row":
            self._row, self._column = int(given.get("r", self._row + 1)), 0
            if _is_hidden(given, "ht"):
                self._sheet.hidden_rows.add(self._row)
        elif tag == "col" and _is_hidden(given, "width"):
            self._sheet.hidden_columns.append((int(given["min"]), int(given["max"])))
        elif tag == "dataValidation":
            texts = (given.get(name, "") for name in ("promptTitle", "prompt", "error"))
            self._keep(given.get("sqref", "")[:40], "\n".join(texts))
        elif tag.endswith(("Header", "Footer")):
            self._pieces = []

    def _open_cell(self, given: Attributes) -> None:
        place = PLACE.fullmatch(given.get("r", ""))
        self._column = column_number(place[1]) if place else self._column + 1
        self._row = int(place[2]) if place else self._row
        self._kind, self._style = given.get("t", "n"), int(given.get("s", 0))
        self._pieces, self._value = [], ""

    def closes(self, tag: str) -> None:
        text = "".join(self._pieces)
        if tag == "v":
            self._value = self._shared_text(text) if self._kind == "s" else text
        elif tag == "t":
            self._value = text
        elif tag == "f" and '"' in text:
            self._keep(place_of(self._row, self._column), text)
        elif tag == "c":
            self._close_cell()
        elif tag.endswith(("Header", "Footer")):
            self._keep(tag, text)

    def says(self, text: str) -> None:
        self._pieces.append(text)

    def _shared_text(self, number: str) -> str:
        try:
            return self._shared[int(number)]
        except (IndexError, ValueError) as error:
            raise UnreadableError(FileFault.DAMAGED) from error

    def _close_cell(self) -> None:
        value = self._value
        if len(value) > LONGEST_CELL:
            raise UnreadableError(FileFault.DAMAGED)
        if value and not value.isspace():
            text = _number(value) if self._kind == "n" else value
            self._sheet.cells.append(BookCell(self._row, self._column, text, self._style))

    def _keep(self, where: str, text: str) -> None:
        if text.strip():
            self._sheet.loose.append((where, text))


def _read_sheet(part: bytes, sheet: BookSheet, shared: SharedTexts) -> None:
    reader = _SheetReader(sheet, shared)
    parse(part, reader.opens, reader.closes, reader.says)


def _is_hidden(given: Attributes, size: str) -> bool:
    """Whether a row or column is hidden, or has no height or width."""
    return given.get("hidden") in YES or float(given.get(size, 1)) == 0


def _number(text: str) -> str:
    """A number with all its digits: 3.7010219900307E+17 holds most of an identity number."""
    if "E" in text or "e" in text:
        try:
            exact = Decimal(text)
        except ArithmeticError:
            return text
        text = f"{exact:f}" if abs(exact.adjusted()) < LONGEST_NUMBER else text
    if "." not in text:
        return text
    # 63810.15 may stand as 63810.14999999999 in the file, with a phone's eleven digits at its end.
    return f"{float(text):.6f}".rstrip("0").removesuffix(".")


LONGEST_NUMBER = 40


def column_number(letters: str) -> int:
    """The number of a column: AB is 28."""
    number = 0
    for letter in letters:
        number = number * 26 + ord(letter) - 64
    return number


def column_letters(column: int) -> str:
    """The column as a spreadsheet names it: 28 is AB."""
    letters = ""
    while column:
        column, rest = divmod(column - 1, 26)
        letters = chr(65 + rest) + letters
    return letters


def place_of(row: int, column: int) -> str:
    """The cell as a spreadsheet names it: B3."""
    return f"{column_letters(column)}{row}"


WHITE = {"FFFFFFFF", "00FFFFFF", "FFFFFF"}
# The number of white in every theme that offices use, and in the oldest palette.
WHITE_THEME, WHITE_INDEXES = "0", {"1", "9"}
# A format of which every part is empty shows nothing.
SHOWS_NOTHING = re.compile(r";{2,}")


class _StyleReader:
    """Reads which styles show no text on white paper."""

    def __init__(self) -> None:
        self.unseen: set[int] = set()
        self._path: list[str] = []
        self._white_fonts: set[int] = set()
        self._coloured_fills: set[int] = set()
        self._empty_formats: set[str] = set()
        self._fonts, self._fills, self._styles = -1, -1, -1

    def opens(self, tag: str, given: Attributes) -> None:
        above = self._path[-1] if self._path else ""
        self._path.append(tag)
        if tag == "font" and above == "fonts":
            self._fonts += 1
        elif tag == "fill" and above == "fills":
            self._fills += 1
        elif tag == "color" and above == "font" and _is_white(given):
            self._white_fonts.add(self._fonts)
        elif tag == "gradientFill" or (tag == "fgColor" and not _is_white(given)):
            self._coloured_fills.add(self._fills)
        elif tag == "numFmt" and SHOWS_NOTHING.fullmatch(given.get("formatCode", "")):
            self._empty_formats.add(given.get("numFmtId", ""))
        elif tag == "xf" and above == "cellXfs":
            self._style(given)

    def _style(self, given: Attributes) -> None:
        self._styles += 1
        is_white = int(given.get("fontId", 0)) in self._white_fonts
        is_on_white = int(given.get("fillId", 0)) not in self._coloured_fills
        if (is_white and is_on_white) or given.get("numFmtId") in self._empty_formats:
            self.unseen.add(self._styles)

    def closes(self, _tag: str) -> None:
        self._path.pop()


def _is_white(given: Attributes) -> bool:
    if given.get("tint", "0") not in {"0", "0.0"}:
        return False
    is_theme = given.get("theme") == WHITE_THEME
    return (
        given.get("rgb", "").upper() in WHITE or is_theme or given.get("indexed") in WHITE_INDEXES
    )


def _unseen_styles(part: bytes) -> set[int]:
    reader = _StyleReader()
    parse(part, reader.opens, reader.closes)
    return reader.unseen
