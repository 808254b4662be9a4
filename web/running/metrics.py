"""Metrics for the operator, in Prometheus' text format, if the setting asks for them."""

from __future__ import annotations

from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, Counter, Gauge, Histogram
from prometheus_client.exposition import generate_latest
from starlette.responses import Response

# Methods with a metric of their own; a stranger can send any word.
METHODS = frozenset({"GET", "HEAD", "POST", "OPTIONS", "PUT", "PATCH", "DELETE"})
# Seconds.
BUCKETS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5)


# Labels are routes, never addresses: a stranger must not be able to create series without end.
class Metrics:
    """Requests by method, route and status, their duration, and the number of cached pages."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self._requests = Counter(
            "lianxin_requests_total",
            "Requests answered",
            ("method", "route", "status"),
            registry=self.registry,
        )
        self._seconds = Histogram(
            "lianxin_request_seconds",
            "Seconds from a request's arrival to its whole answer",
            ("route",),
            buckets=BUCKETS,
            registry=self.registry,
        )
        self.kept = Gauge("lianxin_kept_pages", "Pages kept in memory", registry=self.registry)
        self.sender = Gauge(
            "lianxin_sender_up", "Whether messages are being sent", registry=self.registry
        )
        self.revision = Gauge(
            "lianxin_content_revision", "Revision of what is published", registry=self.registry
        )

    def count(self, method: str, route: str, status: int, seconds: float) -> None:
        method = method if method in METHODS else "other"
        self._requests.labels(method, route, status).inc()
        self._seconds.labels(route).observe(seconds)

    def answer(self) -> Response:
        return Response(generate_latest(self.registry), media_type=CONTENT_TYPE_LATEST)
