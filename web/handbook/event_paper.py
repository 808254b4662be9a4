"""人生事件的步骤: the form of an event's steps, and its page as residents will see it."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from domain.handbook.events import Joined, StepPlace
from domain.handbook.search import EVENTS
from domain.papers import kinds
from domain.words import N_
from web.handbook import events
from web.papers.form.shape import FormSpec
from web.papers.preview import page_of
from web.papers.spec import PaperSpec

if TYPE_CHECKING:
    from web.papers.spec import Preview
    from web.site.pages import Page

LISTED_AT = "/staff/events"
LABELS = {
    "EventSteps.steps": N_("Steps in order"),
    "EventStep": N_("Step"),
    "EventStep.title": N_("What to do"),
    "EventStep.joined": N_("How it follows the step above"),
    "EventStep.when": N_("By when"),
    "EventStep.needed": N_("Who it is for"),
    "EventStep.about": N_("What to know"),
    "EventStep.where": N_("Where"),
    "EventStep.place": N_("Page of the community"),
    "EventStep.items": N_("Guide"),
    "EventStep.elsewhere": N_("Not done here"),
}
HELPS = {
    "EventSteps.steps": N_("Without steps the page lists the guides of this event, as before."),
    "EventStep.joined": N_("“Or” is for what people choose between."),
    "EventStep.when": N_("For example: within 30 days."),
    "EventStep.needed": N_("Leave it empty if everyone needs it."),
    "EventStep.where": N_("Only if neither a guide nor “Not done here” says it."),
}
OPTIONS = (
    (Joined.THEN, N_("Then")),
    (Joined.AND, N_("At the same time")),
    (Joined.OR, N_("Or")),
    (StepPlace.HALL, N_("The service hall")),
    (StepPlace.CONTACTS, N_("Find my contact")),
    (StepPlace.FACILITIES, N_("Facilities")),
)
CHOICES = {"EventStep.items": "items", "EventStep.elsewhere": "matters"}


async def previewed(draft: Preview) -> Page:
    """The event over the handbook as it would be, in the first community."""
    published, event = draft.visit.published, draft.paper.key
    plans = {**published.handbook.plans, event: draft.document}
    published = replace(published, handbook=replace(published.handbook, plans=plans))
    community = await published.community(next(iter(published.names)))
    path = f"/handbook/events/{event}"
    return await page_of(draft, published, community, path, events.show, event=event)


EVENT = PaperSpec(
    kind=kinds.EVENT,
    name=N_("Life event"),
    path="/staff/events/{event}",
    fields=FormSpec(labels=LABELS, helps=HELPS, choices=CHOICES, options=OPTIONS),
    preview=previewed,
    shown_at=("/c/{community}/handbook/events/{event}",),
    key="event",
    keys={event.value: name for event, (name, _) in EVENTS.items()},
    listed_at=LISTED_AT,
    listed_as=N_("Life events"),
)
