"""Faults of an office's files have words in Chinese, whatever field is wrong in whatever way."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import pytest
import yaml
from pydantic import TypeAdapter, ValidationError

from domain.errors import ContentError, ContentFault
from domain.founding import Beginning, files_of, rows_of
from domain.seed import SAMPLE, shapes
from web.running.fault_words import OTHER, told
from web.site.words import translations

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pydantic_core import ErrorDetails

SPOILT: tuple[Any, ...] = (
    None,
    "",
    "七",
    "x" * 5000,
    "-1",
    "99999999999",
    [],
    ["x"] * 5000,
    {},
    {"x": "y"},
)
"""What may stand in the place of a value by mistake."""
NOTICE = "year: 2027\ndays_off: [2027-01-01]\nmake_up_days: [2027-01-03]\n"
"""The sample's files hold no notice."""
FILE = "a.yaml"
INSIDE = 12
"""Levels that a document is spoilt down to."""


def spoilt(document: Any, level: int = INSIDE) -> Iterator[Any]:
    """The document with one mistake in it, for each kind of place in it once."""
    yield from SPOILT
    if not level:
        return
    if isinstance(document, dict):
        yield {**document, "no_such_field": "x"}
        for name, value in document.items():
            yield {each: document[each] for each in document if each != name}
            for wrong in spoilt(value, level - 1):
                yield {**document, name: wrong}
    elif isinstance(document, list) and document:
        # The entry with the most to be spoilt stands for all.
        fullest = max(range(len(document)), key=lambda n: len(str(document[n])))
        for wrong in spoilt(document[fullest], level - 1):
            yield [*document[:fullest], wrong, *document[fullest + 1 :]]


def errors(shape: Any, document: Any) -> Iterator[ErrorDetails]:
    """What pydantic finds, of each type once."""
    adapter, known = TypeAdapter(shape), set()
    for wrong in spoilt(document):
        try:
            adapter.validate_python(wrong)
        except ValidationError as error:
            for each in error.errors():
                if each["type"] not in known:
                    known.add(each["type"])
                    yield each


@pytest.mark.parametrize("name", shapes())
def test_every_type_of_fault_has_words(name) -> None:
    written = sorted(SAMPLE.glob(name), key=lambda each: each.stat().st_size)
    text = written[-1].read_text(encoding="utf-8") if written else NOTICE
    document = yaml.load(text, Loader=yaml.BaseLoader)  # noqa: S506 - everything is text
    found = list(errors(shapes()[name], document))
    assert len(found) > 3
    for error in found:
        said = told([ContentFault(FILE, 3, "a > 1", error["msg"], error=error)])
        chinese, english = said.split("\n", 1)
        assert english == f"    {FILE}, line 3, a > 1: {error['msg']}"
        assert chinese.startswith(f"{FILE} 第 3 行，a > 1：")
        why = chinese.partition("：")[2]
        assert re.search(r"[一-鿿]", why), error["type"]
        assert translations("zh-Hans").gettext(OTHER) != why, error["type"]
        assert "%(" not in why, error["type"]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("甲街道", "places 第 1 行：要有街道和社区"),
        ("甲街道\t一社区\n甲街道\t一社区", "places 第 2 行，社区名称：一社区写了两遍，见第 1 行"),
        ("甲街道\t一社区\t\t1234x", "places 第 1 行，电话："),
        ("甲街道\t" + "长" * 81, "places 第 1 行，社区名称：最多 80 个字"),
    ],
)
def test_a_list_says_its_fields_in_chinese(text, said) -> None:
    with pytest.raises(ContentError) as refused:
        files_of(Beginning("槐荫区", "济南市", "0531-85900000", rows_of(text)))
    assert told(refused.value.faults).startswith(said)
