"""Which communities a person may mean: by the name of a subdistrict, a community or a compound."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import groupby
from typing import TYPE_CHECKING

from domain.search.index import sounds_of
from domain.search.reading import normalise
from domain.search.spelling import spelt

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from domain.places.tables import Community, District, Subdistrict

# What `spelt` gives to letters that begin each syllable of a name from the first one on.
INITIALS = 1.6


# What every community is called after its name.
COMMUNITY = "社区"


@dataclass(frozen=True)
class Found:
    """A community, and the names of the compounds that it was found by."""

    community: Community
    compounds: tuple[str, ...] = ()

    @property
    def sounds(self) -> tuple[str, ...]:
        """The pinyin of each character of its name."""
        return sounds_of(self.community.name)

    @property
    def spelt(self) -> str:
        """Its name in letters, as a sign in the street has it."""
        return "".join(sounds_of(self.community.name.removesuffix(COMMUNITY))).capitalize()

    @property
    def letter(self) -> str:
        """The first letter of its name, `#` for a name that begins with none."""
        first = self.spelt[:1]
        return first if first.isascii() and first.isalpha() else "#"


def by_letter(groups: Iterable[tuple[Subdistrict, list[Found]]]) -> list[tuple[str, list[Found]]]:
    """The communities from A to Z by how their names sound, with the letter of each group."""
    every = sorted(
        (found for _, each in groups for found in each),
        key=lambda found: (found.letter, found.sounds, found.community.name),
    )
    return [(letter, list(each)) for letter, each in groupby(every, lambda found: found.letter)]


def find(district: District, typed: str) -> list[tuple[Subdistrict, list[Found]]]:
    """The communities that fit what was typed, by subdistrict; all of them for no words.

    Characters fit within a name. Letters fit a slug, and the pinyin or the initials of a name.
    """
    plain = normalise(typed).replace(" ", "")
    found = (
        (subdistrict, list(_within(subdistrict, plain))) for subdistrict in district.subdistricts
    )
    return [(subdistrict, fitting) for subdistrict, fitting in found if fitting]


def _within(subdistrict: Subdistrict, plain: str) -> Iterator[Found]:
    takes_all = not plain or _fits(plain, subdistrict.name)
    for community in subdistrict.communities:
        if takes_all or plain in community.slug or _fits(plain, community.name):
            yield Found(community)
        elif names := tuple(each.name for each in community.compounds if _fits(plain, each.name)):
            yield Found(community, names)


def _fits(plain: str, name: str) -> bool:
    if not plain.isascii():
        return plain in name
    return plain in name.lower() or spelt(plain, sounds_of(normalise(name))) >= INITIALS
