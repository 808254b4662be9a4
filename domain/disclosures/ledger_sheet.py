"""账目表: the lines of a ledger from a sheet, or everything that is wrong with it.

Nothing is given up at the first fault and nothing is guessed: a person who mends a file wants to
mend it once, and an amount that was guessed is published.
"""

from __future__ import annotations

import datetime as dt
import math
from collections import Counter
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from domain.content import NO_DAY
from domain.disclosures.amounts import AmountError, fen_of, yuan
from domain.disclosures.content import MOST_ROWS
from domain.papers.sheets.cells import Fault, value_in
from domain.papers.sheets.layout import Column, Kind
from domain.words import N_

if TYPE_CHECKING:
    from domain.papers.sheets.unpacking import Cell, OpenedSheet


class LedgerColumn(StrEnum):
    """What a column of a ledger holds."""

    DAY = "day"
    PURPOSE = "purpose"
    IN = "in"
    OUT = "out"
    AMOUNT = "amount"
    PAYEE = "payee"
    EVIDENCE = "evidence"
    # The number of the line, which is counted anyway.
    NUMBER = "number"


# Headings in small letters, without what stands in parentheses behind them.
HEADINGS = {
    LedgerColumn.DAY: ("日期", "day", "date"),
    LedgerColumn.PURPOSE: ("摘要", "用途", "purpose"),
    LedgerColumn.IN: ("收入", "in", "income"),
    LedgerColumn.OUT: ("支出", "out", "expense"),
    LedgerColumn.AMOUNT: ("金额", "amount"),
    LedgerColumn.PAYEE: ("对方", "对方单位", "payee"),
    LedgerColumn.EVIDENCE: ("凭证", "凭证号", "evidence"),
    LedgerColumn.NUMBER: ("序号", "no", "no."),
}
COLUMNS = {heading: column for column, headings in HEADINGS.items() for heading in headings}
# What may stand behind a heading of amounts: under 金额（万元） every amount would be 10,000 times
# too small.
YUAN = {"", "元)", "人民币)", "人民币元)", "yuan)"}
# The headings stand in one of these rows; a title may stand above them.
FIRST_ROWS = 10
TOTALS = {"合计", "总计", "本期合计", "本月合计", "本季合计", "本年合计", "total", "sum"}
SUBTOTALS = {"小计", "subtotal"}
# Characters, as a line of a ledger holds them.
LONGEST = 80
LIKELY_YEARS = range(2000, 2100)

NO_HEADINGS = N_("Please write headings: day, purpose, in and out (or amount), payee, evidence.")
MISSING_COLUMN = N_("The column %(value)s is missing.")
MISSING_AMOUNTS = N_("Please add columns for amounts: in and out, or amount.")
TWO_KINDS_OF_AMOUNTS = N_("Please keep either in and out or amount, not both.")
COLUMN_TWICE = N_("This heading stands here twice.")
UNKNOWN_COLUMN = N_("A ledger has no such column. Delete it, or rename it. Amounts are in yuan.")
TOO_MANY_ROWS = N_("At most %(value)s rows. Anything below was not read.")
NO_LINES = N_("Please write at least one line below the headings.")
FORMULA = N_("This cell contains a formula. Paste its value instead.")
ERROR = N_("This cell contains a spreadsheet error.")
NO_HEADING_HERE = N_("There is no heading above this cell. Delete it, or write a heading.")
NOT_AN_AMOUNT = N_("Please write an amount, such as 1,234.50.")
NO_AMOUNT = N_("Please write what came in or went out.")
BOTH_AMOUNTS = N_("Please write either what came in or what went out; use two lines for both.")
NO_PURPOSE = N_("Please write what it was for.")
TOO_LONG = N_("Please shorten this to 80 characters.")
UNLIKELY_DAY = N_("Please check this year.")
NOT_TEXT = N_("Please format this cell as text and type it again.")
BELOW_TOTAL = N_("Nothing may stand below the total. Move this line above it.")
SUBTOTAL = N_("Please delete subtotals; the total is enough.")
WRONG_TOTAL = N_("This total says %(said)s, but the lines above add up to %(value)s.")


@dataclass(frozen=True)
class ReadLine:
    """A line of a ledger: `fen` is positive for money in and negative for money out."""

    day: dt.date
    purpose: str
    fen: int
    payee: str
    evidence: str
    row: int


@dataclass(frozen=True)
class Trouble:
    """What is wrong with a cell, by its row and column from 1; None for a whole sheet or row.

    `why` is an English sentence, in which `%(value)s` and `%(said)s` stand for those below.
    """

    row: int | None
    column: int | None
    why: str
    # What it should be or is about, and what the cell says.
    value: str = ""
    said: str = ""

    def __str__(self) -> str:
        return self.why % {"value": self.value, "said": self.said}


