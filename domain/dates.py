"""Dates as people write them."""

from __future__ import annotations

import re
import unicodedata

_WRITTEN = re.compile(r"\s*(\d{4})\s*[-/.年]?\s*(\d{1,2})\s*[-/.月]?\s*(\d{1,2})\s*[日号]?\s*")
_TWO_DIGITS = 2


# 2026113 may be 11 January or 3 November, so digits without marks are a date only when month and
# day have two digits each.
def day_words(text: str) -> str:
    """`20261123`, `２０２６/11/3` and `2026年11月3日` as `2026-11-03`; anything else as typed."""
    found = _WRITTEN.fullmatch(unicodedata.normalize("NFKC", text))
    if found is None:
        return text
    year, month, day = found.groups()
    if len(month) == len(day) == _TWO_DIGITS or re.search(r"[-/.年]", found[0]):
        return f"{year}-{month:0>2}-{day:0>2}"
    return text
