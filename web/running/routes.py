"""The addresses for machines: health and metrics."""

from __future__ import annotations

from web.running import health
from web.site.routing import Route

ROUTES = (
    Route("/healthz", health.healthz),
    Route("/metrics", health.metrics),
)
