"""The app on the phone: what is kept for reading without a network, and its files."""

from __future__ import annotations

from web.offline import bundle, install
from web.site.answers import kept
from web.site.routing import Route

ROUTES = (
    Route("/c/{community}/offline.json", bundle.bundle),
    Route("/offline", kept(bundle.show)),
    Route("/offline/staff", kept(bundle.show_staff)),
    Route("/assets/{name}", install.asset),
    Route("/sw.js", install.worker),
    Route("/manifest.webmanifest", install.manifest),
    Route("/favicon.ico", install.favicon),
)
