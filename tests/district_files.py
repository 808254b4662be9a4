"""A district's files, field by field: `python -m tests.district_files > docs/district-files.md`.

Everything is read from the shapes that check the files and from the words of the office's forms, so
the page cannot say what is not so.
"""

from __future__ import annotations

import datetime as dt
import sys
from decimal import Decimal
from enum import StrEnum
from inspect import cleandoc
from types import NoneType, UnionType
from typing import TYPE_CHECKING, Annotated, Any, Union, get_args, get_origin

from annotated_types import Ge, Le, MaxLen, MinLen
from pydantic import BaseModel, StringConstraints

from domain.content import Day, Line, OpeningPeriod, OpeningPeriods, Phone, Slug, Text
from domain.seed import shapes
from web.features import FEATURES
from web.papers.spec import specs_of
from web.site.words import translations

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pydantic.fields import FieldInfo

HEAD = """# A district's files

Made by `python -m tests.district_files` from the shapes that check the files; a test compares it.

`python -m web seed FOLDER --check` names every fault with file, line and field; `seed FOLDER` loads an empty database.
After that everything changes on pages, and the files are not read again. Files are YAML in UTF-8. Each value is read as
text first, so `no`, `08:30` and `0531` mean what they look like; an unknown field is a fault.

- **slug**: lower-case letters, digits and single hyphens, at most 40 characters; it is printed on paper and never changes
- **line**: 1 to 80 characters
- **text**: 1 to 600 characters
- **phone**: such as `0531-00001234`
- **day**: such as `2026-11-23`
- **periods**: a list such as `["08:30-12:00", "13:30-17:00"]`
"""
NAMED = {
    Slug: "slug",
    Line: "line",
    Text: "text",
    Phone: "phone",
    Day: "day",
    OpeningPeriods: "periods",
}
PLAIN = {
    str: "text",
    int: "whole number",
    float: "number",
    bool: "`true` or `false`",
    dt.date: "day",
    dt.time: "time",
    dt.datetime: "moment",
    Decimal: "number",
}


def _labels() -> dict[str, str]:
    """What the office's forms call each field, in Chinese, by class and field."""
    word = translations("zh-Hans").gettext
    return {
        name: word(words)
        for spec in specs_of(FEATURES)
        for name, words in spec.fields.labels.items()
    }


LABELS = _labels()


def page() -> str:
    """The whole page."""
    told: list[type[BaseModel]] = []
    parts = [HEAD]
    for path, shape in shapes().items():
        parts.append(f"## `{path}`\n")
        models = [each for each in _models(shape) if each not in told]
        if get_origin(shape) is tuple:
            parts.append(f"A list of {_link(get_args(shape)[0])}.\n")
        for model in models:
            told.append(model)
            parts.append(_table(model))
    return "\n".join(parts)


def _models(shape: Any) -> Iterator[type[BaseModel]]:
    """The classes of a shape, each before those that it is made of."""
    found: dict[type[BaseModel], None] = {}
    waiting = [shape]
    while waiting:
        each = waiting.pop(0)
        if isinstance(each, type) and issubclass(each, BaseModel):
            if each not in found and each is not OpeningPeriod:
                found[each] = None
                waiting += [field.annotation for field in each.model_fields.values()]
        else:
            waiting += [part for part in get_args(each) if part is not Ellipsis]
    yield from found


def _table(model: type[BaseModel]) -> str:
    about = " ".join(cleandoc(model.__doc__ or "").split("\n\n")[0].split())
    rows = [
        f"| `{name}` | {LABELS.get(f'{model.__name__}.{name}', '')} | {_said(field)} | {_needed(field)} |"
        for name, field in model.model_fields.items()
    ]
    head = ["| field | in the form | what | needed |", "| --- | --- | --- | --- |"]
    return "\n".join([f"### {model.__name__}", "", about, "", *head, *rows, ""])


def _needed(field: FieldInfo) -> str:
    if field.is_required():
        return "yes"
    default = field.get_default(call_default_factory=True)
    if default in (None, (), [], {}, "") or isinstance(default, BaseModel):
        return ""
    return f"otherwise `{str(default).lower()}`"


def _said(field: FieldInfo) -> str:
    kind = Annotated[(field.annotation, *field.metadata)] if field.metadata else field.annotation
    return _kind(kind)


def _kind(kind: Any) -> str:  # noqa: PLR0911 - one for each kind of kind
    for known, words in NAMED.items():
        if kind == known:
            return words
    origin, inside = get_origin(kind), get_args(kind)
    if origin is Annotated:
        limits = ", ".join(_limits(inside[1:]))
        return _kind(inside[0]) + (f" ({limits})" if limits else "")
    if origin in {Union, UnionType}:
        return " or ".join(dict.fromkeys(_kind(each) for each in inside if each is not NoneType))
    if origin in {tuple, list}:
        return f"list of {_kind(inside[0])}"
    if origin is dict:
        return f"{_kind(inside[0])}: {_kind(inside[1])}"
    if isinstance(kind, type) and issubclass(kind, StrEnum):
        return ", ".join(f"`{each.value}`" for each in kind)
    if isinstance(kind, type) and issubclass(kind, BaseModel):
        return _link(kind)
    return PLAIN.get(kind, "text")


def _link(model: Any) -> str:
    name = getattr(model, "__name__", "")
    return f"[{name}](#{name.lower()})" if name else _kind(model)


def _limits(metadata: tuple[Any, ...]) -> Iterator[str]:
    for each in metadata:
        if isinstance(each, Ge):
            yield f"at least {each.ge}"
        elif isinstance(each, Le):
            yield f"at most {each.le}"
        elif isinstance(each, MinLen) and each.min_length:
            yield f"at least {each.min_length}"
        elif isinstance(each, MaxLen):
            yield f"at most {each.max_length}"
        elif isinstance(each, StringConstraints) and each.max_length:
            yield f"at most {each.max_length} characters"


if __name__ == "__main__":
    sys.stdout.write(page())
