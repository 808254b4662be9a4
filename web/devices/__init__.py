"""Screens, kiosks, rating tablets and guide terminals: pairing, check-in, looking after them."""

from web.devices.first_steps import first_steps_here
from web.devices.routes import ROUTES
from web.site.feature import Feature

FEATURE = Feature(routes=ROUTES, first_steps_here=first_steps_here)
