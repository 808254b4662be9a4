"""Opening a workbook in a process of its own.

It knows neither store nor pages, so it starts in a fraction of a second.
"""

from __future__ import annotations

import asyncio
import pickle
import sys
from io import BytesIO
from typing import TYPE_CHECKING

from domain.papers.sheets.layout import MOST_ROWS
from domain.papers.sheets.unpacking import (
    NAMES,
    FileFault,
    OpenedSheet,
    UnreadableError,
    opened,
)
from web.running.apart import BrokenError, TooCostlyError, command_of, limit, run_apart

if TYPE_CHECKING:
    from collections.abc import Iterator

COMMAND = command_of("web.running.workbook_process")
# What the command gets when it shall read more than the sheets of a handbook.
EVERY_SHEET = "every-sheet"
# Of a core. The largest workbook that is let in takes two.
MOST_SECONDS = 20
# Bytes of address space. The largest workbook that is let in takes a fifth.
MOST_MEMORY = 1 << 30
# Seconds that the server waits, while others have the core.
MOST_PATIENCE = 3 * MOST_SECONDS


async def opened_apart(
    data: bytes, *, every_sheet: bool = False, most_rows: int = MOST_ROWS
) -> list[OpenedSheet]:
    """The sheets of a file, opened in another process: the handbook's, or every sheet.

    At most `most_rows` below the headers of each are read. Raises `UnreadableError`, with
    `TOO_COSTLY` for a file that takes too much time or memory.
    """
    if not data:
        raise UnreadableError(FileFault.EMPTY)
    try:
        command = (*COMMAND, str(most_rows), *[EVERY_SHEET] * every_sheet)
        output = await run_apart(command, data, MOST_PATIENCE)
    except TooCostlyError:
        raise UnreadableError(FileFault.TOO_COSTLY) from None
    except BrokenError:
        raise UnreadableError(FileFault.DAMAGED) from None
    return await asyncio.to_thread(_received, output)


def _received(output: bytes) -> list[OpenedSheet]:
    """What the process wrote. Raises the `UnreadableError` that it found."""
    parts = _parts(output)
    fault, count = next(parts)
    if fault is not None:
        raise UnreadableError(fault)
    sheets = []
    for _ in range(count):
        name, is_too_long, merged, rows = next(parts)
        cells = dict(next(parts) for _ in range(rows))
        sheets.append(OpenedSheet(name, cells, is_too_long, merged))
    return sheets


def _parts(output: bytes) -> Iterator[tuple]:  # type: ignore[type-arg]
    """One row after another, so that other threads get the interpreter in between."""
    stream = BytesIO(output)
    while True:
        # Written by our own code as the same user; the process is there for time and memory.
        yield pickle.load(stream)  # noqa: S301


def main() -> None:
    """The process itself: a file on standard input, its sheets on standard output."""
    _limit()
    output = sys.stdout.buffer
    try:
        data = sys.stdin.buffer.read()
        names = None if EVERY_SHEET in sys.argv else NAMES
        sheets = opened(data, names, most_rows=int(sys.argv[1]))
    except UnreadableError as error:
        pickle.dump((error.fault, 0), output)
        return
    except MemoryError:
        pickle.dump((FileFault.TOO_COSTLY, 0), output)
        return
    pickle.dump((None, len(sheets)), output)
    for sheet in sheets:
        pickle.dump((sheet.name, sheet.is_too_long, sheet.merged, len(sheet.rows)), output)
        for row in sheet.rows.items():
            pickle.dump(row, output)


def _limit() -> None:
    limit(MOST_SECONDS, MOST_MEMORY)


if __name__ == "__main__":
    main()
