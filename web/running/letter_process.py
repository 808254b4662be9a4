"""Reading a stranger's letter, in a process of its own."""

from __future__ import annotations

import json
import sys

from domain.contacts.letter_text import UnreadableError, packed, read
from web.running.apart import command_of, limit

# Our own addresses follow, one a word; and `--cut=WHY` for the beginning of a letter.
COMMAND = command_of("web.running.letter_process")
CUT = "--cut="
# Of a core. The largest letter takes one.
MOST_SECONDS = 15
# Bytes of address space: a letter is in memory several times while it is parsed.
MOST_MEMORY = 1 << 30
# Seconds that the server waits, while others have the core.
MOST_PATIENCE = 4 * MOST_SECONDS


def main() -> None:
    """The process itself: a letter on standard input, what it says on standard output."""
    limit(MOST_SECONDS, MOST_MEMORY)
    raw, words = sys.stdin.buffer.read(), sys.argv[1:]
    cut = "".join(word.removeprefix(CUT) for word in words if word.startswith(CUT))
    try:
        output = packed(read(raw, frozenset(words), cut))
    except UnreadableError as error:
        output = _unreadable(error.why)
    # The parser raises errors of a dozen kinds for what a stranger made up.
    except Exception:  # noqa: BLE001
        output = _unreadable("damaged")
    sys.stdout.buffer.write(output)


def _unreadable(why: str) -> bytes:
    return json.dumps({"unreadable": why}).encode()


if __name__ == "__main__":
    main()
