"""Where a place of a document is in its form, and what it is called."""

from __future__ import annotations

from typing import Any

from web.papers.form.shape import Field, Group, Rows

# Characters of a row's name.
LONGEST_NAME = 24


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


def row_name(rows: Field | Group | Rows, row: Any) -> str:
    """What a row of a list is called, cut when long; empty when its name is not filled in."""
    if not isinstance(rows, Rows) or not isinstance(row, dict):
        return ""
    field, value = rows.naming, row.get(rows.naming.name)
    chosen = dict(field.options).get(str(value))
    name = " ".join((chosen or field.text_of(value)).split())
    return name if len(name) <= LONGEST_NAME else f"{name[: LONGEST_NAME - 1]}…"
