"""Queue numbers: taking, calling, following, and the hall's day."""

from domain.queue.search import entries_of
from web.queue.routes import ROUTES
from web.queue.rules_paper import QUEUE
from web.queue.staff_card import on_staff_home
from web.site.feature import Feature

FEATURE = Feature(
    routes=ROUTES, found_by_search=entries_of, on_staff_home=on_staff_home, papers=(QUEUE,)
)
