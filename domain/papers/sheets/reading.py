"""A workbook of the handbook that came back, as documents; or everything that is wrong with it."""

from __future__ import annotations

import sys
from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any, TypeVar

from pydantic import TypeAdapter, ValidationError

from domain import rules
from domain.content import Contradiction, Slug
from domain.handbook.elsewhere import MattersElsewhere
from domain.handbook.events import EventSteps
from domain.handbook.events import contradictions_of as contradictions_of_steps
from domain.handbook.fit import FitAnswer
from domain.handbook.guide import LifeEvent
from domain.papers.kinds.guide import ItemGuide
from domain.papers.sheets.cells import Fault, is_slug
from domain.papers.sheets.layout import (
    ELSEWHERE,
    EVENTS,
    ITEMS,
    MOST_ROWS,
    NEEDED,
    PARTS,
    SHEETS,
    SLUG,
)
from domain.papers.sheets.tables import Place, Row, SheetProblem, Table, TableReader
from domain.papers.sheets.unpacking import opened

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from pydantic_core import ErrorDetails

    from domain.papers.compare import Path
    from domain.papers.sheets.unpacking import OpenedSheet


T = TypeVar("T")


@dataclass(frozen=True)
class Reading:
    """What a file holds: documents by slug and by life event, or problems; never both."""

    guides: dict[str, ItemGuide]
    problems: list[SheetProblem]
    events: dict[str, EventSteps] = field(default_factory=dict)
    # All that is done elsewhere, with what the file says of it.
    elsewhere: MattersElsewhere = field(default_factory=MattersElsewhere)


def read_workbook(
    data: bytes,
    slugs: Iterable[str],
    letters: Iterable[str],
    elsewhere: MattersElsewhere | None = None,
) -> Reading:
    """Read a file, given the slugs of the items there are and the letters of categories.

    `elsewhere` is the published list of what is done elsewhere. Raises `UnreadableError` for what
    is no workbook.
    """
    return read_sheets(opened(data), slugs, letters, elsewhere)


def read_sheets(
    sheets: list[OpenedSheet],
    slugs: Iterable[str],
    letters: Iterable[str],
    elsewhere: MattersElsewhere | None = None,
) -> Reading:
    reader, known = _Reader(sheets), set(slugs)
    guides = reader.guides(known, set(letters))
    listed = reader.elsewhere(elsewhere or MattersElsewhere())
    events = reader.events(known, {matter.slug for matter in listed.matters})
    if reader.problems:
        return Reading({}, reader.sorted_problems())
    return Reading(guides, [], events, listed)


WHOSE = (SLUG, EVENTS.key)


