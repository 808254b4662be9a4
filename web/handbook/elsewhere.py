"""不在这里办: what the hall does not do, and where it is done."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from web.site.pages import Page

if TYPE_CHECKING:
    from domain.handbook.elsewhere import MatterElsewhere
    from web.site.visit import Visit


@dataclass(frozen=True, kw_only=True)
class ElsewherePage(Page):
    """Every matter that people ask for and that is done elsewhere."""

    template: ClassVar[str] = "handbook/elsewhere.html"
    tab: ClassVar[str] = "handbook"
    takes_reports: ClassVar[bool] = True
    # By what they stand below, in the office's order; matters without it stand below nothing.
    kinds: dict[str, list[MatterElsewhere]]


async def show(visit: Visit) -> Page:
    """The district's list, in a community."""
    community = await visit.community()
    kinds: dict[str, list[MatterElsewhere]] = {}
    for matter in visit.published.handbook.elsewhere.matters:
        kinds.setdefault(matter.under or "", []).append(matter)
    return ElsewherePage(community=community, kinds=kinds)
