"""Comparing documents: what changed between two, and what two people changed in one.

Documents are compared as plain JSON values, part by part. Lists of parts are matched by
likeness, so that one step put in front does not make every step look changed.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import Any

Path = tuple[str | int, ...]

ALIKE = 0.5
"""How much of two parts must be the same for them to be one part that was changed."""


@dataclass(frozen=True)
class Difference:
    """One place where two documents differ; None is what is not there."""

    path: Path
    before: Any
    after: Any


def differences(before: Any, after: Any, path: Path = ()) -> list[Difference]:
    """Every place where two documents differ, in the order of the document."""
    if before == after:
        return []
    if isinstance(before, dict) and isinstance(after, dict):
        names = [*before, *(name for name in after if name not in before)]
        return [
            found
            for name in names
            for found in differences(before.get(name), after.get(name), (*path, name))
        ]
    if isinstance(before, list) and isinstance(after, list) and _has_parts(before, after):
        return _of_lists(before, after, path)
    return [Difference(path, before, after)]


def _has_parts(before: list[Any], after: list[Any]) -> bool:
    return all(isinstance(each, dict) for each in (*before, *after))


def _of_lists(before: list[Any], after: list[Any], path: Path) -> list[Difference]:
    """Differences of two lists of parts; a part's number is its place in the list after."""
    found: list[Difference] = []
    old, new = [_plain(each) for each in before], [_plain(each) for each in after]
    matcher = SequenceMatcher(None, old, new, autojunk=False)
    for what, b1, b2, a1, a2 in matcher.get_opcodes():
        if what == "equal":
            continue
        pairs = _pairs(before[b1:b2], after[a1:a2])
        for b, a in pairs:
            place = (*path, a1 + a if a is not None else a1)
            if b is None or a is None:
                gone = before[b1 + b] if b is not None else None
                come = after[a1 + a] if a is not None else None
                found.append(Difference(place, gone, come))
            else:
                found += differences(before[b1 + b], after[a1 + a], place)
    return found


def _pairs(before: list[Any], after: list[Any]) -> list[tuple[int | None, int | None]]:
    """Which part became which, in order; parts without a counterpart stand alone."""
    pairs: list[tuple[int | None, int | None]] = []
    b = 0
    for a, new in enumerate(after):
        alike = next((n for n in range(b, len(before)) if _are_alike(before[n], new)), None)
        if alike is None:
            pairs.append((None, a))
            continue
        pairs += [(n, None) for n in range(b, alike)]
        pairs.append((alike, a))
        b = alike + 1
    return [*pairs, *((n, None) for n in range(b, len(before)))]


def _are_alike(before: Any, after: Any) -> bool:
    return SequenceMatcher(None, _plain(before), _plain(after), autojunk=False).ratio() > ALIKE


def _plain(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, sort_keys=True)


def merged(base: Any, mine: Any, theirs: Any, path: Path = ()) -> tuple[Any, list[Path]]:
    """What two people made of one document: the union of their changes.

    Where both changed the same place, mine stands, and the place is named in the second value.
    """
    if theirs in (mine, base):
        return mine, []
    if mine == base:
        return theirs, []
    if all(isinstance(each, dict) for each in (base, mine, theirs)):
        whole: dict[str, Any] = {}
        conflicts: list[Path] = []
        for name in [*mine, *(each for each in theirs if each not in mine)]:
            inside = (*path, name)
            whole[name], more = merged(base.get(name), mine.get(name), theirs.get(name), inside)
            conflicts += more
        return whole, conflicts
    lists = all(isinstance(each, list) for each in (base, mine, theirs))
    if lists and len(base) == len(mine) == len(theirs) and _has_parts(mine, theirs):
        parts = [
            merged(b, m, t, (*path, n))
            for n, (b, m, t) in enumerate(zip(base, mine, theirs, strict=True))
        ]
        return [part for part, _ in parts], [each for _, more in parts for each in more]
    return mine, [path]


def value_at(document: Any, path: Path) -> Any:
    """What stands at a place; None when nothing does."""
    for step in path:
        try:
            document = document[step]
        except (KeyError, IndexError, TypeError):
            return None
    return document


def with_value(document: Any, path: Path, value: Any) -> Any:
    """The document with another value at a place that exists."""
    if not path:
        return value
    step, rest = path[0], path[1:]
    copy: Any = list(document) if isinstance(document, list) else dict(document)
    copy[step] = with_value(copy[step], rest, value)
    return copy
