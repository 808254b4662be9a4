"""For machines: whether we are well, our figures, and our map for search engines."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING
from xml.sax.saxutils import escape

from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError
from starlette.exceptions import HTTPException
from starlette.responses import JSONResponse, PlainTextResponse, Response

from domain.errors import StoreUnavailableError
from web.answering import keep_bytes, visit_of

if TYPE_CHECKING:
    from starlette.requests import Request

    from web.visit import Visit

PATIENCE = 2.0
"""Seconds the store has to answer before we say that it does not."""


async def healthz(request: Request) -> Response:
    """Whether the store answers: 200, or 503."""
    house = request.app.state.house
    try:
        async with asyncio.timeout(PATIENCE), house.store.read() as session:
            await session.execute(text("SELECT 1"))
    except (StoreUnavailableError, SQLAlchemyError, OSError, TimeoutError):
        return JSONResponse({"store": "unavailable"}, 503)
    return JSONResponse({"store": "ok"}, headers={"cache-control": "no-store"})


async def metrics(request: Request) -> Response:
    """Prometheus' figures, when the setting LIANXIN_METRICS asks for them."""
    figures, house = request.app.state.metrics, request.app.state.house
    if figures is None:
        raise HTTPException(404)
    figures.kept.set(len(house.kept))
    figures.revision.set(house.kept.revision)
    response: Response = figures.answer()
    return response


async def robots(request: Request) -> Response:
    """Everything public may be read; what a phone remembers is not there to be read."""
    visit = await visit_of(request, request.app.state.house)
    lines = ["User-agent: *", "Disallow: /code", "Disallow: /f/", "Disallow: /mine"]
    return PlainTextResponse("\n".join([*lines, f"Sitemap: {visit.manner.origin}/sitemap.xml", ""]))


async def sitemap(request: Request) -> Response:
    """Every public page of every community."""

    async def build(visit: Visit) -> tuple[bytes, None, None]:
        published, origin = visit.published, visit.manner.origin
        below = ["", "/handbook", "/facilities", "/people", "/partners", "/brand", "/hall"]
        below += [f"/handbook/categories/{each.slug}" for each in published.handbook.categories]
        below += [f"/handbook/{slug}" for slug in published.handbook.items]
        paths = ["/communities", "/working-days"]
        paths += [f"/c/{slug}{path}" for slug in published.names for path in below]
        entries = "".join(f"<url><loc>{escape(origin + path)}</loc></url>\n" for path in paths)
        opening = '<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">'
        body = f'<?xml version="1.0" encoding="UTF-8"?>\n{opening}\n{entries}</urlset>\n'
        return body.encode(), None, None

    return await keep_bytes(request, build, "application/xml")
