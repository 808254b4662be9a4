"""The strokes of characters: those of the common ones are known, and right."""

from __future__ import annotations

import pytest

from domain.search.strokes import strokes_of
from tests.strokes import characters, read

# Bare strokes and radicals, which no word is made of.
RADICALS = set("丨丿丶匚刂亠冫冖讠卩阝廴艹扌彳彡犭夂饣忄丬氵宀辶彐屮纟灬礻疒衤")


@pytest.mark.parametrize(
    ("word", "strokes"),
    [
        ("一", "1"),
        ("永", "45534"),
        ("小", "234"),
        ("江", "441121"),
        ("低保", "3235154 322511234"),
        ("德", "332122522114544"),
    ],
)
def test_a_word_is_written_stroke_by_stroke(word, strokes) -> None:
    assert strokes_of(word) == strokes


def test_what_is_no_character_of_ours_is_left_out() -> None:
    assert strokes_of("4050 人员") == strokes_of("人员")
    assert strokes_of("Retiring") == strokes_of("") == ""


def test_every_character_of_the_standard_has_its_strokes() -> None:
    assert len(characters()) == 6763
    assert {one for one in characters() if not strokes_of(one)} <= RADICALS


def test_the_script_of_the_package_is_read() -> None:
    letters = """JSON.parse('{"提":"ci","永":"k"}')"""
    names = """JSON.parse('{"c":{"name":"横折"},"i":{"name":"提"},"k":{"name":"点"}}')"""
    found = read(f"a={letters},b={names}")
    assert found["提"] == "51"
    assert found["永"] == "4"
    assert found["德"] == "332122522114544"
