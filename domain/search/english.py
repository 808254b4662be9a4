"""English words of a query and of search words.

`static/js/handbook/find/english.js` is this module's twin on the phone. Change both together.
"""

from __future__ import annotations

import re

_WORD = re.compile(r"[a-z]{2,}")
_EMPTY = """
an the my me our for of in on at to do does did how can could get got getting where what when who
which is are be and or with without need needs want wants apply application applying help have has
had about from there please new make some any it its you your we us if as not no this that am was
were been should would will just very too so much they them he she his her their him by up down out
looking look find give mother father mom dad mum son daughter wife husband grandmother grandfather
grandma grandpa uncle aunt brother sister people person
"""
# Words that say nothing about what a person needs.
EMPTY = frozenset(_EMPTY.split())
# Letters by which words of one stem are alike: vaccine and vaccination, licence and license.
STEM = 5
# Letters that are taken for the beginning of a word; fewer begin too many, and may be pinyin.
BEGINNING = 4
# The worth of a related word, compared with the same one: police is not policy.
RELATED = 0.6


def words_of(text: str) -> list[str]:
    """The words that say something, each once."""
    return list(dict.fromkeys(word for word in _WORD.findall(text) if word not in EMPTY))


def alike(typed: str, word: str) -> float:
    """1 if what was typed is the word, `RELATED` if its beginning or another form of it, else 0."""
    single = typed[:-1] if typed.endswith("s") and len(typed) >= BEGINNING else typed
    if word in (typed, single):
        return 1.0
    begins = len(typed) >= BEGINNING and word.startswith(single)
    is_begun = len(word) >= BEGINNING and typed.startswith(word)
    is_stem = len(typed) >= STEM and typed[:STEM] == word[:STEM]
    return RELATED if begins or is_begun or is_stem else 0.0
