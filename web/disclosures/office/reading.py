"""Files that are sent: looked through in a process of their own, and refused with words."""

from __future__ import annotations

import hashlib
from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

from domain.disclosures.content import FileReport, FoundPlace, HiddenPlace
from domain.disclosures.files import LARGEST_FILE, FileKind, RefusedFileError
from domain.disclosures.hiding import MOST_LISTED, HidingPlace
from domain.disclosures.ledger_sheet import FORMULA
from domain.papers.sheets.unpacking import UnreadableError
from domain.words import N_
from web.running.document_process import looked_through
from web.running.workbook_process import opened_apart
from web.site.photos import PhotoError, prepared

if TYPE_CHECKING:
    from domain.disclosures.files import Looked
    from domain.papers.sheets.unpacking import Cell, OpenedSheet
    from web.running.services import Services

MEDIA = {
    FileKind.PDF: "application/pdf",
    FileKind.PNG: "image/jpeg",
    FileKind.JPEG: "image/jpeg",
    FileKind.XLSX: "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    FileKind.DOCX: "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    FileKind.TEXT: "text/plain; charset=utf-8",
}
WORKBOOKS = frozenset({MEDIA[FileKind.XLSX]})
PICTURES = {FileKind.PNG, FileKind.JPEG}
LARGEST = LARGEST_FILE
# What is not found by looking at text: a scan, a picture. A person says that they looked.
UNREAD = "unread"
TOO_MANY_PLACES = N_(
    "This file has more than 200 places that look like personal data. Take them out first."
)
NO_PICTURE = N_("This picture cannot be opened. Save it once more as a JPEG and send that.")
TOO_MUCH_HIDDEN = N_("This workbook hides many rows. Show them or delete them first.")
NO_TABLE = N_("This workbook has no cells that can be shown.")


class FileRefusedError(Exception):
    """A file is refused. `words` is an English sentence that says what to do."""

    def __init__(self, words: str) -> None:
        super().__init__(words)
        self.words = words


@dataclass(frozen=True)
class ReadFile:
    """A file as it is kept: a picture is made again, everything else is as it was sent."""

    name: str
    media_type: str
    data: bytes
    report: FileReport


async def read_file(services: Services, name: str, data: bytes) -> ReadFile:
    """Look a file through. Raises `FileRefusedError`."""
    try:
        # One file at a time: each may take as much memory as the bounds on it allow.
        async with services.reading:
            looked = await looked_through(data, name)
    except RefusedFileError as error:
        raise FileRefusedError(error.words) from None
    if looked.count > len(looked.found):
        raise FileRefusedError(TOO_MANY_PLACES)
    if looked.kind in PICTURES:
        data, name = await _made_again(services, data), _as_jpeg(name)
    return ReadFile(name, MEDIA[looked.kind], data, report_of(looked, data))


# A photograph says where and when it was taken; one that is made again has nothing but pixels.
async def _made_again(services: Services, data: bytes) -> bytes:
    try:
        return (await prepared(services, data)).data
    except PhotoError:
        raise FileRefusedError(NO_PICTURE) from None


def _as_jpeg(name: str) -> str:
    return f"{name.rpartition('.')[0]}.jpg"


def report_of(looked: Looked, data: bytes) -> FileReport:
    """What was found in a file, without the values themselves."""
    file = hashlib.sha256(data).hexdigest()
    found = [(each.kind.value, each.place, each.shown, str(each.start)) for each in looked.found]
    if looked.pictures or looked.pages_without_text:
        pages = ", ".join(map(str, looked.pages_without_text[:20]))
        found.append((UNREAD, pages, "", ""))
    return FileReport(
        found=tuple(
            FoundPlace(place=place, kind=kind, excerpt=shown, fingerprint=_sign(file, *each))
            for each in found
            for kind, place, shown, *_ in [each]
        ),
        hiding=tuple(
            HiddenPlace(place=each.place.value, where=f"{each.sheet} {each.where}".strip())
            for each in looked.hidden
        ),
    )


def _sign(*parts: str) -> str:
    return hashlib.sha256(" ".join(parts).encode()).hexdigest()[:32]


async def sheets_of(services: Services, data: bytes) -> tuple[list[OpenedSheet], list[HiddenPlace]]:
    """The sheets of a workbook that its readers see, and the rows and columns hidden on them.

    Of a hidden place the sheet is its `place`. Raises `FileRefusedError`.
    """
    try:
        async with services.reading:
            looked = await looked_through(data, "x.xlsx")
            sheets = await opened_apart(data, every_sheet=True)
    except RefusedFileError as error:
        raise FileRefusedError(error.words) from None
    except UnreadableError:
        raise FileRefusedError(NO_TABLE) from None
    unseen = {each.where for each in looked.hidden if each.place is HidingPlace.HIDDEN_SHEET}
    hidden = [
        HiddenPlace(place=each.sheet, where=each.where)
        for each in looked.hidden
        if each.place is HidingPlace.HIDDEN_CELLS and each.sheet not in unseen
    ]
    counted = Counter(each.place for each in hidden)
    if any(count >= MOST_LISTED for count in counted.values()):
        # Beyond these they are not listed, and what is hidden must not be shown.
        raise FileRefusedError(TOO_MUCH_HIDDEN)
    return [sheet for sheet in sheets if sheet.name not in unseen and sheet.rows], hidden


async def tables_of(services: Services, data: bytes) -> str:
    """A workbook as text with tabs between its cells, without what it hides.

    Raises `FileRefusedError`.
    """
    sheets, hidden = await sheets_of(services, data)
    texts = [
        _text_of(sheet, [each.where for each in hidden if each.place == sheet.name])
        for sheet in sheets
    ]
    if not any(texts):
        raise FileRefusedError(NO_TABLE)
    return "\n\n".join(text for text in texts if text)


def _text_of(sheet: OpenedSheet, hidden: list[str]) -> str:
    """The rows of a sheet that are seen, with tabs between the cells of the columns that are."""
    rows, columns = hidden_numbers(hidden)
    cells = {
        number: {cell.column: _words(cell) for cell in row if cell.column not in columns}
        for number, row in sheet.rows.items()
        if number not in rows
    }
    shown = sorted({column for row in cells.values() for column in row})
    lines = ("\t".join(row.get(column, "") for column in shown) for row in cells.values() if row)
    return "\n".join(lines)


def _words(cell: Cell) -> str:
    """A cell as people read it: a date without the midnight that a spreadsheet gives it.

    Raises `FileRefusedError` for a formula, whose value is not in the file that we read.
    """
    if cell.is_formula:
        raise FileRefusedError(FORMULA)
    if isinstance(cell.value, float):
        return f"{cell.value:.12g}"
    return " ".join(str(cell.value).removesuffix(" 00:00:00").split())


def hidden_numbers(ranges: list[str]) -> tuple[set[int], set[int]]:
    """The rows (`3:5`) and columns (`C:D`) of these ranges, as numbers from 1."""
    rows: set[int] = set()
    columns: set[int] = set()
    for each in ranges:
        first, _, last = each.partition(":")
        if first.isdecimal():
            rows.update(range(int(first), int(last) + 1))
        else:
            columns.update(range(_column(first), _column(last) + 1))
    return rows, columns


def _column(letters: str) -> int:
    """The number of a column from 1: AB is 28."""
    number = 0
    for letter in letters:
        number = number * 26 + ord(letter) - ord("A") + 1
    return number
