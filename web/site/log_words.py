"""How a feature says an entry of the staff log: about what, and what changed."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from domain.staff.journal import JournalEntry

LONGEST_TITLE = 60
# Digits that fit an INTEGER of PostgreSQL.
MOST_DIGITS = 9


class LogChange(NamedTuple):
    """One place that changed: its name, and what stood there before and stands there after."""

    where: str
    before: str
    after: str


class LogWords(NamedTuple):
    """What an entry is about, by its name, and what changed in it."""

    # Empty for its kind and number.
    subject: str = ""
    changes: tuple[LogChange, ...] = ()
    # Stands after the subject.
    title: str = ""


def ids_in(entries: Sequence[JournalEntry], kind: str) -> dict[int, int]:
    """What the entries of this kind are about: its id by the number of the entry."""
    found: dict[int, int] = {}
    for entry in entries:
        first, _, rest = entry.subject.partition("/")
        if first == kind and rest.isdecimal() and len(rest) <= MOST_DIGITS:
            found[entry.id] = int(rest)
    return found


def titled(ids: Mapping[int, int], titles: Mapping[int, str]) -> dict[int, LogWords]:
    """The words of those entries whose subject has a title."""
    found = ((entry, " ".join(titles.get(id_, "").split())) for entry, id_ in ids.items())
    return {entry: LogWords(title=_short(title)) for entry, title in found if title}


def _short(title: str) -> str:
    return title if len(title) <= LONGEST_TITLE else f"{title[:LONGEST_TITLE]}…"
