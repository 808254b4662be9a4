"""The addresses of the three days."""

from __future__ import annotations

from domain.staff.actor import EDITING
from web.disclosures import days, days_desk
from web.site.answers import kept, reads
from web.site.routing import Route, form
from web.staff.access import Where, staff_reads, staff_writes

DAYS = "/c/{community}/days"
DAY = f"{DAYS}/{{affairs_day:int}}"
DESK = f"/staff{DAY}"

ROUTES = (
    Route(DAYS, kept(days.index)),
    Route(DAY, kept(days.show)),
    Route(f"{DAY}/poster", kept(days.poster)),
    Route(f"{DAY}/event.ics", reads(days.file)),
    Route(f"/staff{DAYS}", staff_reads(days_desk.index, EDITING, Where.COMMUNITY)),
    form(f"/staff{DAYS}/plans", staff_writes(days_desk.plan, EDITING, Where.COMMUNITY)),
    Route(DESK, staff_reads(days_desk.show, EDITING, Where.COMMUNITY)),
    *(
        form(f"{DESK}/{noun}", staff_writes(view, EDITING, Where.COMMUNITY))
        for noun, view in (
            ("changes", days_desk.change),
            ("cancelling", days_desk.cancel),
            ("minutes", days_desk.write_minutes),
        )
    ),
)
