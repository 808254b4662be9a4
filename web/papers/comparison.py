"""Two states of a document side by side, in words, with the changed characters marked."""

from __future__ import annotations

from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import TYPE_CHECKING, Any

from web.papers.fields import Field, Group, Rows, Widget, labels_of, part_at, shown
from web.site.words import translations

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from domain.papers.compare import Difference, Path

    Word = Callable[[str], str]

LONGEST_MARKED = 2000
"""Characters beyond which two texts are shown whole: comparing takes the product of both."""
LEAST_ALIKE = 0.3
"""Below this, marking characters would tear the texts into confetti."""


@dataclass(frozen=True)
class Piece:
    """A stretch of text, and whether it is only on its own side."""

    text: str
    is_changed: bool


@dataclass(frozen=True)
class Change:
    """One place: where it is in words, and what stands there before and after."""

    where: str
    before: tuple[Piece, ...]
    after: tuple[Piece, ...]


def changes_of(group: Group, found: Sequence[Difference], lang: str) -> list[Change]:
    """Differences as a person reads them."""
    word = translations(lang).gettext
    return [
        Change(_where(group, each.path, word), *_marked(*_texts(group, each, word)))
        for each in found
    ]


def place_words(group: Group, name: str, lang: str) -> str:
    """Where a field is, in words, by its name."""
    path = tuple(int(step) if step.isdecimal() else step for step in name.split("."))
    return _where(group, path, translations(lang).gettext)


def _where(group: Group, path: Path, word: Word) -> str:
    steps = labels_of(group, path)
    return " › ".join(str(each) if isinstance(each, int) else word(each) for each in steps)


def _texts(group: Group, difference: Difference, word: Word) -> tuple[str, str]:
    part = part_at(group, difference.path)
    return _text(part, difference.before, word), _text(part, difference.after, word)


def _text(part: Field | Group | Rows, value: Any, word: Word) -> str:
    """A value as text; a whole part is its fields, a line each."""
    if value in (None, "", []):
        return ""
    if isinstance(part, Rows) and isinstance(value, list):
        return "\n\n".join(_text(part.part, each, word) for each in value)
    if isinstance(part, Rows):
        part = part.part
    if isinstance(part, Group):
        inside = value if isinstance(value, dict) else {}
        lines = (
            (each.label, _text(each, inside.get(each.name), word))
            for each in part.parts
            if not (isinstance(each, Field) and each.widget is Widget.HIDDEN)
        )
        return "\n".join(f"{word(label)}{word(': ')}{text}" for label, text in lines if text)
    names = dict(part.options)
    if part.options:
        values = value if isinstance(value, list) else [value]
        return word(", ").join(word(names.get(str(each), str(each))) for each in values)
    if isinstance(value, list) and part.widget is Widget.CHOICES:
        return word(", ").join(map(str, value))
    return shown(part, value)


def _marked(before: str, after: str) -> tuple[tuple[Piece, ...], tuple[Piece, ...]]:
    """Both texts in pieces."""
    longest = max(len(before), len(after))
    matcher = SequenceMatcher(None, before, after, autojunk=False)
    if not before or not after or longest > LONGEST_MARKED or matcher.ratio() < LEAST_ALIKE:
        return _whole(before), _whole(after)
    old, new = [], []
    for what, b1, b2, a1, a2 in matcher.get_opcodes():
        old.append(Piece(before[b1:b2], what != "equal"))
        new.append(Piece(after[a1:a2], what != "equal"))
    return tuple(each for each in old if each.text), tuple(each for each in new if each.text)


def _whole(text: str) -> tuple[Piece, ...]:
    return (Piece(text, is_changed=True),) if text else ()
