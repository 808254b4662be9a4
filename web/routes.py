"""Every route: the features' own, and those of a request and of the process."""

from __future__ import annotations

from typing import TYPE_CHECKING

import web.running.routes
import web.site.routes
from web.features import FEATURES
from web.papers.desk.routes import routes_of
from web.papers.spec import specs_of

if TYPE_CHECKING:
    from starlette.routing import BaseRoute


def routes() -> list[BaseRoute]:
    """Every route, in matching order."""
    return [
        *(route for feature in FEATURES for route in feature.routes),
        *(route for spec in specs_of(FEATURES) for route in routes_of(spec)),
        *web.site.routes.ROUTES,
        *web.running.routes.ROUTES,
    ]
