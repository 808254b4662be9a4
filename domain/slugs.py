"""Names in addresses for what is new, made of how its name sounds."""

from __future__ import annotations

import re

from pypinyin import lazy_pinyin

# What a kind of place is called after its name, and no sign spells.
ENDINGS = re.compile(r"(街道办事处|街道办|街道|镇|社区居委会|社区|区)$")
SPELT = re.compile(r"[a-z0-9]+")
# Characters, so that a number still fits behind them.
LONGEST_STEM = 36


def new_slug(name: str, taken: set[str], prefix: str = "") -> str:
    """A name in the address for something new, by how its name sounds; `taken` grows by it.

    `prefix` stands in front of it, for addresses that are unique in more than one document.
    """
    sounds = "-".join(_spelt(name))
    whole = f"{prefix}-{sounds or 'new'}" if prefix else sounds
    stem = whole[:LONGEST_STEM].strip("-") or "new"
    slug, number = stem, 1
    while slug in taken:
        number += 1
        slug = f"{stem}-{number}"
    taken.add(slug)
    return slug


def place_slug(name: str, taken: set[str]) -> str:
    """A name in the address for a place, as a sign spells it: 张庄路社区 is zhangzhuanglu.

    `taken` grows by it.
    """
    return new_slug("".join(_spelt(ENDINGS.sub("", name) or name)), taken)


def _spelt(name: str) -> list[str]:
    """The sounds of its characters, and its Latin letters and digits, without any other sign."""
    return [run for each in lazy_pinyin(name) for run in SPELT.findall(each.lower())]
