"""社区介绍 as a document: what a community tells about itself."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from domain.content import Content, Text
from domain.papers.paper import CommunityKind
from domain.places.content import (
    BrandContent,
    Electorate,
    FirstSecretaryContent,
    Settlement,
)

if TYPE_CHECKING:
    from domain.places.tables import Community


class About(Content):
    """社区介绍: what a community tells about itself, and what kind of community it is."""

    introduction: Text | None = None
    brand: BrandContent | None = None
    first_secretary: FirstSecretaryContent | None = None
    settlement: Settlement = Settlement.OLD_TOWN
    electorate: Electorate | None = None


class AboutKind(CommunityKind):
    """社区介绍."""

    word = "about"
    rank = 90
    shape = About

    def document_of(self, community: Community) -> Content:
        """What the community tells now."""
        return About(
            introduction=community.introduction,
            brand=community.brand,
            first_secretary=community.first_secretary,
            settlement=community.settlement,
            electorate=community.electorate,
        )

    def put(self, community: Community, document: Any) -> None:
        """Let the community tell this."""
        community.introduction = document.introduction
        community.brand = document.brand
        community.first_secretary = document.first_secretary
        community.settlement = document.settlement
        community.electorate = document.electorate


ABOUT = AboutKind()
