"""Forms computed from the shapes of documents: what can be typed, and what was typed.

A form's names are paths (`documents.0.name`). What is typed becomes plain values in the shape
of the document, right or not, so that a draft loses nothing; only pydantic decides what is
right, and its verdicts are led back to the fields.
"""

from __future__ import annotations

import datetime as dt
import re
import types
import unicodedata
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from functools import cache
from typing import TYPE_CHECKING, Annotated, Any, Union, get_args, get_origin

from annotated_types import MinLen
from pydantic import StringConstraints

from domain.content import Content, Phone, Text
from domain.places.content import OpeningPeriod
from web.papers.labels import HELPS, LABELS, N_, OPTIONS

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from pydantic import ValidationError
    from pydantic.fields import FieldInfo
    from pydantic_core import ErrorDetails

    from domain.content import Contradiction
    from web.site.forms import Form

LONGEST_RANGE = 31
"""Days that one range in a holiday notice may have."""


class Widget(StrEnum):
    """How something is typed."""

    LINE = "line"
    TEXT = "text"
    PHONE = "phone"
    NUMBER = "number"
    DATE = "date"
    CHOICE = "choice"
    CHOICES = "choices"
    LINES = "lines"
    HOURS = "hours"
    DATES = "dates"
    HIDDEN = "hidden"


@dataclass(frozen=True)
class Field:
    """One thing to type. `source` names choices that only the store knows."""

    name: str
    widget: Widget
    label: str
    help: str = ""
    is_required: bool = False
    longest: int | None = None
    options: tuple[tuple[str, str], ...] = ()
    source: str = ""
    is_numeric: bool = False

    def text_of(self, value: Any) -> str:
        """What stands in this field when it holds `value`, as it would be typed."""
        return field_text(self, value)


@dataclass(frozen=True)
class Group:
    """Things that are typed together; an optional group with nothing in it is not there."""

    name: str
    label: str
    help: str
    parts: tuple[Field | Group | Rows, ...]
    is_optional: bool = False


@dataclass(frozen=True)
class Rows:
    """A list of groups, to be added to, removed from and reordered."""

    name: str
    label: str
    help: str
    part: Group


@dataclass(frozen=True)
class Problem:
    """What is wrong with one field: words to translate, and the value that stands in them."""

    words: str
    value: str = ""


SOURCES = {
    "ItemGuide.category": "categories",
    "CounterContent.categories": "categories",
    "PersonContent.categories": "categories",
    "ServiceGuide.related": "items",
    "OwnContent.counter": "counters",
    "OwnContent.person": "posts",
}
HIDDEN = {"FacilityContent.slug", "HolidayNotice.year"}
"""What the office does not type: names in addresses, and what the address says already."""


# The content classes say what is required, how long, and which choices; fields and labels follow
# from them, and pydantic's verdicts lead back to the fields. What is typed is kept as plain
# values, right or not: a draft refuses nothing, publishing asks for everything. Lists are
# reordered by buttons, which work by thumb, keyboard and without a script.
# Not taken: a form library (each knows its own fields, none knows ours), forms by hand, which
# forget a field, and dragging.
@cache
def form_of_shape(shape: type[Content]) -> Group:
    """The form of a document."""
    return _group(shape, "", is_optional=False)


def _group(shape: type[Content], name: str, *, is_optional: bool) -> Group:
    key = shape.__name__
    parts = tuple(
        _part(_owner(shape, each), each, info) for each, info in shape.model_fields.items()
    )
    return Group(name, LABELS.get(key, ""), HELPS.get(key, ""), parts, is_optional)


def _owner(shape: type[Content], name: str) -> str:
    """The class that first says there is such a field: labels are kept by it."""
    return next(
        each.__name__
        for each in reversed(shape.__mro__)
        if name in vars(each).get("__annotations__", {})
    )


def _part(owner: str, name: str, info: FieldInfo) -> Field | Group | Rows:
    kind, constraints, is_optional = _unwrapped(info.annotation, list(info.metadata))
    key = f"{owner}.{name}"
    label, words = LABELS[key], HELPS.get(key, "")
    if isinstance(kind, type) and issubclass(kind, Content):
        inside = _group(kind, name, is_optional=is_optional)
        return Group(name, label, words, inside.parts, is_optional)
    if get_origin(kind) is tuple:
        return _list(key, name, get_args(kind)[0], constraints)
    is_required = info.is_required() and not is_optional
    if key in HIDDEN:
        return Field(name, Widget.HIDDEN, label)
    if source := SOURCES.get(key):
        return Field(name, Widget.CHOICE, label, words, is_required, source=source)
    return _leaf(key, name, kind, constraints, is_required=is_required)


