"""Looking through a file before it is published, in a process of its own.

It knows neither store nor pages, so it starts in a fraction of a second.
"""

from __future__ import annotations

import json
import logging
import sys
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from domain.disclosures.files import FileKind, FileRefusal, Looked, RefusedFileError, look_through
from domain.disclosures.hiding import Hidden, HidingPlace
from domain.disclosures.personal_data import Found, FoundKind
from web.running.apart import BrokenError, TooCostlyError, command_of, limit, run_apart

if TYPE_CHECKING:
    from collections.abc import Collection

COMMAND = command_of("web.running.document_process")
# Of a core. A workbook of 5,000 rows takes one.
MOST_SECONDS = 20
# Bytes of address space.
MOST_MEMORY = 1 << 30
# Seconds that the server waits, while others have the core.
MOST_PATIENCE = 3 * MOST_SECONDS


async def looked_through(data: bytes, name: str, allowed: Collection[str] = ()) -> Looked:
    """What is in a file, looked through in another process. `allowed` are numbers of the office.

    Raises `RefusedFileError`, with `TOO_COSTLY` for a file that takes too much time or memory.
    """
    # The first line is the question, and everything behind it the file.
    question = json.dumps({"name": name, "allowed": sorted(allowed)}).encode()
    try:
        output = await run_apart(COMMAND, question + b"\n" + data, MOST_PATIENCE)
    except TooCostlyError:
        raise RefusedFileError(FileRefusal.TOO_COSTLY) from None
    except BrokenError:
        raise RefusedFileError(FileRefusal.DAMAGED) from None
    answer = json.loads(output)
    if refusal := answer.get("refusal"):
        raise RefusedFileError(FileRefusal(refusal))
    return _received(answer)


def _received(answer: dict[str, Any]) -> Looked:
    found = [Found(**{**each, "kind": FoundKind(each["kind"])}) for each in answer["found"]]
    hidden = [Hidden(**{**each, "place": HidingPlace(each["place"])}) for each in answer["hidden"]]
    return Looked(**{**answer, "kind": FileKind(answer["kind"]), "found": found, "hidden": hidden})


def main() -> None:
    """The process itself: the question and the file on standard input, the answer as JSON."""
    limit(MOST_SECONDS, MOST_MEMORY)
    # The library says what is odd about a file, and an odd file can be odd without an end.
    logging.disable()
    question, _, data = sys.stdin.buffer.read().partition(b"\n")
    try:
        answer = asdict(look_through(data, **json.loads(question)))
    except RefusedFileError as refused:
        answer = {"refusal": refused.refusal}
    except MemoryError:
        answer = {"refusal": FileRefusal.TOO_COSTLY}
    sys.stdout.write(json.dumps(answer))


if __name__ == "__main__":
    main()
