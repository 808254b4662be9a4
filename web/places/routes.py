"""A community's places and people, and the codes on its doors."""

from __future__ import annotations

from domain.staff.actor import EDITING
from web.places import codes, pages, place_paper, positions, printed, sheets
from web.site.answers import kept, kept_unless_asked, reads
from web.site.routing import Route, form
from web.staff.access import Where, staff_reads, staff_writes

ROUTES = (
    Route("/c/{community}/facilities", kept_unless_asked(pages.facilities)),
    Route("/c/{community}/people", kept(pages.people)),
    Route("/c/{community}/partners", kept(pages.partners)),
    Route("/c/{community}/brand", kept(pages.brand)),
    Route("/c/{community}/hall", kept(pages.hall)),
    Route("/c/{community}/posters", reads(codes.posters)),
    Route("/c/{community}/b/{building}", reads(pages.building)),
    form(
        "/staff/places",
        staff_writes(place_paper.begin, EDITING, Where.DISTRICT),
        "/staff/communities",
    ),
    Route("/staff/codes", staff_reads(printed.show_all, EDITING)),
    Route("/staff/codes/sheets", staff_reads(sheets.show, EDITING)),
    Route("/staff/c/{community}/codes", staff_reads(printed.show, EDITING, Where.COMMUNITY)),
    Route("/staff/position", staff_reads(positions.show, EDITING)),
    Route("/communities", reads(pages.choose)),
    Route("/code", reads(codes.show)),
    Route("/code.svg", reads(codes.svg)),
    Route("/code.png", reads(codes.png)),
)
