"""The form of a report, its address, and the office's list."""

from __future__ import annotations

from domain.staff.actor import EDITING
from web.mistakes import desk, report
from web.site.answers import acts, reads
from web.site.routing import Route, form
from web.staff.access import Where, staff_reads, staff_writes

HERE = "/c/{community}/mistakes"
CLOSING = f"/staff{HERE}/{{mistake:int}}/closing"

ROUTES = (
    Route(f"{HERE}/new", reads(report.new)),
    form(HERE, acts(report.send, report.REFUSED, report.show_again), f"{HERE}/new"),
    Route(f"{HERE}/{{token}}", reads(report.show)),
    Route(desk.DESK, staff_reads(desk.show, EDITING)),
    form(CLOSING, staff_writes(desk.close, EDITING, Where.COMMUNITY), desk.DESK),
)
