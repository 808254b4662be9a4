"""共建单位: the form of the partners, and their page."""

from __future__ import annotations

from domain.papers import kinds
from domain.places.content import PartnerKind
from domain.words import N_
from web.papers.form.shape import FormSpec
from web.papers.preview import page_of_community
from web.papers.spec import PaperSpec
from web.places import pages

LABELS = {
    "Partners.partners": N_("Partners"),
    "PartnerContent": N_("Partner"),
    "PartnerContent.kind": N_("Kind"),
    "PartnerContent.name": N_("What it is called"),
    "PartnerContent.answers_for": N_("Responsible for"),
    "PartnerContent.phone": N_("Telephone"),
}
OPTIONS = (
    (PartnerKind.PARTY, N_("Party organisation")),
    (PartnerKind.COMMITTEE, N_("Residents' committee")),
    (PartnerKind.STATION, N_("Service station")),
    (PartnerKind.OWNERS, N_("Owners' committee")),
    (PartnerKind.PROPERTY, N_("Property management")),
    (PartnerKind.OTHER, N_("Partner")),
)

PARTNERS = PaperSpec(
    kind=kinds.PARTNERS,
    name=N_("Partners"),
    path="/staff/c/{community}/partners",
    fields=FormSpec(labels=LABELS, options=OPTIONS),
    preview=page_of_community("partners", pages.partners),
    shown_at=("/c/{community}/partners",),
)
