"""Names in addresses for the new rows of a form."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from domain.slugs import new_slug

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence


def with_slugs(rows: Sequence[Mapping[str, Any]], prefix: str = "") -> list[Mapping[str, Any]]:
    """Rows of a form, each new one with a slug made of its name; `prefix` as in `new_slug`."""
    taken = {row["slug"] for row in rows if row["slug"]}
    return [
        row if row["slug"] else {**row, "slug": new_slug(row["name"] or "", taken, prefix)}
        for row in rows
    ]