def _list(key: str, name: str, inner: Any, constraints: list[Any]) -> Field | Rows:
    label, words = LABELS[key], HELPS.get(key, "")
    is_required = any(isinstance(each, MinLen) and each.min_length for each in constraints)
    kind, _, _ = _unwrapped(inner, [])
    if kind is OpeningPeriod:
        return Field(name, Widget.HOURS, label, words)
    if kind is dt.date:
        return Field(name, Widget.DATES, label, words, is_required)
    if isinstance(kind, type) and issubclass(kind, Content):
        return Rows(name, label, words, _group(kind, name, is_optional=False))
    if isinstance(kind, type) and issubclass(kind, StrEnum):
        return Field(name, Widget.CHOICES, label, words, is_required, options=_options(kind))
    if source := SOURCES.get(key):
        return Field(name, Widget.CHOICES, label, words, is_required, source=source)
    return Field(name, Widget.LINES, label, words, is_required)


def _leaf(key: str, name: str, kind: Any, constraints: list[Any], *, is_required: bool) -> Field:
    label, words = LABELS[key], HELPS.get(key, "")
    if kind is dt.date:
        return Field(name, Widget.DATE, label, words, is_required)
    if kind in {int, float, Decimal}:
        # As text: a browser's number field forgets what it does not understand.
        return Field(name, Widget.NUMBER, label, words, is_required, 20, is_numeric=kind is int)
    if isinstance(kind, type) and issubclass(kind, StrEnum):
        return Field(name, Widget.CHOICE, label, words, is_required, options=_options(kind))
    limits = next(each for each in constraints if isinstance(each, StringConstraints))
    longest = limits.max_length or 20
    if limits is _constraints(Phone):
        return Field(name, Widget.PHONE, label, words, is_required, 20)
    widget = Widget.TEXT if limits is _constraints(Text) else Widget.LINE
    return Field(name, widget, label, words, is_required, longest)


def _options(kind: type[StrEnum]) -> tuple[tuple[str, str], ...]:
    return tuple((each.value, OPTIONS[kind.__name__, each.value]) for each in kind)


def _constraints(annotated: Any) -> StringConstraints:
    found: StringConstraints = get_args(annotated)[1]
    return found


def _unwrapped(annotation: Any, constraints: list[Any]) -> tuple[Any, list[Any], bool]:
    """A type without its wrappings: what it is, its constraints, whether it may be absent."""
    if get_origin(annotation) is Annotated:
        inner, *more = get_args(annotation)
        return _unwrapped(inner, [*constraints, *more])
    if get_origin(annotation) in {Union, types.UnionType}:
        inner = next(each for each in get_args(annotation) if each is not types.NoneType)
        kind, found, _ = _unwrapped(inner, constraints)
        return kind, found, True
    return annotation, constraints, False


# What was typed


def typed(group: Group, form: Form) -> dict[str, Any]:
    """What was typed into a form, as plain values in the shape of its document."""
    names: dict[str, Any] = {}
    for name in form:
        place = names
        *above, last = str(name).split(".")
        for step in above:
            place = place.setdefault(step, {})
            if not isinstance(place, dict):
                break
        else:
            place[last] = form.all(name)
    return _typed_group(group, names)


def _typed_group(group: Group, given: Mapping[str, Any]) -> dict[str, Any]:
    return {part.name: _typed(part, given.get(part.name)) for part in group.parts}


def _typed(part: Field | Group | Rows, given: Any) -> Any:
    inside = given if isinstance(given, dict) else {}
    if isinstance(part, Rows):
        # In the order in which they stand in the form, whatever their numbers.
        rows = (each for each in inside.values() if isinstance(each, dict))
        return [_typed_group(part.part, each) for each in rows]
    if isinstance(part, Group):
        values = _typed_group(part, inside)
        return None if part.is_optional and is_empty(values) else values
    return _typed_field(part, given if isinstance(given, list) else [])


def _typed_field(part: Field, values: list[str]) -> Any:
    text = values[0] if values else ""
    if part.widget is Widget.CHOICES:
        return [each for each in values if each]
    if part.widget is Widget.LINES:
        return [each.strip() for each in text.splitlines() if each.strip()]
    if part.widget is Widget.HOURS:
        return _periods(text)
    if part.widget is Widget.DATES:
        return [day for piece in _pieces(text) for day in _days(piece)]
    if part.widget in {Widget.NUMBER, Widget.PHONE, Widget.DATE}:
        text = unicodedata.normalize("NFKC", text)
    if part.widget is Widget.DATE:
        text = _day_words(text)
    if part.widget is Widget.TEXT:
        text = text.replace("\r\n", "\n")
    return text.strip() or None


