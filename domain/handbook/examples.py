"""The sample's guides as a beginning for the handbook of a real district."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any

from domain.loading import read_source
from domain.seed import SAMPLE, HandbookContent, ItemContent

if TYPE_CHECKING:
    from collections.abc import Mapping
    from collections.abc import Set as AbstractSet

    from domain.places.tables import District

# How the sample calls its district and its city, in the sentences of its guides.
SAMPLE_DISTRICT, SAMPLE_CITY = "天桥区", "济南市"


# Reading takes a second: callers use a thread. Nobody but developers changes the files.
@cache
def examples() -> Mapping[str, tuple[str, ItemContent]]:
    """The sample's guides by slug, in its order, each with the letter of its category."""
    paths = sorted((SAMPLE / "handbook").glob("*.yaml"))
    sources = [read_source(path, HandbookContent) for path in paths]
    return {
        item.slug: (source.content.category, item)
        for source in sources
        for item in source.content.items
    }


def begun_from(example: str, district: District, known: AbstractSet[str]) -> dict[str, Any]:
    """What a draft made of an example holds, in the names of this district.

    `known` are slugs of items that it may lead to. What only an editor of the district can know is
    left empty, so that nothing is published unchecked: code, telephones, who checked it and when.
    """
    letter, item = examples()[example]
    written = item.guide().model_dump(mode="json")
    renamed = _in_names_of(district, written)
    return {
        **renamed,
        "category": letter,
        "withdrawn": None,
        "code": "",
        "enquiry_phone": "",
        "complaint_phone": "",
        "assured": {"date": "", "by": ""},
        "related": [each for each in item.related if each in known],
        "fit": [
            {**answer, "see": answer["see"] if answer["see"] in known else None}
            for answer in renamed["fit"]
        ],
    }


def _in_names_of(district: District, value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _in_names_of(district, each) for key, each in value.items()}
    if isinstance(value, list):
        return [_in_names_of(district, each) for each in value]
    if isinstance(value, str):
        named = value.replace(SAMPLE_DISTRICT, district.name)
        return named.replace(SAMPLE_CITY, district.city)
    return value
