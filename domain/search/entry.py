"""What can be found: entries, and the texts that find them."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property

from domain.search.reading import grams, units_of

# Terms of this weight and more are names and the words that people use. Only they are heard by
# sound: in running text two syllables sound alike by chance, and 死亡 found a text with 往事.
NAMES = 2.0


@dataclass(frozen=True)
class Term:
    """A text a document can be found by: its weight, and the sound of each character.

    Of texts that are not heard by sound, `sounds` is empty.
    """

    text: str
    weight: float
    sounds: tuple[str, ...]

    @cached_property
    def grams(self) -> tuple[str, ...]:
        """The units and pairs of units of each part, each once."""
        parts = self.text.split()
        return tuple(dict.fromkeys(gram for part in parts for gram in grams(units_of(part))))

    @cached_property
    def joined(self) -> str:
        return self.text.replace(" ", "")


@dataclass(frozen=True)
class Entry:
    """Something that can be found: its path below the community's address, and its terms."""

    path: str
    # What a result says it is: words to translate.
    kind: str
    # What it is called: the office's words, or words to translate.
    name: str
    about: str
    terms: tuple[Term, ...] = field(repr=False)
    # Whether its path is the site's and not below the community's address.
    is_sitewide: bool = False

    @cached_property
    def text(self) -> str:
        """All its texts, one a line."""
        return "\n".join(term.joined for term in self.terms)

    def address(self, community: str) -> str:
        """Where it is, for a reader of the community with this slug."""
        return self.path if self.is_sitewide else f"/c/{community}{self.path}"


@dataclass(frozen=True)
class Findings:
    """结果: the entries that answer a query, best first, and whether they only may."""

    entries: tuple[Entry, ...] = ()
    is_guess: bool = False
