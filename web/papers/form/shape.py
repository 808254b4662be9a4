"""The form of a document, computed from its shape: what can be typed, and how.

A form's names are paths (`documents.0.name`).
"""

from __future__ import annotations

import datetime as dt
import types
from dataclasses import dataclass, field, replace
from decimal import Decimal
from enum import StrEnum
from functools import partial
from typing import TYPE_CHECKING, Annotated, Any, Union, get_args, get_origin

from annotated_types import MinLen
from pydantic import StringConstraints

from domain.content import NO_DAY, Content, OpeningPeriod, Phone, Text
from domain.places.content import Position
from domain.words import CHOOSE, N_, Words
from web.papers.form.words import LABELS, OPTIONS

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from pydantic.fields import FieldInfo

NO_PERIOD = N_("Please write times as 08:30-12:00, with a space between several.")
NO_DAYS = N_("Please write dates as 2027-01-01 and ranges as 2027-02-05~2027-02-11.")
# What to say of a value that a plain type refuses.
BY_KIND = {int: N_("Please enter a whole number."), dt.date: NO_DAY}


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
    options: tuple[tuple[str, str], ...] = ()
    source: str = ""
    is_numeric: bool = False
    # What to say of a value that its type refuses.
    wrong: str = ""

    def text_of(self, value: Any) -> str:
        """What stands in this field when it holds `value`, as it would be typed."""
        if self.widget is Widget.LINES:
            return "\n".join(" ".join(str(line).split()) for line in value or ())
        if self.widget is Widget.HOURS:
            return "  ".join(map(_period_words, value or ()))
        if self.widget is Widget.DATES:
            return "\n".join(_ranges(list(value or ())))
        return "" if value is None else str(value)


@dataclass(frozen=True)
class Group:
    """Things that are typed together; an optional group with nothing in it is not there."""

    name: str
    label: str
    help: str
    parts: tuple[Field | Group | Rows, ...]
    is_optional: bool = False

    @property
    def is_position(self) -> bool:
        """Whether it is a place on the earth: what is pasted into it, or tapped, fills it."""
        return {part.name for part in self.parts} == Position.model_fields.keys()

    @property
    def has_position(self) -> bool:
        """Whether a position can be typed anywhere in it."""
        inside = (part.part if isinstance(part, Rows) else part for part in self.parts)
        groups = (part for part in inside if isinstance(part, Group))
        return self.is_position or any(group.has_position for group in groups)


@dataclass(frozen=True)
class Rows:
    """A list of groups, to be added to, removed from and reordered."""

    name: str
    label: str
    help: str
    part: Group
    # Whether a row that was published stays: its slug is on paper.
    is_kept: bool = False

    @property
    def naming(self) -> Field:
        """The field that holds a row's name; in rows without a name what is typed first.

        What is chosen from a list names no row, as others have the same, unless it says `what` the
        row is about.
        """
        fields = [part for part in self.part.parts if isinstance(part, Field)]
        typed = [field for field in fields if not field.options]
        about = [field for field in fields if field.source and field.name == "what"]
        return next((field for field in typed if field.name == "name"), (about or typed)[0])


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


# The content classes say what is required, how long, and which choices; fields and labels follow
# from them, and pydantic's verdicts lead back to the fields. What is typed is kept as plain
# values, right or not: a draft refuses nothing, publishing asks for everything. Lists are
# reordered by buttons, which work by thumb, keyboard and without a script.
# Not taken: a form library (each knows its own fields, none knows ours), forms by hand, which
# forget a field, and dragging.
@dataclass(frozen=True)
class FormSpec:
    """What the shape of a document cannot say of its form, by `Class.field`.

    The class is the one that first has the field, so that a shape made of another shares its words.
    """

    labels: Mapping[str, str]
    helps: Mapping[str, str] = field(default_factory=dict)
    # Fields to choose in, and what from: the name of choices that only the store knows.
    choices: Mapping[str, str] = field(default_factory=dict)
    # The values of its enumerations, and what each is called: words to translate.
    options: tuple[tuple[StrEnum, str], ...] = ()
    # What the office does not type: names in addresses, and what the address says already.
    hidden: frozenset[str] = frozenset()
    # Classes whose rows stay once they are published: their slugs are on paper.
    kept: frozenset[str] = frozenset()

    def label(self, key: str) -> str:
        """What a field is called. Raises `LookupError`."""
        words = self.labels.get(key) or LABELS.get(key)
        if not words:
            msg = f"{key} has no label: give it one where its kind of document has its form"
            raise LookupError(msg)
        return words

    def choices_of(self, kind: type[StrEnum]) -> tuple[tuple[str, str], ...]:
        """The values of an enumeration with their words. Raises `LookupError`."""
        # Members of two enumerations with one value are equal, so the class decides.
        options = (*OPTIONS, *self.options)
        words = {value: words for value, words in options if isinstance(value, kind)}
        if missing := ", ".join(value for value in kind if value not in words):
            msg = f"{kind.__name__} has no words for {missing}: its kind of document gives them"
            raise LookupError(msg)
        return tuple((value.value, words[value]) for value in kind)


def form_of_shape(shape: type[Content], spec: FormSpec) -> Group:
    """The form of a document. Raises `LookupError` for a field without words."""
    return _Builder(spec).group(shape, "", is_optional=False)


