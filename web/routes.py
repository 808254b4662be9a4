"""Every route: the features' own, and those of a request and of the process."""

from __future__ import annotations

from typing import TYPE_CHECKING

import web.running.routes
import web.site.routes
from web.features import FEATURES

if TYPE_CHECKING:
    from starlette.routing import BaseRoute


def routes() -> list[BaseRoute]:
    """Every route, in matching order."""
    return [
        *(route for feature in FEATURES for route in feature.routes),
        *web.site.routes.ROUTES,
        *web.running.routes.ROUTES,
    ]
