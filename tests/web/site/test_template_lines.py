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


_IN_LOOPS = re.compile(r"{%-?\s*(for|endfor)\b|<section\b([^>]*)>")
NUMBERED = {"disclosures/_sheet.html"}
"""Templates that number the landmarks of a loop."""


def repeated_landmarks(source: str) -> list[str]:
    """Labelled sections within a loop: two rows of one name are two landmarks that sound alike.

    An article has a name and is no landmark.
    """
    depth, found = 0, []
    for each in _IN_LOOPS.finditer(source):
        depth += {"for": 1, "endfor": -1}.get(each[1], 0)
        if depth and "aria-label=" in (each[2] or ""):
            found.append(each[0])
    return found


@pytest.mark.parametrize("name", TEMPLATES)
def test_a_loop_makes_no_landmarks_that_sound_alike(name) -> None:
    found = repeated_landmarks((FOLDER / name).read_text(encoding="utf-8"))
    assert name in NUMBERED or found == []


def test_a_planted_landmark_in_a_loop_is_found() -> None:
    planted = '{% for a in b %}<section class="card" aria-label="{{ a }}">{% endfor %}<section aria-label="b">'
    assert len(repeated_landmarks(planted)) == 1
