"""Ratings from the tablet, and what the office does about the bad ones."""

from __future__ import annotations

from domain.staff.actor import EDITING
from web.ratings import call_backs, tablet
from web.site.routing import Route, form
from web.staff.access import Where, staff_reads, staff_writes

AT = Where.COMMUNITY
CALL_BACK = "/staff/c/{community}/call-backs/{call_back:int}"

ROUTES = (
    Route("/live/rating", tablet.stream),
    Route("/rating/ratings", tablet.from_tablet, methods=["POST"]),
    Route("/staff/call-backs/{call_back:int}", staff_reads(call_backs.find, EDITING)),
    Route("/staff/c/{community}/call-backs", staff_reads(call_backs.index, EDITING, AT)),
    Route(CALL_BACK, staff_reads(call_backs.show, EDITING, AT)),
    form(f"{CALL_BACK}/attempts", staff_writes(call_backs.try_again, EDITING, AT)),
    form(f"{CALL_BACK}/answer", staff_writes(call_backs.answer, EDITING, AT)),
    Route("/staff/c/{community}/ratings", staff_reads(call_backs.results, EDITING, AT)),
)
