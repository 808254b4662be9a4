"""What is written of a district's files is what checks them."""

from __future__ import annotations

from pathlib import Path

from tests.district_files import page

PAGE = Path(__file__).parent.parent / "docs" / "district-files.md"


def test_every_file_and_field_is_described_as_it_is_checked() -> None:
    assert PAGE.read_text(encoding="utf-8") == page(), (
        "python -m tests.district_files > docs/district-files.md"
    )
