"""The strokes of the characters of GB 2312, from cnchar-order 3.2.6 (MIT, theajack):

`npm pack cnchar-order@3.2.6`, unpack it, and
`python -m tests.strokes package/cnchar.order.min.js > domain/search/strokes.txt`.

The table was compared with that of Rime (stroke.dict.yaml, from CNS 11643): of 6,728 characters
six differ, and for these the order of GF 0023-2020 is written below.
Not taken: the package itself as a dependency. It is 140 KB of script around one table, and what
the server needs of it never changes.
"""

from __future__ import annotations

import json
import re
import sys
from pathlib import Path

# The package's names of strokes. All that turn are a 折; 提 is written as 横 and 点 as 捺, as on
# the keys of a phone.
_PLAIN = {"横": "1", "提": "1", "竖": "2", "竖钩": "2", "撇": "3", "捺": "4", "点": "4", "点2": "4"}
_TURNS = "5"
_CORRECTED = {
    "德": "332122522114544",
    "炽": "433425134",
    "撅": "121134315233534",
    "膝": "351112343424134",
    "黏": "31234342413421251",
    "皙": "1234331232511",
}
HEADER = """\
# Strokes of the characters of GB 2312: 1 横 (提), 2 竖, 3 撇, 4 捺 (点), 5 折, in the order of writing.
# From cnchar-order 3.2.6, Copyright (c) 2017 - present theajack, MIT License (as in LICENSE).
# tests/strokes.py writes this file.
"""


def characters() -> str:
    """The 6,763 characters of GB 2312, in its order."""
    codes = (bytes([row, column]) for row in range(0xB0, 0xF8) for column in range(0xA1, 0xFF))
    return "".join(code.decode("gb2312", errors="ignore") for code in codes)


def read(script: str) -> dict[str, str]:
    """The strokes of each character of the package's script."""
    letters, names = map(json.loads, re.findall(r"JSON\.parse\('([^']*)'\)", script))
    keys = {letter: _PLAIN.get(about["name"], _TURNS) for letter, about in names.items()}
    found = {one: "".join(keys[each] for each in told) for one, told in letters.items()}
    return found | _CORRECTED


def table(strokes: dict[str, str]) -> str:
    """The file: a character and its strokes on each line."""
    known = [one for one in characters() if one in strokes]
    return HEADER + "".join(f"{one} {strokes[one]}\n" for one in known)


if __name__ == "__main__":
    sys.stdout.write(table(read(Path(sys.argv[1]).read_text(encoding="utf-8"))))
