"""What can be found in a community: guides, categories, facilities, people."""

from __future__ import annotations

from collections import defaultdict
from functools import cache, lru_cache
from typing import TYPE_CHECKING, Any

from pypinyin import Style, lazy_pinyin

from domain.search.match import FILLERS, Entry, Matcher, Term, normalise, readings, without_fillers
from domain.words import N_

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from domain.handbook.tables import Category, ServiceItem

# A list longer than two screens of a phone is not an answer.
MOST_RESULTS = 12

GUIDE = N_("Service item")
CATEGORY = N_("Category")

# Rows of GB 2312 that hold the 3,755 most used characters.
GB2312_LEVEL_1 = range(0xB0, 0xD8)


class SearchIndex:
    """The search entries of the district's handbook, or of one community."""

    def __init__(self, entries: Sequence[Entry]) -> None:
        self.entries = tuple(entries)
        self.matcher = Matcher(self.entries)

    @classmethod
    def of(cls, categories: Iterable[Category]) -> SearchIndex:
        categories = tuple(categories)
        guides = [_guide(item) for category in categories for item in category.items]
        return cls([*guides, *(_category(category) for category in categories)])

    def within(self, entries: Iterable[Entry]) -> SearchIndex:
        """The index with the entries of a community added."""
        return SearchIndex([*self.entries, *entries])

    def find(self, typed: str, most: int = MOST_RESULTS) -> list[Entry]:
        """The entries that answer the query, best first. Never raises, whatever was typed."""
        for query in readings(typed, sound_of):
            if found := self.matcher.find(query, most):
                return found
        return []

    @property
    def kinds(self) -> list[str]:
        """The words to translate that say what its entries are, each once."""
        return list(dict.fromkeys(entry.kind for entry in self.entries))

    def to_json(self) -> dict[str, Any]:
        """The index as the phone keeps it: [path, kind, name, about, [[text, weight, sounds]…]]."""
        return {
            "fillers": FILLERS,
            "sounds": characters_by_sound(),
            "entries": [
                [
                    entry.path,
                    entry.kind,
                    entry.name,
                    entry.about,
                    [[term.text, term.weight, " ".join(term.sounds)] for term in entry.terms],
                ]
                for entry in self.entries
            ],
        }


def _guide(item: ServiceItem) -> Entry:
    guide = item.guide
    return Entry(
        f"/handbook/{item.slug}",
        GUIDE,
        guide.name,
        guide.summary,
        (
            *_names([guide.name, *guide.everyday_names], 4.0),
            *_terms(guide.search_words, 3.0),
            *_terms(
                [guide.summary, guide.result.what, *(q.question for q in guide.questions)], 1.0
            ),
            *_terms([item.category.name], 0.9),
            *_terms((document.name for document in guide.documents), 0.6),
        ),
    )


def _category(category: Category) -> Entry:
    terms = (*_terms([category.name], 3.0), *_terms([category.summary], 0.8))
    path = f"/handbook/categories/{category.slug}"
    return Entry(path, CATEGORY, category.name, category.summary, terms)


def entry_of(
    path: str, kind: str, name: str, about: str, words: Iterable[tuple[str, float]]
) -> Entry:
    """An entry of a community, with the texts that find it and their weights.

    `path` is below the community's address, and `kind` says in words to translate what it is.
    """
    terms = (term for text, weight in words for term in _terms([text], weight))
    return Entry(path, kind, name, about, tuple(terms))


def _names(texts: Iterable[str], weight: float) -> Iterable[Term]:
    """The terms of names, with and without fillers: a name typed in pinyin keeps its fillers."""
    for text in texts:
        whole = normalise(text).replace(" ", "")
        for form in dict.fromkeys((without_fillers(whole), whole)):
            yield term_of(form, weight)


def _terms(texts: Iterable[str], weight: float) -> Iterable[Term]:
    for text in texts:
        bare = without_fillers(normalise(text))
        if bare:
            yield term_of(bare, weight)


# Remembered with its sounds and pairs: of a handbook that is published again nearly all is as it
# was, and to cut a district's texts into pairs takes half of a new index's time.
@lru_cache(8192)
def term_of(text: str, weight: float) -> Term:
    return Term(text, weight, sounds_of(text))


def sounds_of(text: str) -> tuple[str, ...]:
    """The pinyin of each character without tones, read in context (长 in 家长 is zhang)."""
    # What has no pinyin sounds as it is written, character by character.
    return tuple(lazy_pinyin(text, style=Style.NORMAL, errors=list))  # type: ignore[arg-type]


# Of the characters of queries too, of which strangers can send a million different ones.
@lru_cache(32768)
def sound_of(character: str) -> str:
    """The most usual pinyin of a character, or the character itself."""
    return lazy_pinyin(character, style=Style.NORMAL)[0]


@cache
def characters_by_sound() -> dict[str, str]:
    """The common characters by sound, so that the phone recognises a wrong character."""
    by_sound: dict[str, list[str]] = defaultdict(list)
    for row in GB2312_LEVEL_1:
        for column in range(0xA1, 0xFF):
            try:
                character = bytes((row, column)).decode("gb2312")
            except UnicodeDecodeError:
                continue
            by_sound[sound_of(character)].append(character)
    return {sound: "".join(characters) for sound, characters in sorted(by_sound.items())}
