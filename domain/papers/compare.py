"""Comparing documents: what changed between two, and what two people changed in one.

Documents are compared as plain JSON values, part by part. Rows of a list are found by what they
say (`rows.py`), so that a row that was moved or put in front does not make every row look
changed, and what was typed for one row never lands in another.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from domain.papers.rows import Match, aligned, have_names, name_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

Path = tuple[str | int, ...]

ORDER = "order"
"""The last step of a mark that is about the order of a list."""


@dataclass(frozen=True)
class Difference:
    """One place where two documents differ; None is what is not there.

    `is_order`: the rows of a list stand in another order. `before` and `after` are these rows.
    """

    path: Path
    before: Any
    after: Any
    is_order: bool = False


@dataclass(frozen=True)
class Conflict:
    """A place that two people changed, each in their own way; `before` is theirs, `after` mine.

    `mark` finds it again, also after rows of mine were moved: it counts rows as they stood in
    the document that both began from.
    """

    mark: str
    difference: Difference

    @property
    def path(self) -> Path:
        """Where it is in the document that was put together."""
        return self.difference.path


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
    if isinstance(before, list) and isinstance(after, list) and have_names((*before, *after)):
        return _of_lists(before, after, path)
    return [Difference(path, before, after)]


def _of_lists(before: list[Any], after: list[Any], path: Path) -> list[Difference]:
    """Differences of two lists of rows; a row's number is its place in the list after."""
    was = _rows_before(before, after)
    found = _moved(before, after, was, path)
    gone = sorted(set(range(len(before))) - set(was.values()))
    for a, new in enumerate(after):
        b = was.get(a)
        if b is None:
            found.append(Difference((*path, a), None, new))
            continue
        while gone and gone[0] < b:
            found.append(Difference((*path, a), before[gone.pop(0)], None))
        found += differences(before[b], new, (*path, a))
    return found + [Difference((*path, len(after)), before[b], None) for b in gone]


def _rows_before(before: list[Any], after: list[Any]) -> dict[int, int]:
    """For each place in the list after the place before; a new row has none.

    A row with quite another name that stands where the old one stood reads best as changed;
    elsewhere as one row removed and another added.
    """

    def stays(match: Match, a: int) -> bool:
        return match.old == a or len(before) - match.old == len(after) - a

    found = aligned([(row,) for row in before], after)
    return {a: match.old for a, match in found.items() if match.is_sure or stays(match, a)}


def _moved(
    before: list[Any], after: list[Any], was: dict[int, int], path: Path
) -> list[Difference]:
    """That rows stand in another order, when they do."""
    order = [was[a] for a in sorted(was)]
    if order == sorted(order):
        return []
    rows = [before[b] for b in sorted(order)], [after[a] for a in sorted(was)]
    return [Difference(path, *rows, is_order=True)]


# Two people who write at once are merged like code, field by field. Where both changed the same
# place, the second author's value stays, with the other's beside it to take.
# Not taken: locks, which a closed laptop holds for ever.
def merged(base: Any, mine: Any, theirs: Any) -> tuple[Any, list[Conflict]]:
    """What two people made of one document: the union of their changes.

    Where both changed the same place, mine stands, and the place is named in the second value.
    """
    return _merged(base, mine, theirs, (), ())


def _merged(
    base: Any, mine: Any, theirs: Any, path: Path, mark: tuple[str, ...]
) -> tuple[Any, list[Conflict]]:
    if theirs in (mine, base):
        return mine, []
    if mine == base:
        return theirs, []
    if all(isinstance(each, dict) for each in (base, mine, theirs)):
        whole: dict[str, Any] = {}
        conflicts: list[Conflict] = []
        for name in [*mine, *(each for each in theirs if each not in mine)]:
            values = base.get(name), mine.get(name), theirs.get(name)
            whole[name], more = _merged(*values, (*path, name), (*mark, name))
            conflicts += more
        return whole, conflicts
    if _are_rows(base, mine, theirs):
        return _merged_rows(_Lists(base, mine, theirs), path, mark)
    return mine, [_conflict(mark, Difference(path, theirs, mine))]


