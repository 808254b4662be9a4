"""How a disclosure is laid out on sheets for a board: what fits on the first, and what follows.

In millimetres of an A4; an A3 has everything larger by the same factor. sheet.css has the sizes.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from domain.disclosures.content import DisclosureContent, LedgerLine

# Between the head and the foot of a sheet; of the first without its code and what stands beside it.
ROOM, ROOM_OF_FIRST = 234, 138
# The heading of a ledger, and its totals.
HEADING, TOTALS = 16, 30
# From so many characters on a title, or a summary, is set in smaller type.
LONG_TITLE, LONG_SUMMARY = 22, 120
# Characters of a line of a ledger's purpose, and of what stands below it in smaller type.
PURPOSE, BELOW = 17, 23
# A line of a ledger, what stands below it, and the space around both.
LINE, BELOW_LINE, AROUND = 8.4, 6.2, 2.4


@dataclass(frozen=True)
class BoardSheet:
    """公示单的一张, with its part of the ledger; the first also has title, summary and code."""

    number: int
    lines: Sequence[LedgerLine] = ()
    is_last: bool = True


def sheets_of(title: str, content: DisclosureContent | None) -> list[BoardSheet]:
    """The sheets of a disclosure; one for what has no ledger, or whose content is not shown."""
    if content is None or not content.ledger:
        return [BoardSheet(1)]
    room = ROOM_OF_FIRST - _title_height(title) - _summary_height(content.summary) - HEADING
    parts = list(_parts(content.ledger, room))
    return [BoardSheet(at, part, at == len(parts)) for at, part in enumerate(parts, 1)]


def is_long_title(title: str) -> bool:
    """Whether a title is set in smaller type."""
    return len(title) > LONG_TITLE


def is_long_summary(summary: str) -> bool:
    """Whether a summary is set in smaller type."""
    return len(summary) > LONG_SUMMARY


def _title_height(title: str) -> float:
    return _lines(title, 17) * 12.5 if is_long_title(title) else _lines(title, 12) * 17


def _summary_height(summary: str) -> float:
    return _lines(summary, 31) * 7.8 if is_long_summary(summary) else _lines(summary, 21) * 11.5


def _lines(text: str, length: int) -> int:
    """How many lines the text takes, of this many characters."""
    return sum(-(-max(1, len(line)) // length) for line in text.splitlines() or [""])


def _parts(lines: Sequence[LedgerLine], room: float) -> Iterator[list[LedgerLine]]:
    """The lines sheet by sheet; none on the first where title and summary left no room."""
    part: list[LedgerLine] = []
    for at, line in enumerate(lines):
        height = _height(line)
        # The totals never stand on a sheet alone.
        if height + (TOTALS if at == len(lines) - 1 else 0) > room:
            yield part
            part, room = [], ROOM - HEADING
        part.append(line)
        room -= height
    yield part


def _height(line: LedgerLine) -> float:
    below = " · ".join(filter(None, (line.counterparty, line.evidence)))
    extra = _lines(below, BELOW) * BELOW_LINE if below else 0
    return _lines(line.purpose, PURPOSE) * LINE + extra + AROUND
