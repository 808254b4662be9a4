"""社区的承诺: what a community promised and how it stands, for everyone; never who asked."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from domain.matters.promises import PromiseState, promises_in
from web.matters.timeline import promise_line
from web.site.pages import Page

if TYPE_CHECKING:
    from web.matters.timeline import PromiseLine
    from web.site.visits import ResidentVisit

# Days for which an ended promise stays on the page, and promises at most.
LASTS = dt.timedelta(days=90)
MOST = 100


@dataclass(frozen=True, kw_only=True)
class PromisesPage(Page):
    template: ClassVar[str] = "matters/promises.html"
    still_open: list[PromiseLine]
    ended: list[PromiseLine]
    # How many of the ended ones were kept by their date.
    kept: int


async def show(visit: ResidentVisit) -> Page:
    """The open promises, the first due first, and those that ended lately."""
    community = await visit.community()
    async with visit.services.store.read() as session:
        found = await promises_in(session, community.id, visit.now - LASTS, MOST)
    lines = [promise_line(visit, promise) for promise in found]
    return PromisesPage(
        community=community,
        still_open=[line for line in reversed(lines) if not line.is_over],
        ended=[line for line in lines if line.is_over],
        kept=sum(line.state is PromiseState.KEPT for line in lines),
    )
