"""Contact cards for residents, and what their holders and offices do about them."""

from __future__ import annotations

from domain.staff.actor import EDITING
from web.contacts import absences, cards, consents, contacts, limits, line, paper
from web.contacts.office_routes import OFFICE_ROUTES
from web.site.answers import kept, reads, writes
from web.site.routing import Route, form
from web.staff.access import Where, staff_reads, staff_sends, staff_writes

AT = Where.COMMUNITY

ROUTES = (
    Route("/c/{community}/contacts", kept(contacts.show)),
    Route("/cards/{slug}.vcf", reads(cards.file)),
    Route("/cards/{slug}.jpg", reads(cards.photo)),
    Route("/cards/{slug}", reads(cards.show)),
    Route("/staff/consents", staff_reads(consents.show)),
    form("/staff/consents/photo", staff_sends(consents.give_photo)),
    form("/staff/consents/{field}", staff_writes(consents.give)),
    form("/staff/consents/{field}/withdrawal", staff_writes(consents.withdraw), "/staff/consents"),
    Route("/staff/absences", staff_reads(absences.show)),
    form("/staff/absences/entries", staff_writes(absences.enter)),
    form("/staff/absences/{absence:int}/ending", staff_writes(absences.end), "/staff/absences"),
    Route("/staff/c/{community}/cards", staff_reads(paper.show, EDITING, AT)),
    form("/staff/c/{community}/cards/prints", staff_writes(paper.remember, EDITING, AT)),
    Route("/cards/{slug}/messages/new", reads(line.of_card)),
    Route("/c/{community}/messages/new", reads(line.show)),
    form(
        "/c/{community}/messages",
        writes(line.send, line.REFUSED, line.show_again, line.before_sending),
        "/c/{community}/messages/new",
    ),
    Route("/staff/matters/{matter:int}/limit", staff_reads(limits.ask)),
    Route("/staff/matters/{matter:int}/limit", staff_writes(limits.set_limit), methods=["POST"]),
    Route("/staff/c/{community}/limits", staff_reads(limits.index, EDITING, Where.COMMUNITY)),
    form(
        "/staff/c/{community}/limits/{limit:int}/review",
        staff_writes(limits.review, EDITING, Where.COMMUNITY),
        "/staff/c/{community}/limits",
    ),
    *OFFICE_ROUTES,
)