class _Reader(TableReader):
    """One pass over one file."""

    def __init__(self, sheets: list[OpenedSheet]) -> None:
        super().__init__(sheets, SHEETS, needed=NEEDED, most_rows=MOST_ROWS)
        items = self._tables.get(ITEMS.part)
        if items and not items.rows:
            self._problem(Place(ITEMS.name), Fault.NO_ITEMS)

    @property
    def _has_all(self) -> bool:
        return all(sheet.part in self._tables for sheet in NEEDED)

    # Documents

    def guides(self, slugs: set[str], letters: set[str]) -> dict[str, ItemGuide]:
        """The items of the file, as far as they are right."""
        if not self._has_all:
            return {}
        items = self._items()
        parts = self._parts(items)
        every = slugs | items.keys()
        found: dict[str, ItemGuide] = {}
        for slug, row in items.items():
            own = parts.get(slug, {})
            place_of = self._placer(row, own)
            document = _document(row, own)
            try:
                found[slug] = ItemGuide.model_validate(document)
            except ValidationError as error:
                # A list whose items are wrong counts as too short as well; that comes after them.
                for each in error.errors():
                    self._wrong(row, own, place_of, each)
            for contradiction in _contradictions(document, every, letters):
                self._problem(place_of(contradiction.path), contradiction)
        return found

    def events(self, slugs: set[str], matters: set[str]) -> dict[str, EventSteps]:
        """The steps of the file's life events, as far as they are right."""
        if not self._has_all:
            return {}
        table, found = self._tables[EVENTS.part], dict[str, EventSteps]()
        every = slugs | {row.text(SLUG) for row in self._tables[ITEMS.part].rows}
        for event, rows in self._event_rows(table).items():
            steps = [row.nested(without=WHOSE) for row in rows]
            place_of = self._step_placer(table, rows)
            try:
                found[event] = EventSteps.model_validate({"steps": steps})
            except ValidationError as error:
                for each in error.errors():
                    self._problem(place_of(each["loc"]), each)
                continue
            for contradiction in contradictions_of_steps(found[event], every, matters):
                self._problem(place_of(contradiction.path), contradiction)
        return found

    def elsewhere(self, standing: MattersElsewhere) -> MattersElsewhere:
        """What is done elsewhere: as the file says, and what it does not name as it stands."""
        table = self._tables.get(ELSEWHERE.part)
        if table is None:
            return standing
        rows = self._rows_by_slug(table)
        matters = [{**row.nested(without=WHOSE), SLUG.path[0]: slug} for slug, row in rows.items()]
        try:
            given = MattersElsewhere.model_validate({ELSEWHERE.part: matters})
        except ValidationError as error:
            place_of = self._step_placer(table, [*rows.values()])
            for each in error.errors():
                self._problem(place_of(each["loc"]), each)
            return standing
        said = {matter.slug: matter for matter in given.matters}
        kept = {matter.slug: matter for matter in standing.matters}
        return MattersElsewhere(matters=tuple((kept | said).values()))

    def _event_rows(self, table: Table) -> dict[str, list[Row]]:
        """The rows of steps by their events, in the order of the file."""
        found: dict[str, list[Row]] = {}
        for row in table.rows:
            event = str(row.values.get(EVENTS.key.path, ""))
            if event in set(LifeEvent):
                found.setdefault(event, []).append(row)
                continue
            fault = Fault.NO_SUCH_EVENT if event else Fault.NO_EVENT
            self._problem(table.place(row.number, EVENTS.key.path), fault, event[:40])
        return found

    def _step_placer(self, table: Table, rows: list[Row]) -> Callable[[Path], Place | None]:
        """From places in an event's steps to places in the file."""

        def place_of(path: Path) -> Place | None:
            is_step = len(path) > 1 and isinstance(path[1], int)
            row = rows[int(path[1])] if is_step else rows[0]
            return table.place(row.number, path[2:])

        return place_of

    def _items(self) -> dict[str, Row]:
        """The rows of items by their slugs."""
        return self._rows_by_slug(self._tables[ITEMS.part])

    def _rows_by_slug(self, table: Table) -> dict[str, Row]:
        found: dict[str, Row] = {}
        for row in table.rows:
            place = table.place(row.number, SLUG.path)
            if not row.text(SLUG):
                self._problem(place, Fault.NO_SLUG)
            elif not is_slug(row.text(SLUG)):
                self._problem(place, Fault.BAD_SLUG)
            elif row.text(SLUG) in found:
                again = Contradiction(SLUG.path, rules.SLUG_TAKEN, row.text(SLUG))
                self._problem(place, again)
            else:
                found[row.text(SLUG)] = row
        return found

    def _parts(self, items: dict[str, Row]) -> dict[str, dict[str, list[Row]]]:
        """The rows of parts, by slug and by the list that they belong to."""
        found: dict[str, dict[str, list[Row]]] = {}
        for part in PARTS:
            table = self._tables[part]
            for row in table.rows:
                if row.text(SLUG) in items:
                    found.setdefault(row.text(SLUG), {}).setdefault(part, []).append(row)
                elif not row.text(SLUG):
                    self._problem(table.place(row.number, SLUG.path), Fault.NO_SLUG)
                elif self._tables[ITEMS.part].is_whole:
                    place = table.place(row.number, SLUG.path)
                    self._problem(place, Fault.NO_SUCH_ITEM, row.text(SLUG)[:40])
        return found

    def _placer(self, row: Row, parts: dict[str, list[Row]]) -> Callable[[Path], Place | None]:
        """From places in an item's document to places in the file."""

        def place_of(path: Path) -> Place | None:
            rows = parts.get(str(path[0])) if path else None
            if rows and len(path) > 1 and isinstance(path[1], int):
                return self._tables[str(path[0])].place(rows[path[1]].number, path[2:])
            return self._tables[ITEMS.part].place(row.number, path)

        return place_of

    def _wrong(
        self,
        row: Row,
        parts: dict[str, list[Row]],
        place_of: Callable[[Path], Place | None],
        error: ErrorDetails,
    ) -> None:
        part = str(error["loc"][0])
        if part in PARTS and len(error["loc"]) == 1:
            if not parts.get(part) and self._tables[part].is_whole:
                place = self._tables[ITEMS.part].place(row.number, SLUG.path)
                self._problem(place, Fault.NO_PARTS, PARTS[part].name)
            return
        self._problem(place_of(error["loc"]), error)


_SLUGS: TypeAdapter[tuple[str, ...]] = TypeAdapter(tuple[Slug, ...])
_FIT: TypeAdapter[tuple[FitAnswer, ...]] = TypeAdapter(tuple[FitAnswer, ...])
_DAYS: TypeAdapter[int] = TypeAdapter(int)


def _as(shape: TypeAdapter[T], value: Any, otherwise: T) -> T:
    """A value as what it should be; something else when it is not that."""
    try:
        return shape.validate_python(value)
    except ValidationError:
        return otherwise


def _contradictions(
    document: dict[str, Any], slugs: set[str], letters: set[str]
) -> Iterator[Contradiction]:
    """What does not fit together, also in a document that is wrong elsewhere."""
    guide: Any = SimpleNamespace(
        promised_days=_as(_DAYS, document.get("promised_days"), 0),
        statutory_days=_as(_DAYS, document.get("statutory_days"), sys.maxsize),
        related=_as(_SLUGS, document.get("related"), ()),
        fit=_as(_FIT, document.get("fit"), ()),
    )
    yield from rules.of_guide(guide, slugs)
    if category := document.get("category"):
        yield from rules.of_category(category, letters)


def _document(row: Row, parts: dict[str, list[Row]]) -> dict[str, Any]:
    """An item's row and the rows of its parts as one document; what is empty is left out."""
    whole = row.nested(without=WHOSE)
    for name in ("fee", "result", "assured"):
        whole.setdefault(name, {})
    lists = {part: [each.nested(without=WHOSE) for each in parts.get(part, ())] for part in PARTS}
    return {**whole, **lists}
