"""不在这里办: what people ask for that no hall of the district does, and where it is done."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING

from pydantic import Field

from domain import rules
from domain.content import Content, Line, Phone, Slug, Text

if TYPE_CHECKING:
    from collections.abc import Iterable

    from domain.content import Contradiction


class Urgency(StrEnum):
    """Whether who asks for it should call at once, as for the police."""

    USUAL = "usual"
    AT_ONCE = "at-once"


class MatterElsewhere(Content):
    """不在这里办的事: the words people use for it, who does it, and how one gets there."""

    slug: Slug
    # What it stands below on the page of all matters; people look for the kind of thing first.
    under: Line | None = None
    name: Line
    search_words: tuple[Line, ...] = Field(min_length=1)
    # The authority or company that does it.
    where: Line
    how: Text
    phone: Phone | None = None
    urgency: Urgency = Urgency.USUAL


class MattersElsewhere(Content):
    """不在这里办, all of the district."""

    matters: tuple[MatterElsewhere, ...] = ()


def contradictions_of(document: MattersElsewhere) -> Iterable[Contradiction]:
    """Each slug stands once."""
    slugs = [matter.slug for matter in document.matters]
    return rules.twice(("matters",), rules.SLUG_TAKEN, slugs)
