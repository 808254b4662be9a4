"""Looking through a file before it is published: its kind, what it hides, personal data in it.

It runs in a process with limits (`web.running.document_process`), because a stranger's file can
make any reader work without an end.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from enum import StrEnum
from io import BytesIO
from itertools import groupby
from operator import attrgetter
from typing import TYPE_CHECKING, Any

from domain.characters import decoded
from domain.disclosures.hiding import Hidden, HidingPlace, hidden_in_book
from domain.disclosures.office_files import book_of, parse, place_of, text_of
from domain.disclosures.personal_data import Found, FoundKind, found_in, is_rounded_identity_number
from domain.errors import LianxinError
from domain.papers.sheets.unpacking import (
    IS_OLE,
    IS_ZIP,
    TYPES,
    FileFault,
    UnreadableError,
    unpacked,
)
from domain.words import N_

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterator

    from domain.disclosures.office_files import Book, BookSheet


class FileKind(StrEnum):
    """What an attachment may be."""

    PDF = "pdf"
    PNG = "png"
    JPEG = "jpeg"
    XLSX = "xlsx"
    DOCX = "docx"
    TEXT = "text"


class FileRefusal(StrEnum):
    """Why a file cannot be attached."""

    EMPTY = "empty"
    TOO_LARGE = "too-large"
    UNKNOWN_KIND = "unknown-kind"
    OTHER_KIND = "other-kind"
    SCRIPTED = "scripted"
    LOCKED = "locked"
    MACROS = "macros"
    DAMAGED = "damaged"
    TOO_MANY_PAGES = "too-many-pages"
    TOO_MANY_LINES = "too-many-lines"
    TOO_COSTLY = "too-costly"


WORDS = {
    FileRefusal.EMPTY: N_("Please choose the file first."),
    FileRefusal.TOO_LARGE: N_("Please choose a smaller file: at most 8 MB, and 48 MB unpacked."),
    FileRefusal.UNKNOWN_KIND: N_("Please choose a PDF, PNG, JPEG, XLSX, DOCX, CSV or TXT file."),
    FileRefusal.OTHER_KIND: N_(
        "This file is not what its name says. Save it again in the program that made it."
    ),
    FileRefusal.SCRIPTED: N_(
        "Web pages and SVG drawings can hold programs. Save it as a PDF and send that."
    ),
    FileRefusal.LOCKED: N_(
        "This file has a password or an old format, so nobody could check it. Save it as PDF, "
        "XLSX or DOCX without a password."
    ),
    FileRefusal.MACROS: N_("This file holds macros. Save it without macros."),
    FileRefusal.DAMAGED: N_(
        "This file is damaged. Open it, save it once more under another name, and send that."
    ),
    FileRefusal.TOO_MANY_PAGES: N_("Please split this file: at most 500 pages."),
    FileRefusal.TOO_MANY_LINES: N_("Please split this file: at most 50,000 lines."),
    FileRefusal.TOO_COSTLY: N_(
        "Checking this file takes too long. Split it, or save it as a plain PDF or XLSX."
    ),
}


class RefusedFileError(LianxinError):
    """The file cannot be attached. `words` is an English sentence that says what to do."""

    def __init__(self, refusal: FileRefusal) -> None:
        super().__init__(refusal)
        self.refusal, self.words = refusal, WORDS[refusal]


@dataclass(frozen=True)
class Looked:
    """What was seen in a file.

    The place of a find is a page of a PDF (`3`), a cell of a workbook (`财务!C5`) or the part of a
    document (`document`, `header1`); empty for a text. Its line is the row of a cell.
    """

    kind: FileKind
    # The first of those found, and how many there are.
    found: list[Found] = field(default_factory=list)
    count: int = 0
    hidden: list[Hidden] = field(default_factory=list)
    # Pages of a PDF, and those of them, from 1, without text: a scan cannot be checked.
    pages: int = 0
    pages_without_text: list[int] = field(default_factory=list)
    # Pictures in any other file, which cannot be checked either.
    pictures: int = 0


LARGEST_FILE = 8 << 20
MOST_PAGES = 500
MOST_LINES = 50_000
# Characters of text in one file.
MOST_TEXT = 4_000_000
MOST_FOUND = 200

KINDS = {
    "pdf": FileKind.PDF,
    "png": FileKind.PNG,
    "jpg": FileKind.JPEG,
    "jpeg": FileKind.JPEG,
    "xlsx": FileKind.XLSX,
    "docx": FileKind.DOCX,
    "csv": FileKind.TEXT,
    "txt": FileKind.TEXT,
}
STARTS = {
    FileKind.PDF: b"%PDF-",
    FileKind.PNG: b"\x89PNG\r\n\x1a\n",
    FileKind.JPEG: b"\xff\xd8\xff",
    FileKind.XLSX: IS_ZIP,
    FileKind.DOCX: IS_ZIP,
}
SCRIPTED = {"svg", "svgz", "htm", "html", "xhtml", "xml", "mht", "js"}
MARKUP = re.compile(r"\s*<[a-z!?]", re.IGNORECASE)
OF_WORKBOOK = {
    FileFault.EMPTY: FileRefusal.EMPTY,
    FileFault.TOO_LARGE: FileRefusal.TOO_LARGE,
    FileFault.NO_WORKBOOK: FileRefusal.OTHER_KIND,
    FileFault.OLD_OR_LOCKED: FileRefusal.LOCKED,
    FileFault.MACROS: FileRefusal.MACROS,
    FileFault.DAMAGED: FileRefusal.DAMAGED,
    FileFault.TOO_COSTLY: FileRefusal.TOO_COSTLY,
}


def look_through(data: bytes, name: str, allowed: Collection[str] = ()) -> Looked:
    """What is in a file of this name. Numbers in `allowed` are not reported.

    Raises `RefusedFileError`.
    """
    kind = _kind_of(data, name)
    try:
        return _limited(_LOOKS[kind](data, allowed))
    except UnreadableError as error:
        raise RefusedFileError(OF_WORKBOOK[error.fault]) from error
    except MemoryError as error:
        raise RefusedFileError(FileRefusal.TOO_COSTLY) from error


def _kind_of(data: bytes, name: str) -> FileKind:
    """The kind that the name and the first bytes agree on."""
    if not data:
        raise RefusedFileError(FileRefusal.EMPTY)
    if len(data) > LARGEST_FILE:
        raise RefusedFileError(FileRefusal.TOO_LARGE)
    extension = name.rpartition(".")[2].strip().lower()
    if extension in SCRIPTED:
        raise RefusedFileError(FileRefusal.SCRIPTED)
    kind = KINDS.get(extension) if "." in name else None
    if kind is None:
        raise RefusedFileError(FileRefusal.UNKNOWN_KIND)
    if data.startswith(IS_OLE) and kind in {FileKind.XLSX, FileKind.DOCX}:
        raise RefusedFileError(FileRefusal.LOCKED)
    if not data.startswith(STARTS.get(kind, b"")):
        raise RefusedFileError(FileRefusal.OTHER_KIND)
    return kind


def _limited(looked: Looked) -> Looked:
    return replace(looked, found=looked.found[:MOST_FOUND], count=len(looked.found))


def _look_at_text(data: bytes, allowed: Collection[str]) -> Looked:
    text = decoded(data)
    if text is None:
        raise RefusedFileError(FileRefusal.OTHER_KIND)
    if MARKUP.match(text[:1000]):
        raise RefusedFileError(FileRefusal.SCRIPTED)
    if text.count("\n") > MOST_LINES:
        raise RefusedFileError(FileRefusal.TOO_MANY_LINES)
    return Looked(FileKind.TEXT, found_in(text, allowed=allowed))


def _look_at_picture(kind: FileKind) -> Callable[[bytes, Collection[str]], Looked]:
    return lambda _data, _allowed: Looked(kind, pictures=1)


# Workbooks


def _look_at_workbook(data: bytes, allowed: Collection[str]) -> Looked:
    book = book_of(data)
    found = [each for sheet in book.sheets for each in _found_in_sheet(sheet, allowed)]
    for place, text in _other_texts(book):
        found += found_in(text, place, allowed)
    return Looked(
        FileKind.XLSX, found, hidden=hidden_in_book(book), pictures=_pictures(book.part_names)
    )


# The cells of a row are looked through as one text: it finds what goes over the edge of a cell,
# and takes a fifth of the time.
def _found_in_sheet(sheet: BookSheet, allowed: Collection[str]) -> Iterator[Found]:
    for row, group in groupby(sheet.cells, key=attrgetter("row")):
        cells = list(group)
        for each in found_in("\t".join([cell.text for cell in cells]), allowed=allowed):
            start, column = each.start, 0
            while start > len(cells[column].text):
                start -= len(cells[column].text) + 1
                column += 1
            place = f"{sheet.name}!{place_of(row, cells[column].column)}"
            end = start + each.end - each.start
            yield replace(each, place=place, line=row, start=start, end=end)
        for cell in cells:
            if is_rounded_identity_number(cell.text):
                place = f"{sheet.name}!{place_of(row, cell.column)}"
                shown = f"{cell.text[:3]}…{cell.text[-2:]}"
                kind = FoundKind.IDENTITY_NUMBER
                yield Found(kind, place, row, 0, len(cell.text), shown)


def _other_texts(book: Book) -> Iterator[tuple[str, str]]:
    """The texts of a workbook beside its cells, with their places."""
    for sheet in book.sheets:
        yield from ((f"{sheet.name}!{where}", text) for where, text in sheet.loose)
    yield from ((path.rpartition("/")[2], text) for path, text in book.texts.items())
    yield from ((each.name, each.refers_to) for each in book.defined_names)


def _pictures(names: list[str]) -> int:
    """How many pictures there are, with the small one of the first page."""
    found = [name for name in names if "/media/" in name or name.startswith("docProps/thumbnail")]
    return sum(not name.endswith("/") for name in found)


# Documents

DOCUMENT = "word/document.xml"
# Parts of a document without words of the writer.
DULL = re.compile(r"word/(?:theme/|styles|settings|fontTable|webSettings|numbering|media/)")
TEXT_TAGS = {"t", "delText", "instrText"}


def _look_at_document(data: bytes, allowed: Collection[str]) -> Looked:
    file = unpacked(data, {TYPES, DOCUMENT}, _is_of_document)
    found: list[Found] = []
    for path, part in sorted(file.parts.items()):
        if path != TYPES:
            place = path.rpartition("/")[2].removesuffix(".xml")
            is_written = path.startswith("word/")
            text = _text_of_document(part) if is_written else text_of(part)
            found += found_in(text, place, allowed)
    inside = [name for name in file.names if _is_file_inside(name)]
    hidden = [Hidden(HidingPlace.EMBEDDED_FILE, "", name.rpartition("/")[2]) for name in inside]
    return Looked(FileKind.DOCX, found, hidden=hidden, pictures=_pictures(file.names))


def _is_file_inside(name: str) -> bool:
    """Whether a part is a whole file that Word shows or opens: a workbook, a web page."""
    is_part = name.endswith((".xml", ".rels", ".odttf", "/")) or name.startswith("word/media/")
    return name.startswith("word/") and not is_part


def _is_of_document(name: str) -> bool:
    if name == TYPES or name.startswith("docProps/"):
        return name.endswith(".xml")
    return name.startswith("word/") and name.endswith(".xml") and not DULL.match(name)


def _text_of_document(part: bytes) -> str:
    """A line for each paragraph and each row of a table, with a tab between cells.

    What was deleted while changes were tracked is text as well.
    """
    pieces: list[str] = []
    cells = 0
    is_text = False

    def opens(tag: str, _given: dict[str, str]) -> None:
        nonlocal cells, is_text
        is_text = tag in TEXT_TAGS
        cells += tag == "tc"
        if tag in {"tab", "br", "cr"}:
            pieces.append(" ")

    def closes(tag: str) -> None:
        nonlocal cells, is_text
        is_text = False
        cells -= tag == "tc"
        ends = {"p": "\n" if cells == 0 else " ", "tc": "\t", "tr": "\n"}
        pieces.append(ends.get(tag, ""))

    parse(part, opens, closes, lambda text: pieces.append(text) if is_text else None)
    return "".join(pieces)


# PDF


def _look_at_pdf(data: bytes, allowed: Collection[str]) -> Looked:
    # Imported for a PDF alone: it takes longer than looking through a small workbook.
    from pypdf import PdfReader
    from pypdf.errors import LimitReachedError

    try:
        return _look_at_pages(PdfReader(BytesIO(data)), allowed)
    except (RefusedFileError, MemoryError):
        raise
    except LimitReachedError as error:
        raise RefusedFileError(FileRefusal.TOO_COSTLY) from error
    except Exception as error:
        # The library answers what a stranger made up with errors of a dozen kinds.
        raise RefusedFileError(FileRefusal.DAMAGED) from error


def _look_at_pages(reader: Any, allowed: Collection[str]) -> Looked:
    if reader.is_encrypted:
        raise RefusedFileError(FileRefusal.LOCKED)
    # What a file says of itself is checked again by counting, which takes time.
    said = reader.root_object["/Pages"].get("/Count", 0)
    if said > MOST_PAGES or len(reader.pages) > MOST_PAGES:
        raise RefusedFileError(FileRefusal.TOO_MANY_PAGES)
    found: list[Found] = []
    without_text: list[int] = []
    length = 0
    for number, page in enumerate(reader.pages, 1):
        text = page.extract_text()
        length += len(text)
        if length > MOST_TEXT:
            raise RefusedFileError(FileRefusal.TOO_LARGE)
        if not text.strip():
            without_text.append(number)
        found += found_in(text, str(number), allowed)
        found += found_in(_notes_on(page), str(number), allowed)
    hidden = [Hidden(HidingPlace.EMBEDDED_FILE, "", str(name)) for name in reader.attachments]
    return Looked(FileKind.PDF, found, 0, hidden, len(reader.pages), without_text)


def _notes_on(page: Any) -> str:
    """The comments on a page and what its form is filled in with."""
    notes = (note.get_object() for note in page.annotations or ())
    values = (note.get(key) for note in notes for key in ("/Contents", "/V"))
    return "\n".join(value for value in values if isinstance(value, str))


_LOOKS: dict[FileKind, Callable[[bytes, Collection[str]], Looked]] = {
    FileKind.PDF: _look_at_pdf,
    FileKind.PNG: _look_at_picture(FileKind.PNG),
    FileKind.JPEG: _look_at_picture(FileKind.JPEG),
    FileKind.XLSX: _look_at_workbook,
    FileKind.DOCX: _look_at_document,
    FileKind.TEXT: _look_at_text,
}
