"""Messages: what a person wants to hear, what they were told, and where they are reached."""

from __future__ import annotations

from domain.staff.actor import EDITING, MANAGING
from web.notifications import browsers, email, inbox, outbox, pages, phone_help, staff_pages
from web.site.answers import kept
from web.site.routing import Route, form
from web.staff.access import Where, staff_reads, staff_writes

MINE = "/mine/notifications"
STAFF = "/staff/account/notifications"
CONFIRMING = "/notifications/addresses/{key}"

ROUTES = (
    Route("/push/help", kept(phone_help.show)),
    Route("/push/key", browsers.current_key),
    Route("/push/subscriptions", browsers.subscribe, methods=["POST"]),
    Route("/f/mine/inbox", inbox.part),
    Route("/mine/inbox", inbox.show),
    Route("/inbox/unread", inbox.count),
    Route("/inbox/readings", inbox.read_page, methods=["POST"]),
    form("/inbox/{message:int}/reading", inbox.read_one, "/mine/inbox"),
    Route(MINE, pages.show),
    Route(MINE, pages.save, methods=["POST"]),
    form(f"{MINE}/addresses", pages.ask),
    form(f"{MINE}/addresses/ending", pages.forget_address, MINE),
    form(f"{MINE}/browsers/{{browser:int}}/ending", pages.stop, MINE),
    Route(CONFIRMING, email.show),
    Route(CONFIRMING, email.say_yes, methods=["POST"]),
    Route(STAFF, staff_reads(staff_pages.show)),
    Route(STAFF, staff_writes(staff_pages.save), methods=["POST"]),
    form(f"{STAFF}/addresses", staff_writes(staff_pages.ask)),
    form(f"{STAFF}/addresses/ending", staff_writes(staff_pages.forget_address), STAFF),
    form(f"{STAFF}/browsers/{{browser:int}}/ending", staff_writes(staff_pages.stop), STAFF),
    Route("/staff/call-backs/{call_back:int}", staff_reads(staff_pages.call_back, EDITING)),
    Route("/staff/push", staff_reads(outbox.show, MANAGING, Where.DISTRICT)),
    form(
        "/staff/push/{row:int}/retry",
        staff_writes(outbox.try_again, MANAGING, Where.DISTRICT),
        "/staff/push",
    ),
)
