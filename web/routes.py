"""Every route: the features' own, and those of a request and of the process."""

from __future__ import annotations

from typing import TYPE_CHECKING

import web.papers
import web.running.routes
import web.site.routes
from web.features import FEATURES
from web.papers.desk.routes import routes_of
from web.papers.spec import specs_of

if TYPE_CHECKING:
    from starlette.routing import BaseRoute

    from web.site.feature import Feature


def routes() -> list[BaseRoute]:
    """Every route, in matching order."""
    return [
        *(route for feature in FEATURES for route in _routes_of(feature)),
        *web.site.routes.ROUTES,
        *web.running.routes.ROUTES,
    ]


# The documents of all features follow the office's own pages, for `/staff/handbook/{item}` would
# also match `/staff/handbook/spreadsheet`.
def _routes_of(feature: Feature) -> list[BaseRoute]:
    if feature is not web.papers.FEATURE:
        return list(feature.routes)
    documents = (route for spec in specs_of(FEATURES) for route in routes_of(spec))
    return [*feature.routes, *documents]
