"""The addresses of feeds: of a community, of a kind, and of an item."""

from __future__ import annotations

from web.disclosures import feeds
from web.site.routing import Route

HERE = "/c/{community}/disclosures"
FEEDS = (HERE, f"{HERE}/kinds/{{kind}}", f"{HERE}/items/{{topic}}")

ROUTES = (
    *(Route(f"{address}/feed.atom", feeds.as_atom, methods=["GET"]) for address in FEEDS),
    *(Route(f"{address}/feed.json", feeds.as_json, methods=["GET"]) for address in FEEDS),
)
