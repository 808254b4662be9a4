"""民情连心卡: the contact cards, and the contact line."""

from domain.contacts.line import LINE
from web.contacts.about import about, about_for_handlers
from web.contacts.routes import ROUTES
from web.matters.spec import MatterSpec
from web.site.feature import Feature

FEATURE = Feature(routes=ROUTES, matters=(MatterSpec(LINE, about, about_for_handlers),))