def read_ledger(sheet: OpenedSheet) -> tuple[list[ReadLine], list[Trouble]]:
    """The lines of a ledger in their order, and everything that is wrong with it.

    With any trouble the lines are those that could be read, to be shown and never published.
    """
    reader = _Reader(sheet)
    reader.read()
    order = sorted(reader.troubles, key=lambda trouble: (trouble.row or 0, trouble.column or 0))
    return reader.lines, order


class _Reader:
    """One pass over one sheet."""

    def __init__(self, sheet: OpenedSheet) -> None:
        self._sheet = sheet
        self._columns: dict[int, LedgerColumn] = {}
        # The sums of the lines so far, in fen, as they stand in their columns.
        self._sums: Counter[LedgerColumn] = Counter()
        self._total_row: int | None = None
        # Whether each line so far was understood, so that the sums mean something.
        self._sums_hold = True
        self.lines: list[ReadLine] = []
        self.troubles: list[Trouble] = []

    def read(self) -> None:
        heading_row = next(filter(self._is_heading, sorted(self._sheet.rows)[:FIRST_ROWS]), None)
        if heading_row is None:
            self._trouble(None, None, NO_HEADINGS)
            return
        self._read_headings(heading_row)
        if self.troubles:
            # Amounts under a heading that is missing or there twice would only be noise.
            return
        for row in sorted(self._sheet.rows):
            if row > heading_row:
                self._read_row(row, self._sheet.rows[row])
        if self._sheet.is_too_long or len(self.lines) > MOST_ROWS:
            self._trouble(None, None, TOO_MANY_ROWS, str(MOST_ROWS))
        if not self.lines and not self.troubles:
            self._trouble(None, None, NO_LINES)

    def _trouble(
        self, row: int | None, column: int | None, why: str, value: str = "", said: str = ""
    ) -> None:
        self.troubles.append(Trouble(row, column, why, value, said))

    # Headings

    def _is_heading(self, row: int) -> bool:
        """Whether a row names a day and a purpose, or else at least three columns."""
        found = {_heading(cell) for cell in self._sheet.rows[row]} - {None}
        return {LedgerColumn.DAY, LedgerColumn.PURPOSE} <= found or len(found) > 2  # noqa: PLR2004

    def _read_headings(self, row: int) -> None:
        for cell in self._sheet.rows[row]:
            column = _heading(cell)
            if column is None:
                self._trouble(row, cell.column, UNKNOWN_COLUMN, said=_said(cell))
            elif column in self._columns.values():
                self._trouble(row, cell.column, COLUMN_TWICE, said=_said(cell))
            else:
                self._columns[cell.column] = column
        found = set(self._columns.values())
        for column in (LedgerColumn.DAY, LedgerColumn.PURPOSE):
            if column not in found:
                self._trouble(row, None, MISSING_COLUMN, HEADINGS[column][0])
        two = found & {LedgerColumn.IN, LedgerColumn.OUT}
        if two and LedgerColumn.AMOUNT in found:
            self._trouble(row, None, TWO_KINDS_OF_AMOUNTS)
        elif not two and LedgerColumn.AMOUNT not in found:
            self._trouble(row, None, MISSING_AMOUNTS)

    # Rows

    def _read_row(self, row: int, cells: list[Cell]) -> None:
        words = {_plain(cell) for cell in cells if self._columns.get(cell.column) in _WORDED}
        if {self._columns.get(cell.column) for cell in cells} == {LedgerColumn.NUMBER}:
            # A blank line that was numbered beforehand.
            return
        if words & SUBTOTALS:
            self._trouble(row, None, SUBTOTAL)
        elif self._total_row is not None:
            self._trouble(row, None, BELOW_TOTAL)
        elif words & TOTALS:
            self._total_row = row
            self._check_total(row, cells)
        else:
            self._read_line(row, cells)

    def _read_line(self, row: int, cells: list[Cell]) -> None:
        before = len(self.troubles)
        amounts = self._amounts(row, cells)
        texts = dict.fromkeys(_TEXTS, "")
        day: dt.date | None = None
        for cell in cells:
            column = self._columns.get(cell.column)
            if column is None:
                self._trouble(row, cell.column, NO_HEADING_HERE, said=_said(cell))
            elif column is LedgerColumn.DAY:
                day = self._day(row, cell)
            elif column in _TEXTS:
                texts[column] = self._text(row, cell)
        self._require(row, cells, amounts)
        if len(self.troubles) > before or day is None:
            self._sums_hold = False
            return
        self._sums.update(amounts)
        fen = sum(-fen if column is LedgerColumn.OUT else fen for column, fen in amounts.items())
        purpose, payee, evidence = texts.values()
        self.lines.append(ReadLine(day, purpose, fen, payee, evidence, row))

    def _require(self, row: int, cells: list[Cell], amounts: dict[LedgerColumn, int]) -> None:
        """Note what a line needs and does not have; a cell that is wrong was noted already."""
        there = {self._columns.get(cell.column) for cell in cells}
        at = {column: number for number, column in self._columns.items()}
        if LedgerColumn.DAY not in there:
            self._trouble(row, at[LedgerColumn.DAY], NO_DAY)
        if LedgerColumn.PURPOSE not in there:
            self._trouble(row, at[LedgerColumn.PURPOSE], NO_PURPOSE)
        if not there & _AMOUNTS:
            self._trouble(row, min(at[column] for column in _AMOUNTS & at.keys()), NO_AMOUNT)
        if all(amounts.get(column) for column in (LedgerColumn.IN, LedgerColumn.OUT)):
            self._trouble(row, at[LedgerColumn.OUT], BOTH_AMOUNTS)

    def _check_total(self, row: int, cells: list[Cell]) -> None:
        """Compare a total with ours, if every line above it was understood."""
        for column, fen in self._amounts(row, cells).items():
            ours = self._sums[column]
            if self._sums_hold and fen != ours:
                at = next(number for number, each in self._columns.items() if each is column)
                self._trouble(row, at, WRONG_TOTAL, yuan(ours), yuan(fen))

    # Cells

    def _amounts(self, row: int, cells: list[Cell]) -> dict[LedgerColumn, int]:
        found: dict[LedgerColumn, int] = {}
        for cell in cells:
            column = self._columns.get(cell.column)
            if column in _AMOUNTS and self._is_value(row, cell):
                try:
                    found[column] = _fen(cell.value)
                except AmountError as error:
                    self._trouble(row, cell.column, error.words, said=_said(cell))
        return found

    def _day(self, row: int, cell: Cell) -> dt.date | None:
        if not self._is_value(row, cell):
            return None
        day = value_in(Column("", (), Kind.DATE), cell.value)
        if isinstance(day, Fault):
            self._trouble(row, cell.column, NO_DAY, said=_said(cell))
            return None
        if day.year not in LIKELY_YEARS:
            self._trouble(row, cell.column, UNLIKELY_DAY, said=_said(cell))
        return day  # type: ignore[no-any-return]

    def _text(self, row: int, cell: Cell) -> str:
        if not self._is_value(row, cell):
            return ""
        text = value_in(Column("", (), Kind.LINE), cell.value)
        if isinstance(text, Fault):
            # Evidence such as 3-12 that the spreadsheet took for a day.
            self._trouble(row, cell.column, NOT_TEXT, said=_said(cell))
            return ""
        if len(text) > LONGEST:
            self._trouble(row, cell.column, TOO_LONG, said=_said(cell))
        return str(text)

    def _is_value(self, row: int, cell: Cell) -> bool:
        """Whether a cell holds something that was typed."""
        if cell.is_formula or cell.is_error:
            self._trouble(row, cell.column, FORMULA if cell.is_formula else ERROR, said=_said(cell))
        return not cell.is_formula and not cell.is_error


