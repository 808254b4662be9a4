"""The handbook, its search, and the working-day calculator."""

from __future__ import annotations

from domain.staff.actor import EDITING
from web.handbook import elsewhere, events, events_desk, fit, guides, search, working_days
from web.site.answers import kept, reads
from web.site.routing import Route
from web.staff.access import Where, staff_reads

ROUTES = (
    Route("/c/{community}/handbook", kept(guides.index)),
    Route("/c/{community}/handbook/categories/{category}", kept(guides.category)),
    Route("/c/{community}/handbook/events/{event}", kept(events.show)),
    Route("/c/{community}/handbook/{item}", kept(guides.guide)),
    Route("/c/{community}/handbook/{item}/forms/{number:int}", kept(guides.form)),
    Route("/c/{community}/handbook/{item}/fit", reads(fit.show)),
    Route("/c/{community}/elsewhere", kept(elsewhere.show)),
    Route("/c/{community}/search", reads(search.show)),
    Route("/c/{community}/search.json", search.index),
    Route("/f/search", reads(search.results)),
    Route("/working-days", reads(working_days.show)),
    Route("/working-days.ics", reads(working_days.ics)),
    Route("/staff/events", staff_reads(events_desk.show, EDITING, Where.DISTRICT)),
)
