"""A position that was pasted: two numbers, or a map's link."""

from __future__ import annotations

import pytest

from domain.places.content import Datum
from domain.places.pasted import with_pasted

HERE = ("36.6712", "116.9981")


def typed(text: str | None, east: str | None = None, datum: str | None = None) -> tuple[str, ...]:
    """What becomes of what was typed: north, east, datum."""
    found = with_pasted({"latitude": text, "longitude": east, "datum": datum})
    return found["latitude"], found["longitude"], found["datum"]


@pytest.mark.parametrize(
    ("pasted", "datum"),
    [
        ("36.6712, 116.9981", None),
        ("116.9981，36.6712", None),
        ("36.6712°N 116.9981°E", None),
        ("https://www.openstreetmap.org/#map=17/36.6712/116.9981", None),
        ("https://uri.amap.com/marker?position=116.9981,36.6712&name=%E5%A4%A7%E5%8E%85", Datum.GCJ02),
        ("https://uri.amap.com/marker?position=116.9981%2C36.6712", Datum.GCJ02),
        ("https://apis.map.qq.com/uri/v1/marker?marker=coord:36.6712,116.9981;title:x", Datum.GCJ02),
    ],
)  # fmt: skip
def test_both_numbers_are_taken_from_what_was_pasted(pasted, datum) -> None:
    assert typed(pasted) == (*HERE, datum)
    assert typed(None, pasted) == (*HERE, datum)


def test_what_was_chosen_stays() -> None:
    chosen = Datum.WGS84.value
    pasted = "https://uri.amap.com/marker?position=116.9981,36.6712"
    assert typed(pasted, None, chosen) == (*HERE, chosen)


@pytest.mark.parametrize(
    "typed_",
    [
        "36.6712",
        "",
        None,
        "大厅门口",
        "https://api.map.baidu.com/marker?location=36.6712,116.9981&title=x",
        "https://surl.amap.com/5uBtYkL1wfXv",
        "1.2.3.4 5.6.7.8",
        "236.6712, 116.9981",
        "48.8584, 2.2945",
    ],
)
def test_what_is_no_position_here_stays_as_typed(typed_) -> None:
    assert typed(typed_, "116.9981", "WGS-84") == (typed_, "116.9981", "WGS-84")
