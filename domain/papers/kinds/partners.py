"""共建单位 as a document: all of a community."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from domain.content import Content
from domain.papers.paper import CommunityKind
from domain.places.content import PartnerContent
from domain.places.writing import partner_content, partners_of

if TYPE_CHECKING:
    from domain.places.tables import Community


class Partners(Content):
    """共建单位, all of a community."""

    partners: tuple[PartnerContent, ...] = ()


class PartnersKind(CommunityKind):
    """共建单位."""

    word = "partners"
    rank = 80
    shape = Partners

    def document_of(self, community: Community) -> Content:
        """The community's partners."""
        return Partners(partners=tuple(map(partner_content, community.partners)))

    def put(self, community: Community, document: Any) -> None:
        """Replace the partners."""
        community.partners = partners_of(document.partners)


PARTNERS = PartnersKind()