def _day_words(text: str) -> str:
    """`20261123`, `2026/11/3` and `2026年11月3日` as `2026-11-03`; anything else as typed."""
    found = re.fullmatch(r"\s*(\d{4})[-/.年]?(\d{1,2})[-/.月]?(\d{1,2})日?\s*", text)
    is_clear = found and (len(found[2]) == len(found[3]) == 2 or re.search(r"[-/.年]", text))  # noqa: PLR2004 - two digits each
    return "{}-{:0>2}-{:0>2}".format(*found.groups()) if found and is_clear else text


def _pieces(text: str) -> list[str]:
    return [
        each for each in re.split(r"[\s,、;；，]+", unicodedata.normalize("NFKC", text)) if each
    ]


def _periods(text: str) -> list[str]:
    """`8:30-12:00 13:30至17:00` as `08:30-12:00`, `13:30-17:00`."""
    plain = re.sub(r"\s*[-–—~～至到]+\s*", "-", unicodedata.normalize("NFKC", text))
    return [re.sub(r"(?<!\d)(\d:)", r"0\1", each) for each in _pieces(plain)]


def _days(piece: str) -> list[str]:
    """One day, or each day of a range `2027-02-05~2027-02-11`; as typed when it is neither."""
    ends = [_day_words(each) for each in re.split(r"[~～至到]", piece)]
    try:
        first, last = dt.date.fromisoformat(ends[0]), dt.date.fromisoformat(ends[-1])
    except ValueError:
        return ends if len(ends) == 1 else [piece]
    count = (last - first).days
    if len(ends) > 2 or not 0 <= count <= LONGEST_RANGE:  # noqa: PLR2004 - a range has two ends
        return [piece]
    return [str(first + dt.timedelta(days=each)) for each in range(count + 1)]


def is_empty(value: Any) -> bool:
    """Whether nothing was typed anywhere in it."""
    if isinstance(value, dict):
        return all(map(is_empty, value.values()))
    return value in (None, "", [], ())


def blank(group: Group) -> dict[str, Any]:
    """A group in which nothing is typed yet."""
    return _typed_group(group, {})


def retyped(part: Group, value: Any) -> dict[str, Any]:
    """A document, or a draft of one, as if it had been typed into the form."""
    return {each.name: _retyped(each, (value or {}).get(each.name)) for each in part.parts}


def _retyped(part: Field | Group | Rows, value: Any) -> Any:
    if isinstance(part, Rows):
        return [retyped(part.part, each) for each in value or ()]
    if isinstance(part, Group):
        return None if part.is_optional and is_empty(value) else retyped(part, value)
    if part.widget is Widget.CHOICES:
        return [str(each) for each in value or ()]
    return _typed_field(part, [field_text(part, value)])


def field_text(part: Field, value: Any) -> str:
    """What stands in a field that holds this value."""
    if part.widget is Widget.LINES:
        return "\n".join(" ".join(str(each).split()) for each in value or ())
    if part.widget is Widget.HOURS:
        return "  ".join(map(_period_words, value or ()))
    if part.widget is Widget.DATES:
        return "\n".join(_ranges(list(value or ())))
    return "" if value is None else str(value)


def _period_words(period: Any) -> str:
    if isinstance(period, dict):
        return f"{period['opens'][:5]}-{period['closes'][:5]}"
    return str(period)


def _ranges(days: list[str]) -> Iterator[str]:
    """Days that follow each other as ranges; what is no day stands alone."""
    run: list[str] = []
    for day in [*days, ""]:
        if run and not _follows(run[-1], day):
            yield run[0] if len(run) == 1 else f"{run[0]}~{run[-1]}"
            run = []
        if day:
            run.append(day)


def _follows(day: str, other: str) -> bool:
    try:
        return dt.date.fromisoformat(other) - dt.date.fromisoformat(day) == dt.timedelta(days=1)
    except ValueError:
        return False


# What is done to lists


def rows_at(group: Group, path: list[str]) -> Rows | None:
    """The list at a place of the form; None when there is none."""
    part: Field | Group | Rows = group
    for step in path:
        if isinstance(part, Rows):
            if not step.isdecimal():
                return None
            part = part.part
            continue
        inside = part.parts if isinstance(part, Group) else ()
        found = next((each for each in inside if each.name == step), None)
        if found is None:
            return None
        part = found
    return part if isinstance(part, Rows) else None


# What is wrong


def problems_of(group: Group, error: ValidationError) -> dict[str, Problem]:
    """What pydantic found, by the name of the field that it is about; the first for each."""
    found: dict[str, Problem] = {}
    for each in error.errors():
        name = name_of(group, each["loc"])
        found.setdefault(name, problem_of(group, each))
    return found


def problem_of(group: Group, error: ErrorDetails) -> Problem:
    """What pydantic found in one place, in words."""
    name = name_of(group, error["loc"])
    return _problem(error, part_at(group, tuple(name.split("."))))


def problems_between(group: Group, contradictions: list[Contradiction]) -> dict[str, Problem]:
    """What does not fit together, by the name of the field."""
    return {name_of(group, each.path): Problem(each.why, each.value) for each in contradictions}


