"""Names in addresses for what is new."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pypinyin import lazy_pinyin

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

# Characters, so that a number still fits behind them.
LONGEST_STEM = 36


def new_slug(name: str, taken: set[str], prefix: str = "") -> str:
    """A name in the address for something new, by how its name sounds; `taken` grows by it.

    `prefix` stands in front of it, for addresses that are unique in more than one document.
    """
    sounds = "-".join(
        each.lower() for each in lazy_pinyin(name) if each.isascii() and each.isalnum()
    )
    whole = f"{prefix}-{sounds or 'new'}" if prefix else sounds
    stem = whole[:LONGEST_STEM].strip("-") or "new"
    slug, number = stem, 1
    while slug in taken:
        number += 1
        slug = f"{stem}-{number}"
    taken.add(slug)
    return slug


def with_slugs(rows: Sequence[Mapping[str, Any]], prefix: str = "") -> list[Mapping[str, Any]]:
    """Rows of a form, each new one with a slug made of its name; `prefix` as in `new_slug`."""
    taken = {row["slug"] for row in rows if row["slug"]}
    return [
        row if row["slug"] else {**row, "slug": new_slug(row["name"] or "", taken, prefix)}
        for row in rows
    ]
