"""Pages of a matter for its resident, and the inbox of the people who answer."""

from __future__ import annotations

from web.matters import actions, codes, matter
from web.matters.refusals import ACTING, CODES
from web.site.answers import reads, writes
from web.site.routing import Route, form

MATTER = "/matters/{token}"

RESIDENTS = (
    Route("/matters/code", reads(codes.show), methods=["GET"]),
    Route(
        "/matters/code",
        writes(actions.enter_code, CODES, codes.show_again, actions.may_guess),
        methods=["POST"],
    ),
    Route(MATTER, reads(matter.show)),
    Route(f"{MATTER}/copy", reads(matter.copy)),
    form(
        f"{MATTER}/messages",
        writes(actions.write, ACTING, matter.show_again, actions.may_write),
    ),
    *(
        form(f"{MATTER}/{noun}", writes(action, ACTING, matter.show_again))
        for noun, action in (
            ("thanks", actions.thank),
            ("closing", actions.close),
            ("reopening", actions.reopen),
            ("rating", actions.rate),
            ("erasing", actions.erase),
            ("seen", actions.seen),
        )
    ),
    Route(f"/f{MATTER}", reads(matter.part)),
    Route(f"/live{MATTER}", reads(matter.stream)),
    Route("/f/mine/matters", reads(matter.mine)),
    Route("/photos/{photo}", reads(matter.photo)),
)

ROUTES = RESIDENTS
