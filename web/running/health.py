"""For machines: whether the process is well, and its metrics."""

from __future__ import annotations

import asyncio
from http import HTTPStatus
from typing import TYPE_CHECKING

from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError
from starlette.responses import JSONResponse, Response

from domain.errors import StoreUnavailableError
from web.site.errors import found_or_404

if TYPE_CHECKING:
    from starlette.requests import Request

# Seconds the store has to answer.
PATIENCE = 2.0


# Asks the store and not only the process: a server whose database hangs would otherwise look well
# to the proxy.
async def healthz(request: Request) -> Response:
    """Whether the store answers and keeps what it is given: 200, or 503 and why not."""
    services = request.app.state.services
    try:
        async with asyncio.timeout(PATIENCE), services.store.read() as session:
            await session.execute(text("SELECT 1"))
            trouble = await services.store.trouble()
    except (StoreUnavailableError, SQLAlchemyError, OSError, TimeoutError):
        trouble = "unavailable"
    said = {"store": trouble or "ok"}
    if services.delivery is not None:
        # Pages are well without it, so this is for who reads and not for the proxy.
        said["sender"] = "ok" if services.delivery.is_well else "down"
    status = HTTPStatus.OK if trouble is None else HTTPStatus.SERVICE_UNAVAILABLE
    return JSONResponse(said, status, {"cache-control": "no-store"})


async def metrics(request: Request) -> Response:
    """Prometheus metrics; 404 unless LIANXIN_METRICS is set."""
    figures, services = found_or_404(request.app.state.metrics), request.app.state.services
    figures.sender.set(services.delivery is not None and services.delivery.is_well)
    figures.kept.set(len(services.kept))
    figures.revision.set(services.kept.revision)
    response: Response = figures.answer()
    return response
