"""The sheets of a file that came back, as rows; what is wrong with a cell is told with its place.

Nothing is given up at the first fault: a person who mends a file wants to mend it once. What is
wrong is a fact with its place; the words for it are said where they are shown.
"""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, TypeAlias

from openpyxl.utils import get_column_letter, range_boundaries

from domain.papers.sheets.cells import Fault, value_in
from domain.papers.sheets.layout import INTRODUCTION, MOST_COLUMNS, Column, Sheet

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Sequence

    from pydantic_core import ErrorDetails

    from domain.content import Contradiction
    from domain.papers.compare import Path
    from domain.papers.sheets.unpacking import Cell, OpenedSheet

    What: TypeAlias = "Fault | Contradiction | ErrorDetails"


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


@dataclass
class Row:
    """A row: its number, and its values by the paths of their columns."""

    number: int
    values: dict[tuple[str, ...], Any]

    def text(self, column: Column) -> str:
        """What stands in a column; empty for nothing."""
        return str(self.values.get(column.path, ""))

    def nested(self, *, without: Collection[Column]) -> dict[str, Any]:
        """The values as a part of a document, without those that say whose it is."""
        whole: dict[str, Any] = {}
        for path, value in self.values.items():
            if path in {each.path for each in without}:
                continue
            *above, last = path
            place = whole
            for step in above:
                place = place.setdefault(step, {})
            place[last] = value
        return whole


@dataclass
class Table:
    """A sheet as it is filled in: where its columns stand, and its rows."""

    sheet: Sheet
    # Whether it had more rows than were read.
    is_cut: bool
    columns: dict[Column, int] = field(default_factory=dict)
    rows: list[Row] = field(default_factory=list)

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


def in_order(problems: Iterable[SheetProblem], sheets: Sequence[str]) -> list[SheetProblem]:
    """The problems as one walks through a file whose sheets stand so."""

    def walk(each: SheetProblem) -> tuple[int, int, int]:
        place = each.place
        return sheets.index(place.sheet), place.row or 0, place.column or 0

    return sorted(problems, key=walk)


class TableReader:
    """One pass over one file, of which these sheets are read."""

    def __init__(
        self,
        sheets: list[OpenedSheet],
        layout: Sequence[Sheet],
        *,
        needed: Collection[Sheet],
        most_rows: int,
    ) -> None:
        self._most_rows = most_rows
        self._found: dict[Place, SheetProblem] = {}
        self._tables: dict[str, Table] = {}
        # Ranges of merged cells that were told: sheet, and the outermost columns and rows.
        self._merged: list[tuple[str, int, int, int, int]] = []
        given: dict[str, OpenedSheet] = {}
        for each in sheets:
            given.setdefault(each.name, each)
        self.order = [*given]
        known = {INTRODUCTION, *(each.name for each in layout)}
        for name in given.keys() - known:
            self._problem(Place(name), Fault.UNKNOWN_SHEET)
        for sheet in layout:
            if sheet.name in given:
                self._tables[sheet.part] = self._table(sheet, given[sheet.name])
            elif sheet in needed:
                self.order.append(sheet.name)
                self._problem(Place(sheet.name), Fault.MISSING_SHEET)

    @property
    def problems(self) -> bool:
        """Whether anything is wrong."""
        return bool(self._found)

    def sorted_problems(self) -> list[SheetProblem]:
        """Everything that is wrong, in the order in which one walks through the file."""
        return in_order(self._found.values(), self.order)

    def _problem(self, place: Place | None, what: What, value: str = "") -> None:
        """Remember what is wrong; of several things wrong with one cell the first."""
        if place is not None and not self._is_merged(place):
            self._found.setdefault(place, SheetProblem(place, what, value))

    # Cells

    def _table(self, sheet: Sheet, given: OpenedSheet) -> Table:
        table = Table(sheet, given.is_too_long)
        headers = given.rows.get(1, [])
        self._read_headers(table, headers)
        self._read_merged(table, given.merged)
        if given.is_too_long:
            place = Place(sheet.name, self._most_rows + 2)
            self._problem(place, Fault.TOO_MANY_ROWS, str(self._most_rows))
        by_number: dict[int, Column | None] = {each.column: None for each in headers}
        by_number.update({number: column for column, number in table.columns.items()})
        for number, cells in given.rows.items():
            if number > 1:
                values = dict(self._values(table, number, by_number, cells))
                table.rows.append(Row(number, values))
        return table

    def _read_headers(self, table: Table, cells: list[Cell]) -> None:
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

    def _read_merged(self, table: Table, merged: Iterable[str]) -> None:
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
        self, table: Table, row: int, columns: dict[int, Column | None], cells: list[Cell]
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
