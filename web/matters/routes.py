"""Pages of a matter for its resident, and the inbox of the people who answer."""

from __future__ import annotations

from domain.staff.actor import EDITING
from web.matters import actions, codes, matter, promises
from web.matters.desk import acts, figures, inbox
from web.matters.desk import matter as desk
from web.matters.refusals import ACTING, CODES
from web.site.answers import reads, writes
from web.site.routing import Route, form
from web.staff.access import Where, staff_acts, staff_reads, staff_writes

MATTER = "/matters/{token}"
PROMISES = "/c/{community}/promises"

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
    Route(PROMISES, reads(promises.show)),
    form(
        f"{PROMISES}/{{promise:int}}/following",
        writes(promises.follow, promises.REFUSED, promises.show_again, promises.may_follow),
        PROMISES,
    ),
    form(f"{PROMISES}/{{promise:int}}/following/ending", writes(promises.unfollow), PROMISES),
    Route("/f/mine/matters", reads(matter.mine)),
    Route("/photos/{photo}", reads(matter.photo)),
)

DESK = "/staff/matters/{matter:int}"

STAFF = (
    Route("/staff/matters", staff_reads(inbox.show)),
    Route(
        "/staff/c/{community}/matters", staff_reads(inbox.of_community, EDITING, Where.COMMUNITY)
    ),
    Route(
        "/staff/c/{community}/matters/figures",
        staff_reads(figures.show, EDITING, Where.COMMUNITY),
    ),
    Route(
        "/staff/c/{community}/matters.csv", staff_reads(figures.as_csv, EDITING, Where.COMMUNITY)
    ),
    Route(DESK, staff_reads(desk.show)),
    form(f"{DESK}/answer", staff_acts(acts.answer_with_photos)),
    form(f"{DESK}/reading", staff_writes(desk.read_with_reason, EDITING)),
    *(
        form(f"{DESK}/{noun}", staff_writes(act))
        for noun, act in (
            ("notes", acts.add_note),
            ("handing-over", acts.pass_on),
            ("joining", acts.join_other),
            ("closing", acts.close),
        )
    ),
    form(f"{DESK}/promises/{{promise:int}}/keeping", staff_writes(acts.keep_promise), DESK),
    form(f"{DESK}/promises/{{promise:int}}/moving", staff_writes(acts.move_promise), DESK),
    form("/staff/text-blocks", staff_writes(acts.add_block), "/staff/matters"),
    form(
        "/staff/text-blocks/{block:int}/dropping",
        staff_writes(acts.drop_block),
        "/staff/matters",
    ),
)

ROUTES = (*RESIDENTS, *STAFF)
