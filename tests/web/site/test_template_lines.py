"""Templates as they are read: short lines, and nothing on a line that another line may hold."""

from __future__ import annotations

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


def test_a_line_that_is_too_long_is_noticed() -> None:
    assert too_long(f"<p>\n{'年' * WIDEST}\n{'x' * (WIDEST + 1)}\n</p>\n") == [3]
