"""A workbook that came back, as documents; or everything that is wrong with it, cell by cell.

Nothing is given up at the first fault: a person who mends a file wants to mend it once. What is
wrong is a fact with its place; the words for it are said where they are shown.
"""

from __future__ import annotations

import sys
import unicodedata
from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any, TypeAlias, TypeVar

from openpyxl.utils import get_column_letter, range_boundaries
from pydantic import TypeAdapter, ValidationError

from domain import rules
from domain.content import Contradiction, Slug
from domain.handbook.events import EventSteps
from domain.handbook.events import contradictions_of as contradictions_of_steps
from domain.handbook.fit import FitAnswer
from domain.handbook.guide import LifeEvent
from domain.papers.kinds.guide import ItemGuide
from domain.papers.sheets.cells import Fault, value_in
from domain.papers.sheets.layout import (
    EVENTS,
    INTRODUCTION,
    ITEMS,
    MOST_COLUMNS,
    MOST_ROWS,
    PARTS,
    SHEETS,
    SLUG,
    Column,
    Sheet,
)
from domain.papers.sheets.unpacking import opened

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from pydantic_core import ErrorDetails

    from domain.papers.compare import Path
    from domain.papers.sheets.unpacking import Cell, OpenedSheet

    What: TypeAlias = "Fault | Contradiction | ErrorDetails"


T = TypeVar("T")


@dataclass(frozen=True)
class Place:
    """Where in the file: a sheet, a row, a column by its letter and its header."""

    sheet: str
    row: int | None = None
    column: int | None = None
    header: str = ""

    @property
    def letter(self) -> str:
        """The column as a spreadsheet names it."""
        return "" if self.column is None else get_column_letter(self.column)


@dataclass(frozen=True)
class SheetProblem:
    """What is wrong, and where. `value` is what it is about, when the place does not say."""

    place: Place
    what: What
    value: str = ""


@dataclass(frozen=True)
class Reading:
    """What a file holds: documents by slug and by life event, or problems; never both."""

    guides: dict[str, ItemGuide]
    problems: list[SheetProblem]
    events: dict[str, EventSteps] = field(default_factory=dict)


@dataclass
class _Row:
    """A row: its number, its values by the paths of their columns, whose it is."""

    number: int
    values: dict[tuple[str, ...], Any]

    @property
    def slug(self) -> str:
        return str(self.values.get(SLUG.path, ""))


@dataclass
class _Table:
    """A sheet as it is filled in: where its columns stand, and its rows."""

    sheet: Sheet
    # Whether it had more rows than were read.
    is_cut: bool
    columns: dict[Column, int] = field(default_factory=dict)
    rows: list[_Row] = field(default_factory=list)

    @property
    def is_whole(self) -> bool:
        """Whether what is not found on it is truly not there."""
        return self.sheet.key in self.columns and not self.is_cut

    def place(self, row: int | None, path: Path) -> Place | None:
        """Where a value of a document stands; None when its column is not there."""
        key = self.sheet.key
        column = next((each for each in self.sheet.columns if _is_at(each, path)), key)
        if column not in self.columns:
            return None
        return Place(self.sheet.name, row, self.columns[column], column.header)


def _is_at(column: Column, path: Path) -> bool:
    """Whether a place of a document is this column's, or is a group that begins with it."""
    common = min(len(column.path), len(path))
    return common > 0 and column.path[:common] == tuple(path[:common])


def read_workbook(
    data: bytes, slugs: Iterable[str], letters: Iterable[str], matters: Iterable[str] = ()
) -> Reading:
    """Read a file, given the slugs of the items there are and the letters of categories.

    `matters` are the slugs of what is done elsewhere. Raises `UnreadableError` for what is no
    workbook.
    """
    return read_sheets(opened(data), slugs, letters, matters)


def read_sheets(
    sheets: list[OpenedSheet],
    slugs: Iterable[str],
    letters: Iterable[str],
    matters: Iterable[str] = (),
) -> Reading:
    reader, known = _Reader(sheets), set(slugs)
    guides = reader.guides(known, set(letters))
    events = reader.events(known, set(matters))
    if reader.problems:
        return Reading({}, reader.sorted_problems())
    return Reading(guides, [], events)


