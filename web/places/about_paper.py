"""社区介绍: the form of what a community tells about itself, and its page."""

from __future__ import annotations

from typing import TYPE_CHECKING

from domain.papers import kinds
from domain.places.content import Settlement
from domain.words import N_
from web.home import community as home
from web.papers.form.shape import FormSpec
from web.papers.preview import page_of
from web.papers.spec import PaperSpec
from web.places import pages

if TYPE_CHECKING:
    from web.papers.spec import Preview
    from web.site.pages import Page

LABELS = {
    "About.introduction": N_("Introduction"),
    "About.brand": N_("Brand"),
    "BrandContent.name": N_("Name of the brand"),
    "BrandContent.slogan": N_("Slogan"),
    "BrandContent.story": N_("Story"),
    "About.first_secretary": N_("First secretary"),
    "FirstSecretaryContent.name": N_("Full name"),
    "FirstSecretaryContent.phone": N_("Telephone"),
    "FirstSecretaryContent.about": N_("About"),
    "About.settlement": N_("Kind of community"),
    "About.electorate": N_("How many residents and representatives"),
    "Electorate.residents": N_("Residents"),
    "Electorate.representatives": N_("Residents' representatives"),
    "Electorate.source": N_("Where the numbers are from"),
    "Electorate.confirmed_on": N_("Checked on"),
}
HELPS = {
    "BrandContent.story": N_("One paragraph per line."),
    "About.brand": N_("Leave it empty if there is none."),
    "About.first_secretary": N_("Leave it empty if there is none."),
    "About.settlement": N_("It decides what must be published, and how often."),
    "About.electorate": N_("From them follows how many must support what residents ask for."),
}
OPTIONS = (
    (Settlement.OLD_TOWN, N_("old town")),
    (Settlement.NEW_ESTATE, N_("new estate")),
    (Settlement.FORMER_VILLAGE, N_("former village")),
)


async def previewed(draft: Preview) -> Page:
    """The brand's page; the community's own when there is no brand and no introduction yet."""
    kinds.ABOUT.put(draft.here, draft.document)
    published = draft.visit.published.with_community(draft.here)
    if draft.document.brand or draft.document.introduction:
        return await page_of(draft, published, draft.here, "/brand", pages.brand)
    return await page_of(draft, published, draft.here, "", home.show)


ABOUT = PaperSpec(
    kind=kinds.ABOUT,
    name=N_("Introduction and brand"),
    path="/staff/c/{community}/about",
    fields=FormSpec(labels=LABELS, helps=HELPS, options=OPTIONS),
    preview=previewed,
    shown_at=("/c/{community}", "/c/{community}/brand"),
)
