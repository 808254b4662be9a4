"""The routes of the site's own settings."""

from __future__ import annotations

from web.site import preferences
from web.site.routing import Route

ROUTES = (Route("/preferences", preferences.change, methods=["POST"]),)