class _Reader:
    """One pass over one file."""

    def __init__(self, sheets: list[OpenedSheet]) -> None:
        self._found: dict[Place, SheetProblem] = {}
        self._tables: dict[str, _Table] = {}
        # Ranges of merged cells that were told: sheet, and the outermost columns and rows.
        self._merged: list[tuple[str, int, int, int, int]] = []
        given: dict[str, OpenedSheet] = {}
        for each in sheets:
            given.setdefault(each.name, each)
        self._order = [*given]
        known = {INTRODUCTION, *(each.name for each in SHEETS)}
        for name in given.keys() - known:
            self._problem(Place(name), Fault.UNKNOWN_SHEET)
        for sheet in SHEETS:
            if sheet.name in given:
                self._tables[sheet.part] = self._table(sheet, given[sheet.name])
            else:
                self._order.append(sheet.name)
                self._problem(Place(sheet.name), Fault.MISSING_SHEET)

    @property
    def problems(self) -> bool:
        """Whether anything is wrong."""
        return bool(self._found)

    def sorted_problems(self) -> list[SheetProblem]:
        """Everything that is wrong, in the order in which one walks through the file."""

        def walk(each: SheetProblem) -> tuple[int, int, int]:
            place = each.place
            return self._order.index(place.sheet), place.row or 0, place.column or 0

        return sorted(self._found.values(), key=walk)

    def _problem(self, place: Place | None, what: What, value: str = "") -> None:
        """Remember what is wrong; of several things wrong with one cell the first."""
        if place is not None and not self._is_merged(place):
            self._found.setdefault(place, SheetProblem(place, what, value))

    # Cells

    def _table(self, sheet: Sheet, given: OpenedSheet) -> _Table:
        table = _Table(sheet, given.is_too_long)
        headers = given.rows.get(1, [])
        self._read_headers(table, headers)
        self._read_merged(table, given.merged)
        if given.is_too_long:
            place = Place(sheet.name, MOST_ROWS + 2)
            self._problem(place, Fault.TOO_MANY_ROWS, str(MOST_ROWS))
        by_number: dict[int, Column | None] = {each.column: None for each in headers}
        by_number.update({number: column for column, number in table.columns.items()})
        for number, cells in given.rows.items():
            if number > 1:
                values = dict(self._values(table, number, by_number, cells))
                table.rows.append(_Row(number, values))
        if not table.rows and not sheet.part:
            self._problem(Place(sheet.name), Fault.NO_ITEMS)
        return table

    def _read_headers(self, table: _Table, cells: list[Cell]) -> None:
        known = {each.header: each for each in table.sheet.columns}
        for cell in cells:
            if cell.column > MOST_COLUMNS:
                self._too_wide(table.sheet, 1)
                break
            header = unicodedata.normalize("NFC", " ".join(str(cell.value).split()))
            place = Place(table.sheet.name, 1, cell.column, header[:40])
            column = known.get(header)
            if column is None:
                self._problem(place, Fault.UNKNOWN_COLUMN)
            elif column in table.columns:
                self._problem(place, Fault.COLUMN_TWICE)
            else:
                table.columns[column] = cell.column
        for column in table.sheet.columns:
            if column not in table.columns:
                place = Place(table.sheet.name, 1, None, column.header)
                self._problem(place, Fault.MISSING_COLUMN)

    def _read_merged(self, table: _Table, merged: Iterable[str]) -> None:
        """Tell which cells were made into one; that all but the first are empty follows from it."""
        name, headers = table.sheet.name, {at: each.header for each, at in table.columns.items()}
        for cells in merged:
            left, top, right, bottom = range_boundaries(cells)
            place = Place(name, top, left, headers.get(left, ""))
            self._problem(place, Fault.MERGED, cells)
            self._merged.append((name, left, top, right, bottom))

    def _is_merged(self, place: Place) -> bool:
        """Whether a cell is one of a range that was told."""
        row, column = place.row or 0, place.column or 0
        return any(
            sheet == place.sheet and left <= column <= right and top <= row <= bottom
            for sheet, left, top, right, bottom in self._merged
        )

    def _too_wide(self, sheet: Sheet, row: int) -> None:
        place = Place(sheet.name, row, MOST_COLUMNS + 1)
        self._problem(place, Fault.TOO_MANY_COLUMNS, str(MOST_COLUMNS))

    def _values(
        self, table: _Table, row: int, columns: dict[int, Column | None], cells: list[Cell]
    ) -> Iterator[tuple[tuple[str, ...], Any]]:
        """What stands in a row, by the paths of its columns."""
        for cell in cells:
            if cell.column > MOST_COLUMNS:
                self._too_wide(table.sheet, row)
                return
            column = columns.get(cell.column)
            header = column.header if column else ""
            place = Place(table.sheet.name, row, cell.column, header)
            if cell.is_formula or cell.is_error:
                self._problem(place, Fault.FORMULA if cell.is_formula else Fault.ERROR)
            elif column is None and cell.column not in columns:
                # Below no header at all: said once, where the header should be.
                self._problem(Place(table.sheet.name, 1, cell.column), Fault.UNKNOWN_COLUMN)
            elif column is not None:
                value = value_in(column, cell.value)
                if isinstance(value, Fault):
                    self._problem(place, value)
                else:
                    yield column.path, value

    # Documents

    def guides(self, slugs: set[str], letters: set[str]) -> dict[str, ItemGuide]:
        """The items of the file, as far as they are right."""
        if len(self._tables) < len(SHEETS):
            return {}
        items = self._items()
        parts = self._parts(items)
        every = slugs | items.keys()
        found: dict[str, ItemGuide] = {}
        for slug, row in items.items():
            own = parts.get(slug, {})
            place_of = self._placer(row, own)
            document = _document(row, own)
            try:
                found[slug] = ItemGuide.model_validate(document)
            except ValidationError as error:
                # A list whose items are wrong counts as too short as well; that comes after them.
                for each in error.errors():
                    self._wrong(row, own, place_of, each)
            for contradiction in _contradictions(document, every, letters):
                self._problem(place_of(contradiction.path), contradiction)
        return found

    def events(self, slugs: set[str], matters: set[str]) -> dict[str, EventSteps]:
        """The steps of the file's life events, as far as they are right."""
        if len(self._tables) < len(SHEETS):
            return {}
        table, found = self._tables[EVENTS.part], dict[str, EventSteps]()
        every = slugs | {row.slug for row in self._tables[ITEMS.part].rows}
        for event, rows in self._event_rows(table).items():
            steps = [_nested(row) for row in rows]
            place_of = self._step_placer(table, rows)
            try:
                found[event] = EventSteps.model_validate({"steps": steps})
            except ValidationError as error:
                for each in error.errors():
                    self._problem(place_of(each["loc"]), each)
                continue
            for contradiction in contradictions_of_steps(found[event], every, matters):
                self._problem(place_of(contradiction.path), contradiction)
        return found

    def _event_rows(self, table: _Table) -> dict[str, list[_Row]]:
        """The rows of steps by their events, in the order of the file."""
        found: dict[str, list[_Row]] = {}
        for row in table.rows:
            event = str(row.values.get(EVENTS.key.path, ""))
            if event in set(LifeEvent):
                found.setdefault(event, []).append(row)
                continue
            fault = Fault.NO_SUCH_EVENT if event else Fault.NO_EVENT
            self._problem(table.place(row.number, EVENTS.key.path), fault, event[:40])
        return found

    def _step_placer(self, table: _Table, rows: list[_Row]) -> Callable[[Path], Place | None]:
        """From places in an event's steps to places in the file."""

        def place_of(path: Path) -> Place | None:
            is_step = len(path) > 1 and isinstance(path[1], int)
            row = rows[int(path[1])] if is_step else rows[0]
            return table.place(row.number, path[2:])

        return place_of

    def _items(self) -> dict[str, _Row]:
        """The rows of items by their slugs."""
        table, found = self._tables[ITEMS.part], dict[str, _Row]()
        for row in table.rows:
            place = table.place(row.number, SLUG.path)
            if not row.slug:
                self._problem(place, Fault.NO_SLUG)
            elif not _as(_SLUG, row.slug, ""):
                self._problem(place, Fault.BAD_SLUG)
            elif row.slug in found:
                again = Contradiction(SLUG.path, rules.SLUG_TAKEN, row.slug)
                self._problem(place, again)
            else:
                found[row.slug] = row
        return found

    def _parts(self, items: dict[str, _Row]) -> dict[str, dict[str, list[_Row]]]:
        """The rows of parts, by slug and by the list that they belong to."""
        found: dict[str, dict[str, list[_Row]]] = {}
        for part in PARTS:
            table = self._tables[part]
            for row in table.rows:
                if row.slug in items:
                    found.setdefault(row.slug, {}).setdefault(part, []).append(row)
                elif not row.slug:
                    self._problem(table.place(row.number, SLUG.path), Fault.NO_SLUG)
                elif self._tables[ITEMS.part].is_whole:
                    place = table.place(row.number, SLUG.path)
                    self._problem(place, Fault.NO_SUCH_ITEM, row.slug[:40])
        return found

    def _placer(self, row: _Row, parts: dict[str, list[_Row]]) -> Callable[[Path], Place | None]:
        """From places in an item's document to places in the file."""

        def place_of(path: Path) -> Place | None:
            rows = parts.get(str(path[0])) if path else None
            if rows and len(path) > 1 and isinstance(path[1], int):
                return self._tables[str(path[0])].place(rows[path[1]].number, path[2:])
            return self._tables[ITEMS.part].place(row.number, path)

        return place_of

    def _wrong(
        self,
        row: _Row,
        parts: dict[str, list[_Row]],
        place_of: Callable[[Path], Place | None],
        error: ErrorDetails,
    ) -> None:
        part = str(error["loc"][0])
        if part in PARTS and len(error["loc"]) == 1:
            if not parts.get(part) and self._tables[part].is_whole:
                place = self._tables[ITEMS.part].place(row.number, SLUG.path)
                self._problem(place, Fault.NO_PARTS, PARTS[part].name)
            return
        self._problem(place_of(error["loc"]), error)


