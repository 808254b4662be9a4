"""A ledger as a workbook, to be changed in a spreadsheet and sent back."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from io import BytesIO
from typing import TYPE_CHECKING, Any

from openpyxl import Workbook
from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE
from openpyxl.styles import Font

from domain.disclosures.amounts import AmountError, fen_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from openpyxl.cell import Cell

HEADINGS = ("日期", "摘要", "金额", "对方", "凭证")
FIELDS = ("day", "purpose", "fen", "counterparty", "evidence")
WIDTHS = (12, 40, 16, 28, 16)


def ledger_book(lines: Sequence[dict[str, Any]]) -> bytes:
    """The lines as they were typed; what is a day or an amount is one in its cell."""
    book = Workbook()
    page = book.active
    page.title, page.freeze_panes = "账目", "A2"
    for number, (heading, width) in enumerate(zip(HEADINGS, WIDTHS, strict=True), 1):
        cell = page.cell(1, number, heading)
        cell.font = Font(bold=True)
        page.column_dimensions[cell.column_letter].width = width
    for row, line in enumerate(lines, 2):
        for number, field in enumerate(FIELDS, 1):
            _put(page.cell(row, number), field, line.get(field))
    file = BytesIO()
    book.save(file)
    return file.getvalue()


def _put(cell: Cell, field: str, typed: Any) -> None:
    if not isinstance(typed, str):
        return
    value = _value(field, typed)
    if isinstance(value, str):
        # Whatever is typed is text: a spreadsheet would run what begins with an equals sign.
        cell.value, cell.data_type = ILLEGAL_CHARACTERS_RE.sub("", value), "s"
        return
    cell.value = value
    cell.number_format = "yyyy-mm-dd" if field == "day" else "#,##0.00"


def _value(field: str, typed: str) -> str | dt.date | Decimal:
    try:
        if field == "day":
            return dt.date.fromisoformat(typed)
        return Decimal(fen_of(typed)) / 100 if field == "fen" else typed
    except (AmountError, ValueError):
        return typed
