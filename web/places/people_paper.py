"""负责人: the form of the people in charge, and their page."""

from __future__ import annotations

from domain.papers import kinds
from domain.words import N_
from web.papers.form.shape import FormSpec
from web.papers.preview import page_of_community
from web.papers.spec import PaperSpec
from web.places import pages

LABELS = {
    "People.people": N_("People in charge"),
    "PersonContent": N_("People in charge"),
    "PersonContent.post": N_("Post"),
    "PersonContent.name": N_("Full name"),
    "PersonContent.answers_for": N_("Responsible for"),
    "PersonContent.phone": N_("Office telephone"),
    "PersonContent.deputy": N_("If away"),
    "PersonContent.categories": N_("Shown under"),
}
HELPS = {
    "PersonContent.phone": N_("The desk's number, never a private one."),
    "PersonContent.categories": N_("The categories whose pages show this person."),
}

PEOPLE = PaperSpec(
    kind=kinds.PEOPLE,
    name=N_("People in charge"),
    path="/staff/c/{community}/people",
    fields=FormSpec(labels=LABELS, helps=HELPS, choices={"PersonContent.categories": "categories"}),
    preview=page_of_community("people", pages.people),
    shown_at=("/c/{community}/people",),
)
