"""How a community's facilities and people are found by search."""

from __future__ import annotations

from typing import TYPE_CHECKING

from domain.search.index import entry_of
from domain.words import N_

if TYPE_CHECKING:
    from collections.abc import Iterator

    from domain.places.tables import Community
    from domain.search.match import Entry

FACILITY = N_("Facility")
PERSON = N_("Person in charge")


def entries_of(community: Community) -> Iterator[Entry]:
    """A facility by name and purpose, a person by post, name and what they answer for."""
    for place in community.facilities:
        words = [(place.name, 2.5), (place.about or place.address, 0.8)]
        yield entry_of(f"/facilities#{place.slug}", FACILITY, place.name, place.address, words)
    for person in community.people:
        words = [(person.post, 2.5), (person.name, 2.5), (person.answers_for, 0.8)]
        about = f"{person.name} · {person.answers_for}"
        yield entry_of("/people", PERSON, person.post, about, words)
