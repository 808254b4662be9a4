"""Which row of a list became which, after rows were moved, renamed, edited, added and removed.

A row is found by what it says and never by its place: a place says nothing once another person
moved the rows.
"""

from __future__ import annotations

import json
from collections import defaultdict
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    Versions = tuple[Any, ...]
    """One row as it stands in one or more documents."""

# The fields that say which row it is, the strongest first.
NAMED_BY = ("slug", "key", "name", "title", "question", "what", "day", "kind")
# How much of two rows must be the same for them to be one row that was edited.
ALIKE = 0.5
# How much of two names must be the same for one to be a correction of the other. A wrong guess
# mixes two rows, so 收入证明 and 居住证明 (0.5) stay two documents.
ALIKE_NAMES = 0.75
# How much better than every other a match must be to be sure.
MARGIN = 0.1
# Pairs of rows that are compared by likeness: a hundred by a hundred, some tenths of a second. A
# form may hold 2,000 rows. Equal rows and rows of one name are found without comparing pairs; of
# more than this the rest counts as removed and added, which mixes nothing.
MOST_PAIRS = 10_000


@dataclass(frozen=True)
class Match:
    """The old row that a new row was. Where `is_sure` is false it may as well be another."""

    old: int
    is_sure: bool = True


def have_names(rows: Iterable[Any]) -> bool:
    """Whether the rows are parts that name themselves, so that each can be found again."""
    return all(isinstance(row, dict) and not row.keys().isdisjoint(NAMED_BY) for row in rows)


# Rows are found by equality, name and likeness, never by place. A match that is not sure counts as
# removed and added: a row kept twice is seen in the review, a value in the wrong row is not.
# Not taken: row ids in the documents, which older versions and spreadsheets do not have.
def aligned(old: Sequence[Versions], new: Sequence[Any]) -> dict[int, Match]:
    """For each place in `new` the row of `old` that it was; rows that are new have none.

    An old row may be given in several versions; the one that fits best counts.
    """
    found = {n: Match(o) for o, n in _equal(old, new)}
    for field in NAMED_BY:
        found |= {n: Match(o) for o, n in _of_one_name(old, new, field, found)}
    return found | _alike(old, new, found)


def _equal(old: Sequence[Versions], new: Sequence[Any]) -> Iterator[tuple[int, int]]:
    """Rows that did not change; of several equal ones the first becomes the first."""
    places = defaultdict(list)
    for o, versions in reversed(list(enumerate(old))):
        for text in {_plain(row) for row in versions}:
            places[text].append(o)
    taken = set()
    for n, row in enumerate(new):
        waiting = places[_plain(row)]
        while waiting and waiting[-1] in taken:
            waiting.pop()
        if waiting:
            taken.add(waiting[-1])
            yield waiting.pop(), n


def _plain(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, sort_keys=True)


def _of_one_name(
    old: Sequence[Versions], new: Sequence[Any], field: str, found: dict[int, Match]
) -> Iterator[tuple[int, int]]:
    """Rows whose name no other row has that is still to be found."""
    left_old, left_new = _left(old, new, found)
    before, after = defaultdict(set), defaultdict(set)
    for o in left_old:
        for row in old[o]:
            before[row.get(field)].add(o)
    for n in left_new:
        after[new[n].get(field)].add(n)
    taken: set[int] = set()
    for name, places in after.items():
        was = before.get(name, set())
        if name not in {None, ""} and len(places) == len(was) == 1 and was.isdisjoint(taken):
            taken |= was
            yield next(iter(was)), next(iter(places))


def _left(
    old: Sequence[Versions], new: Sequence[Any], found: dict[int, Match]
) -> tuple[list[int], list[int]]:
    """The rows that are not found yet."""
    taken = {match.old for match in found.values()}
    return [o for o in range(len(old)) if o not in taken], [
        n for n in range(len(new)) if n not in found
    ]


def _alike(
    old: Sequence[Versions], new: Sequence[Any], found: dict[int, Match]
) -> dict[int, Match]:
    """The rest by likeness, the most alike first."""
    left_old, left_new = _left(old, new, found)
    if len(left_old) * len(left_new) > MOST_PAIRS:
        return {}
    ids: dict[tuple[str, str], int] = {}
    after = {n: _grams(new[n], ids) for n in left_new}
    scores: list[tuple[float, int, int]] = []
    for o in left_old:
        before = [_grams(row, ids) for row in old[o]]
        for n in left_new:
            score = max(_likeness(grams, after[n]) for grams in before)
            if score > ALIKE:
                scores.append((score, o, n))
    matches: dict[int, Match] = {}
    taken = set()
    for score, o, n in sorted(scores, key=lambda each: (-each[0], abs(each[1] - each[2]))):
        if n in matches or o in taken:
            continue
        taken.add(o)
        has_rival = any(
            other > score - MARGIN and (was == o) != (now == n) for other, was, now in scores
        )
        is_sure = not has_rival and any(_are_names_alike(row, new[n]) for row in old[o])
        matches[n] = Match(o, is_sure)
    return matches


def _grams(row: Any, ids: dict[tuple[str, str], int]) -> frozenset[int]:
    """A row as the pairs of characters that stand next to each other, each with its field."""
    return frozenset(
        ids.setdefault((field, f"^{text}$"[at : at + 2]), len(ids))
        for field, text in _texts(row, "")
        for at in range(len(text) + 1)
    )


def _texts(value: Any, field: str) -> Iterator[tuple[str, str]]:
    if isinstance(value, dict):
        for name, inner in value.items():
            yield from _texts(inner, f"{field}.{name}")
    elif isinstance(value, list):
        for inner in value:
            yield from _texts(inner, field)
    elif value not in {None, ""}:
        yield field, str(value)


def _likeness(one: frozenset[int], other: frozenset[int]) -> float:
    """From 0 for nothing in common to 1 for all of it."""
    return 2 * len(one & other) / (len(one) + len(other) or 1)


def name_of(row: Any) -> tuple[str, str]:
    """By which field a row is known to a person, and what stands in it; empty without a name."""
    return next(((field, str(row[field])) for field in NAMED_BY[1:] if row.get(field)), ("", ""))


def _are_names_alike(one: Any, other: Any) -> bool:
    (field, name), (_, other_name) = name_of(one), name_of(other)
    if not name or not other_name or field == "day":
        # Two dates are alike to the last digit and two days all the same.
        return bool(name) and name == other_name
    if name in other_name or other_name in name:
        return True
    return SequenceMatcher(None, name, other_name, autojunk=False).ratio() >= ALIKE_NAMES
