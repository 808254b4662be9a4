"""名单粘贴: rows of persons as they are copied from a spreadsheet, with tabs between the cells."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from domain.disclosures.content import LONGEST_NAME, LONGEST_NOTE, LONGEST_NUMBER, MOST_ROWS
from domain.words import N_

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

# The cells of a row in their order, and the characters of each.
LONGEST = {"number": LONGEST_NUMBER, "name": LONGEST_NAME, "note": LONGEST_NOTE}
NAMES = {"姓名", "名字", "name"}
NUMBERS = {"序号", "编号", "号", "no", "no.", "number"}
MISSING = N_("The name is missing.")
TOO_LONG = {
    "number": N_("The number has more than %(most)s characters."),
    "name": N_("The name has more than %(most)s characters."),
    "note": N_("The note has more than %(most)s characters."),
}
TOO_MANY = N_("At most %(most)s persons in a list.")


@dataclass(frozen=True)
class PersonFault:
    """What is wrong with a line, counted from 1: words to translate, and the limit in them."""

    line: int
    why: str
    most: int = 0


@dataclass(frozen=True)
class _Columns:
    """Where number and name stand; None for a number that is counted instead."""

    number: int | None
    name: int

    def row(self, cells: Sequence[str], count: int) -> dict[str, str]:
        """A row of the list; what has no place of its own is the note."""
        given = dict(enumerate(cells))
        name = given.pop(self.name, "")
        number = given.pop(self.number, "") if self.number is not None else ""
        note = " · ".join(cell for cell in given.values() if cell)
        return {"number": number or str(count), "name": name, "note": note}


def read_persons(text: str) -> tuple[list[dict[str, str]], list[PersonFault]]:
    """The persons of a pasted text, and everything that is wrong with it.

    A first line with 姓名 in it says which column is which. Without one a line is number, name and
    note, or name and note, or a name alone.
    """
    rows: list[dict[str, str]] = []
    faults: list[PersonFault] = []
    headed: _Columns | None = None
    for line, cells in _lines(text):
        if not rows and headed is None and (headed := _headings(cells)):
            continue
        columns = headed or _usual(cells)
        row = columns.row(cells, len(rows) + 1)
        faults += _faults(line, row)
        rows.append(row)
        if len(rows) > MOST_ROWS:
            return rows, [*faults, PersonFault(line, TOO_MANY, MOST_ROWS)]
    return rows, faults


def as_text(rows: Sequence[dict[str, Any]]) -> str:
    """The rows as they would be pasted."""
    return "\n".join(
        "\t".join(str(row.get(name) or "") for name in LONGEST).rstrip() for row in rows
    )


def _lines(text: str) -> Iterator[tuple[int, list[str]]]:
    """The number and the cells of each line that is not empty."""
    for line, written in enumerate(text.splitlines(), 1):
        cells = [" ".join(cell.split()) for cell in written.split("\t")]
        if any(cells):
            yield line, cells


def _headings(cells: Sequence[str]) -> _Columns | None:
    plain = [cell.lower() for cell in cells]
    names = [at for at, cell in enumerate(plain) if cell in NAMES]
    if not names:
        return None
    return _Columns(next((at for at, cell in enumerate(plain) if cell in NUMBERS), None), names[0])


def _usual(cells: Sequence[str]) -> _Columns:
    is_pair = cells[1:] and not cells[2:]
    is_numbered = cells[0].isdecimal() if is_pair else bool(cells[1:])
    return _Columns(0, 1) if is_numbered else _Columns(None, 0)


def _faults(line: int, row: dict[str, str]) -> Iterator[PersonFault]:
    if not row["name"]:
        yield PersonFault(line, MISSING)
    for name, most in LONGEST.items():
        if len(row[name]) > most:
            yield PersonFault(line, TOO_LONG[name], most)
