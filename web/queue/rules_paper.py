"""排队规则: the form of a hall's queue rules, shown with the hall's page."""

from __future__ import annotations

from typing import TYPE_CHECKING

from domain.papers import kinds
from domain.queue.tables import IdleScreen
from domain.words import N_
from web.papers.form.shape import FormSpec
from web.papers.preview import page_of
from web.papers.spec import PaperSpec
from web.places import pages

if TYPE_CHECKING:
    from web.papers.spec import Preview
    from web.site.pages import Page

LABELS = {
    "QueueRules.priority_minutes": N_(
        "People with priority count as if they came earlier by (minutes)"
    ),
    "QueueRules.others": N_("Who else has priority"),
    "QueueRules.longest_wait_minutes": N_("Longest wait in minutes"),
    "QueueRules.back_places": N_("Places back after a missed call"),
    "QueueRules.most_returns": N_("How often a person may come back"),
    "QueueRules.most_lets": N_("How often a person may let others go first"),
    "QueueRules.most_a_day": N_("Numbers per category each day"),
    "QueueRules.repeats": N_("How often a call is announced"),
    "QueueRules.board": N_("A line on the screen"),
    "QueueRules.idle_screen": N_("While nobody waits, the screen shows"),
}
HELPS = {
    "QueueRules.priority_minutes": N_(
        "Someone with priority is placed as if they had come this much earlier."
    ),
    "QueueRules.others": N_(
        "In words that people recognise, such as: parents with a baby. Leave it empty if there are"
        " none."
    ),
    "QueueRules.longest_wait_minutes": N_(
        "Anyone who has waited this long is next, no matter who has priority."
    ),
    "QueueRules.back_places": N_(
        "How many people go first when someone comes back after a missed call."
    ),
    "QueueRules.most_a_day": N_("Leave it empty for no limit."),
    "QueueRules.board": N_("Shown on the screen in the hall. Leave it empty for none."),
    "QueueRules.idle_screen": N_("A disclosure is its title and a QR code; each call replaces it."),
}


OPTIONS = (
    (IdleScreen.WELCOME, N_("The last call, or a welcome")),
    (IdleScreen.DISCLOSURES, N_("What was published lately")),
)


async def previewed(draft: Preview) -> Page:
    """The hall's page. No public page says the rules, so it is as it is."""
    return await page_of(draft, draft.visit.published, draft.here, "/hall", pages.hall)


QUEUE = PaperSpec(
    kind=kinds.QUEUE,
    name=N_("Queue rules"),
    path="/staff/c/{community}/queue",
    fields=FormSpec(labels=LABELS, helps=HELPS, options=OPTIONS),
    preview=previewed,
)
