"""What an office keeps true: the district its handbook, a community its own pages."""

from __future__ import annotations

from domain.staff.actor import EDITING
from web.papers import community, exceptions, handbook, spreadsheet
from web.site.routing import Route
from web.staff.access import Where, staff_reads, staff_sends, staff_writes

DISTRICT, AT = Where.DISTRICT, Where.COMMUNITY
IMPORT = "/staff/handbook/imports/{number:int}"

ROUTES = (
    Route("/staff/handbook", staff_reads(handbook.show, EDITING, DISTRICT)),
    Route(
        "/staff/handbook/items",
        staff_writes(handbook.new_item, EDITING, DISTRICT),
        methods=["POST"],
    ),
    Route("/staff/handbook/spreadsheet", staff_reads(spreadsheet.show, EDITING, DISTRICT)),
    Route("/staff/handbook/handbook.xlsx", staff_reads(spreadsheet.download, EDITING, DISTRICT)),
    Route(
        "/staff/handbook/imports",
        staff_sends(spreadsheet.send, EDITING, DISTRICT),
        methods=["POST"],
    ),
    Route(IMPORT, staff_reads(spreadsheet.dry_run, EDITING, DISTRICT)),
    Route(
        f"{IMPORT}/publication",
        staff_writes(spreadsheet.publish, EDITING, DISTRICT),
        methods=["POST"],
    ),
    Route("/staff/communities", staff_reads(community.choose, EDITING)),
    Route("/staff/c/{community}", staff_reads(community.show, EDITING, AT)),
    Route(
        "/staff/c/{community}/exceptions",
        staff_writes(exceptions.add, EDITING, AT),
        methods=["POST"],
    ),
    Route(
        "/staff/c/{community}/exceptions/{day}/withdrawal",
        staff_writes(exceptions.withdraw, EDITING, AT),
        methods=["POST"],
    ),
)
