"""What an office writes is cleaned whichever way it comes in."""

from __future__ import annotations

import sys
import unicodedata
from typing import TYPE_CHECKING, Any

import pytest
import yaml
from pydantic import BaseModel

from domain.content import Content
from domain.loading import read_source
from domain.papers.sheets.reading import read_workbook
from domain.places.content import BrandContent, OwnContent
from tests.world.workbooks import LETTERS, Editing, guides
from web.site.forms import Form

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

DIRTY = "名\u200b称\u202e倒\ufeff过\u2066来\x07\u3000了"
CLEAN = "名称倒过来 了"
INVISIBLE = [
    chr(code)
    for code in range(sys.maxunicode)
    if unicodedata.category(chr(code)) in {"Cc", "Cf"} and not chr(code).isspace()
]


def classes(of: type[Any]) -> Iterator[type[Any]]:
    for inner in of.__subclasses__():
        yield inner
        yield from classes(inner)


def test_every_document_is_content_and_none_takes_the_cleaning_away() -> None:
    """A class of the domain made of pydantic alone would be a way in without the cleaning."""
    ours = [each for each in classes(BaseModel) if each.__module__.startswith("domain.")]
    assert len(ours) > 30
    assert [each for each in ours if not issubclass(each, Content)] == []
    assert [each for each in classes(Content) if "_clean_text" in vars(each)] == []


def test_characters_that_nobody_sees_are_dropped() -> None:
    assert len(INVISIBLE) > 150
    for character in INVISIBLE:
        assert OwnContent(note=f"甲{character}乙").note == "甲乙"


def test_a_list_of_texts_is_cleaned_and_keeps_its_lines() -> None:
    brand = BrandContent(name="名", slogan="话", story=(DIRTY, f"{DIRTY}\r\n{DIRTY}"))
    assert brand.story == (CLEAN, f"{CLEAN}\n{CLEAN}")


def by_form(_folder: Path) -> Any:
    return Form({"name": [DIRTY]}).text("name")


def by_file(folder: Path) -> Any:
    file = folder / "brand.yaml"
    brand = {"name": DIRTY, "slogan": "话", "story": ["一段"]}
    file.write_text(yaml.safe_dump(brand, allow_unicode=False), encoding="utf-8")
    return read_source(file, BrandContent).content.name


def by_sheet(_folder: Path) -> Any:
    data = Editing().put("事项", 2, "事项名称", DIRTY.replace("\x07", "")).saved()
    return read_workbook(data, guides(), LETTERS).guides["dibao"].name


@pytest.mark.parametrize("way", [by_form, by_file, by_sheet])
def test_every_way_in_is_cleaned_alike(way, tmp_path) -> None:
    assert way(tmp_path) == CLEAN


def test_a_cell_of_nothing_to_see_is_empty() -> None:
    data = Editing().put("事项", 2, "收费说明", "\u200b\ufeff").saved()
    reading = read_workbook(data, guides(), LETTERS)
    assert reading.problems == []
    assert reading.guides["dibao"].fee.note is None
