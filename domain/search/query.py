"""What a person typed, ready to be compared."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

from domain.search.reading import grams, units_of
from domain.search.spelling import fold, pairs_of

# Characters of a query that one wrong character leaves only one of.
SHORT = 2


@dataclass(frozen=True)
class Query:
    """搜索词: a reading of it."""

    text: str
    # The parts between fillers, each as its units.
    parts: tuple[tuple[str, ...], ...] = ()
    # The syllables of each part.
    sounds: tuple[tuple[str, ...], ...] = ()
    # Words that are sought as well, because they mean the same.
    others: tuple[str, ...] = ()
    # What was said, and the word for it among those that are sought as well.
    meant: tuple[tuple[str, str], ...] = ()
    # Characters that only name a relative, so that an answer need not hold them.
    beside: str = ""
    # What was typed as Latin words; empty for characters.
    words: tuple[str, ...] = ()

    @property
    def is_latin(self) -> bool:
        return bool(self.words)

    @cached_property
    def said(self) -> str:
        """The text, and the other words for it."""
        return " ".join((self.text, *self.others))

    @cached_property
    def strings(self) -> tuple[str, ...]:
        """Everything of two characters and more that the text says, or that means the same."""
        texts = self.said.split()
        found = (
            text[start : start + length]
            for text in texts
            for length in range(2, len(text) + 1)
            for start in range(len(text) - length + 1)
        )
        return tuple(dict.fromkeys(found))

    @cached_property
    def whole(self) -> str:
        return "".join(unit for part in self.parts for unit in part)

    @cached_property
    def folded(self) -> str:
        """All syllables as they sound, where there is more than one."""
        sounds = [fold(sound) for part in self.sounds for sound in part]
        return " ".join(sounds) if len(sounds) > 1 else ""

    @cached_property
    def grams(self) -> tuple[str, ...]:
        own = [gram for part in self.parts for gram in grams(part)]
        return tuple(
            dict.fromkeys([*own, *(g for each in self.others for g in grams(units_of(each)))])
        )

    @cached_property
    def telling(self) -> tuple[str, ...]:
        """The grams of which an answer holds one; in a long word, one character is too little."""
        if len(self.whole) <= SHORT:
            return self.grams
        alone = {part[0] for part in self.parts if len(part) == 1}
        return tuple(gram for gram in self.grams if len(gram) > 1 or gram in alone)

    @cached_property
    def pairs(self) -> tuple[str, ...]:
        """The pairs of syllables, as they are spelt."""
        return tuple(dict.fromkeys(pair for part in self.sounds for pair in pairs_of(part)))
