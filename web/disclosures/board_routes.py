"""The addresses of sheets for boards, and of the records of where they hang."""

from __future__ import annotations

from domain.staff.actor import EDITING
from web.disclosures import postings, sheet
from web.site.answers import kept
from web.site.routing import Route, form
from web.staff.access import Where, staff_acts, staff_reads, staff_writes

ONE = "/c/{community}/disclosures/{disclosure:int}"
DESK = f"/staff{ONE}"
POSTINGS = f"{DESK}/postings"
BOARDS = "/staff/c/{community}/postings"
AT = Where.COMMUNITY

ROUTES = (
    Route(f"{ONE}/sheet", kept(sheet.show)),
    Route(f"{ONE}/sheet/{{size}}", kept(sheet.show)),
    Route(f"{DESK}/sheet", staff_reads(sheet.show_staff, EDITING, AT)),
    Route(f"{DESK}/sheet/{{size}}", staff_reads(sheet.show_staff, EDITING, AT)),
    Route(POSTINGS, staff_reads(postings.show, EDITING, AT), methods=["GET"]),
    Route(POSTINGS, staff_acts(postings.post, EDITING, AT), methods=["POST"]),
    form(f"{DESK}/carriers", staff_writes(postings.note_carrier, EDITING, AT), POSTINGS),
    Route(BOARDS, staff_reads(postings.boards, EDITING, AT)),
    form(f"{BOARDS}/{{posting:int}}/ending", staff_writes(postings.take_down, EDITING, AT), BOARDS),
    Route(f"{BOARDS}/{{posting:int}}/photo", staff_reads(postings.photo, EDITING, AT)),
)
