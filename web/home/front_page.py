"""Addresses without a community: they lead to the one that the device remembers."""

from __future__ import annotations

from typing import TYPE_CHECKING

from web.site.answers import redirect_to
from web.site.preferences import preferences_of

if TYPE_CHECKING:
    from starlette.requests import Request
    from starlette.responses import Response


async def go_home(request: Request) -> Response:
    """To the remembered community's home, or to the choice of communities."""
    return await _go(request)


async def go_to_handbook(request: Request) -> Response:
    """To the remembered community's handbook, or to the choice of communities."""
    return await _go(request, "/handbook")


async def go_to_take(request: Request) -> Response:
    """To taking a number in the remembered community, or to the choice of communities."""
    return await _go(request, "/take")


async def _go(request: Request, below: str = "") -> Response:
    preferences = preferences_of(request.headers.get("cookie", ""))
    published = await request.app.state.services.published()
    known = preferences.community in published.names
    return redirect_to(f"/c/{preferences.community}{below}" if known else "/communities")
