"""A new district: its subdistricts and communities from a pasted list, and nothing else yet.

What only the office knows is left open and said to be: a hall has no position and no hours until
they are entered, its telephone is the hotline, and no number can be taken there.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple

import yaml
from pydantic import TypeAdapter, ValidationError

from domain.characters import clean
from domain.content import Line, Phone, Slug
from domain.errors import ContentError, ContentFault
from domain.handbook.categories import CategoryContent
from domain.loading import Source, read_source
from domain.places.content import (
    CommunityContent,
    DistrictContent,
    SubdistrictContent,
)
from domain.places.undescribed import undescribed_hall
from domain.seed import SAMPLE, DistrictFiles
from domain.slugs import place_slug
from domain.words import N_

if TYPE_CHECKING:
    from collections.abc import Iterator

LIST = "places"
# Characters of a list: a district with a thousand communities needs a tenth of it.
LONGEST_LIST = 1_000_000
MOST_COMMUNITIES = 1000
TOO_LONG = N_("the list is longer than {} characters")
NOBODY = N_("no community stands in the list")
TOO_MANY = N_("more than {} communities")
HALF = N_("needs a subdistrict and a community")
TWICE = N_("{} stands there twice: see line {}")
TAKEN = N_("{} is taken: see line {}")
# What stands between the columns: a spreadsheet pastes tabs, people type commas.
BETWEEN = re.compile(r"[\t,;]")
# Full-width comma, semicolon and colon are read as the narrow ones.
NARROW = {0xFF0C: ",", 0xFF1B: ";", 0xFF1A: ":"}
# "泺口街道: 新黄社区、黄台社区".
IN_A_ROW = re.compile(r"^([^:、,;\t]+):([^\t]*)$")
HEADINGS = frozenset({"街道", "街镇", "街道名称", "所属街道", "subdistrict"})


class Row(NamedTuple):
    """A community of the list, and the line it stands on."""

    line: int
    subdistrict: str
    name: str
    address: str
    phone: str
    slug: str


@dataclass(frozen=True)
class Beginning:
    """What must be known of a district to begin with it."""

    name: str
    city: str
    hotline: str
    rows: tuple[Row, ...]


def rows_of(text: str) -> tuple[Row, ...]:
    """Read a pasted list: one community a line, below or beside its subdistrict.

    Columns: subdistrict, community, and if known address, telephone and the short name for
    addresses. An empty subdistrict is the one above, as in merged cells. A line such as
    "泺口街道: 新黄社区、黄台社区" holds several. Raises `ContentError` with every fault.
    """
    faults: list[ContentFault] = []
    if len(text) > LONGEST_LIST:
        raise ContentError([_fault(1, "", TOO_LONG, str(LONGEST_LIST))])
    rows = list(_rows(text, faults))
    if not rows and not faults:
        faults.append(_fault(1, "", NOBODY))
    if len(rows) > MOST_COMMUNITIES:
        faults.append(_fault(1, "", TOO_MANY, str(MOST_COMMUNITIES)))
    faults += _twice(rows)
    if faults:
        raise ContentError(sorted(faults, key=lambda fault: fault.line))
    return tuple(rows)


def _rows(text: str, faults: list[ContentFault]) -> Iterator[Row]:
    above = ""
    for number, line in enumerate(text.lstrip("\ufeff").translate(NARROW).splitlines(), 1):
        if not line.strip():
            continue
        if found := IN_A_ROW.match(line.strip()):
            above = clean(found[1]).strip()
            names = list(filter(None, re.split(r"[、,;\s]+", clean(found[2]))))
            yield from (Row(number, above, name, "", "", "") for name in names)
            continue
        cells = [clean(cell).strip() for cell in BETWEEN.split(line)]
        if len(cells) == 1:
            cells = clean(line).split()
        if cells[0].lower() in HEADINGS:
            continue
        above = cells[0] or above
        name, address, phone, slug, *_ = (*cells[1:], "", "", "", "")
        if not name or not above:
            faults.append(_fault(number, "", HALF))
            continue
        yield Row(number, above, name, address, phone, slug)


def _twice(rows: list[Row]) -> Iterator[ContentFault]:
    names: dict[tuple[str, str], int] = {}
    slugs: dict[str, int] = {}
    for row in rows:
        if first := names.get((row.subdistrict, row.name)):
            yield _fault(row.line, N_("Community"), TWICE, row.name, str(first))
        elif row.slug and row.slug in slugs:
            line = str(slugs[row.slug])
            yield _fault(row.line, N_("Short name in addresses"), TAKEN, row.slug, line)
        names.setdefault((row.subdistrict, row.name), row.line)
        slugs.setdefault(row.slug, row.line)


def files_of(beginning: Beginning) -> DistrictFiles:
    """The files of a district that has only this, for `seed.plant`. Raises `ContentError`."""
    faults = [fault for row in beginning.rows for fault in _faults_of(row)]
    for name, shape in (("name", Line), ("city", Line), ("hotline", Phone)):
        faults += _wrong(1, name, getattr(beginning, name), shape)
    if faults:
        raise ContentError(faults)
    categories = read_source(SAMPLE / "categories.yaml", tuple[CategoryContent, ...])
    letters = tuple(category.letter for category in categories.content)
    # Of subdistricts and of communities: a person may be asked for either by its short name.
    taken = {row.slug for row in beginning.rows if row.slug}
    by_subdistrict: dict[str, list[CommunityContent]] = {}
    for row in beginning.rows:
        community = _community(beginning, row, row.slug or place_slug(row.name, taken), letters)
        by_subdistrict.setdefault(row.subdistrict, []).append(community)
    shorts: set[str] = set()
    content = DistrictContent(
        slug=place_slug(beginning.name, set()),
        name=beginning.name,
        city=beginning.city,
        hotline=beginning.hotline,
        subdistricts=tuple(
            SubdistrictContent(
                slug=place_slug(name, shorts), name=name, communities=tuple(communities)
            )
            for name, communities in by_subdistrict.items()
        ),
    )
    district = Source(LIST, yaml.MappingNode("", []), content)
    return DistrictFiles(district, categories, [], {})


def _community(
    beginning: Beginning, row: Row, slug: str, letters: tuple[str, ...]
) -> CommunityContent:
    """A community whose hall is shut until the office has described it."""
    return CommunityContent(
        slug=slug,
        name=row.name,
        hall=undescribed_hall(
            row.name,
            row.address or f"{beginning.name}{row.subdistrict}{row.name}",
            row.phone or beginning.hotline,
            letters,
        ),
    )


def _faults_of(row: Row) -> Iterator[ContentFault]:
    yield from _wrong(row.line, N_("Subdistrict"), row.subdistrict, Line)
    yield from _wrong(row.line, N_("Community"), row.name, Line)
    for name, value, shape in (
        (N_("Address"), row.address, Line),
        (N_("Telephone"), row.phone, Phone),
        (N_("Short name in addresses"), row.slug, Slug),
    ):
        if value:
            yield from _wrong(row.line, name, value, shape)


def _wrong(line: int, name: str, value: str, shape: Any) -> Iterator[ContentFault]:
    try:
        TypeAdapter(shape).validate_python(value)
    except ValidationError as error:
        found = error.errors()[0]
        yield ContentFault(LIST, line, name, found["msg"], error=found)


def _fault(line: int, name: str, why: str, *values: str) -> ContentFault:
    return ContentFault(LIST, line, name, why, values)
