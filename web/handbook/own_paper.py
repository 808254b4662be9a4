"""社区补充: the form of what a community adds to an item, and the guide with it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from starlette.exceptions import HTTPException

from domain.errors import NotFoundError
from domain.papers import kinds, versions
from domain.words import N_
from web.handbook.guide_paper import GUIDE, guide_page
from web.papers.form.shape import FormSpec
from web.papers.spec import PaperSpec
from web.site.answers import Redirect

if TYPE_CHECKING:
    from web.papers.spec import PaperVisit, Preview
    from web.site.pages import Page

LABELS = {
    "OwnContent.note": N_("What is different here"),
    "OwnContent.counter": N_("Counter"),
    "OwnContent.hours": N_("Hours for this item"),
    "OwnContent.person": N_("Person in charge"),
    "OwnContent.phones": N_("More telephones"),
    "OwnPhone": N_("Telephone"),
    "OwnPhone.name": N_("Who answers"),
    "OwnPhone.phone": N_("Telephone"),
}
HELPS = {
    "OwnContent.counter": N_("Leave it empty for the category's counters."),
    "OwnContent.person": N_("Leave it empty for the category's people."),
    "OwnContent.hours": N_("In words, if they differ from the hall's hours."),
}
CHOICES = {"OwnContent.counter": "counters", "OwnContent.person": "posts"}


async def previewed(draft: Preview) -> Page:
    """The guide as this community would show it."""
    community, item = draft.here, draft.item
    if item is not None:
        kinds.OWN.put(community, item, draft.document)
    published = draft.visit.published.with_community(community)
    return await guide_page(draft, published, community)


async def confirm(visit: PaperVisit) -> Redirect:
    """The community read what the district changed, and what it added is still right."""
    try:
        await versions.confirm_note(visit.session, visit.actor, visit.paper, visit.now)
    except NotFoundError:
        raise HTTPException(404) from None
    return Redirect(visit.address)


OWN = PaperSpec(
    kind=kinds.OWN,
    name=N_("Our notes on this item"),
    path="/staff/c/{community}/handbook/{item}",
    fields=FormSpec(
        labels=LABELS,
        helps=HELPS,
        choices=CHOICES,
    ),
    preview=previewed,
    shown_at=("/c/{community}/handbook/{item}",),
    key="item",
    is_about_item=True,
    adds_to=GUIDE,
    more=(("confirmation", confirm),),
)
