"""Calls and letters, for the people of a community's office."""

from __future__ import annotations

from web.contacts import calls
from web.site.routing import Route, form
from web.staff.access import Where, staff_reads, staff_writes

AT = Where.COMMUNITY

OFFICE_ROUTES = (
    Route("/staff/c/{community}/calls/new", staff_reads(calls.new, calls.ANSWERING, AT)),
    Route("/staff/c/{community}/calls/{matter:int}", staff_reads(calls.taken, calls.ANSWERING, AT)),
    form(
        "/staff/c/{community}/calls",
        staff_writes(calls.enter, calls.ANSWERING, AT),
        "/staff/c/{community}/calls/new",
    ),
)