def _conflict(mark: Iterable[str], difference: Difference) -> Conflict:
    return Conflict(".".join(mark), difference)


def _are_rows(*lists: Any) -> bool:
    return all(isinstance(each, list) and have_names(each) for each in lists)


@dataclass(frozen=True)
class _Row:
    """One row: its places in the list both began from, in mine and in theirs; None is not there."""

    base: int | None
    mine: int | None
    theirs: int | None

    @property
    def mark(self) -> str:
        """Which row it is, whatever I do to my list."""
        return str(self.base) if self.base is not None else f"new{self.theirs}"


class _Lists:
    """Three lists of rows, and which row of each is which."""

    def __init__(self, base: list[Any], mine: list[Any], theirs: list[Any]) -> None:
        self.base, self.mine, self.theirs = base, mine, theirs
        self.rows = _rows(base, mine, theirs)

    def values(self, row: _Row) -> tuple[Any, Any, Any]:
        """The row as it stands in each list."""
        return _at(self.base, row.base), _at(self.mine, row.mine), _at(self.theirs, row.theirs)

    def kept(self, row: _Row) -> bool:
        """Whether the row stands in the list put together."""
        base, mine, theirs = self.values(row)
        if mine is None:
            return base is None
        # Removed by them: it goes unless I edited it.
        return base is None or theirs is not None or mine != base

    def is_removal_in_conflict(self, row: _Row) -> bool:
        """Whether one removed the row and the other edited it."""
        base, mine, theirs = self.values(row)
        if base is None or (mine is None) == (theirs is None):
            return False
        return base not in (mine, theirs)


def _at(rows: list[Any], place: int | None) -> Any:
    return None if place is None else rows[place]


def _rows(base: list[Any], mine: list[Any], theirs: list[Any]) -> list[_Row]:
    """Every row of the three lists.

    Mine is compared with both others: once their changes are taken in, a row of mine may be
    more like theirs than like what both began from.
    """
    in_theirs = _sure([(row,) for row in base], theirs)
    pairs: list[tuple[int | None, int | None]] = [(b, in_theirs.get(b)) for b in range(len(base))]
    pairs += [(None, t) for t in sorted(set(range(len(theirs))) - set(in_theirs.values()))]
    versions = [
        tuple(row for row in (_at(base, b), _at(theirs, t)) if row is not None) for b, t in pairs
    ]
    in_mine = {
        n: m
        for n, m in _sure(versions, mine).items()
        # What both added is one row only when both call it the same.
        if pairs[n][0] is not None or name_of(versions[n][0]) == name_of(mine[m])
    }
    rows = [_Row(b, in_mine.get(n), t) for n, (b, t) in enumerate(pairs)]
    new = sorted(set(range(len(mine))) - set(in_mine.values()))
    return [*rows, *(_Row(None, m, None) for m in new)]


def _sure(old: list[tuple[Any, ...]], new: list[Any]) -> dict[int, int]:
    """For each old row its place in the new list, where that is sure.

    What is not sure counts as removed and added: a row kept twice is seen in the review, values
    in the wrong row are not.
    """
    return {match.old: n for n, match in aligned(old, new).items() if match.is_sure}


def _merged_rows(
    lists: _Lists, path: Path, mark: tuple[str, ...]
) -> tuple[list[Any], list[Conflict]]:
    """Rows put together, each merged inside; in the order of whichever of the two moved rows."""
    conflicts: list[Conflict] = []
    is_led_by_theirs, order = _whose_order(lists, path, mark)
    whole: list[Any] = []
    kept = [row for row in lists.rows if lists.kept(row)]
    for row in _placed(kept, is_led_by_theirs=is_led_by_theirs):
        base, mine, theirs = lists.values(row)
        place, inside = (*path, len(whole)), (*mark, row.mark)
        if lists.is_removal_in_conflict(row):
            conflicts.append(_conflict(inside, Difference(place, None, mine)))
        if mine is None or theirs is None:
            whole.append(theirs if mine is None else mine)
            continue
        one, more = _merged({} if base is None else base, mine, theirs, place, inside)
        whole.append(one)
        conflicts += more
    for row in lists.rows:
        if row.mine is None and row.theirs is not None and lists.is_removal_in_conflict(row):
            place = (*path, min(row.theirs, len(whole)))
            gone = Difference(place, lists.theirs[row.theirs], None)
            conflicts.append(_conflict((*mark, row.mark), gone))
    return whole, [*order, *conflicts]


