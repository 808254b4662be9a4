"""Chinese by its sound: pinyin as people type it, whole, by initials or in sentences.

`static/js/handbook/find/spelling.js` is this module's twin on the phone. Change both together.
"""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from collections.abc import Set as AbstractSet

LONGEST_SYLLABLE = 6


def fold(syllable: str) -> str:
    """模糊音: zh, ch, sh as z, c, s, and ang, eng, ing as an, en, in; ü as u."""
    if syllable[:2] in {"zh", "ch", "sh"}:
        syllable = syllable[0] + syllable[2:]
    syllable = syllable.replace("v", "u")
    return syllable[:-1] if syllable.endswith("ng") else syllable


def pairs_of(sounds: Sequence[str]) -> Iterable[str]:
    """Each pair of neighbouring syllables."""
    for first, second in itertools.pairwise(sounds):
        yield f"{first} {second}"


def spelt(typed: str, sounds: Sequence[str]) -> float:
    """How well Latin letters spell the syllables: each by its first letters at least."""
    return max((spelt_from(typed, sounds, start) for start in range(len(sounds))), default=0.0)


def spelt_from(typed: str, sounds: Sequence[str], start: int) -> float:
    """How well Latin letters spell the syllables from one of them on; 0 if they do not."""
    used, whole = _consume(typed, sounds, start)
    if used == 0:
        return 0.0
    ends = start == 0 and used == len(sounds)
    return (2.0 if whole else 1.6) * (1.0 if start == 0 else 0.6) + (1.0 if ends else 0.0)


# Letters by which what is typed is looked up; fewer begin too many terms.
BEGUN = 3


def beginnings(sounds: Sequence[str], start: int) -> set[str]:
    """The first one to `BEGUN` letters of what may be typed from a syllable on."""
    found: set[str] = set()
    begun = {""}
    for sound in sounds[start : start + BEGUN]:
        spellings = {sound, fold(sound)}
        begun = {
            (before + spelling[:taken])[:BEGUN]
            for before in begun
            for spelling in spellings
            for taken in range(1, BEGUN + 1 - len(before))
        }
        found |= begun
        begun = {each for each in begun if len(each) < BEGUN}
    return found


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


def syllables_of(typed: str, known: AbstractSet[str]) -> list[str]:
    """The letters as syllables, the longest first: xian is xian and not xi an. Empty if none."""
    rest: list[list[str] | None] = [None] * len(typed) + [[]]
    for start in range(len(typed) - 1, -1, -1):
        for length in range(min(LONGEST_SYLLABLE, len(typed) - start), 0, -1):
            after = rest[start + length]
            if after is not None and typed[start : start + length] in known:
                rest[start] = [typed[start : start + length], *after]
                break
    return rest[0] or []


def without_spoken(syllables: Sequence[str], fillers: Sequence[tuple[str, ...]]) -> list[list[str]]:
    """The parts of the syllables between fillers, which are syllables too; longest first."""
    parts: list[list[str]] = [[]]
    at = 0
    while at < len(syllables):
        filler = next(
            (each for each in fillers if tuple(syllables[at : at + len(each)]) == each), ()
        )
        if filler:
            parts.append([])
            at += len(filler)
        else:
            parts[-1].append(syllables[at])
            at += 1
    return [part for part in parts if part]
