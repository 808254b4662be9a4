"""服务大厅: the form of a hall, and its page."""

from __future__ import annotations

from domain.papers import kinds
from domain.places.content import ZoneKind
from domain.words import N_
from web.papers.form.shape import FormSpec
from web.papers.form.words import TIMES
from web.papers.preview import page_of_community
from web.papers.spec import PaperSpec
from web.places import pages

LABELS = {
    "HallContent.name": N_("Name of the hall"),
    "HallContent.address": N_("Address"),
    "HallContent.phone": N_("Telephone"),
    "HallContent.position": N_("Position on the map"),
    "HallContent.step_free": N_("The way in without steps"),
    "HallContent.hours": N_("Opening hours"),
    "HallHours.working_day": N_("On working days"),
    "HallHours.saturday": N_("Saturdays"),
    "HallHours.sunday": N_("Sundays"),
    "HallHours.public_holiday": N_("Public holidays"),
    "HallHours.note": N_("Note on the hours"),
    "HallHours.exceptions": N_("Other hours on one day"),
    "HoursException": N_("Day"),
    "HoursException.day": N_("Date"),
    "HoursException.periods": N_("Opening hours"),
    "HoursException.reason": N_("Why"),
    "HallContent.zones": N_("Zones"),
    "Zone": N_("Zone"),
    "Zone.kind": N_("Kind"),
    "Zone.name": N_("What it is called"),
    "Zone.about": N_("What it is for"),
    "HallContent.counters": N_("Counters"),
    "CounterContent": N_("Counter"),
    "CounterContent.number": N_("Number"),
    "CounterContent.name": N_("What it is called"),
    "CounterContent.categories": N_("Serves"),
}
HELPS = {
    "HallHours.working_day": TIMES,
    "HallHours.saturday": TIMES,
    "HallHours.sunday": TIMES,
    "HallHours.public_holiday": TIMES,
    "HallHours.exceptions": N_(
        "Closed for a day or an afternoon, or open on a holiday. Residents can read the reason."
    ),
    "HoursException.periods": TIMES,
    "HallContent.position": N_("In degrees, as shown on a map."),
}
OPTIONS = (
    (ZoneKind.CONSULTATION, N_("Consultation")),
    (ZoneKind.WAITING, N_("Waiting")),
    (ZoneKind.OFFICE, N_("Office")),
)
CHOICES = {"CounterContent.categories": "categories"}
# In the order of the page.
SECTIONS = (
    (N_("Hall"), ("name", "address", "phone", "step_free", "position")),
    (N_("Opening hours"), ("hours",)),
    (N_("Counters"), ("counters",)),
    (N_("Zones"), ("zones",)),
)

HALL = PaperSpec(
    kind=kinds.HALL,
    name=N_("Hall, hours and counters"),
    path="/staff/c/{community}/hall",
    fields=FormSpec(labels=LABELS, helps=HELPS, choices=CHOICES, options=OPTIONS),
    preview=page_of_community("hall", pages.hall),
    sections=SECTIONS,
)
