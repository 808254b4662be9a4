"""Accounts, roles, sessions and the log, and the first week of an office."""

from web.site.feature import Feature
from web.staff.first_steps import first_steps, first_steps_here
from web.staff.first_week import on_staff_home
from web.staff.routes import ROUTES

FEATURE = Feature(
    routes=ROUTES,
    on_staff_home=on_staff_home,
    first_steps=first_steps,
    first_steps_here=first_steps_here,
)
