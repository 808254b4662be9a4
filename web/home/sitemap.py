"""What search engines may read, and the list of all of it."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING
from xml.sax.saxutils import escape, quoteattr

from starlette.responses import PlainTextResponse

from web.site.answers import cached_bytes
from web.site.preferences import LANGUAGES

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
    """Every public page of every community, in each language, feature by feature."""
    build = partial(_built, request.app.state.features)
    return await cached_bytes(request, build, "application/xml")


def in_languages(origin: str, path: str) -> dict[str, str]:
    """The address of a page by its language, as `hreflang` names it: Chinese has the bare one."""
    joint = "&" if "?" in path else "?"
    others = {lang: f"{origin}{path}{joint}lang={lang}" for lang in LANGUAGES[1:]}
    return {LANGUAGES[0]: origin + path, **others, "x-default": origin + path}


# Here and not in each page, which would carry the three links over mobile data on every visit.
def _entry(origin: str, address: str | tuple[str, dt.date]) -> str:
    path, changed = address if isinstance(address, tuple) else (address, None)
    last = f"<lastmod>{changed}</lastmod>" if changed else ""
    by_language = in_languages(origin, path)
    links = "".join(
        f'<xhtml:link rel="alternate" hreflang="{lang}" href={quoteattr(href)}/>'
        for lang, href in by_language.items()
    )
    return "".join(
        f"<url><loc>{escape(by_language[lang])}</loc>{last}{links}</url>\n" for lang in LANGUAGES
    )


async def _built(features: tuple[Feature, ...], visit: Visit) -> tuple[bytes, None, None]:
    listed: list[str | tuple[str, dt.date]] = [*OF_NO_COMMUNITY]
    for slug in visit.published.names:
        for feature in features:
            listed += feature.in_sitemap(visit, slug)
    entries = "".join(_entry(visit.manner.origin, address) for address in listed)
    opening = (
        '<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9"'
        ' xmlns:xhtml="http://www.w3.org/1999/xhtml">'
    )
    body = f'<?xml version="1.0" encoding="UTF-8"?>\n{opening}\n{entries}</urlset>\n'
    return body.encode(), None, None
