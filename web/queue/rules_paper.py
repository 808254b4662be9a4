"""排队规则: the form of a hall's queue rules, shown with the hall's page."""

from __future__ import annotations

from typing import TYPE_CHECKING

from domain.papers import kinds
from domain.words import N_
from web.papers.form.shape import FormSpec
from web.papers.preview import page_of
from web.papers.spec import PaperSpec
from web.places import pages

if TYPE_CHECKING:
    from web.papers.spec import Preview
    from web.site.pages import Page

LABELS = {
    "QueueRules.priority_minutes": N_("Minutes that priority counts"),
    "QueueRules.others": N_("Who else has priority"),
    "QueueRules.longest_wait_minutes": N_("Longest wait in minutes"),
    "QueueRules.back_places": N_("Places back after being passed"),
    "QueueRules.most_returns": N_("How often a person may come back"),
    "QueueRules.most_lets": N_("How often a person may let others go first"),
    "QueueRules.most_a_day": N_("Numbers of a category each day"),
    "QueueRules.repeats": N_("How often a call is said"),
    "QueueRules.board": N_("A line on the screen"),
}
HELPS = {
    "QueueRules.priority_minutes": N_(
        "Someone with priority stands where they would, had they come so much earlier."
    ),
    "QueueRules.others": N_(
        "In words that people find themselves in: parents with a baby. Leave it empty for nobody."
    ),
    "QueueRules.longest_wait_minutes": N_(
        "People who have waited this long are next, even before those with priority."
    ),
    "QueueRules.back_places": N_("So many go first when someone who was passed comes back."),
    "QueueRules.most_a_day": N_("Leave it empty for as many as come."),
    "QueueRules.board": N_("Shown on the screen in the hall. Leave it empty for none."),
}


async def previewed(draft: Preview) -> Page:
    """The hall's page. No public page says the rules, so it is as it is."""
    return await page_of(draft, draft.visit.published, draft.here, "/hall", pages.hall)


QUEUE = PaperSpec(
    kind=kinds.QUEUE,
    name=N_("Queue rules"),
    path="/staff/c/{community}/queue",
    fields=FormSpec(labels=LABELS, helps=HELPS),
    preview=previewed,
)
