"""Opening a workbook in a process of its own, which may take only so much time and memory.

The server starts it for each file, sends the file to its standard input and gets the cells back.
It knows neither store nor pages, so it starts in a fraction of a second.
"""

from __future__ import annotations

import asyncio
import logging
import os
import pickle
import signal
import sys
from contextlib import suppress
from io import BytesIO
from typing import TYPE_CHECKING

from domain.papers.sheets.unpacking import FileFault, OpenedSheet, UnreadableError, opened

if TYPE_CHECKING:
    from collections.abc import Iterator

log = logging.getLogger("lianxin.imports")

COMMAND = (sys.executable, "-m", "web.running.workbook_process")
# Of a core. The largest workbook that is let in takes two.
MOST_SECONDS = 20
# Bytes of address space. The largest workbook that is let in takes a fifth.
MOST_MEMORY = 1 << 30
# Seconds that the server waits, while others have the core.
MOST_PATIENCE = 3 * MOST_SECONDS
# How far the process stands back (nice): pages go first.
BACK = 10
# How it ends when it took more: by the limit, or by a machine that is out of memory.
STOPPED = {-signal.SIGXCPU, -signal.SIGKILL}


# A thread is no protection: a regular expression, zlib and the XML parser hold the interpreter
# while they work, and 92 KB of unclosed tags held it for 13 s, in which nobody got an answer.
# Not taken: a process that stays for the next file. A limit of time is one of a whole process,
# and files come a few times a year.
async def opened_apart(data: bytes) -> list[OpenedSheet]:
    """The sheets of a file, opened in another process.

    Raises `UnreadableError`, with `TOO_COSTLY` for a file that takes too much time or memory.
    """
    if not data:
        raise UnreadableError(FileFault.EMPTY)
    process = await asyncio.create_subprocess_exec(
        *COMMAND,
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    try:
        async with asyncio.timeout(MOST_PATIENCE):
            output, trace = await process.communicate(data)
    except TimeoutError:
        raise UnreadableError(FileFault.TOO_COSTLY) from None
    finally:
        if process.returncode is None:
            with suppress(ProcessLookupError):
                process.kill()
            await process.wait()
    if process.returncode in STOPPED:
        raise UnreadableError(FileFault.TOO_COSTLY)
    if process.returncode:
        log.error("opening a workbook ended with %s: %s", process.returncode, trace.decode())
        raise UnreadableError(FileFault.DAMAGED)
    return await asyncio.to_thread(_received, output)


def _received(output: bytes) -> list[OpenedSheet]:
    """What the process wrote. Raises the `UnreadableError` that it found."""
    parts = _parts(output)
    fault, count = next(parts)
    if fault is not None:
        raise UnreadableError(fault)
    sheets = []
    for _ in range(count):
        name, is_too_long, rows = next(parts)
        cells = dict(next(parts) for _ in range(rows))
        sheets.append(OpenedSheet(name, cells, is_too_long))
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
        sheets = opened(sys.stdin.buffer.read())
    except UnreadableError as error:
        pickle.dump((error.fault, 0), output)
        return
    except MemoryError:
        pickle.dump((FileFault.TOO_COSTLY, 0), output)
        return
    pickle.dump((None, len(sheets)), output)
    for sheet in sheets:
        pickle.dump((sheet.name, sheet.is_too_long, len(sheet.rows)), output)
        for row in sheet.rows.items():
            pickle.dump(row, output)


def _limit() -> None:
    """Stand back, and take no more than the limits, where the system has them."""
    if sys.platform == "win32":
        return
    import resource

    os.nice(BACK)
    limits = {
        resource.RLIMIT_CPU: (MOST_SECONDS, MOST_SECONDS + 1),
        resource.RLIMIT_AS: (MOST_MEMORY, MOST_MEMORY),
        resource.RLIMIT_CORE: (0, 0),
    }
    for limit, most in limits.items():
        # macOS knows a limit of memory and does not take it.
        with suppress(OSError, ValueError):
            resource.setrlimit(limit, most)


if __name__ == "__main__":
    main()
