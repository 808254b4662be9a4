"""Words that the forms of several kinds of documents share, translated where they are shown."""

from __future__ import annotations

from typing import TYPE_CHECKING

from domain.contacts.content import PostKind
from domain.handbook.guide import DocumentForm, DocumentPicture, LifeEvent
from domain.places.content import Datum, FacilityKind, PartnerKind, StepFree, ZoneKind
from domain.words import N_

if TYPE_CHECKING:
    from enum import Enum

# Of the parts that are in more than one document.
LABELS = {
    "Position.latitude": N_("Latitude"),
    "Position.longitude": N_("Longitude"),
    "Position.datum": N_("Coordinates from"),
}
ONE_A_LINE = N_("One per line.")
TIMES = N_("For example 08:30-12:00 13:30-17:00. Leave it empty when closed.")
_OPTIONS: tuple[tuple[Enum, str], ...] = (
    (DocumentForm.ORIGINAL, N_("original")),
    (DocumentForm.COPY, N_("copy")),
    (DocumentForm.BOTH, N_("original and copy")),
    (DocumentForm.ELECTRONIC, N_("electronic is enough")),
    (DocumentPicture.ID_CARD, N_("identity card")),
    (DocumentPicture.HOUSEHOLD_REGISTER, N_("household register")),
    (DocumentPicture.BANK_CARD, N_("bank card")),
    (DocumentPicture.SOCIAL_CARD, N_("social security card")),
    (DocumentPicture.PHOTO, N_("photograph")),
    (DocumentPicture.CERTIFICATE, N_("certificate")),
    (DocumentPicture.FORM, N_("form")),
    (DocumentPicture.LETTER, N_("letter")),
    (DocumentPicture.MEDICAL, N_("medical paper")),
    (DocumentPicture.PROPERTY, N_("property deed")),
    (DocumentPicture.CONTRACT, N_("contract")),
    (DocumentPicture.RECEIPT, N_("receipt")),
    (LifeEvent.CHILD, N_("Having a child")),
    (LifeEvent.RETIRING, N_("Retiring")),
    (LifeEvent.LOSING_WORK, N_("Losing a job")),
    (LifeEvent.MOVING_IN, N_("Moving in")),
    (LifeEvent.ILLNESS, N_("Falling ill")),
    (LifeEvent.BEREAVEMENT, N_("A death in the family")),
    (LifeEvent.DISABILITY, N_("Living with a disability")),
    (LifeEvent.ELDERLY_PARENT, N_("An elderly parent")),
    (Datum.WGS84, N_("GPS, a phone (WGS-84)")),
    (Datum.GCJ02, N_("a map app in China (GCJ-02)")),
    (ZoneKind.CONSULTATION, N_("Consultation")),
    (ZoneKind.WAITING, N_("Waiting")),
    (ZoneKind.OFFICE, N_("Office")),
    (FacilityKind.ELDERLY, N_("For the elderly")),
    (FacilityKind.HEALTH, N_("Health")),
    (FacilityKind.CHILDREN, N_("For children")),
    (FacilityKind.CULTURE, N_("Culture")),
    (FacilityKind.SPORTS, N_("Sports")),
    (FacilityKind.SAFETY, N_("Safety")),
    (FacilityKind.DAILY, N_("Everyday life")),
    (FacilityKind.DISABILITY, N_("Accessibility")),
    (StepFree.YES, N_("step-free")),
    (StepFree.PARTLY, N_("partly step-free")),
    (StepFree.NO, N_("has steps")),
    (PartnerKind.PARTY, N_("Party organisation")),
    (PartnerKind.COMMITTEE, N_("Residents' committee")),
    (PartnerKind.STATION, N_("Service station")),
    (PartnerKind.OWNERS, N_("Owners' committee")),
    (PartnerKind.PROPERTY, N_("Property management")),
    (PartnerKind.OTHER, N_("Partner")),
    (PostKind.BUILDING, N_("Building contact")),
    (PostKind.COMMITTEE, N_("Residents' committee")),
    (PostKind.POLICE, N_("Community police")),
    (PostKind.LAWYER, N_("Public-interest lawyer")),
    (PostKind.MEDIATOR, N_("Mediator")),
    (PostKind.PROPERTY, N_("Property management")),
    (PostKind.OTHER, N_("Other post")),
)
# By class and value, because members of two classes with one value are equal.
OPTIONS = {(type(each).__name__, each.value): words for each, words in _OPTIONS}
