"""What entries hold, by what people may type."""

from __future__ import annotations

from typing import TYPE_CHECKING

from domain.search.english import words_of
from domain.search.entry import NAMES
from domain.search.spelling import beginnings, fold, pairs_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from domain.search.entry import Entry, Term

# Characters of a name that may have a wrong one.
SHORTEST_NEAR, LONGEST_NEAR = 3, 8

Postings = dict[str, dict[int, float]]


# An index in memory over some two hundred entries, written twice: here, and in JavaScript for
# phones without a network.
# Not taken: SQLite's FTS5, which finds nothing for words of two characters (most Chinese words)
# and is not on the phone; and a search library in the browser, none of which knows Chinese sounds
# in 3 KB.
class Layer:
    """What some entries hold: by gram, sound or word the numbers of the entries, and the weight."""

    def __init__(self, entries: Sequence[Entry], first: int = 0) -> None:
        self.entries = entries
        self.grams: Postings = {}
        # Pairs of syllables as they are spelt, and as they sound.
        self.exact: Postings = {}
        self.folded: Postings = {}
        self.words: Postings = {}
        # Names with one character left open, with which a wrong character is compared, and in any
        # order.
        self.near: Postings = {}
        # Whole texts, as they are written and, where they are heard, as they sound.
        self.written: dict[str, dict[int, Term]] = {}
        self.sounding: Postings = {}
        # Pairs of characters that names hold.
        self.known: set[str] = set()
        # Where a syllable begins, by the letters that may begin what is typed.
        self.spelt: dict[str, list[tuple[int, float, tuple[str, ...], int]]] = {}
        for number, entry in enumerate(entries, first):
            for term in entry.terms:
                self._hold(number, term)

    def _hold(self, number: int, term: Term) -> None:
        weight = term.weight
        alike = self.written.setdefault(term.joined, {})
        if number not in alike or alike[number].weight < weight:
            alike[number] = term
        if weight < NAMES:
            # Of running text one character says nothing: 事 is in every other sentence.
            _put(self.grams, (gram for gram in term.grams if len(gram) > 1), number, weight)
            return
        _put(self.grams, term.grams, number, weight)
        self.known.update(gram for gram in term.grams if len(gram) > 1)
        _put(self.words, words_of(term.text), number, weight)
        _put(self.exact, pairs_of(term.sounds), number, weight)
        folded = [fold(sound) for sound in term.sounds]
        _put(self.folded, pairs_of(folded), number, weight)
        _put(self.sounding, [" ".join(folded)] if folded else [], number, weight)
        _put(self.near, (*with_one_open(term.joined), in_any_order(term.joined)), number, weight)
        for start in range(len(term.sounds)):
            for key in beginnings(term.sounds, start):
                self.spelt.setdefault(key, []).append((number, weight, term.sounds, start))


def _put(postings: Postings, keys: Iterable[str], number: int, weight: float) -> None:
    for key in keys:
        held = postings.setdefault(key, {})
        held[number] = max(held.get(number, 0.0), weight)


def in_any_order(text: str) -> str:
    """The characters sorted: two of a name are easily typed the wrong way round."""
    return "".join(sorted(text))


def with_one_open(text: str) -> Iterable[str]:
    """The text with each of its characters left open, if the others are enough to know it by."""
    if SHORTEST_NEAR <= len(text) <= LONGEST_NEAR:
        for at in range(len(text)):
            yield f"{text[:at]}?{text[at + 1 :]}"
