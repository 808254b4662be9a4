"""How the list of promises is found by search."""

from __future__ import annotations

from typing import TYPE_CHECKING

from domain.search.index import each_of, entry_of
from domain.words import N_

if TYPE_CHECKING:
    from collections.abc import Iterator

    from domain.places.tables import Community
    from domain.search.entry import Entry

PROMISES = N_("Promise")
WORDS = "承诺 答应的事 社区承诺 承诺了什么 说到做到 什么时候修好 what we promised promises"


def entries_of(_community: Community) -> Iterator[Entry]:
    """The page of what the community promised."""
    about = N_("By when, and whether it was kept")
    words = each_of(WORDS, 3.0)
    yield entry_of("/promises", PROMISES, N_("What we promised"), about, words)
