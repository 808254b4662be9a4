"""Between a workbook of communities and their documents.

A document is changed where the file has rows of its community, and nowhere else: a sheet that was
left out, a community without rows on it and what has no column stay as they stand.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING, Any

from pydantic import ValidationError

from domain.founding import MOST_COMMUNITIES
from domain.papers.kinds.place import PLACE
from domain.papers.paper import Paper, PaperKind
from domain.papers.sheets.cells import Fault, is_slug
from domain.papers.sheets.communities import (
    BUILDINGS,
    COMMUNITY,
    COMPOUND,
    COMPOUNDS_SHEET,
    HALLS,
    MOST_ROWS,
    PLACE_NAME,
    PLACES,
    SHEETS,
    SLUG,
    SUBDISTRICT,
    CommunitySheet,
)
from domain.papers.sheets.tables import Place, Row, SheetProblem, TableReader, in_order
from domain.slugs import place_slug

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

    from domain.content import Content, Contradiction
    from domain.papers.compare import Path
    from domain.papers.sheets.unpacking import OpenedSheet
    from domain.places.content import CommunityPlace

    # Puts in what nobody types, such as the names of new places in addresses.
    Completed = Callable[[Paper, dict[str, Any]], dict[str, Any]]
    Placer = Callable[[Path], "Place | None"]

# What says whose a row is, and is no part of a document.
WHOSE = (COMMUNITY, COMPOUND)


@dataclass(frozen=True)
class CommunityStands:
    """A community as it is published: its name, and its documents by their kinds."""

    name: str
    documents: Mapping[PaperKind, Content]

    def of(self, paper: Paper) -> Content:
        """The document that a paper of this community is now."""
        return self.documents[paper.kind]


@dataclass(frozen=True)
class PlacesStanding:
    """The communities themselves: their names and subdistricts, and what is taken."""

    # By slug.
    places: Mapping[str, CommunityPlace]
    # The names of the subdistricts, by slug.
    subdistricts: Mapping[str, str]
    # Slugs of communities, also of those that ended.
    taken: frozenset[str]
    # Slugs by names that were published before: a file outlives the names in it.
    former: Mapping[str, str]

    def rows(self) -> Iterator[dict[str, Any]]:
        """The rows of the sheet of communities."""
        for slug, place in self.places.items():
            named = self.subdistricts[place.subdistrict]
            yield {"name": place.name, "subdistrict": named, "slug": slug}


@dataclass(frozen=True)
class CommunitiesReading:
    """What a file says of communities; with problems it is not to be published."""

    documents: dict[Paper, Content]
    # For each document: from a place in it to one in the file.
    placers: dict[Paper, Placer]
    problems: list[SheetProblem]
    # The names of the sheets, in the order of the file.
    order: list[str]


def labels_of(stands: Mapping[str, CommunityStands]) -> dict[str, str]:
    """What each community is called in a file, by its slug: its name, where no other has it."""
    times = Counter(each.name for each in stands.values())
    return {slug: each.name if times[each.name] == 1 else slug for slug, each in stands.items()}


def rows_of(
    sheet: CommunitySheet, stands: Mapping[str, CommunityStands]
) -> Iterator[dict[str, Any]]:
    """The rows of a sheet that say what is published."""
    labels = labels_of(stands)
    for slug, each in stands.items():
        document = each.documents[sheet.kind].model_dump(mode="json")
        for part in _parts_of(sheet, document):
            yield {**part, "community": labels[slug]}


def _parts_of(sheet: CommunitySheet, document: dict[str, Any]) -> Iterable[dict[str, Any]]:
    if sheet is HALLS:
        return [document]
    if sheet is BUILDINGS:
        return [
            {**building, "compound": compound["name"]}
            for compound in document["compounds"]
            for building in compound["buildings"]
        ]
    parts: list[dict[str, Any]] = document[sheet.part]
    return parts


def read_communities(
    sheets: list[OpenedSheet],
    stands: Mapping[str, CommunityStands],
    places: PlacesStanding,
    completed: Completed,
) -> CommunitiesReading:
    """Read a file, beside what is published of each community by its slug.

    Rows about a community that is new in the file are passed over: it has no documents yet.
    """
    reader = _Reader(sheets, stands, places)
    documents = {**reader.places(), **reader.documents(completed)}
    return CommunitiesReading(documents, reader.placers, reader.sorted_problems(), reader.order)


def with_contradictions(
    reading: CommunitiesReading, found: Mapping[Paper, Iterable[Contradiction]]
) -> list[SheetProblem]:
    """What is wrong in the file, also because its documents do not fit the others."""
    more = [
        SheetProblem(place, contradiction, contradiction.value)
        for paper, contradictions in found.items()
        for contradiction in contradictions
        if (place := reading.placers[paper](contradiction.path)) is not None
    ]
    return in_order([*reading.problems, *more], reading.order)


# Rows of one community on one sheet.
_Rows = dict[CommunitySheet, list[Row]]


@dataclass
class _Draft:
    """A document that a file changes, and the rows that its parts stand in."""

    values: dict[str, Any]
    rows: _Rows
    # For each compound of the document the rows of its buildings.
    buildings: list[list[Row]] = field(default_factory=list)


class _Reader(TableReader):
    """One pass over one file."""

    def __init__(
        self,
        sheets: list[OpenedSheet],
        stands: Mapping[str, CommunityStands],
        places: PlacesStanding,
    ) -> None:
        super().__init__(sheets, (PLACES, *SHEETS), needed=(), most_rows=MOST_ROWS)
        self._stands, self._standing = stands, places
        self._slugs = {label: slug for slug, label in labels_of(stands).items()}
        self._slugs.update({slug: slug for slug in stands})
        for name, slug in places.former.items():
            if slug in stands:
                self._slugs.setdefault(name, slug)
        self._subdistricts = {name: slug for slug, name in places.subdistricts.items()}
        # Names of communities that the file begins.
        self._new: set[str] = set()
        self.placers: dict[Paper, Placer] = {}
        if not self._tables:
            self.order.append(HALLS.name)
            self._problem(Place(HALLS.name), Fault.NO_COMMUNITIES)

    def places(self) -> dict[Paper, Content]:
        """The communities that the file names, moves or begins, as far as they are right."""
        found: dict[Paper, Content] = {}
        table = self._tables.get(PLACES.part)
        if table is None or not table.is_whole:
            return found
        if len(table.rows) > MOST_COMMUNITIES:
            beyond = Place(PLACES.name, MOST_COMMUNITIES + 2)
            self._problem(beyond, Fault.TOO_MANY_ROWS, str(MOST_COMMUNITIES))
            return found
        named = self._named_places()
        taken = {*self._standing.taken, *(row.text(SLUG) for row in table.rows)}
        for row in table.rows:
            paper = self._paper_of_place(row, named, taken)
            if paper is None:
                continue
            at = partial(table.place, row.number)
            if paper in self.placers:
                self._problem(at(SLUG.path), Fault.COMMUNITY_TWICE, row.text(PLACE_NAME)[:40])
            self.placers[paper] = at
            if (place := self._place_of(row, paper.key, at)) is not None:
                found[paper] = place
            called = row.text(PLACE_NAME)
            if paper.key in self._stands:
                self._slugs.setdefault(called, paper.key)
            elif called:
                self._new.add(called)
        return found

    def _named_places(self) -> dict[tuple[str, str], str]:
        """The slugs of communities by subdistrict and name."""
        return {
            (place.subdistrict, place.name): slug for slug, place in self._standing.places.items()
        }

    def _paper_of_place(
        self, row: Row, named: dict[tuple[str, str], str], taken: set[str]
    ) -> Paper | None:
        """The document of a row; a community without a name in addresses is known by its own."""
        table = self._tables[PLACES.part]
        name, slug, subdistrict = (row.text(each) for each in (PLACE_NAME, SLUG, SUBDISTRICT))
        if subdistrict and subdistrict not in self._subdistricts:
            place = table.place(row.number, SUBDISTRICT.path)
            self._problem(place, Fault.NO_SUCH_SUBDISTRICT, subdistrict[:40])
            return None
        if slug in self._standing.taken - self._standing.places.keys():
            self._problem(table.place(row.number, SLUG.path), Fault.ENDED_COMMUNITY, name[:40])
            return None
        whole = (self._subdistricts.get(subdistrict, ""), name)
        if not slug:
            slug = named.get(whole) or place_slug(name or "new", taken)
            named[whole] = slug
        return Paper(PLACE, None, slug)

    def _place_of(self, row: Row, slug: str, at: Placer) -> Content | None:
        """What a row says of a community; None when it is wrong."""
        values = {"name": None, "subdistrict": None, **row.nested(without=(SLUG,))}
        name = str(values["subdistrict"] or "")
        values["subdistrict"] = self._subdistricts.get(name, values["subdistrict"])
        if not is_slug(slug):
            self._problem(at(SLUG.path), Fault.BAD_SLUG)
        try:
            return PLACE.shape.model_validate(values)
        except ValidationError as error:
            for each in error.errors():
                self._problem(at(each["loc"]), each)
        return None

    def documents(self, completed: Completed) -> dict[Paper, Content]:
        """The documents that the file changes, as far as they are right."""
        found: dict[Paper, Content] = {}
        for paper, rows in self._by_paper().items():
            draft = self._draft(paper, rows)
            placer = self.placers[paper] = self._placer(draft)
            try:
                found[paper] = paper.shape.model_validate(completed(paper, draft.values))
            except ValidationError as error:
                for each in error.errors():
                    self._problem(placer(each["loc"]), each)
        return found

    def _by_paper(self) -> dict[Paper, _Rows]:
        """The rows of each document, in the order of the file."""
        found: dict[Paper, _Rows] = {}
        for sheet in SHEETS:
            table = self._tables.get(sheet.part)
            if table is None or not table.is_whole:
                continue
            for row in table.rows:
                name = row.text(COMMUNITY)
                slug = self._slugs.get(name)
                if slug is None and name in self._new:
                    continue
                if slug is None:
                    fault = Fault.NO_SUCH_COMMUNITY if name else Fault.NO_COMMUNITY
                    self._problem(table.place(row.number, COMMUNITY.path), fault, name[:40])
                    continue
                rows = found.setdefault(Paper(sheet.kind, slug), {}).setdefault(sheet, [])
                if sheet is HALLS and rows:
                    place = table.place(row.number, COMMUNITY.path)
                    self._problem(place, Fault.COMMUNITY_TWICE, name[:40])
                rows.append(row)
        return found

    def _draft(self, paper: Paper, rows: _Rows) -> _Draft:
        standing = self._stands[paper.community or ""].of(paper)
        draft = _Draft(standing.model_dump(mode="json"), rows)
        if HALLS in rows:
            self._put_hall(draft, rows[HALLS][0])
        for sheet in rows.keys() - {HALLS, BUILDINGS}:
            draft.values[sheet.part] = [_part(sheet, row) for row in rows[sheet]]
        if COMPOUNDS_SHEET in rows or BUILDINGS in rows:
            self._put_buildings(draft, standing.model_dump(mode="json")["compounds"])
        return draft

    @staticmethod
    def _put_hall(draft: _Draft, row: Row) -> None:
        """The hall's row; the exceptions of its hours stand in no file."""
        given = row.nested(without=WHOSE)
        times: dict[str, Any] = {
            "working_day": [],
            "saturday": [],
            "sunday": [],
            "public_holiday": [],
        }
        exceptions = draft.values["hours"]["exceptions"]
        given["hours"] = {**times, **given.get("hours", {}), "exceptions": exceptions}
        kept = {name: draft.values[name] for name in ("zones", "counters")}
        draft.values = {**given, **kept}

    def _put_buildings(self, draft: _Draft, standing: list[dict[str, Any]]) -> None:
        """Give each compound its buildings: of the file, where that has any of the community."""
        compounds = draft.values["compounds"]
        draft.buildings = [[] for _ in compounds]
        if BUILDINGS not in draft.rows:
            stood = {each["slug"]: each["buildings"] for each in standing}
            for compound in compounds:
                compound["buildings"] = stood.get(compound["slug"], [])
            return
        at: dict[str, int] = {}
        for number, compound in enumerate(compounds):
            compound["buildings"] = []
            at.update({str(compound[name]): number for name in ("slug", "name") if compound[name]})
        table = self._tables[BUILDINGS.part]
        for row in draft.rows[BUILDINGS]:
            name = row.text(COMPOUND)
            if name not in at:
                place = table.place(row.number, COMPOUND.path)
                self._problem(place, Fault.NO_SUCH_COMPOUND, name[:40])
                continue
            compounds[at[name]]["buildings"].append(_part(BUILDINGS, row))
            draft.buildings[at[name]].append(row)

    def _placer(self, draft: _Draft) -> Placer:
        """From places in a document to places in the file."""
        sheets = {sheet.part: sheet for sheet in draft.rows if sheet.part}

        def place_of(path: Path) -> Place | None:
            part, *rest = (*path, "")
            if part == COMPOUNDS_SHEET.part and "buildings" in path and BUILDINGS in draft.rows:
                return self._place_of_building(draft, path)
            sheet = sheets.get(str(part))
            if sheet is None:
                sheet = HALLS if HALLS in draft.rows else next(iter(draft.rows))
                return self._at(sheet, draft.rows[sheet][0], path if sheet is HALLS else ())
            rows = draft.rows[sheet]
            if isinstance(rest[0], int) and rest[0] < len(rows):
                return self._at(sheet, rows[rest[0]], path[2:])
            return self._at(sheet, rows[0], ())

        return place_of

    def _place_of_building(self, draft: _Draft, path: Path) -> Place | None:
        """Of `compounds, 0, buildings, 3, name`."""
        rows, rest = draft.rows[BUILDINGS], path[3:]
        if isinstance(path[1], int) and len(path) > 3:  # noqa: PLR2004 - the place of the building
            rows, rest = draft.buildings[path[1]][int(path[3]) :], path[4:]
        return self._at(BUILDINGS, rows[0], rest) if rows else None

    def _at(self, sheet: CommunitySheet, row: Row, path: Path) -> Place | None:
        return self._tables[sheet.part].place(row.number, path)


def _part(sheet: CommunitySheet, row: Row) -> dict[str, Any]:
    """A row as a part of a document; what is new has no name in addresses yet."""
    part = row.nested(without=WHOSE)
    return {"name": None, "slug": None, **part} if SLUG in sheet.columns else part
