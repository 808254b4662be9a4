"""The application: services, middleware and routes."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any

from starlette.applications import Starlette
from starlette.middleware import Middleware

from domain.following import following
from web.features import FEATURES, found_by_search, rows_on_home
from web.routes import routes
from web.running.metrics import Metrics
from web.running.services import Services
from web.site.answers import CachedFirst
from web.site.errors import HANDLED, answer_error
from web.site.refused_first import RefusedFirst
from web.site.security import SecurityHeaders
from web.site.streams import BoundedStreams
from web.site.turns import LooksInTurn

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import AsyncIterator, Callable

    from web.running.settings import Settings


# Seconds for which a stopping process waits for what works beside requests.
PATIENCE = 5.0


def create_app(settings: Settings, clock: Callable[[], dt.datetime] | None = None) -> Starlette:
    """The application. `clock` gives aware times; tests pass a fixed one."""
    services = Services(settings, found_by_search, clock)
    metrics = Metrics() if settings.metrics else None

    for feature in FEATURES:
        for kind, write in feature.follows.items():
            services.store.before_commit(following(kind, write))

    @asynccontextmanager
    async def lifespan(_app: Starlette) -> AsyncIterator[None]:
        await services.open()
        working = [
            asyncio.create_task(work(services, FEATURES), name=work.__name__)
            for feature in FEATURES
            for work in feature.background
        ]
        try:
            yield
        finally:
            # Not cancelled at once: that leaves a connection in the middle of a statement.
            services.stopping.set()
            _, late = await asyncio.wait(working, timeout=PATIENCE) if working else ((), ())
            for task in late:
                task.cancel()
            await asyncio.gather(*working, return_exceptions=True)
            await services.close()

    handlers: dict[Any, Any] = dict.fromkeys(HANDLED, answer_error)
    app = Starlette(
        routes=routes(),
        lifespan=lifespan,
        middleware=[
            Middleware(
                SecurityHeaders,
                public_url=settings.public_url,
                metrics=metrics,
                style=services.assets.style.source,
            ),
            Middleware(BoundedStreams, services=services),
            Middleware(LooksInTurn),
            Middleware(CachedFirst, services=services),
            Middleware(RefusedFirst, services=services),
        ],
        exception_handlers=handlers,
    )
    # A slash at the end is taken off by our own answer, which never repeats a stranger's host.
    app.router.redirect_slashes = False
    app.state.services = services
    app.state.features = FEATURES
    app.state.rows_on_home = rows_on_home
    app.state.metrics = metrics
    return app