_SLUG: TypeAdapter[str] = TypeAdapter(Slug)
_SLUGS: TypeAdapter[tuple[str, ...]] = TypeAdapter(tuple[Slug, ...])
_FIT: TypeAdapter[tuple[FitAnswer, ...]] = TypeAdapter(tuple[FitAnswer, ...])
_DAYS: TypeAdapter[int] = TypeAdapter(int)


def _as(shape: TypeAdapter[T], value: Any, otherwise: T) -> T:
    """A value as what it should be; something else when it is not that."""
    try:
        return shape.validate_python(value)
    except ValidationError:
        return otherwise


def _contradictions(
    document: dict[str, Any], slugs: set[str], letters: set[str]
) -> Iterator[Contradiction]:
    """What does not fit together, also in a document that is wrong elsewhere."""
    guide: Any = SimpleNamespace(
        promised_days=_as(_DAYS, document.get("promised_days"), 0),
        statutory_days=_as(_DAYS, document.get("statutory_days"), sys.maxsize),
        related=_as(_SLUGS, document.get("related"), ()),
        fit=_as(_FIT, document.get("fit"), ()),
    )
    yield from rules.of_guide(guide, slugs)
    if category := document.get("category"):
        yield from rules.of_category(category, letters)


def _document(row: _Row, parts: dict[str, list[_Row]]) -> dict[str, Any]:
    """An item's row and the rows of its parts as one document; what is empty is left out."""
    whole = _nested(row)
    for name in ("fee", "result", "assured"):
        whole.setdefault(name, {})
    lists = {part: [_nested(each) for each in parts.get(part, ())] for part in PARTS}
    return {**whole, **lists}


def _nested(row: _Row) -> dict[str, Any]:
    whole: dict[str, Any] = {}
    for path, value in row.values.items():
        if path in {SLUG.path, EVENTS.key.path}:
            continue
        *above, last = path
        place = whole
        for step in above:
            place = place.setdefault(step, {})
        place[last] = value
    return whole
