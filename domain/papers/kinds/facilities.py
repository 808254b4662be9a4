"""便民设施 as a document: all of a community."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from domain import rules
from domain.content import Content
from domain.papers.paper import CommunityKind
from domain.places.content import FacilityContent
from domain.places.writing import facility_content, put_facilities

if TYPE_CHECKING:
    from collections.abc import Iterable

    from domain.content import Contradiction
    from domain.places.tables import Community


class Facilities(Content):
    """便民设施, all of a community."""

    facilities: tuple[FacilityContent, ...] = ()


class FacilitiesKind(CommunityKind):
    """便民设施."""

    word = "facilities"
    rank = 70
    shape = Facilities

    def document_of(self, community: Community) -> Content:
        """The community's facilities."""
        return Facilities(facilities=tuple(map(facility_content, community.facilities)))

    def put(self, community: Community, document: Any) -> None:
        """Change the facilities; each keeps its row by its slug."""
        put_facilities(community, document.facilities)

    def contradictions_within(self, document: Any) -> Iterable[Contradiction]:
        """Each slug stands once."""
        return rules.of_facilities(document.facilities)


FACILITIES = FacilitiesKind()
