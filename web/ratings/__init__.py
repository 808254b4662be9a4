"""Ratings of a visit, and the call-backs that bad ones start."""

from web.ratings.log_words import in_log
from web.ratings.routes import ROUTES
from web.ratings.staff_card import on_staff_home
from web.site.feature import Feature

FEATURE = Feature(routes=ROUTES, on_staff_home=on_staff_home, in_log=in_log)
