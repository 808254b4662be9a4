"""How a community's contact posts are found by search."""

from __future__ import annotations

from typing import TYPE_CHECKING

from domain.search.index import entry_of
from domain.words import N_

if TYPE_CHECKING:
    from collections.abc import Iterator

    from domain.places.tables import Community
    from domain.search.match import Entry


KIND = N_("Contact post")


def entries_of(community: Community) -> Iterator[Entry]:
    """A post by its name and by what it answers for."""
    for post in community.posts:
        words = [(post.name, 2.5), (post.answers_for, 0.8)]
        yield entry_of(f"/contacts#{post.slug}", KIND, post.name, post.answers_for, words)
