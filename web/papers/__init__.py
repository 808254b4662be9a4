"""Documents with drafts, versions and publication: how an office keeps its pages true."""

from web.papers.log_words import in_log
from web.papers.routes import ROUTES
from web.papers.staff_card import on_staff_home
from web.site.feature import Feature

FEATURE = Feature(routes=ROUTES, on_staff_home=on_staff_home, in_log=in_log)
