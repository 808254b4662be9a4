"""便民设施: the form of the facilities, and their page."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from domain.papers import kinds
from domain.places.content import FacilityKind
from domain.words import N_
from web.papers.form.shape import FormSpec
from web.papers.form.words import IN_DEGREES
from web.papers.preview import page_of_community
from web.papers.slugs import with_slugs
from web.papers.spec import PaperSpec
from web.places import pages
from web.places.hall_paper import ACCESS
from web.places.positions import drawing_to_tap

if TYPE_CHECKING:
    from domain.papers.paper import Paper

LABELS = {
    "Facilities.facilities": N_("Facilities"),
    "FacilityContent": N_("Facility"),
    "FacilityContent.slug": N_("Name in the address"),
    "FacilityContent.name": N_("What it is called"),
    "FacilityContent.kind": N_("Kind"),
    "FacilityContent.address": N_("Address"),
    "FacilityContent.hours": N_("Opening hours"),
    "FacilityContent.phone": N_("Telephone"),
    "FacilityContent.step_free": N_("Step-free access"),
    "FacilityContent.step_free_note": N_("Note on access"),
    "FacilityContent.position": N_("Position on the map"),
    "FacilityContent.about": N_("About"),
    "FacilityContent.search_words": N_("Words people search for"),
}
HELPS = {
    "FacilityContent.search_words": N_(
        "One per line; include words that only residents use, and English ones."
    ),
    "FacilityContent.position": IN_DEGREES,
    "FacilityContent.hours": N_(
        "Such as 每天 08:00-20:00, or 周一至周五 08:30-12:00，14:00-17:00. "
        "Written like this, residents see whether it is open now. Put remarks in brackets."
    ),
}

OPTIONS = (
    (FacilityKind.ELDERLY, N_("For the elderly")),
    (FacilityKind.HEALTH, N_("Health")),
    (FacilityKind.CHILDREN, N_("For children")),
    (FacilityKind.CULTURE, N_("Culture")),
    (FacilityKind.SPORTS, N_("Sports")),
    (FacilityKind.SAFETY, N_("Safety")),
    (FacilityKind.DAILY, N_("Everyday life")),
    (FacilityKind.DISABILITY, N_("Accessibility")),
    *ACCESS,
)
HIDDEN = frozenset({"FacilityContent.slug"})


def _with_slugs(_paper: Paper, values: dict[str, Any]) -> dict[str, Any]:
    """A new facility gets its name in addresses from how its name sounds."""
    return {"facilities": with_slugs(values["facilities"])}


FACILITIES = PaperSpec(
    kind=kinds.FACILITIES,
    name=N_("Facilities"),
    path="/staff/c/{community}/facilities",
    fields=FormSpec(labels=LABELS, helps=HELPS, options=OPTIONS, hidden=HIDDEN),
    preview=page_of_community("facilities", pages.facilities),
    shown_at=("/c/{community}/facilities",),
    completed=_with_slugs,
    drawing=drawing_to_tap,
)