@dataclass(frozen=True)
class _Builder:
    """Makes the parts of a form from the types of a shape's fields."""

    spec: FormSpec

    def group(self, shape: type[Content], name: str, *, is_optional: bool) -> Group:
        """The parts of one class, in its order."""
        key = shape.__name__
        parts = tuple(
            self._part(_owner(shape, inside), inside, info)
            for inside, info in shape.model_fields.items()
        )
        label = self.spec.labels.get(key, "")
        return Group(name, label, self.spec.helps.get(key, ""), parts, is_optional)

    def _part(self, owner: str, name: str, info: FieldInfo) -> Field | Group | Rows:
        kind, constraints, is_optional = _unwrapped(info.annotation, list(info.metadata))
        key = f"{owner}.{name}"
        label, words = self.spec.label(key), self.spec.helps.get(key, "")
        if isinstance(kind, type) and issubclass(kind, Content):
            inside = self.group(kind, name, is_optional=is_optional)
            return Group(name, label, words, inside.parts, is_optional)
        if get_origin(kind) is tuple:
            return self._list(key, name, get_args(kind)[0], constraints)
        made = partial(
            Field,
            name=name,
            label=label,
            help=words,
            is_required=info.is_required() and not is_optional,
        )
        if key in self.spec.hidden:
            return Field(name, Widget.HIDDEN, label)
        if source := self.spec.choices.get(key):
            return made(widget=Widget.CHOICE, source=source, wrong=CHOOSE)
        made = partial(made, wrong=_wrong(key, kind, constraints))
        if isinstance(kind, type) and issubclass(kind, StrEnum):
            return made(widget=Widget.CHOICE, options=self.spec.choices_of(kind))
        return _leaf(made, kind, constraints)

    def _list(self, key: str, name: str, inner: Any, constraints: list[Any]) -> Field | Rows:
        label, words = self.spec.label(key), self.spec.helps.get(key, "")
        needs_one = any(isinstance(each, MinLen) and each.min_length for each in constraints)
        made = partial(Field, name=name, label=label, help=words, is_required=needs_one)
        kind, of_each, _ = _unwrapped(inner, [])
        if kind is OpeningPeriod:
            # A day without a period is a day on which the hall is closed.
            return made(widget=Widget.HOURS, is_required=False, wrong=NO_PERIOD)
        if kind is dt.date:
            return made(widget=Widget.DATES, wrong=NO_DAYS)
        if isinstance(kind, type) and issubclass(kind, Content):
            is_kept = kind.__name__ in self.spec.kept
            return Rows(name, label, words, self.group(kind, name, is_optional=False), is_kept)
        if isinstance(kind, type) and issubclass(kind, StrEnum):
            return made(widget=Widget.CHOICES, options=self.spec.choices_of(kind), wrong=CHOOSE)
        if source := self.spec.choices.get(key):
            return made(widget=Widget.CHOICES, source=source, wrong=CHOOSE)
        return made(widget=Widget.LINES, wrong=_wrong(key, kind, of_each))


def _owner(shape: type[Content], name: str) -> str:
    """The class that first says there is such a field: labels are kept by it."""
    return next(
        each.__name__
        for each in reversed(shape.__mro__)
        if name in vars(each).get("__annotations__", {})
    )


def _leaf(made: partial[Field], kind: Any, constraints: list[Any]) -> Field:
    if kind is dt.date:
        return made(widget=Widget.DATE)
    if kind in {int, float, Decimal}:
        # As text: a browser's number field forgets what it does not understand.
        return made(widget=Widget.NUMBER, is_numeric=kind is int)
    limits = next(each for each in constraints if isinstance(each, StringConstraints))
    if limits is _constraints(Phone):
        return made(widget=Widget.PHONE)
    longest, is_free = limits.max_length or 0, limits.pattern is None
    is_text = is_free and longest >= (_constraints(Text).max_length or 0)
    return made(widget=Widget.TEXT if is_text else Widget.LINE)


def _wrong(key: str, kind: Any, constraints: list[Any]) -> str:
    """What to say of a value that this type refuses. Raises `LookupError` where nothing says it."""
    own = next((each.wrong for each in constraints if isinstance(each, Words)), None)
    if own is not None:
        return own
    if isinstance(kind, type) and issubclass(kind, StrEnum):
        return CHOOSE
    has_pattern = any(isinstance(each, StringConstraints) and each.pattern for each in constraints)
    if has_pattern or kind in {float, Decimal}:
        msg = f"{key} refuses what is typed without a word: put Words(...) beside its type"
        raise LookupError(msg)
    return BY_KIND.get(kind, "")


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


def with_choices(group: Group, choices: Mapping[str, Sequence[tuple[str, str]]]) -> Group:
    """The form with what can be chosen in its fields, so that values are called by their names."""
    return replace(group, parts=tuple(_with_choices(part, choices) for part in group.parts))


def _with_choices(
    part: Field | Group | Rows, choices: Mapping[str, Sequence[tuple[str, str]]]
) -> Field | Group | Rows:
    if isinstance(part, Group):
        return with_choices(part, choices)
    if isinstance(part, Rows):
        return replace(part, part=with_choices(part.part, choices))
    return replace(part, options=tuple(choices[part.source])) if part.source in choices else part


def outline_of(sections: Iterable[tuple[str, list[Field | Group | Rows]]]) -> list[tuple[str, str]]:
    """Where to jump to in a form: anchors and what they are called; empty for a short form.

    Sections without a field are not shown; those without a heading are their lists.
    """
    places: list[tuple[str, str]] = []
    shown = (section for section in sections if section[1])
    for number, (words, parts) in enumerate(shown, 1):
        lists = [(part.name, part.label) for part in parts if isinstance(part, Rows)]
        places += [(f"s{number}", words)] if words else lists
    return places


def shown_names(parts: Iterable[Field | Group | Rows], above: str = "") -> Iterator[str]:
    """The names of all fields and lists among these parts, as a form says that it shows them."""
    for part in parts:
        if isinstance(part, Group):
            yield from shown_names(part.parts, f"{above}{part.name}.")
        else:
            yield f"{above}{part.name}"
