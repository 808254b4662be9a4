"""Accounts, roles, sessions and the log."""

from web.site.feature import Feature
from web.staff.routes import ROUTES

FEATURE = Feature(routes=ROUTES)
