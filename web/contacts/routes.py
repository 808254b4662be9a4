"""Contact cards, and the contact line."""

from __future__ import annotations

from domain.staff.actor import EDITING
from web.contacts import limits, line
from web.contacts.office_routes import OFFICE_ROUTES
from web.site.answers import reads, writes
from web.site.routing import Route, form
from web.staff.access import Where, staff_reads, staff_writes

ROUTES = (
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
