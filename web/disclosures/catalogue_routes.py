"""The addresses of the catalogue, its calendar, what residents ask to add, and the reports."""

from __future__ import annotations

from domain.staff.actor import EDITING
from web.disclosures import calendar, catalogue, catalogues
from web.site.answers import kept
from web.site.routing import Route
from web.staff.access import Where, staff_reads

HERE = "/c/{community}/disclosures"

RESIDENTS = (
    Route(f"{HERE}/catalogue", kept(catalogue.show)),
    Route(f"{HERE}/calendar", kept(calendar.show)),
    Route(f"{HERE}/calendar.ics", calendar.feed),
    Route(f"{HERE}/calendar/{{duty}}", kept(calendar.one)),
    Route("/subdistricts/{subdistrict}/disclosures/calendar", kept(calendar.compare)),
)

STAFF = (
    Route("/staff/disclosures/catalogues", staff_reads(catalogues.show, EDITING, Where.DISTRICT)),
)

ROUTES = (*RESIDENTS, *STAFF)
