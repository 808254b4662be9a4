"""本页有误: residents say what is wrong on a page, and the office corrects it."""

from web.mistakes.log_words import in_log
from web.mistakes.routes import ROUTES
from web.mistakes.staff_card import on_staff_home
from web.site.feature import Feature

FEATURE = Feature(routes=ROUTES, on_staff_home=on_staff_home, in_log=in_log)
