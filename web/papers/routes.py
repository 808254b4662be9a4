"""What an office keeps true: the district its handbook, a community its own pages."""

from __future__ import annotations

from domain.staff.actor import EDITING
from web.papers import (
    communities_sheet,
    community,
    example_guides,
    exceptions,
    handbook,
    spreadsheet,
)
from web.site.routing import Route, form
from web.staff.access import Where, staff_acts, staff_reads, staff_sends, staff_writes

DISTRICT, AT = Where.DISTRICT, Where.COMMUNITY
IMPORT = "/staff/handbook/imports/{number:int}"
COMMUNITIES, OF_COMMUNITIES = "/staff/communities", "/staff/communities/imports/{number:int}"

ROUTES = (
    Route("/staff/handbook", staff_reads(handbook.show, EDITING, DISTRICT)),
    form("/staff/handbook/items", staff_writes(handbook.new_item, EDITING, DISTRICT)),
    Route("/staff/handbook/examples", staff_reads(example_guides.show, EDITING, DISTRICT)),
    form(
        "/staff/handbook/examples/{item}",
        staff_acts(example_guides.take_over, EDITING, DISTRICT),
        "/staff/handbook/examples",
    ),
    Route("/staff/handbook/spreadsheet", staff_reads(spreadsheet.show, EDITING, DISTRICT)),
    Route("/staff/handbook/handbook.xlsx", staff_reads(spreadsheet.download, EDITING, DISTRICT)),
    form(
        "/staff/handbook/imports",
        staff_sends(spreadsheet.send, EDITING, DISTRICT),
        "/staff/handbook/spreadsheet",
    ),
    Route(IMPORT, staff_reads(spreadsheet.dry_run, EDITING, DISTRICT)),
    form(f"{IMPORT}/publication", staff_writes(spreadsheet.publish, EDITING, DISTRICT)),
    Route("/staff/communities", staff_reads(community.choose, EDITING)),
    Route(f"{COMMUNITIES}/spreadsheet", staff_reads(communities_sheet.show, EDITING, DISTRICT)),
    Route(
        f"{COMMUNITIES}/communities.xlsx",
        staff_reads(communities_sheet.download, EDITING, DISTRICT),
    ),
    form(
        f"{COMMUNITIES}/imports",
        staff_sends(communities_sheet.send, EDITING, DISTRICT),
        f"{COMMUNITIES}/spreadsheet",
    ),
    Route(OF_COMMUNITIES, staff_reads(communities_sheet.dry_run, EDITING, DISTRICT)),
    form(
        f"{OF_COMMUNITIES}/publication",
        staff_acts(communities_sheet.publish, EDITING, DISTRICT),
        OF_COMMUNITIES,
    ),
    Route("/staff/c/{community}", staff_reads(community.show, EDITING, AT)),
    form("/staff/c/{community}/exceptions", staff_writes(exceptions.add, EDITING, AT)),
    form(
        "/staff/c/{community}/exceptions/{day}/withdrawal",
        staff_writes(exceptions.withdraw, EDITING, AT),
        "/staff/c/{community}",
    ),
)
