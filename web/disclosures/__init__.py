"""公开: what a community published, what it owes, and what was asked about it."""

from __future__ import annotations

from web.disclosures.routes import ROUTES
from web.site.feature import Feature

FEATURE = Feature(routes=ROUTES)
