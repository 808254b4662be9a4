"""业务查询机: a terminal of the hall, to look things up, print them, and take a number."""

from web.site.feature import Feature
from web.terminal.routes import ROUTES

FEATURE = Feature(routes=ROUTES)
