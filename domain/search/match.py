"""How well a query fits what can be found: by words, by sound, by pinyin and in English.

`static/js/handbook/find/match.js` is this module's twin on the phone, for when there is no network;
both are held to the same answers by `tests/search_cases.yaml`. Change both together.
"""

from __future__ import annotations

import math
import re
from collections import Counter
from itertools import pairwise
from typing import TYPE_CHECKING

from domain.search.english import alike, words_of
from domain.search.entry import NAMES, Findings
from domain.search.layer import SHORTEST_NEAR, in_any_order, with_one_open
from domain.search.query import SHORT, Query
from domain.search.reading import (
    as_meant,
    normalise,
    others_alike,
    relatives_in,
    units_of,
    without_fillers,
)
from domain.search.spelling import BEGUN, fold, pairs_of, spelt_from, syllables_of, without_spoken
from domain.search.words import FILLERS

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from domain.search.layer import Layer

# The worth of a shared character, compared with a shared pair.
UNIGRAM = 0.25
# The worth of a pair that only sounds alike, compared with the same characters.
SOUND = 0.7
# Answers weaker than this share of the best are noise.
FAINT, FAINT_GUESS = 0.3, 0.5
# The share of a query that the best answer must hold to be one; below, it is only a guess.
ENOUGH = 0.6
# Below this share it is no guess either, where it only sounds alike: 火箭发射 found 诈骗.
HARDLY = 0.5
# The share of all pairs that must sound alike.
HEARD_LEAST = 0.25
# How well a pair is held that only sounds alike, and how well if nothing else was typed.
HEARD, HEARD_ALONE = 0.8, 0.55
# How well it is held that is said otherwise.
MEANT = 0.9
# The share of what was typed that is known words where an answer is no guess.
TELLING = 0.7
# Of so few characters all count.
FEW = 4
# Guesses are few: nobody reads twelve of them.
MOST_GUESSES = 5
# Entries that are compared term by term.
CANDIDATES = 40
# Entries of which it is asked how much of the query they hold, and the share of a score left
# to one that holds nothing.
WEIGHED, UNHELD = 12, 0.3
# What a term is worth that is the same as the query, sounds the same, contains it, or differs in
# one character.
SAME, SOUNDING, WITHIN, NEAR = 4.0, 3.0, 2.0, 1.6
# What English words are worth; a word spelt in pinyin is worth 1.6 to 3.
ENGLISH = 3.0

_LETTERS = re.compile(r"[a-z]+")
_LATIN = re.compile(r"^[0-9]*[a-z][0-9a-z]*$")
_AGE = re.compile(r"(\d+)岁")

Holders = list[tuple[int, float]]


