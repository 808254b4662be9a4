"""Reads YAML files that an office wrote, and says exactly where they are wrong."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Generic, TypeVar

import yaml
from pydantic import TypeAdapter, ValidationError

from domain.errors import ContentError, ContentFault
from domain.words import N_

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

T = TypeVar("T")

UNREADABLE = N_("cannot be read: {}")
NO_YAML = N_("is not YAML: {}")
NO_CHARACTER = N_("holds a character that may not stand in a file: {}")
NOTHING = N_("the file is empty")
ITSELF = N_("holds itself")
NO_NAME = N_("the name of a field must be a word")
TWICE = N_("is given twice")
NUL = N_("holds a NUL character")
EMPTY = frozenset({"", "~", "null"})


class Source(Generic[T]):
    """The content of a file, and the place of each part in the file."""

    def __init__(self, name: str, node: yaml.Node, content: T) -> None:
        self.name, self.node, self.content = name, node, content

    def fault(self, path: Sequence[str | int], why: str, *values: str) -> ContentFault:
        """A fault of the field at `path` (keys and indices from the top of the file)."""
        line, name = _place(self.node, path)
        return ContentFault(self.name, line, name, why, values)


def read_source(path: Path, shape: Any) -> Source[Any]:
    """Read a file as `shape`. Raises `ContentError` with every fault of the file."""
    node = _compose(path)
    faults: list[ContentFault] = []
    plain = _plain(path.name, node, faults)
    if faults:
        raise ContentError(faults)
    try:
        content = TypeAdapter(shape).validate_python(plain)
    except ValidationError as error:
        raise ContentError(list(_faults_of(error, path.name, node))) from error
    return Source(path.name, node, content)


def _compose(path: Path) -> yaml.Node:
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise ContentError([ContentFault(path.name, 1, "", UNREADABLE, (str(error),))]) from error
    try:
        node = yaml.compose(text, Loader=yaml.SafeLoader)
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 1
        why = error.problem or "?"
        raise ContentError([ContentFault(path.name, line, "", NO_YAML, (why,))]) from error
    except yaml.reader.ReaderError as error:
        line = text[: error.position].count("\n") + 1
        fault = ContentFault(path.name, line, "", NO_CHARACTER, (repr(error.character),))
        raise ContentError([fault]) from error
    if node is None:
        raise ContentError([ContentFault(path.name, 1, "", NOTHING)])
    return node


def _faults_of(error: ValidationError, name: str, node: yaml.Node) -> Iterator[ContentFault]:
    # pydantic also reports a list with wrong items as too short, which the office cannot mend:
    # a fault at a place above another fault is left out.
    places = [problem["loc"] for problem in error.errors()]
    for problem in error.errors():
        place = problem["loc"]
        if not any(len(other) > len(place) and other[: len(place)] == place for other in places):
            line, field = _place(node, place)
            yield ContentFault(name, line, field, problem["msg"], error=problem)


# Every scalar is read as text, so that `no`, `on` and `08:30` mean what a person thinks they mean;
# the content classes decide the type of each field. pydantic and PyYAML are in the domain for
# this: the office must be told file, line and field, PyYAML's node tree knows the lines, and
# pydantic comes with webpush anyway.
def _plain(
    name: str, node: yaml.Node, faults: list[ContentFault], around: tuple[yaml.Node, ...] = ()
) -> Any:
    """The node as dicts, lists and strings. A duplicate key is a fault, not a silent loss."""
    if any(node is outer for outer in around):
        faults.append(ContentFault(name, node.start_mark.line + 1, "", ITSELF))
        return None
    inside = (*around, node)
    if isinstance(node, yaml.MappingNode):
        mapping: dict[str, Any] = {}
        for key, value in node.value:
            line = key.start_mark.line + 1
            if not isinstance(key, yaml.ScalarNode):
                faults.append(ContentFault(name, line, "", NO_NAME))
            elif key.value in mapping:
                faults.append(ContentFault(name, line, key.value, TWICE))
            else:
                mapping[key.value] = _plain(name, value, faults, inside)
        return mapping
    if isinstance(node, yaml.SequenceNode):
        return [_plain(name, value, faults, inside) for value in node.value]
    if "\0" in node.value:
        faults.append(ContentFault(name, node.start_mark.line + 1, "", NUL))
    plain = isinstance(node, yaml.ScalarNode) and node.style is None
    return None if plain and node.value in EMPTY else node.value


def _place(top: yaml.Node, path: Sequence[str | int]) -> tuple[int, str]:
    """The line of a field, and its name with the names above it."""
    node, steps = top, []
    for place, step in enumerate(path, 1):
        inner = _child(node, step)
        if inner is not None:
            node = inner
            steps.append(str(step + 1) if isinstance(step, int) else step)
        elif place == len(path) and isinstance(node, yaml.MappingNode):
            # A field that is missing; a step in the middle that leads nowhere is a kind's name.
            steps.append(str(step))
    return node.start_mark.line + 1, " > ".join(steps)


def _child(node: yaml.Node, step: str | int) -> yaml.Node | None:
    if isinstance(node, yaml.MappingNode):
        return next((value for key, value in node.value if key.value == step), None)
    if isinstance(node, yaml.SequenceNode) and isinstance(step, int) and step < len(node.value):
        child: yaml.Node = node.value[step]
        return child
    return None
