"""How well a query fits a text: Chinese by pairs of characters and by sound, Latin as pinyin.

`static/js/search.js` is this module's twin on the phone, for when there is no network; both are
held to the same answers by `tests/search_cases.yaml`. Change both together.
"""

from __future__ import annotations

import math
import re
import unicodedata
from collections import Counter
from dataclasses import dataclass, field
from functools import cached_property
from itertools import pairwise
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

# Characters of a query that are looked at; nobody asks for a service in more.
LONGEST_QUERY = 40

# Words that only say that a person asks; longest first, so that the longest is removed.
FILLERS = (
    "应该怎么办理", "怎么办理", "如何办理", "在哪里办", "怎么申请", "如何申请", "需要什么材料",
    "要什么材料", "带什么材料", "怎么办", "在哪办", "去哪办", "在哪里", "去哪里", "在哪儿",
    "去哪儿", "多少钱", "要多久", "可以吗", "怎么", "如何", "哪里", "我想", "我要", "想要",
    "想办", "要办", "需要", "办理", "可以", "帮我", "请问", "什么", "我家", "我们", "您好",
    "你好", "了", "的", "吗", "呢", "吧", "啊", "我", "想", "要", "办", "请", "在", "去", "给",
)  # fmt: skip

# The worth of a shared character, compared with a shared pair.
UNIGRAM = 0.25
# The worth of a pair that only sounds alike, compared with the same characters.
SOUND = 0.7
# The share of a query that a text must contain to be an answer.
ENOUGH = 0.34
# Answers weaker than this share of the best are noise.
FAINT = 0.3

_BREAK = re.compile(r"[^0-9a-z\u3400-\u9fff]+")
_LETTERS = re.compile(r"[a-z]+")
_LATIN = re.compile(r"^[0-9]*[a-z][0-9a-z]*$")


@dataclass(frozen=True)
class Term:
    """A text a document can be found by: its weight, and the sound of each character."""

    text: str
    weight: float
    sounds: tuple[str, ...]

    @cached_property
    def grams(self) -> frozenset[str]:
        """The pairs of characters, and the characters."""
        return frozenset(grams(self.text))

    @cached_property
    def pairs(self) -> frozenset[str]:
        """The pairs of sounds."""
        return frozenset(sound_pairs(self.sounds))


@dataclass(frozen=True)
class Entry:
    """Something that can be found: its path below the community's address, and its terms."""

    path: str
    # What a result says it is: words to translate.
    kind: str
    name: str
    about: str
    terms: tuple[Term, ...] = field(repr=False)

    @cached_property
    def held(self) -> frozenset[str]:
        """The grams and pairs of all terms; an entry that shares none with a query is no answer."""
        return frozenset().union(*(term.grams | term.pairs for term in self.terms))

    @cached_property
    def initials(self) -> frozenset[str]:
        """The first letters of its syllables."""
        return frozenset(sound[0] for term in self.terms for sound in term.sounds)


@dataclass(frozen=True)
class Query:
    """What a person typed, ready to be compared."""

    text: str
    is_latin: bool
    grams: frozenset[str] = frozenset()
    pairs: frozenset[str] = frozenset()

    def may_fit(self, entry: Entry) -> bool:
        """A quick test: False is certain, True is only a maybe."""
        if self.is_latin:
            return self.text[0] in entry.initials
        return not (self.grams.isdisjoint(entry.held) and self.pairs.isdisjoint(entry.held))


def normalise(typed: str) -> str:
    """The text with plain lower-case letters, and a space for everything but words."""
    plain = unicodedata.normalize("NFKC", typed[: LONGEST_QUERY * 4]).lower()
    return _BREAK.sub(" ", plain).strip()[:LONGEST_QUERY].strip()


def without_fillers(text: str) -> str:
    """The text without fillers, unless nothing else is left."""
    left = text
    for filler in FILLERS:
        left = left.replace(filler, " ")
    return "".join(left.split()) or "".join(text.split())


def readings(typed: str, sound_of: Callable[[str], str]) -> list[Query]:
    """The ways to read the query, the likeliest first; empty if there is nothing to read.

    Letters among characters are a half-typed word (低bao): by sound as a whole, else each part.
    """
    text = normalise(typed)
    joined = text.replace(" ", "")
    if _LATIN.match(joined):
        return [Query(joined, is_latin=True)]
    if not joined:
        return []
    letters = "".join(_LETTERS.findall(joined))
    if not letters:
        return [_in_characters(text, sound_of)]
    spelled = "".join(sound_of(character) for character in joined)
    parts = [Query(letters, is_latin=True), _in_characters(_LETTERS.sub(" ", text), sound_of)]
    # Some three letters spell a syllable, so this asks which part says more.
    if len(letters) <= 2 * (len(joined) - len(letters)):
        parts.reverse()
    return [Query(spelled, is_latin=True), *parts]


