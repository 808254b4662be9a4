"""民情连心卡: the contact cards, and the contact line."""

from domain.contacts.letters import queue_answer
from domain.contacts.line import LINE
from web.contacts.about import about, about_for_handlers
from web.contacts.calls import on_staff_home
from web.contacts.mail_round import fetch_by_and_by, forget_by_and_by, send_by_and_by
from web.contacts.routes import ROUTES
from web.matters.spec import MatterSpec
from web.site.feature import Feature

FEATURE = Feature(
    routes=ROUTES,
    on_staff_home=on_staff_home,
    matters=(MatterSpec(LINE, about, about_for_handlers),),
    background=(fetch_by_and_by, send_by_and_by, forget_by_and_by),
    before_commit=(queue_answer,),
)
