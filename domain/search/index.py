"""What can be found in a community, and how a phone keeps it for when there is no network."""

from __future__ import annotations

import re
from functools import cache, lru_cache
from itertools import groupby
from typing import TYPE_CHECKING, Any

from pypinyin import Style, lazy_pinyin

from domain.search.entry import NAMES, Entry, Findings, Term
from domain.search.layer import Layer
from domain.search.match import Matcher
from domain.search.reading import LONGEST_TEXT, normalise, with_ages
from domain.search.traditional import SIMPLIFIED
from domain.search.words import ALIKE, FILLERS, RELATIVES

if TYPE_CHECKING:
    from collections.abc import Iterable

# A list longer than two screens of a phone is not an answer.
MOST_RESULTS = 12

_LETTER = re.compile(r"[a-z]")

# Rows of GB 2312 that hold the 3,755 most used characters.
GB2312_LEVEL_1 = range(0xB0, 0xD8)


class SearchIndex:
    """The search entries of the district, or of one community."""

    def __init__(self, entries: Iterable[Entry]) -> None:
        self._use((Layer(tuple(entries)),))

    def _use(self, layers: tuple[Layer, ...]) -> None:
        self.layers = layers
        self.matcher = Matcher(layers, heard_as)
        self.entries = self.matcher.entries

    def within(self, entries: Iterable[Entry]) -> SearchIndex:
        """The index with the entries of a community added. What it holds already is shared."""
        found = SearchIndex.__new__(SearchIndex)
        found._use((*self.layers, Layer(tuple(entries), len(self.entries))))  # noqa: SLF001
        return found

    def find(self, typed: str, most: int = MOST_RESULTS) -> Findings:
        """What answers the query, best first. Never raises, whatever was typed."""
        return self.matcher.find(typed, most)

    @property
    def words(self) -> list[str]:
        """The words to translate that its entries say, each once."""
        said = ((entry.kind, entry.name, entry.about) for entry in self.entries)
        return list(dict.fromkeys(word for words in said for word in words if word))

    def to_json(self) -> dict[str, Any]:
        """The index as the phone keeps it.

        An entry is [path, kind, name, about, terms, is_sitewide]; a term is [text, weight], and
        [text, weight, sounds] where it does not sound as its characters do by themselves.
        """
        return {
            "fillers": FILLERS,
            "alike": ALIKE,
            "relatives": RELATIVES,
            "simplified": ["".join(SIMPLIFIED), "".join(SIMPLIFIED.values())],
            "sounds": sounds_in_order(),
            "entries": [_as_json(entry) for entry in self.entries],
        }


def _as_json(entry: Entry) -> list[Any]:
    terms = [_term_as_json(term) for term in entry.terms]
    return [entry.path, entry.kind, entry.name, entry.about, terms, int(entry.is_sitewide)]


# The phone sounds a text by itself, character by character. Sounds of each were a quarter of what
# it kept.
def _term_as_json(term: Term) -> list[Any]:
    expected = tuple(map(heard_as, term.joined)) if is_heard(term.text, term.weight) else ()
    told = [] if term.sounds == expected else [" ".join(term.sounds)]
    return [term.text, term.weight, *told]


def is_heard(text: str, weight: float) -> bool:
    """Whether a term has sounds: only names in characters do."""
    return weight >= NAMES and not _LETTER.search(text)


def entry_of(  # noqa: PLR0913 (an entry is said in one line)
    path: str,
    kind: str,
    name: str,
    about: str,
    words: Iterable[tuple[str, float]],
    *,
    is_sitewide: bool = False,
) -> Entry:
    """An entry, with the texts that find it and their weights.

    `path` is below the community's address, or the site's where that is said. `kind` says in words
    to translate what it is.
    """
    terms = (term_of(normalise(text, LONGEST_TEXT), weight) for text, weight in words)
    found = tuple(term for term in terms if term.text)
    return Entry(path, kind, name, about, found, is_sitewide)


def each_of(words: str, weight: float) -> list[tuple[str, float]]:
    """The words of a list, each with this weight; those in English as one text."""
    chinese = [word for word in words.split() if not word.isascii()]
    english = " ".join(word for word in words.split() if word.isascii())
    return [(word, weight) for word in (*chinese, english) if word]


# Remembered with its sounds and pairs: of a handbook that is published again nearly all is as it
# was, and to cut a district's texts into pairs takes half of a new index's time. The sample has
# 7,800 of them.
@lru_cache(16384)
def term_of(text: str, weight: float) -> Term:
    """A term of a normalised text. Only names in characters have sounds."""
    aged = with_ages(text)
    return Term(aged, weight, sounds_of(aged) if is_heard(aged, weight) else ())


def sounds_of(text: str) -> tuple[str, ...]:
    """The pinyin of each character without tones, read in context (长 in 家长 is zhang).

    A space between two parts is left out.
    """
    # What has no pinyin sounds as it is written, character by character.
    return tuple(lazy_pinyin(text.replace(" ", ""), style=Style.NORMAL, errors=list))  # type: ignore[arg-type]


# Of the characters of queries too, of which strangers can send a million different ones.
@lru_cache(32768)
def sound_of(character: str) -> str:
    """The most usual pinyin of a character, or the character itself."""
    return lazy_pinyin(character, style=Style.NORMAL)[0]


def heard_as(character: str) -> str:
    """The sound of a common character; the character itself for all others, as on the phone."""
    return _sounds().get(character, character)


@cache
def _sounds() -> dict[str, str]:
    return {each: sound_of(each) for each in common_characters()}


@cache
def common_characters() -> tuple[str, ...]:
    """The characters of GB 2312, level 1, in its order: that of how they sound."""
    codes = (bytes((row, column)) for row in GB2312_LEVEL_1 for column in range(0xA1, 0xFF))
    decoded = (code.decode("gb2312", errors="ignore") for code in codes)
    return tuple(character for character in decoded if character)


# A browser decodes GB 2312 as well, so only the sounds travel, and how many neighbours have each.
# Not taken: the characters by sound, which do not compress: 8 KB of a phone's index.
@cache
def sounds_in_order() -> str:
    """The sounds of the common characters in their order: `a2 ai13` for 2 of a, then 13 of ai."""
    runs = groupby(map(sound_of, common_characters()))
    return " ".join(f"{sound}{len(list(run))}" for sound, run in runs)
