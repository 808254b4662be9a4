"""The whole map of addresses. They are nouns and permanent, because they are printed on paper."""

from __future__ import annotations

from starlette.routing import BaseRoute, Route

from web import calendar, codes, handbook, health, home, mine, offline, places, preferences, search
from web.answering import kept, reads


def routes() -> list[BaseRoute]:
    """Every route, the ones asked for most first."""
    return [
        Route("/", home.door),
        Route("/c/{community}", kept(home.show)),
        Route("/c/{community}/handbook", kept(handbook.index)),
        Route("/c/{community}/handbook/categories/{category}", kept(handbook.category)),
        Route("/c/{community}/handbook/events/{event}", kept(handbook.event)),
        Route("/c/{community}/handbook/{item}", kept(handbook.guide)),
        Route("/c/{community}/handbook/{item}/forms/{number:int}", kept(handbook.form)),
        Route("/c/{community}/search", reads(search.show)),
        Route("/c/{community}/search.json", search.index),
        Route("/c/{community}/facilities", kept(places.facilities)),
        Route("/c/{community}/people", kept(places.people)),
        Route("/c/{community}/partners", kept(places.partners)),
        Route("/c/{community}/brand", kept(places.brand)),
        Route("/c/{community}/hall", kept(places.hall)),
        Route("/c/{community}/posters", reads(codes.posters)),
        Route("/c/{community}/b/{building}", places.building),
        Route("/c/{community}/offline.json", offline.bundle),
        Route("/handbook", home.handbook_door),
        Route("/communities", reads(places.choose)),
        Route("/working-days", reads(calendar.show)),
        Route("/working-days.ics", calendar.ics),
        Route("/mine", kept(mine.show)),
        Route("/code", reads(codes.show)),
        Route("/code.svg", codes.svg),
        Route("/code.png", codes.png),
        Route("/preferences", preferences.change, methods=["POST"]),
        Route("/f/halls/{community}", reads(home.hall_state)),
        Route("/f/search", reads(search.results)),
        Route("/f/here", reads(mine.here)),
        Route("/offline", kept(offline.show)),
        Route("/assets/{name}", offline.asset),
        Route("/sw.js", offline.worker),
        Route("/manifest.webmanifest", offline.manifest),
        Route("/favicon.ico", offline.favicon),
        Route("/robots.txt", health.robots),
        Route("/sitemap.xml", health.sitemap),
        Route("/healthz", health.healthz),
        Route("/metrics", health.metrics),
    ]