def name_of(group: Group, path: tuple[int | str, ...]) -> str:
    """The name of the field, or of the list, that a place of the document belongs to."""
    part: Field | Group | Rows = group
    steps: list[str] = []
    for step in path:
        if isinstance(part, Rows):
            part = part.part
        elif isinstance(part, Group):
            inside = next((each for each in part.parts if each.name == step), None)
            if inside is None:
                break
            part = inside
        else:
            break
        steps.append(str(step))
    return ".".join(steps)


def part_at(group: Group, path: tuple[int | str, ...]) -> Field | Group | Rows:
    """The part of the form at a place of the document, or the nearest one above it."""
    part: Field | Group | Rows = group
    for step in path:
        if isinstance(part, Rows):
            part = part.part
        elif isinstance(part, Group):
            part = next((each for each in part.parts if each.name == step), part)
    return part


def labels_of(group: Group, path: tuple[int | str, ...]) -> list[str | tuple[int | str, ...]]:
    """A place of the document in words: labels, and for each row of a list its own path."""
    part: Field | Group | Rows = group
    words: list[str | tuple[int | str, ...]] = []
    for number, step in enumerate(path, 1):
        if isinstance(part, Rows):
            part = part.part
            words.append(path[:number])
        elif isinstance(part, Group):
            inside = next((each for each in part.parts if each.name == step), None)
            if inside is None:
                break
            part = inside
            words.append(part.label)
    return words


LONGEST_NAME = 24


def row_name(rows: Field | Group | Rows, row: Any) -> str:
    """What a row of a list is called, cut when long; empty when its name is not filled in."""
    if not isinstance(rows, Rows) or not isinstance(row, dict):
        return ""
    field = naming_field(rows)
    name = " ".join(field_text(field, row.get(field.name)).split())
    return name if len(name) <= LONGEST_NAME else f"{name[: LONGEST_NAME - 1]}…"


def naming_field(rows: Rows) -> Field:
    """The field that holds a row's name; in rows without a name what is typed first."""
    fields = [part for part in rows.part.parts if isinstance(part, Field)]
    return next((field for field in fields if field.name == "name"), fields[0])


FILL_IN = N_("Please fill this in.")
CHECK = N_("Please check this.")
BY_TYPE = {
    "missing": FILL_IN,
    "string_type": FILL_IN,
    "date_type": FILL_IN,
    "int_type": FILL_IN,
    "decimal_type": FILL_IN,
    "float_type": FILL_IN,
    "too_short": N_("Please give at least one."),
    "string_too_long": N_("Please use at most %(value)s characters."),
    "int_parsing": N_("A whole number, please."),
    "int_from_float": N_("A whole number, please."),
    "decimal_parsing": N_("A number, please, such as 15 or 12.50."),
    "decimal_max_places": N_("A number, please, such as 15 or 12.50."),
    "float_parsing": N_("A number, please, such as 36.6712."),
    "greater_than_equal": N_("At least %(value)s."),
    "less_than_equal": N_("At most %(value)s."),
    "date_parsing": N_("A date, please, such as 2026-11-23."),
    "date_from_datetime_parsing": N_("A date, please, such as 2026-11-23."),
    "enum": N_("Please choose from the list."),
}
BY_WIDGET = {
    Widget.PHONE: N_("A telephone number, please, such as 0531-00001234."),
    Widget.HOURS: N_("Times such as 08:30-12:00, please; several with a blank between them."),
    Widget.DATE: N_("A date, please, such as 2026-11-23."),
    Widget.DATES: N_("Dates such as 2027-01-01, please; a range as 2027-02-05~2027-02-11."),
    Widget.CHOICE: N_("Please choose from the list."),
}
TOO_FEW = N_("Please give at least %(value)s.")
TOO_SHORT = N_("Please use at least %(value)s characters.")
CODE = N_("Capital letters, digits and hyphens, please.")


def _problem(error: ErrorDetails, part: Field | Group | Rows) -> Problem:
    kind, limits = error["type"], error.get("ctx", {})
    if error["input"] in (None, ""):
        return Problem(FILL_IN)
    if kind == "too_short" and limits["min_length"] > 1:
        return Problem(TOO_FEW, str(limits["min_length"]))
    if kind == "string_too_short":
        least = limits["min_length"]
        return Problem(FILL_IN) if least == 1 else Problem(TOO_SHORT, str(least))
    if isinstance(part, Field) and part.widget in BY_WIDGET and kind != "too_short":
        return Problem(BY_WIDGET[part.widget])
    if kind == "string_pattern_mismatch":
        return Problem(CODE)
    value = next((limits[each] for each in ("max_length", "ge", "le") if each in limits), "")
    return Problem(BY_TYPE.get(kind, CHECK), str(value))
