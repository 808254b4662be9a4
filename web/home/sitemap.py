"""What search engines may read, and the list of all of it."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING
from xml.sax.saxutils import escape

from starlette.responses import PlainTextResponse

from web.site.answers import cached_bytes

if TYPE_CHECKING:
    import datetime as dt

    from starlette.requests import Request
    from starlette.responses import Response

    from web.site.feature import Feature
    from web.site.visit import Visit

NOT_PUBLIC = ("/code", "/f/", "/mine", "/staff", "/kiosk", "/screen", "/rating", "/terminal")
OF_NO_COMMUNITY = ("/communities", "/working-days")


async def robots(visit: Visit) -> Response:
    """Everything public may be read; what is of a phone, the office or a hall's devices may not."""
    lines = ["User-agent: *", *(f"Disallow: {path}" for path in NOT_PUBLIC)]
    text = "\n".join([*lines, f"Sitemap: {visit.manner.origin}/sitemap.xml", ""])
    return PlainTextResponse(text, headers={"cache-control": "max-age=3600"})


async def sitemap(request: Request) -> Response:
    """Every public page of every community, feature by feature."""
    build = partial(_built, request.app.state.features)
    return await cached_bytes(request, build, "application/xml")


def _entry(origin: str, address: str | tuple[str, dt.date]) -> str:
    path, changed = address if isinstance(address, tuple) else (address, None)
    last = f"<lastmod>{changed}</lastmod>" if changed else ""
    return f"<url><loc>{escape(origin + path)}</loc>{last}</url>\n"


async def _built(features: tuple[Feature, ...], visit: Visit) -> tuple[bytes, None, None]:
    listed: list[str | tuple[str, dt.date]] = [*OF_NO_COMMUNITY]
    for slug in visit.published.names:
        for feature in features:
            listed += feature.in_sitemap(visit, slug)
    entries = "".join(_entry(visit.manner.origin, address) for address in listed)
    opening = '<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">'
    body = f'<?xml version="1.0" encoding="UTF-8"?>\n{opening}\n{entries}</urlset>\n'
    return body.encode(), None, None
