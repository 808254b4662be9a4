"""Contact cards, and the contact line."""

from __future__ import annotations

from web.contacts import line
from web.contacts.office_routes import OFFICE_ROUTES
from web.site.answers import reads, writes
from web.site.routing import Route, form

ROUTES = (
    Route("/cards/{slug}/messages/new", reads(line.of_card)),
    Route("/c/{community}/messages/new", reads(line.show)),
    form(
        "/c/{community}/messages",
        writes(line.send, line.REFUSED, line.show_again, line.before_sending),
        "/c/{community}/messages/new",
    ),
    *OFFICE_ROUTES,
)
