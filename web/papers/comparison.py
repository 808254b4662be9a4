"""Two states of a document side by side, in words, with the changed characters marked."""

from __future__ import annotations

from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import TYPE_CHECKING, Any

from domain.papers.compare import Difference, value_at
from domain.words import N_
from web.papers.form.places import labels_of, part_at, row_name
from web.papers.form.shape import Field, Group, Rows, Widget
from web.site.words import translations

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from domain.papers.compare import Path

    Word = Callable[[str], str]

ORDER = N_("Order")
# Characters beyond which two texts are shown whole: comparing takes the product of both.
LONGEST_MARKED = 2000
# Below this, marking characters would tear the texts into confetti.
LEAST_ALIKE = 0.3


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


def changes_of(group: Group, found: Sequence[Difference], document: Any, lang: str) -> list[Change]:
    """Differences as a person reads them; `document` is the one that their places are in.

    Those of hidden fields are left out: nobody types a key, and it says nothing.
    """
    return [
        change_of(group, each, document, lang)
        for each in found
        if not _is_hidden(part_at(group, each.path))
    ]


def change_of(group: Group, found: Difference, document: Any, lang: str) -> Change:
    """One difference as a person reads it."""
    word = translations(lang).gettext
    return Change(_where(group, found, document, word), *_pieces(group, found, word))


def place_words(group: Group, name: str, document: Any, lang: str) -> str:
    """Where a field of the document is, in words, by its name."""
    path = tuple(int(step) if step.isdecimal() else step for step in name.split("."))
    place = Difference(path, None, value_at(document, path))
    return _where(group, place, document, translations(lang).gettext)


def _where(group: Group, difference: Difference, document: Any, word: Word) -> str:
    steps = [
        word(step) if isinstance(step, str) else _row_words(group, step, difference, document)
        for step in labels_of(group, difference.path)
    ]
    return " › ".join([*steps, word(ORDER)] if difference.is_order else steps)


def _row_words(group: Group, path: Path, difference: Difference, document: Any) -> str:
    """A row by its name, with its number where another has the same; else by its number."""
    rows = part_at(group, path[:-1])
    others = value_at(document, path[:-1]) or []
    is_gone = path == difference.path and difference.after is None
    name = row_name(rows, difference.before if is_gone else value_at(document, path))
    number = str(int(path[-1]) + 1)
    if not name:
        return number
    count = sum(row_name(rows, each) == name for each in others) + is_gone
    return name if count <= 1 else f"{name} ({number})"


def _pieces(
    group: Group, difference: Difference, word: Word
) -> tuple[tuple[Piece, ...], tuple[Piece, ...]]:
    part = part_at(group, difference.path)
    if difference.is_order:
        names = [
            [row_name(part, row) for row in rows] for rows in (difference.before, difference.after)
        ]
        return _marked_lines(*names)
    return _marked(_text(part, difference.before, word), _text(part, difference.after, word))


def _is_hidden(part: Field | Group | Rows) -> bool:
    return isinstance(part, Field) and part.widget is Widget.HIDDEN


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
            if not _is_hidden(each)
        )
        return "\n".join(f"{word(label)}{word(': ')}{text}" for label, text in lines if text)
    names = dict(part.options)
    if part.options:
        values = value if isinstance(value, list) else [value]
        return word(", ").join(word(names.get(str(each), str(each))) for each in values)
    if isinstance(value, list) and part.widget is Widget.CHOICES:
        return word(", ").join(map(str, value))
    return part.text_of(value)


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


def _marked_lines(
    before: Sequence[str], after: Sequence[str]
) -> tuple[tuple[Piece, ...], tuple[Piece, ...]]:
    """Two orders of the same lines, in pieces; the lines that moved are marked."""
    old, new = [], []
    matcher = SequenceMatcher(None, before, after, autojunk=False)
    for what, b1, b2, a1, a2 in matcher.get_opcodes():
        old += [Piece(f"{each}\n", what != "equal") for each in before[b1:b2]]
        new += [Piece(f"{each}\n", what != "equal") for each in after[a1:a2]]
    return tuple(old), tuple(new)


def _whole(text: str) -> tuple[Piece, ...]:
    return (Piece(text, is_changed=True),) if text else ()
