"""Messages: settings, the inbox, the browsers and addresses that they go to, and the outbox."""

from __future__ import annotations

from domain.staff.actor import MANAGING
from push.mail import STOP
from web.notifications import browsers, email, inbox, outbox, pages, phone_help
from web.notifications.pages import MINE, STAFF
from web.site.answers import kept, reads, writes
from web.site.routing import Route, form
from web.staff.access import Where, staff_reads, staff_writes

CONFIRMING = "/notifications/addresses/{key}"
STOPPING = f"{STOP}/{{key}}"

ROUTES = (
    Route("/push/help", kept(phone_help.show)),
    Route("/push/key", browsers.current_key),
    Route("/push/subscriptions", browsers.subscribe, methods=["POST"]),
    Route("/f/mine/inbox", reads(inbox.part)),
    Route("/mine/inbox", reads(inbox.show)),
    Route("/inbox/unread", inbox.count),
    Route("/inbox/readings", inbox.read_page, methods=["POST"]),
    form("/inbox/{message:int}/reading", inbox.read_one, "/mine/inbox"),
    Route(MINE, reads(pages.show_device)),
    Route(MINE, writes(pages.save, check=pages.before_saving), methods=["POST"]),
    form(f"{MINE}/addresses", writes(pages.ask, check=pages.before_asking)),
    form(f"{MINE}/addresses/ending", writes(pages.forget_address), MINE),
    form(f"{MINE}/browsers/{{browser:int}}/ending", writes(pages.stop), MINE),
    form(f"{MINE}/follows/{{follow:int}}/ending", writes(pages.unfollow), MINE),
    Route(CONFIRMING, reads(email.show)),
    Route(CONFIRMING, writes(email.confirm), methods=["POST"]),
    Route(STOPPING, reads(email.show_stopping)),
    Route(STOPPING, writes(email.stop), methods=["POST"]),
    Route(STAFF, staff_reads(pages.show)),
    Route(STAFF, staff_writes(pages.save), methods=["POST"]),
    form(f"{STAFF}/addresses", staff_writes(pages.ask)),
    form(f"{STAFF}/addresses/ending", staff_writes(pages.forget_address), STAFF),
    form(f"{STAFF}/browsers/{{browser:int}}/ending", staff_writes(pages.stop), STAFF),
    Route("/staff/push", staff_reads(outbox.show, MANAGING, Where.DISTRICT)),
    form(
        "/staff/push/{row:int}/retry",
        staff_writes(outbox.try_again, MANAGING, Where.DISTRICT),
        "/staff/push",
    ),
)
