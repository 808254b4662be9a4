"""A position as people paste it: two numbers, or the link of a map."""

from __future__ import annotations

import re
import unicodedata
from itertools import pairwise
from typing import Any
from urllib.parse import unquote

from domain.places.content import Datum

_DEGREES = re.compile(r"(?<![\d.])\d{1,3}\.\d+")
# Degrees north and east within which China lies. They do not overlap, so the order does not matter:
# one map writes north first, another east.
_NORTH, _EAST = (3, 54), (73, 136)
# Maps that write GCJ-02.
_OF_CHINA = re.compile(r"amap\.com|gaode\.com|map\.qq\.com")
# Baidu writes a datum of its own (BD-09), which would move a building by 1 km.
_OF_ITS_OWN = re.compile(r"baidu|bd-?09", re.IGNORECASE)


def with_pasted(values: dict[str, Any]) -> dict[str, Any]:
    """The typed position, with both numbers and the datum taken from what was pasted into one."""
    for name in ("latitude", "longitude"):
        text = unquote(unicodedata.normalize("NFKC", values[name] or ""))
        found = None if _OF_ITS_OWN.search(text) else _pair(text)
        if found is not None:
            datum = Datum.GCJ02 if _OF_CHINA.search(text) else None
            north, east = found
            asked = values["datum"] or datum
            return {"latitude": north, "longitude": east, "datum": asked}
    return values


def _pair(text: str) -> tuple[str, str] | None:
    for one, other in pairwise(_DEGREES.findall(text)):
        for north, east in ((one, other), (other, one)):
            if _is_within(north, _NORTH) and _is_within(east, _EAST):
                return north, east
    return None


def _is_within(degrees: str, bounds: tuple[int, int]) -> bool:
    return bounds[0] <= float(degrees) <= bounds[1]
