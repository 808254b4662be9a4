"""The addresses that machines ask: whether we are well, and our figures."""

from __future__ import annotations

from web.running import health
from web.site.routing import Route

ROUTES = (
    Route("/healthz", health.healthz),
    Route("/metrics", health.metrics),
)
