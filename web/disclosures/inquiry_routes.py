"""The addresses of inquiries: for residents, for their askers, and for the office."""

from __future__ import annotations

from domain.staff.actor import EDITING
from web.disclosures.inquiries import about, asking, clock, moderation, on_site, public
from web.matters import matter
from web.matters.actions import may_join
from web.site.answers import reads, writes
from web.site.routing import Route, form
from web.staff.access import Where, staff_reads, staff_writes

AT = Where.COMMUNITY
HERE = "/c/{community}/inquiries"
ONE = f"{HERE}/{{inquiry:int}}"
OF_DISCLOSURE = "/c/{community}/disclosures/{disclosure:int}/inquiries"
MATTER = "/matters/{token}"

RESIDENTS = (
    Route(HERE, reads(public.show)),
    Route(f"{HERE}/new", reads(asking.show_application)),
    form(
        f"{HERE}/applications",
        writes(asking.send, asking.REFUSED, asking.show_again, asking.before_sending),
        f"{HERE}/new",
    ),
    Route(ONE, reads(public.one)),
    form(
        f"{ONE}/supporters",
        writes(public.want_to_know, public.REFUSED, public.one_again, may_join),
    ),
    Route(f"{OF_DISCLOSURE}/new", reads(asking.show)),
    form(
        OF_DISCLOSURE,
        writes(asking.send, asking.REFUSED, asking.show_again, asking.before_sending),
        f"{OF_DISCLOSURE}/new",
    ),
    *(
        form(f"{MATTER}/{noun}", writes(act, about.ASKING, matter.show_again))
        for noun, act in (
            ("judging", about.judge),
            ("disputing", about.dispute),
            ("correcting", about.correct),
        )
    ),
)

DESK = "/staff/matters/{matter:int}"
STAFF_HERE = "/staff/c/{community}/inquiries"
STAFF_ONE = f"{STAFF_HERE}/{{inquiry:int}}"

STAFF = (
    Route(STAFF_HERE, staff_reads(moderation.index, EDITING, AT)),
    Route(f"{STAFF_HERE}/new", staff_reads(on_site.new, on_site.WRITING, AT)),
    form(
        f"{STAFF_HERE}/on-site",
        staff_writes(on_site.enter, on_site.WRITING, AT),
        f"{STAFF_HERE}/new",
    ),
    Route(f"{STAFF_ONE}/code", staff_reads(on_site.code, on_site.WRITING, AT)),
    Route(STAFF_ONE, staff_reads(moderation.show, EDITING, AT)),
    form(f"{STAFF_ONE}/publishing", staff_writes(moderation.make_public, EDITING, AT)),
    form(f"{STAFF_ONE}/holding-back", staff_writes(moderation.hold_back, EDITING, AT)),
    form(
        f"{STAFF_ONE}/answers/{{entry:int}}/publishing",
        staff_writes(moderation.make_answer_public, EDITING, AT),
        STAFF_ONE,
    ),
    *(
        form(f"{DESK}/{noun}", staff_writes(act))
        for noun, act in (
            ("correction", clock.ask_correction),
            ("third-parties", clock.ask_others),
            ("third-parties-heard", clock.hear_others),
            ("extension", clock.extend),
        )
    ),
)

INQUIRY_ROUTES = (*RESIDENTS, *STAFF)
