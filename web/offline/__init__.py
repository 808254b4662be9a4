"""The app on the phone: service worker, manifest, and what is kept for offline."""

from web.offline.routes import ROUTES
from web.site.feature import Feature

FEATURE = Feature(routes=ROUTES)