def _whose_order(lists: _Lists, path: Path, mark: tuple[str, ...]) -> tuple[bool, list[Conflict]]:
    """Whether the order is theirs, and the conflict when both moved rows, each elsewhere."""
    common = [row for row in lists.rows if None not in {row.base, row.mine, row.theirs}]
    by_mine, by_theirs = _by_place(common, "mine"), _by_place(common, "theirs")
    if by_mine == common:
        return by_theirs != common, []
    if by_theirs in (common, by_mine):
        return False, []
    theirs = [_at(lists.theirs, row.theirs) for row in by_theirs]
    mine = [_at(lists.mine, row.mine) for row in by_mine]
    return False, [_conflict((*mark, ORDER), Difference(path, theirs, mine, is_order=True))]


def _by_place(rows: Iterable[_Row], whose: str) -> list[_Row]:
    """The rows that stand in the list of one of the two, in its order."""
    return sorted(
        (row for row in rows if getattr(row, whose) is not None),
        key=lambda row: getattr(row, whose),
    )


def _placed(rows: Sequence[_Row], *, is_led_by_theirs: bool) -> list[_Row]:
    """Rows in the order of one list; those of the other follow the row that they follow there."""
    whose, others = ("theirs", "mine") if is_led_by_theirs else ("mine", "theirs")
    lead = _by_place(rows, whose)
    following: dict[_Row | None, list[_Row]] = {}
    before = None
    for row in _by_place(rows, others):
        if getattr(row, whose) is not None:
            before = row
        else:
            following.setdefault(before, []).append(row)
    # What ends the other list was put at its end, so it goes to the end here too.
    end = following.pop(before, []) if before is not None else []
    found = following.pop(None, [])
    for row in lead:
        found += [row, *following.get(row, ())]
    return found + end


def with_theirs(base: Any, mine: Any, theirs: Any, mark: str) -> tuple[Any, Path]:
    """Mine with what they made of the place in conflict that has this mark, and where it is now.

    When there is no such place, or its row is no longer in mine, mine is returned unchanged.
    """
    return _with_theirs(base, mine, theirs, mark.split("."))


def _with_theirs(base: Any, mine: Any, theirs: Any, steps: list[str]) -> tuple[Any, Path]:
    if not steps:
        return theirs, ()
    step, *rest = steps
    if isinstance(mine, dict) and isinstance(theirs, dict) and step in mine:
        below = base.get(step) if isinstance(base, dict) else None
        value, path = _with_theirs(below, mine[step], theirs.get(step), rest)
        return {**mine, step: value}, (step, *path)
    if _are_rows(mine, theirs) and (base is None or _are_rows(base)):
        return _row_with_theirs(_Lists(base or [], mine, theirs), step, rest)
    return mine, ()


def _row_with_theirs(lists: _Lists, step: str, rest: list[str]) -> tuple[list[Any], Path]:
    rows = [row for row in lists.rows if row.mine is not None]
    if step == ORDER:
        rows = _placed(rows, is_led_by_theirs=True)
        return [_at(lists.mine, row.mine) for row in rows], ()
    found = next((row for row in lists.rows if row.mark == step), None)
    if found is None or (rest and None in {found.mine, found.theirs}):
        return lists.mine, ()
    if found.mine is None:
        rows.append(found)
    if found.theirs is None:
        rows.remove(found)
    base, mine, theirs = lists.values(found)
    value, path = (theirs, ()) if mine is None else _with_theirs(base, mine, theirs, rest)
    rows = _placed(rows, is_led_by_theirs=False)
    place: Path = (rows.index(found), *path) if found in rows else ()
    return [value if row == found else _at(lists.mine, row.mine) for row in rows], place


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
