"""Calls and letters, for the people of a community's office."""

from __future__ import annotations

from domain.staff.actor import EDITING
from web.contacts import calls, letters
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
    Route("/staff/c/{community}/letters", staff_reads(letters.show, EDITING, AT)),
    form(
        "/staff/c/{community}/letters/{letter:int}/reading",
        staff_writes(letters.read, EDITING, AT),
        "/staff/c/{community}/letters",
    ),
)
