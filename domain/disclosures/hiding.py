"""The places of a workbook where data hides: what a reader does not see and a file still holds."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from domain.disclosures.office_files import book_of, column_letters, column_number, place_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from domain.disclosures.office_files import Book, BookSheet, DefinedName


class HidingPlace(StrEnum):
    """Where data hides."""

    HIDDEN_CELLS = "hidden-cells"
    HIDDEN_SHEET = "hidden-sheet"
    PIVOT_CACHE = "pivot-cache"
    DEFINED_NAME = "defined-name"
    EXTERNAL_LINK = "external-link"
    DATA_MODEL = "data-model"
    COMMENT = "comment"
    # Beside the seven: white on white, a format that shows nothing, a file within the file.
    UNSEEN_TEXT = "unseen-text"
    EMBEDDED_FILE = "embedded-file"


@dataclass(frozen=True)
class Hidden:
    """Something hidden: its sheet (empty for the whole file), and where on it or its name.

    `where` is written as spreadsheets write it: `3:5` for rows, `C:D` for columns, `B2` for a cell.
    """

    place: HidingPlace
    sheet: str
    where: str


# Parts of the file by how their paths begin.
PARTS = (
    ("xl/pivotcache/pivotcachedefinition", HidingPlace.PIVOT_CACHE),
    ("xl/externallinks/externallink", HidingPlace.EXTERNAL_LINK),
    ("xl/connections", HidingPlace.EXTERNAL_LINK),
    ("xl/querytables/", HidingPlace.EXTERNAL_LINK),
    ("xl/model/", HidingPlace.DATA_MODEL),
    ("xl/customdata/", HidingPlace.DATA_MODEL),
    ("xl/embeddings/", HidingPlace.EMBEDDED_FILE),
    ("xl/activex/", HidingPlace.EMBEDDED_FILE),
)
# Of one kind on one sheet, the rest of which is not listed.
MOST_LISTED = 20


def hidden_in(data: bytes) -> list[Hidden]:
    """What an xlsx file hides. Raises `UnreadableError`."""
    return hidden_in_book(book_of(data))


def hidden_in_book(book: Book) -> list[Hidden]:
    found: list[Hidden] = []
    for sheet in book.sheets:
        if not sheet.is_visible:
            found.append(Hidden(HidingPlace.HIDDEN_SHEET, "", sheet.name))
        for place, places in _on_sheet(sheet, book):
            found += [Hidden(place, sheet.name, where) for where in places[:MOST_LISTED]]
    shown = {sheet.name: sheet for sheet in book.sheets if sheet.is_visible}
    for name in book.defined_names:
        if not _points_to_what_is_shown(name, shown):
            found.append(Hidden(HidingPlace.DEFINED_NAME, "", name.name))
    return found + [hidden for part in sorted(book.part_names) for hidden in _as_part(part)]


def _as_part(path: str) -> list[Hidden]:
    """What a part hides by being there."""
    starts = (place for start, place in PARTS if path.lower().startswith(start))
    places = [] if path.endswith("/") else list(starts)
    return [Hidden(place, "", path.rpartition("/")[2]) for place in places]


def _on_sheet(sheet: BookSheet, book: Book) -> Iterator[tuple[HidingPlace, list[str]]]:
    cells = sheet.cells
    rows = {cell.row for cell in cells if cell.row in sheet.hidden_rows}
    columns = {column for column in {c.column for c in cells} if sheet.is_column_hidden(column)}
    yield HidingPlace.HIDDEN_CELLS, [f"{a}:{b}" for a, b in _ranges(rows)]
    letters = [f"{column_letters(a)}:{column_letters(b)}" for a, b in _ranges(columns)]
    yield HidingPlace.HIDDEN_CELLS, letters
    unseen = [place_of(c.row, c.column) for c in cells if c.style in book.unseen_styles]
    yield HidingPlace.UNSEEN_TEXT, unseen
    yield HidingPlace.COMMENT, book.comments[sheet.path]


def _ranges(numbers: Iterable[int]) -> list[tuple[int, int]]:
    """The first and the last number of each row of neighbours."""
    found: list[tuple[int, int]] = []
    for number in sorted(numbers):
        if found and found[-1][1] == number - 1:
            found[-1] = (found[-1][0], number)
        else:
            found.append((number, number))
    return found


# A name of which more is written than this is a formula that we do not judge: it is reported.
LONGEST_REFERENCE = 500
REFERENCE = re.compile(
    r"(?:'(?P<quoted>(?:[^']|'')+)'|(?P<sheet>[^\s'!,()+*/&=<>:\[\]]+))!"
    r"\$?(?P<from_column>[A-Z]{1,3})?\$?(?P<from_row>[0-9]{1,7})?"
    r"(?::\$?(?P<to_column>[A-Z]{1,3})?\$?(?P<to_row>[0-9]{1,7})?)?"
)
# Written by the program itself: the area that is printed, filtered or repeated.
OF_THE_PROGRAM = "_xlnm."


def _points_to_what_is_shown(name: DefinedName, shown: dict[str, BookSheet]) -> bool:
    """Whether a name is one for cells that a reader sees; not for a value, a file or a formula."""
    text = name.refers_to.strip()
    if name.name.startswith(OF_THE_PROGRAM):
        return "[" not in text
    if name.is_hidden or len(text) > LONGEST_REFERENCE:
        return False
    found = [REFERENCE.fullmatch(part.strip()) for part in text.split(",")]
    return all(reference is not None and _is_shown(reference, shown) for reference in found)


def _is_shown(reference: re.Match[str], shown: dict[str, BookSheet]) -> bool:
    sheet = shown.get((reference["quoted"] or reference["sheet"]).replace("''", "'"))
    if sheet is None:
        return False
    first_row, first_column = _row(reference["from_row"], 1), _column(reference["from_column"], 1)
    to_row, to_column = reference["to_row"], reference["to_column"]
    last_row = _row(to_row or reference["from_row"], LAST)
    last_column = _column(to_column or reference["from_column"], LAST)
    rows = any(first_row <= row <= last_row for row in sheet.hidden_rows)
    columns = any(
        first <= last_column and last >= first_column for first, last in sheet.hidden_columns
    )
    return not rows and not columns


LAST = 1 << 20


def _row(digits: str | None, otherwise: int) -> int:
    return int(digits) if digits else otherwise


def _column(letters: str | None, otherwise: int) -> int:
    return column_number(letters) if letters else otherwise
