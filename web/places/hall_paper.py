"""服务大厅: the form of a hall, and its page."""

from __future__ import annotations

from typing import TYPE_CHECKING

from domain.papers import kinds
from domain.places.content import StepFree, ZoneKind
from domain.queue.removed import left_behind
from domain.words import N_
from web.papers.form.shape import FormSpec
from web.papers.form.words import IN_DEGREES, TIMES
from web.papers.preview import page_of_community
from web.papers.spec import PaperSpec
from web.places import pages
from web.places.positions import drawing_to_tap

if TYPE_CHECKING:
    from domain.places.content import HallContent
    from web.papers.spec import Consequence, PaperVisit

LABELS = {
    "HallContent.name": N_("Name of the hall"),
    "HallContent.address": N_("Address"),
    "HallContent.phone": N_("Telephone"),
    "HallContent.position": N_("Position on the map"),
    "HallContent.access": N_("Step-free access"),
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
    "HallContent.position": IN_DEGREES,
}
# Of facilities too.
ACCESS = (
    (StepFree.YES, N_("step-free")),
    (StepFree.PARTLY, N_("partly step-free")),
    (StepFree.NO, N_("has steps")),
    (StepFree.UNKNOWN, N_("not known yet")),
)
OPTIONS = (
    (ZoneKind.CONSULTATION, N_("Consultation")),
    (ZoneKind.WAITING, N_("Waiting")),
    (ZoneKind.OFFICE, N_("Office")),
    *ACCESS,
)
CHOICES = {"CounterContent.categories": "categories"}
SIGNED_OFF = N_(
    "Publishing removes counter %(number)s and signs %(name)s off there. "
    "The person at it is first in line again."
)
NOBODY_CALLS = N_("No counter serves “%(category)s” after this. People who wait for it: %(count)s.")
# In the order of the page.
SECTIONS = (
    (N_("Hall"), ("name", "address", "phone", "access", "step_free", "position")),
    (N_("Opening hours"), ("hours",)),
    (N_("Counters"), ("counters",)),
    (N_("Zones"), ("zones",)),
)


async def consequences(visit: PaperVisit, hall: HallContent) -> list[Consequence]:
    """Which clerks are signed off, and who waits for what no counter serves any more."""
    counters = [each.number for each in hall.counters]
    letters = {letter for each in hall.counters for letter in each.categories}
    now, place = visit.now, visit.staff.place
    left = await left_behind(visit.session, place.hall, counters, letters, now)
    names = {each.letter: each.name for each in visit.staff.published.handbook.categories}
    signed_off = [(SIGNED_OFF, {"number": str(at), "name": name}) for at, name in left.clerks]
    waiting = [
        (NOBODY_CALLS, {"category": names.get(letter, letter), "count": str(count)})
        for letter, count in left.waiting
    ]
    return signed_off + waiting


HALL = PaperSpec(
    kind=kinds.HALL,
    name=N_("Hall, hours and counters"),
    path="/staff/c/{community}/hall",
    fields=FormSpec(labels=LABELS, helps=HELPS, choices=CHOICES, options=OPTIONS),
    preview=page_of_community("hall", pages.hall),
    shown_at=("/c/{community}/hall",),
    sections=SECTIONS,
    consequences=consequences,
    drawing=drawing_to_tap,
)
