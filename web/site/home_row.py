"""A row of a community's home, as the feature that it leads to names it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from domain.places.tables import Community


@dataclass(frozen=True)
class HomeRow:
    """A row of "Around you". `title` and `note` are words to translate."""

    # The row with the lowest rank comes first. Ranks are tens, so that a new row fits between.
    rank: int
    address: str
    title: str
    note: str
    # What `%(count)s` in the note stands for.
    count: int = 0


# A community's home is a cached page, so its rows depend on nothing but the community: they change
# when the office publishes.
RowsOnHome = Callable[[Community], tuple[HomeRow, ...]]
