"""Which page a report is about: one that a phone can keep and that asks for reports."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from html import unescape
from typing import TYPE_CHECKING

from domain.mistakes.tables import LONGEST_TITLE
from domain.papers.paper import Paper
from web.papers.spec import specs_at

if TYPE_CHECKING:
    from domain.places.tables import Community
    from web.site.feature import Kept
    from web.site.pages import Page
    from web.site.visits import ResidentVisit

_TITLE = re.compile("<title>(.*?) · [^·<]*</title>", re.DOTALL)


@dataclass(frozen=True)
class PageNamed:
    """A page of a community: its path, its title, and the document it is mainly made of."""

    path: str
    title: str
    paper: Paper | None


# The pages are those that phones keep, so no second list says which pages there are. What a page
# is called is what its own template says: the title would differ from the page otherwise.
async def page_named(visit: ResidentVisit, community: Community, path: str) -> PageNamed:
    """The page at a path that a stranger sends; the community's home for any that is none."""
    kept, page = await _found(visit, community, path)
    here = visit.elsewhere(kept.route.format(**kept.params), kept.params)
    # As its writers read it, whatever the language of the resident.
    here = replace(here, manner=replace(here.manner, lang="zh-Hans"))
    found = _TITLE.search(visit.services.renderer.render(page, here))
    title = unescape(found[1]) if found else community.name
    return PageNamed(here.path, title[:LONGEST_TITLE], _paper(visit, kept))


async def _found(visit: ResidentVisit, community: Community, path: str) -> tuple[Kept, Page]:
    home = f"/c/{community.slug}"
    known = {
        kept.route.format(**kept.params): kept
        for feature in visit.features
        for kept in feature.kept_offline(visit, community)
    }
    kept = known.get(path, known[home])
    page = await kept.view(visit.elsewhere(path, kept.params))
    if not page.takes_reports:
        kept = known[home]
        page = await kept.view(visit.elsewhere(home, kept.params))
    return kept, page


def _paper(visit: ResidentVisit, kept: Kept) -> Paper | None:
    for spec in specs_at(visit.features, kept.route):
        place = kept.params["community"] if spec.kind.is_of_community else None
        return Paper(spec.kind, place, kept.params.get(spec.key, ""))
    return None
