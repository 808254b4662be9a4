"""共建单位: the form of the partners, and their page."""

from __future__ import annotations

from domain.papers import kinds
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

PARTNERS = PaperSpec(
    kind=kinds.PARTNERS,
    name=N_("Partners"),
    path="/staff/c/{community}/partners",
    fields=FormSpec(labels=LABELS),
    preview=page_of_community("partners", pages.partners),
)
