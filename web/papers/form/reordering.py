"""Rows of a form that are added, removed and moved by the server."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from domain.papers.compare import value_at, with_value
from web.papers.form.places import rows_at
from web.papers.form.typed import blank

if TYPE_CHECKING:
    from domain.papers.compare import Path
    from web.papers.form.shape import Group

# What the buttons of a list do on the server, for a browser without our script.
ROW_VERBS = {"add", "remove", "up", "down"}


# The script moves rows in the page. This does the same for a browser without it, and for the first
# seconds in which the script is not there yet.
def reordered(
    form: Group, values: dict[str, Any], what: str, place: str
) -> tuple[dict[str, Any], str]:
    """The values with one row added, removed or moved, and where to look next."""
    path: Path = tuple(int(step) if step.isdecimal() else step for step in place.split("."))
    rows_path = path if what == "add" else path[:-1]
    rows = rows_at(form, [str(step) for step in rows_path])
    if rows is None:
        return values, ""
    found = list(value_at(values, rows_path) or [])
    name = ".".join(map(str, rows_path))
    if what == "add":
        found.append(blank(rows.part))
        return with_value(values, rows_path, found), f"{name}.{len(found) - 1}"
    index = path[-1]
    if not isinstance(index, int) or not 0 <= index < len(found):
        return values, name
    row = found.pop(index)
    if what == "remove":
        return with_value(values, rows_path, found), name
    to = max(0, index - 1) if what == "up" else min(len(found), index + 1)
    found.insert(to, row)
    return with_value(values, rows_path, found), f"{what}-{name}.{to}"
