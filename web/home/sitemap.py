"""What search engines may read, and the list of all of it."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING
from xml.sax.saxutils import escape

from starlette.responses import PlainTextResponse

from web.site.answers import cached_bytes

if TYPE_CHECKING:
    from starlette.requests import Request
    from starlette.responses import Response

    from web.site.feature import Feature
    from web.site.visit import Visit

OF_NO_COMMUNITY = ("/communities", "/working-days")


async def robots(visit: Visit) -> Response:
    """Everything public may be read; what a phone remembers is not there to be read."""
    lines = ["User-agent: *", "Disallow: /code", "Disallow: /f/", "Disallow: /mine"]
    text = "\n".join([*lines, f"Sitemap: {visit.manner.origin}/sitemap.xml", ""])
    return PlainTextResponse(text, headers={"cache-control": "max-age=3600"})


async def sitemap(request: Request) -> Response:
    """Every public page of every community, feature by feature."""
    build = partial(_built, request.app.state.features)
    return await cached_bytes(request, build, "application/xml")


async def _built(features: tuple[Feature, ...], visit: Visit) -> tuple[bytes, None, None]:
    paths = [*OF_NO_COMMUNITY]
    for slug in visit.published.names:
        for feature in features:
            paths += feature.in_sitemap(visit, slug)
    origin = visit.manner.origin
    entries = "".join(f"<url><loc>{escape(origin + path)}</loc></url>\n" for path in paths)
    opening = '<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">'
    body = f'<?xml version="1.0" encoding="UTF-8"?>\n{opening}\n{entries}</urlset>\n'
    return body.encode(), None, None
