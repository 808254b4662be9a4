"""Templates as they are read: short lines, and nothing on a line that another line may hold."""

from __future__ import annotations

import re

import pytest

from web.site.assets import ROOT

WIDEST = 120
FOLDER = ROOT / "templates"
TEMPLATES = [path.relative_to(FOLDER).as_posix() for path in sorted(FOLDER.rglob("*.html"))]


def too_long(text: str) -> list[int]:
    """The numbers of the lines that are longer than `WIDEST` characters."""
    lines = text.splitlines()
    return [number for number, line in enumerate(lines, 1) if len(line) > WIDEST]


@pytest.mark.parametrize("template", TEMPLATES)
def test_no_line_of_a_template_is_too_long(template) -> None:
    assert too_long((FOLDER / template).read_text(encoding="utf-8")) == []


# On a narrow phone a dot that may begin a line looks like a point of a list.
# Not taken: the whole of templates/, where some eighty older dots can still do so.
LOOSE = re.compile(r"(?<!&nbsp;)·(?! *\")")
"""A dot between two things that does not hold on to the first; one in a string is no text yet."""


@pytest.mark.parametrize(
    "template", [each for each in TEMPLATES if each.startswith("disclosures/")]
)
def test_no_dot_between_two_things_can_begin_a_line(template) -> None:
    text = (FOLDER / template).read_text(encoding="utf-8")
    assert [line for line in text.splitlines() if LOOSE.search(line)] == []


def test_a_dot_that_can_begin_a_line_is_noticed() -> None:
    assert LOOSE.search("{{ day }} · {{ place }}")
    assert LOOSE.search("      · {{ place }}")
    assert not LOOSE.search("{{ day }}&nbsp;· {{ place }}")
    assert not LOOSE.search('{{ day ~ " · " ~ place }}')


def test_a_line_that_is_too_long_is_noticed() -> None:
    assert too_long(f"<p>\n{'年' * WIDEST}\n{'x' * (WIDEST + 1)}\n</p>\n") == [3]
