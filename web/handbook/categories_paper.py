"""服务类别: the form of the district's categories, shown as the handbook will be."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from domain.papers import kinds
from domain.words import N_
from web.handbook import guides
from web.papers.form.shape import FormSpec
from web.papers.preview import page_of
from web.papers.slugs import with_slugs
from web.papers.spec import PaperSpec
from web.site.words import translations

if TYPE_CHECKING:
    from domain.handbook.categories import CategoriesContent, CategoryContent
    from domain.handbook.tables import ServiceItem
    from domain.papers.paper import Paper
    from domain.places.tables import Community
    from domain.published import Published
    from web.papers.spec import Choices, Consequence, PaperVisit, Preview
    from web.site.pages import Page

LABELS = {
    "CategoriesContent.categories": N_("Categories"),
    "CategoryContent": N_("Categories"),
    "CategoryContent.letter": N_("Letter of its numbers"),
    "CategoryContent.slug": N_("Name in the address"),
    "CategoryContent.name": N_("What it is called"),
    "CategoryContent.character": N_("Its sign"),
    "CategoryContent.summary": N_("In one sentence"),
    "CategoriesContent.ended_categories": N_("Ended categories"),
    "EndedCategory": N_("Ended category"),
    "EndedCategory.what": N_("Which category"),
    "CategoryEnd.successor": N_("Category that follows it"),
    "CategoryEnd.day": N_("Since when"),
    "CategoryEnd.reason": N_("Why"),
}
HELPS = {
    "CategoriesContent.categories": N_(
        "In this order they stand on pages and screens. A letter never changes, because numbers"
        " and paper have it. What was published is not removed here: end it below instead."
    ),
    "CategoryContent.letter": N_("One capital letter that no other category has."),
    "CategoryContent.character": N_("One character, on tiles and posters, such as 老."),
    "CategoriesContent.ended_categories": N_(
        "First move its items to other categories, and take it from the counters of all halls."
    ),
    "CategoryEnd.successor": N_("Its old address opens this one. It must be published already."),
}
CHOICES = {"EndedCategory.what": "every_category", "CategoryEnd.successor": "every_category"}
SECTIONS = (
    (N_("Categories"), ("categories",)),
    (N_("Ended categories"), ("ended_categories",)),
)
ENDS = N_(
    "“%(name)s” ends. Its address will open “%(next)s”. Numbers of earlier days keep its name."
)
RETURNS = N_("“%(name)s” is in use again.")
NOBODY_SERVES = N_("“%(name)s” is new. No counter serves it until the halls say so.")
IS_ENDED = N_("%(name)s (no longer in use)")


@dataclass(frozen=True)
class ShownCategory:
    """A category as its page shows it, before it is published."""

    letter: str
    slug: str
    name: str
    character: str
    summary: str
    items: tuple[ServiceItem, ...]


def _with_slugs(_paper: Paper, values: dict[str, Any]) -> dict[str, Any]:
    """A new category gets its name in addresses from how its name sounds."""
    return {**values, "categories": with_slugs(values["categories"])}


def own_choices(
    published: Published, _paper: Paper, _place: Community | None, lang: str
) -> Choices:
    """The categories as published; those that ended say so."""
    word, handbook = translations(lang).gettext, published.handbook
    in_use = [(each.letter, f"{each.letter} {each.name}") for each in handbook.categories]
    ended = [
        (each.letter, word(IS_ENDED) % {"name": f"{each.letter} {each.name}"})
        for each in handbook.ended_categories
    ]
    return {"every_category": [*in_use, *ended]}


async def consequences(visit: PaperVisit, document: CategoriesContent) -> list[Consequence]:
    """Which categories end, come back or are new."""
    handbook = visit.staff.published.handbook
    names = {each.letter: each.name for each in document.categories}
    before = {each.letter for each in handbook.ended_categories}
    ends: list[Consequence] = [
        (ENDS, {"name": names[each.what], "next": names[each.successor]})
        for each in document.ended_categories
        if each.what not in before
    ]
    back = [letter for letter in names if letter in before - document.ended]
    new = [letter for letter in names if letter not in handbook.by_letter]
    return [
        *ends,
        *((RETURNS, {"name": names[letter]}) for letter in back),
        *((NOBODY_SERVES, {"name": names[letter]}) for letter in new),
    ]


async def previewed(draft: Preview) -> Page:
    """The handbook as it would be, in the first community."""
    published = draft.visit.published
    known = {each.slug: each.items for each in published.handbook.categories}
    document: CategoriesContent = draft.document
    shown: Any = tuple(
        _shown(each, tuple(known.get(each.slug, ())))
        for each in document.categories
        if each.letter not in document.ended
    )
    handbook = replace(published.handbook, categories=shown)
    published = replace(published, handbook=handbook)
    community = await published.community(next(iter(published.names)))
    return await page_of(draft, published, community, "/handbook", guides.index)


def _shown(content: CategoryContent, items: tuple[ServiceItem, ...]) -> ShownCategory:
    return ShownCategory(**content.model_dump(), items=items)


CATEGORIES = PaperSpec(
    kind=kinds.CATEGORIES,
    name=N_("Categories"),
    path="/staff/categories",
    fields=FormSpec(
        labels=LABELS,
        helps=HELPS,
        choices=CHOICES,
        hidden=frozenset({"CategoryContent.slug"}),
        kept=frozenset({"CategoryContent"}),
    ),
    preview=previewed,
    sections=SECTIONS,
    shown_at=("/c/{community}/handbook/categories/{category}",),
    completed=_with_slugs,
    own_choices=own_choices,
    consequences=consequences,
)
