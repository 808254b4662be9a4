"""不在这里办: the form of the district's list, shown as residents will see it."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from domain.handbook.elsewhere import Urgency
from domain.papers import kinds
from domain.words import N_
from web.handbook import elsewhere
from web.papers.form.shape import FormSpec
from web.papers.preview import page_of
from web.papers.slugs import with_slugs
from web.papers.spec import PaperSpec

if TYPE_CHECKING:
    from domain.papers.paper import Paper
    from web.papers.spec import Preview
    from web.site.pages import Page

LABELS = {
    "MattersElsewhere.matters": N_("Not done here"),
    "MatterElsewhere": N_("Matter"),
    "MatterElsewhere.slug": N_("Name in the address"),
    "MatterElsewhere.under": N_("Kind of matter"),
    "MatterElsewhere.name": N_("What it is called"),
    "MatterElsewhere.search_words": N_("Words people search for"),
    "MatterElsewhere.where": N_("Who does it"),
    "MatterElsewhere.how": N_("How to get it done there"),
    "MatterElsewhere.phone": N_("Telephone"),
    "MatterElsewhere.urgency": N_("How urgent it is"),
}
HELPS = {
    "MattersElsewhere.matters": N_("Search answers with these when people ask for them here."),
    "MatterElsewhere.under": N_("Matters of the same kind stand together on the page."),
    "MatterElsewhere.search_words": N_(
        "One per line; include words that only residents use, and English ones."
    ),
}


async def previewed(draft: Preview) -> Page:
    """The list as it would be, in the first community."""
    published = draft.visit.published
    handbook = replace(published.handbook, elsewhere=draft.document)
    published = replace(published, handbook=handbook)
    community = await published.community(next(iter(published.names)))
    return await page_of(draft, published, community, "/elsewhere", elsewhere.show)


def _with_slugs(_paper: Paper, values: dict[str, Any]) -> dict[str, Any]:
    """A new matter gets its name in addresses from how its name sounds."""
    return {"matters": with_slugs(values["matters"])}


ELSEWHERE = PaperSpec(
    kind=kinds.ELSEWHERE,
    name=N_("Not done here"),
    path="/staff/elsewhere",
    fields=FormSpec(
        labels=LABELS,
        helps=HELPS,
        options=((Urgency.USUAL, N_("It can wait")), (Urgency.AT_ONCE, N_("Call first"))),
        hidden=frozenset({"MatterElsewhere.slug"}),
    ),
    preview=previewed,
    shown_at=("/c/{community}/elsewhere",),
    completed=_with_slugs,
)
