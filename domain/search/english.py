"""English words of a query and of search words.

`static/js/handbook/find/english.js` is this module's twin on the phone. Change both together.
"""

from __future__ import annotations

import re

_WORD = re.compile(r"[a-z]{2,}")
_EMPTY = """
an the my me our for of in on at to do does did how can could get got getting where what when who
which is are be and or with without need needs want wants apply application applying help have has
had about from there please new make some any it its you your we us if as
"""
# Words that say nothing about what a person needs.
EMPTY = frozenset(_EMPTY.split())
# Letters by which words of one stem are alike: vaccine and vaccination, licence and license.
STEM = 5
# Letters that are taken for the beginning of a word; fewer begin too many, and may be pinyin.
BEGINNING = 4


def words_of(text: str) -> list[str]:
    """The words that say something, each once."""
    return list(dict.fromkeys(word for word in _WORD.findall(text) if word not in EMPTY))


def alike(typed: str, word: str) -> bool:
    """Whether what was typed is the word, its beginning, or another form of it."""
    single = typed[:-1] if typed.endswith("s") and len(typed) >= BEGINNING else typed
    if word in (typed, single):
        return True
    if len(typed) >= BEGINNING and word.startswith(single):
        return True
    if len(word) >= BEGINNING and typed.startswith(word):
        return True
    return len(typed) >= STEM and typed[:STEM] == word[:STEM]