_TEXTS = (LedgerColumn.PURPOSE, LedgerColumn.PAYEE, LedgerColumn.EVIDENCE)
_AMOUNTS = {LedgerColumn.IN, LedgerColumn.OUT, LedgerColumn.AMOUNT}
# Where the word for a total may stand.
_WORDED = {LedgerColumn.DAY, LedgerColumn.PURPOSE, LedgerColumn.NUMBER}
# Characters of a cell that a trouble repeats.
LONGEST_SAID = 40


def _heading(cell: Cell) -> LedgerColumn | None:
    text, _, unit = _plain(cell).replace("（", "(").replace("）", ")").partition("(")
    column = COLUMNS.get(text)
    return None if column in _AMOUNTS and unit not in YUAN else column


def _plain(cell: Cell) -> str:
    """A cell's text in small letters, without spaces and a colon at its end."""
    return "".join(str(cell.value).lower().split()).rstrip(":：")


def _said(cell: Cell) -> str:
    return " ".join(str(cell.value).split())[:LONGEST_SAID]


def _fen(value: object) -> int:
    """The amount in a cell. Raises `AmountError`."""
    if isinstance(value, str):
        return fen_of(value)
    if isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value):
        # 0.1 + 0.2 is 0.30000000000000004 in the file. Four decimals cannot be taken for thousands.
        return fen_of(f"{value:.4f}")
    raise AmountError(NOT_AN_AMOUNT)