def _in_characters(text: str, sound_of: Callable[[str], str]) -> Query:
    bare = without_fillers(text)
    sounds = [sound_of(character) for character in bare]
    return Query(
        bare, is_latin=False, grams=frozenset(grams(bare)), pairs=frozenset(sound_pairs(sounds))
    )


def grams(text: str) -> Iterable[str]:
    """Each character, and each pair of neighbours."""
    yield from text
    for first, second in pairwise(text):
        yield first + second


def sound_pairs(sounds: Sequence[str]) -> Iterable[str]:
    """Each pair of neighbouring syllables, without the distinctions that southern speakers drop."""
    folded = [fold(sound) for sound in sounds]
    for first, second in pairwise(folded):
        yield f"{first} {second}"


def fold(syllable: str) -> str:
    """模糊音: zh, ch, sh as z, c, s, and ang, eng, ing as an, en, in."""
    if syllable[:2] in {"zh", "ch", "sh"}:
        syllable = syllable[0] + syllable[2:]
    return syllable[:-1] if syllable.endswith("ng") else syllable


# A linear scan over some eighty entries, written twice: 150 lines here and the same in JavaScript
# for phones without a network.
# Not taken: SQLite's FTS5, which finds nothing for words of two characters (most Chinese words)
# and is not on the phone; and a search library in the browser, none of which knows Chinese sounds
# in 3 KB.
class Matcher:
    """All entries of a handbook, ready to be searched."""

    def __init__(self, entries: Sequence[Entry]) -> None:
        self.entries = entries
        held: Counter[str] = Counter()
        for entry in entries:
            held.update(entry.held)
        self._rarity = {gram: math.log(1 + len(entries) / times) for gram, times in held.items()}
        self._rarest = math.log(1 + len(entries))

    def find(self, query: Query, most: int) -> list[Entry]:
        """At most `most` entries that answer the query, best first."""
        if not query.text:
            return []
        scored = [
            (self._score(query, entry), entry) for entry in self.entries if query.may_fit(entry)
        ]
        best = max((score for score, _ in scored), default=0.0)
        found = [pair for pair in scored if pair[0] > 0 and pair[0] >= best * FAINT]
        found.sort(key=lambda pair: -pair[0])
        return [entry for _, entry in found[:most]]

    def _score(self, query: Query, entry: Entry) -> float:
        if query.is_latin:
            return max(term.weight * spelt(query.text, term) for term in entry.terms)
        fits = [term.weight * self._kinship(query, term) for term in entry.terms]
        return max(fits) + 0.1 * sum(fits) / len(fits)

    def _kinship(self, query: Query, term: Term) -> float:
        if query.text == term.text:
            return 3.0
        if query.text in term.text:
            return 2.0 + 0.5 * len(query.text) / len(term.text)
        alike = self._share(query.grams, term.grams)
        sound = SOUND * self._share(query.pairs, term.pairs)
        if len(term.text) > 1 and term.text in query.text:
            alike = max(alike + 0.1, ENOUGH)
        best = max(alike, sound)
        return 1.8 * best if best >= ENOUGH else 0.0

    def _share(self, asked: frozenset[str], held: frozenset[str]) -> float:
        common = asked & held
        if not common:
            return 0.0
        return sum(map(self._worth, common)) / sum(map(self._worth, asked))

    def _worth(self, gram: str) -> float:
        rarity = self._rarity.get(gram, self._rarest)
        return UNIGRAM * rarity if len(gram) == 1 else rarity


def spelt(typed: str, term: Term) -> float:
    """How well Latin letters spell the term: each syllable by its first letters at least."""
    best = 0.0
    for start, sound in enumerate(term.sounds):
        if sound[0] != typed[0]:
            continue
        used, whole = _consume(typed, term.sounds, start)
        if used == 0:
            continue
        ends = start + used == len(term.sounds)
        fit = 2.0 if whole else 1.6
        fit *= 1.0 if start == 0 else 0.6
        best = max(best, fit + (1.0 if ends and start == 0 else 0.0))
    return best


def _consume(typed: str, sounds: Sequence[str], start: int) -> tuple[int, bool]:
    """How many syllables from `start` spell all of `typed` (0 if none do), and if in full."""
    if not typed:
        return 0, True
    if start == len(sounds):
        return 0, False
    for spelling in dict.fromkeys((sounds[start], fold(sounds[start]))):
        length = len(spelling)
        while length and not typed.startswith(spelling[:length]):
            length -= 1
        for taken in range(length, 0, -1):
            rest = typed[taken:]
            used, whole = _consume(rest, sounds, start + 1)
            if used or not rest:
                return used + 1, whole and taken == len(spelling)
    return 0, False
