"""服务类别: the categories of the district as one document, and what must hold of them.

A category's letter starts queue numbers that are printed and kept, and its slug is in addresses on
paper. Neither ever changes, and a letter that was used once is not given to another category.
"""

from __future__ import annotations

from string import ascii_uppercase
from typing import TYPE_CHECKING, Annotated

from pydantic import StringConstraints

from domain import rules
from domain.content import Content, Contradiction, Day, Line, Slug
from domain.places.content import CategoryLetter
from domain.words import N_, Words

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

LETTER_TAKEN = N_("Two categories have this letter. Free letters: {}.")
LETTER_FIXED = N_("Its letter is {} and stays so: numbers and paper have it.")
UNKNOWN = N_("There is no category {} in the list above.")
ENDED_SUCCESSOR = N_("“{}” is no longer in use either. Choose a category that is.")
HAS_ITEMS = N_("Items are still in it: {}. Move them to another category in their guides first.")
HAS_COUNTERS = N_("Counters still serve it: {}. Take it from them in the halls first.")
# How many items or counters a refusal names.
MOST_NAMED = 5

Letter = Annotated[
    str,
    StringConstraints(pattern=r"^[A-Z]$"),
    Words(N_("Please use one capital letter, A to Z.")),
]
Character = Annotated[
    str,
    StringConstraints(pattern=r"^\S$"),
    Words(N_("Please use a single character, such as 老.")),
]


class CategoryEnd(Content):
    """停用: since when a category is no longer in use, why, and which has its address now."""

    successor: CategoryLetter
    day: Day
    reason: Line


class CategoryContent(Content):
    """服务类别, as its office or its file describes it."""

    letter: Letter
    slug: Slug
    name: Line
    character: Character
    summary: Line


class EndedCategory(CategoryEnd):
    """停用的类别: which, and which category has its address from now on."""

    what: CategoryLetter


class CategoriesContent(Content):
    """服务类别, all of the district in the order of its pages, with those that ended."""

    categories: tuple[CategoryContent, ...] = ()
    ended_categories: tuple[EndedCategory, ...] = ()

    @property
    def ended(self) -> set[str]:
        """The letters of those that ended."""
        return {each.what for each in self.ended_categories}


def contradictions_of(document: CategoriesContent) -> Iterator[Contradiction]:
    """What is wrong with a document by itself."""
    letters = [each.letter for each in document.categories]
    for n, letter in enumerate(letters):
        if letter in letters[:n]:
            path = ("categories", n, "letter")
            yield Contradiction(path, LETTER_TAKEN, _free(letters))
    yield from rules.twice(
        ("categories",), rules.SLUG_TAKEN, [each.slug for each in document.categories]
    )
    in_use = [each.name for each in document.categories if each.letter not in document.ended]
    yield from rules.twice(("categories",), rules.NAME_TWICE, in_use)
    yield from _of_ended(document)


def _free(letters: Sequence[str]) -> str:
    return "".join(each for each in ascii_uppercase if each not in letters) or "-"


def _of_ended(document: CategoriesContent) -> Iterator[Contradiction]:
    names = {each.letter: each.name for each in document.categories}
    seen: set[str] = set()
    for n, each in enumerate(document.ended_categories):
        what, to = ("ended_categories", n, "what"), ("ended_categories", n, "successor")
        if each.what not in names:
            yield Contradiction(what, UNKNOWN, each.what)
        elif each.what in seen:
            yield Contradiction(what, rules.ENDED_TWICE, names[each.what])
        seen.add(each.what)
        # No chains and no circles: a printed address leads to a category in use by one step.
        if each.successor not in names:
            yield Contradiction(to, UNKNOWN, each.successor)
        elif each.successor == each.what:
            yield Contradiction(to, rules.OWN_SUCCESSOR, names[each.what])
        elif each.successor in document.ended:
            yield Contradiction(to, ENDED_SUCCESSOR, names[each.successor])


def contradictions_beside(
    before: CategoriesContent,
    after: CategoriesContent,
    items: dict[str, list[str]],
    counters: dict[str, list[str]],
) -> Iterator[Contradiction]:
    """What is wrong with a document beside what is published.

    `items` and `counters` are the names of those that a letter has.
    """
    letters = {each.slug: each.letter for each in before.categories}
    for n, each in enumerate(after.categories):
        if letters.get(each.slug, each.letter) != each.letter:
            yield Contradiction(("categories", n, "letter"), LETTER_FIXED, letters[each.slug])
    slugs = {each.slug for each in after.categories}
    for each in before.categories:
        if each.slug not in slugs:
            yield Contradiction(("categories",), rules.KEPT, each.name)
    for n, ended in enumerate(after.ended_categories):
        path = ("ended_categories", n, "what")
        if ended.what in before.ended:
            continue
        if found := items.get(ended.what):
            yield Contradiction(path, HAS_ITEMS, _named(found))
        elif found := counters.get(ended.what):
            yield Contradiction(path, HAS_COUNTERS, _named(found))


def _named(names: list[str]) -> str:
    return "、".join(names[:MOST_NAMED]) + ("…" if len(names) > MOST_NAMED else "")


def brought_back(old: CategoriesContent, now: CategoriesContent) -> CategoriesContent:
    """An old version with every category that came since: its letter cannot be taken back."""
    known = {each.slug for each in old.categories}
    since = [each for each in now.categories if each.slug not in known]
    letters = {each.letter for each in since}
    ended = [each for each in now.ended_categories if each.what in letters]
    return CategoriesContent(
        categories=(*old.categories, *since), ended_categories=(*old.ended_categories, *ended)
    )
