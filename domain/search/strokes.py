"""How characters are written, for those who never learnt pinyin: 笔画, stroke by stroke."""

from __future__ import annotations

from functools import cache
from pathlib import Path

_FILE = Path(__file__).parent / "strokes.txt"


@cache
def _table() -> dict[str, str]:
    lines = _FILE.read_text(encoding="utf-8").splitlines()
    return dict(line.split(" ") for line in lines if not line.startswith("#"))


# All strokes and not the first five alone: a person who knows the character writes it to its end,
# and what follows is then the next one.
def strokes_of(text: str) -> str:
    """The strokes of each character, 1 横 to 5 折, with a blank between characters.

    What has none, such as a digit or a rare character, is left out.
    """
    known = _table()
    return " ".join(known[one] for one in text if one in known)