class Matcher:
    """All entries of a handbook, ready to be searched.

    The layers are of entries that many communities share, and of one community's own.
    """

    def __init__(self, layers: Sequence[Layer], sound_of: Callable[[str], str]) -> None:
        self.layers = layers
        self.entries = tuple(entry for layer in layers for entry in layer.entries)
        self.sound_of = sound_of
        self._rarest = math.log(1 + len(self.entries))
        ages = {
            int(each) for layer in layers for gram in layer.grams for each in _AGE.findall(gram)
        }
        self._ages = sorted(ages, reverse=True)
        spoken = dict.fromkeys(tuple(map(sound_of, filler)) for filler in FILLERS)
        self._spoken = sorted(spoken, key=len, reverse=True)
        self._syllables = {sound for filler in spoken for sound in filler}
        self._syllables.update(
            sound for layer in layers for pair in layer.exact for sound in pair.split()
        )

    def find(self, typed: str, most: int) -> Findings:
        """At most `most` entries that answer the query, best first."""
        for query in self._readings(typed):
            scores = self._in_latin(query) if query.is_latin else self._in_characters(query)
            if found := _best(scores, most):
                entries = tuple(self.entries[each] for each in found)
                held = self._held(query, found[0])
                if held >= ENOUGH:
                    return Findings(entries)
                if held >= HARDLY or self._is_written(query, found[0]):
                    guesses = _best(scores, MOST_GUESSES, faint=FAINT_GUESS)
                    return Findings(entries[: len(guesses)], is_guess=True)
        return Findings()

    # Letters among characters are a half-typed word (低bao): by sound as a whole, else each part.
    def _readings(self, typed: str) -> Iterable[Query]:
        text = normalise(typed)
        joined = text.replace(" ", "")
        if not joined:
            return
        if _LATIN.match(joined):
            yield Query(joined, words=tuple(text.split()))
            yield from self._spelt_out(text)
            return
        letters = "".join(_LETTERS.findall(joined))
        if not letters:
            yield self._characters(text)
            return
        spelled = "".join(self.sound_of(character) for character in joined)
        yield Query(spelled, words=(spelled,))
        parts = [Query(letters, words=(letters,)), self._characters(_LETTERS.sub(" ", text))]
        # Some three letters spell a syllable, so this asks which part says more.
        if len(letters) <= 2 * (len(joined) - len(letters)):
            parts.reverse()
        yield from parts

    def _characters(self, text: str) -> Query:
        aged = as_meant(text)
        parts = [tuple(units_of(part)) for part in without_fillers(aged, self._is_known)]
        sounds = tuple(tuple(map(self.sound_of, part)) for part in parts)
        meant = tuple(others_alike(aged))
        others = (*(word for _, word in meant), *self._lower_ages(aged))
        said = aged.replace(" ", "")
        return Query(said, tuple(parts), sounds, others, meant, relatives_in(aged))

    def _is_known(self, pair: str) -> bool:
        return any(pair in layer.known for layer in self.layers)

    def _lower_ages(self, text: str) -> Iterable[str]:
        """The age at which something begins, for someone older: at 85, what there is from 80 on."""
        for years in map(int, _AGE.findall(text)):
            begins = next((age for age in self._ages if age <= years), years)
            if begins != years:
                yield f"{begins}岁"

    def _spelt_out(self, text: str) -> Iterable[Query]:
        """Letters as syllables, without those that only ask."""
        words = [syllables_of(word, self._syllables) for word in text.split()]
        if all(words):
            syllables = [sound for word in words for sound in word]
        else:
            syllables = syllables_of(text.replace(" ", ""), self._syllables)
        parts = without_spoken(syllables, self._spoken)
        if any(len(part) > 1 for part in parts):
            yield Query("", sounds=tuple(map(tuple, parts)))

    def _in_characters(self, query: Query) -> dict[int, float]:
        shared = self._shared([(gram, self._of("grams", gram)) for gram in query.grams])
        told = {number for gram in query.telling for number, _ in self._of("grams", gram)}
        scores = {number: score for number, score in shared.items() if number in told}
        for number, score in self._heard(query).items():
            scores[number] = max(scores.get(number, 0.0), SOUND * score)
        if not query.whole:
            return scores
        candidates = _best(scores, CANDIDATES, faint=0)
        kinship = self._kinship(query, candidates)
        for number in candidates:
            scores[number] += kinship.get(number, 0.0)
        for number, weight in self._near(query.whole):
            scores[number] = scores.get(number, 0.0) + NEAR * weight
        for number in _best(scores, WEIGHED, faint=0):
            scores[number] *= UNHELD + (1 - UNHELD) * min(1.0, self._held(query, number))
        return scores

    def _near(self, text: str) -> Iterable[tuple[int, float]]:
        """The entries with a name of which a character is wrong, or two are the wrong way round."""
        keys = [key for at, key in enumerate(with_one_open(text)) if self._may_be_wrong(text, at)]
        if len(text) >= SHORTEST_NEAR:
            keys.append(in_any_order(text))
        for key in keys:
            yield from self._of("near", key)

    def _of(self, name: str, key: str) -> Holders:
        """The entries that hold it, with the weight of the term in which they do."""
        return [held for layer in self.layers for held in getattr(layer, name).get(key, {}).items()]

    def _shared(self, asked: Sequence[tuple[str, Holders]]) -> dict[int, float]:
        """By entry, the share of what was asked that it holds, each with the weight of its term."""
        scores: dict[int, float] = {}
        whole = 0.0
        for gram, held in asked:
            worth = self._worth(gram, len(held))
            whole += worth
            for number, weight in held:
                scores[number] = scores.get(number, 0.0) + worth * weight
        return {number: score / whole for number, score in scores.items()}

    def _heard(self, query: Query) -> dict[int, float]:
        """The share that sounds alike; of a long text one pair does by chance.

        One pair alone counts only where it is spelt alike as well.
        """
        pairs = (pairs_of([fold(each) for each in part]) for part in query.sounds)
        asked = dict.fromkeys(pair for part in pairs for pair in part)
        folded = [(pair, self._of("folded", pair)) for pair in asked]
        times = Counter(number for _, held in folded for number, _ in held)
        whole = sum(len(part) - 1 for part in query.sounds)
        exact = {number for pair in query.pairs for number, _ in self._of("exact", pair)}
        return {
            number: score
            for number, score in self._shared(folded).items()
            if (times[number] > 1 or number in exact) and times[number] >= HEARD_LEAST * whole
        }

    def _worth_of(self, gram: str) -> float:
        return self._worth(gram, sum(len(layer.grams.get(gram, ())) for layer in self.layers))

    def _worth(self, gram: str, times: int) -> float:
        rarity = math.log(1 + len(self.entries) / times) if times else self._rarest
        return UNIGRAM * rarity if len(gram) == 1 else rarity

    def _may_be_wrong(self, text: str, at: int) -> bool:
        """Whether a character may be a wrong one: it makes no word with either neighbour."""
        return not (
            self._is_known(text[max(0, at - 1) : at + 1]) or self._is_known(text[at : at + 2])
        )

    def _kinship(self, query: Query, numbers: Iterable[int]) -> dict[int, float]:
        """What it adds that a query is a term of an entry, a part of one, or contains some."""
        nearest = self._nearest(query, numbers)
        most: dict[int, float] = {}
        said: dict[int, dict[str, float]] = {}
        for string in query.strings:
            for layer in self.layers:
                for number, term in layer.written.get(string, {}).items():
                    # The same is nearer than what it contains.
                    if term.weight < NAMES or string in (query.whole, query.text):
                        continue
                    most[number] = max(most.get(number, 0.0), term.weight)
                    held = said.setdefault(number, {})
                    for gram in term.grams:
                        held[gram] = max(held.get(gram, 0.0), term.weight)
        whole = sum(map(self._worth_of, query.grams))
        for number in most.keys() & set(numbers):
            share = sum(self._worth_of(gram) * weight for gram, weight in said[number].items())
            worth = 0.3 * most[number] + 1.5 * share / whole
            nearest[number] = max(nearest.get(number, 0.0), worth)
        return nearest

    def _nearest(self, query: Query, numbers: Iterable[int]) -> dict[int, float]:
        """The worth of the terms that a query is, as it is written or sounds, or is a part of."""
        asked = query.whole
        nearest: dict[int, float] = {}

        def put(number: int, worth: float) -> None:
            nearest[number] = max(nearest.get(number, 0.0), worth)

        for layer in self.layers:
            for text in (asked, query.text):
                for number, term in layer.written.get(text, {}).items():
                    put(number, SAME * term.weight)
            for number, weight in layer.sounding.get(query.folded, {}).items():
                put(number, SOUNDING * weight)
        for number in numbers if len(query.parts) == 1 else ():
            entry = self.entries[number]
            for term in entry.terms if asked in entry.text else ():
                if asked in term.joined:
                    put(number, (WITHIN + 0.5 * len(asked) / len(term.joined)) * term.weight)
        return nearest

    def _held(self, query: Query, number: int) -> float:
        """The share of what was typed that an entry holds, from 0 to 1."""
        if query.is_latin or not query.parts:
            return 1.0
        held, told = 0.0, 0
        for part, sounds in zip(query.parts, query.sounds, strict=True):
            covered = self._cover(part, sounds, number)
            covered = self._cover_meant(query, part, covered, number)
            telling = self._telling(query, part, covered)
            held += sum(worth for worth, tells in zip(covered, telling, strict=True) if tells)
            told += sum(telling)
        asked = sum(map(len, query.parts)) - len(query.beside)
        return held / max(told, TELLING * asked, min(asked, FEW), 1)

    def _is_written(self, query: Query, number: int) -> bool:
        """Whether an entry holds a word of the query as it is written, or but for one character."""
        words = [gram for gram in query.telling if len(gram) > 1]
        words += [part[0] for part in query.parts if len(part) == 1]
        return any(self._weight(word, number) for word in words) or any(
            number == each for each, _ in self._near(query.whole)
        )

    # A sentence has words that nothing here knows (十几万, 天花板): they say little about which
    # answer is right, but where most are unknown, the question is about something else.
    def _telling(self, query: Query, part: Sequence[str], covered: Sequence[float]) -> list[bool]:
        """Of each unit, whether an entry that answers should hold it."""
        known = [self._is_known(first + second) for first, second in pairwise(part)]
        return [
            unit not in query.beside
            and (covered[at] > 0 or any(known[max(0, at - 1) : at + 1]) or len(part) == 1)
            for at, unit in enumerate(part)
        ]

    def _cover(self, part: Sequence[str], sounds: Sequence[str], number: int) -> list[float]:
        """How well an entry holds each unit of a part, from 0 to 1."""
        alone = [self._weight(unit, number) > 0 for unit in part]
        covered = [
            (1.0 if len(part) == 1 or len(unit) > 1 else 0.2) if held else 0.0
            for unit, held in zip(part, alone, strict=True)
        ]
        spoken = list(pairs_of(sounds))
        for at in range(len(part) - 1):
            weight = self._weight(part[at] + part[at + 1], number)
            worth = 0.0 if not weight else 1.0 if weight >= NAMES else 0.6
            if not worth and any(number in each.exact.get(spoken[at], {}) for each in self.layers):
                worth = HEARD if len(part) > SHORT else HEARD_ALONE
            covered[at : at + 2] = [max(each, worth) for each in covered[at : at + 2]]
        return covered

    def _cover_meant(
        self, query: Query, part: Sequence[str], covered: list[float], number: int
    ) -> list[float]:
        """The same, where an entry holds the word for what is said otherwise."""
        for said, word in query.meant:
            length = len(said)
            if not all(self._weight(pair, number) for pair in _pairs(word)):
                continue
            for at in range(len(part) - length + 1):
                if "".join(part[at : at + length]) == said:
                    covered[at : at + length] = [MEANT] * length
        return covered

    def _weight(self, gram: str, number: int) -> float:
        """The weight of the term in which an entry holds it; 0 if it does not."""
        held = (layer.grams.get(gram, {}).get(number) for layer in self.layers)
        return next((weight for weight in held if weight), 0.0)

    def _in_latin(self, query: Query) -> dict[int, float]:
        scores = self._in_english(query)
        typed = query.text
        for layer in self.layers:
            for number, weight, sounds, start in layer.spelt.get(typed[:BEGUN], ()):
                score = weight * spelt_from(typed, sounds, start)
                if score > scores.get(number, 0.0):
                    scores[number] = score
        return scores

    def _in_english(self, query: Query) -> dict[int, float]:
        asked = [(word, self._meant(word)) for word in words_of(" ".join(query.words))]
        if sum(bool(held) for _, held in asked) * 2 < max(1, len(asked)):
            return {}
        return {number: ENGLISH * score for number, score in self._shared(asked).items()}

    def _meant(self, word: str) -> Holders:
        """The entries with a word of this stem."""
        held: dict[int, float] = {}
        for layer in self.layers:
            for known, numbers in layer.words.items():
                if worth := alike(word, known):
                    for number, weight in numbers.items():
                        held[number] = max(held.get(number, 0.0), worth * weight)
        return list(held.items())


def _pairs(word: str) -> list[str]:
    return [word] if len(word) == 1 else [word[at : at + 2] for at in range(len(word) - 1)]


def _best(scores: dict[int, float], most: int, faint: float = FAINT) -> list[int]:
    """The numbers with the best scores, those that are too faint left out."""
    best = max(scores.values(), default=0.0)
    found = [each for each, score in scores.items() if score > 0 and score >= best * faint]
    # Rounded, because two languages differ in the last digits of a logarithm.
    found.sort(key=lambda each: (-round(scores[each], 9), each))
    return found[:most]
