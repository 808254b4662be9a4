"""诉求: the page of anything a resident is owed an answer to, and the inbox of who answers."""

from web.matters.background import erase_by_and_by, settle_by_and_by
from web.matters.desk.inbox import on_staff_home
from web.matters.routes import ROUTES
from web.site.feature import Feature

FEATURE = Feature(
    routes=ROUTES,
    on_staff_home=on_staff_home,
    background=(settle_by_and_by, erase_by_and_by),
)
