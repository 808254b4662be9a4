"""What a feature says of its matters: the half of the web beside the domain's `MatterKind`."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Iterable, Sequence

    from sqlalchemy.ext.asyncio import AsyncSession

    from domain.matters.growth import SubjectCount
    from domain.matters.kind import MatterKind
    from domain.matters.tables import Matter
    from domain.places.tables import Community
    from web.site.feature import Feature
    from web.site.pages import Card
    from web.site.visit import Visit


@dataclass(frozen=True)
class MatterSpec:
    """诉求种类 on the page."""

    kind: MatterKind
    # What a matter is about, on the resident's page: its post, the place, a call.
    about: Callable[[Visit, AsyncSession, Matter], Awaitable[Card]]
    # The same for the people who answer: who asks, where, and how they are reached.
    about_for_handlers: Callable[[Visit, AsyncSession, Matter], Awaitable[Card]]
    # How many were about what in a community, by period in days: periods, and days until erasure.
    subjects: Callable[
        [Visit, AsyncSession, Community, Sequence[int], int],
        Awaitable[dict[int, list[SubjectCount]]],
    ]


def spec_of(features: Iterable[Feature], word: str) -> MatterSpec:
    """The spec of a matter's kind. Raises `LookupError` for a kind that no feature has."""
    specs: list[MatterSpec] = [spec for feature in features for spec in feature.matters]
    for spec in specs:
        if spec.kind.word == word:
            return spec
    raise LookupError(word)


def kinds_of(features: Iterable[Feature]) -> Callable[[str], MatterKind]:
    """A function from a kind's word to the kind."""
    known = tuple(features)
    return lambda word: spec_of(known, word).kind
