"""The addresses of the catalogue, its calendar, what residents ask to add, and the reports."""

from __future__ import annotations

from domain.staff.actor import EDITING
from web.disclosures import (
    archive,
    calendar,
    catalogue,
    catalogues,
    owed,
    reports,
    wish_desk,
    wishes,
)
from web.site.answers import kept, reads, writes
from web.site.routing import Route, form
from web.staff.access import Where, staff_reads, staff_writes

HERE = "/c/{community}/disclosures"
WISHES = f"{HERE}/wishes"
WISH = f"{WISHES}/{{wish:int}}"

RESIDENTS = (
    Route(f"{HERE}/catalogue", kept(catalogue.show)),
    Route(f"{HERE}/calendar", kept(calendar.show)),
    Route(f"{HERE}/calendar.ics", calendar.feed),
    Route(f"{HERE}/calendar/{{duty}}", kept(calendar.one)),
    Route("/subdistricts/{subdistrict}/disclosures/calendar", kept(calendar.compare)),
    Route(WISHES, reads(wishes.index), methods=["GET"]),
    Route(
        WISHES,
        writes(wishes.ask, wishes.ASKING, wishes.form_again, wishes.before_asking),
        methods=["POST"],
    ),
    Route(f"{WISHES}/new", reads(wishes.form)),
    Route(WISH, reads(wishes.show)),
    form(
        f"{WISH}/supporters",
        writes(wishes.support, wishes.SUPPORTING, wishes.show_again, wishes.before_supporting),
        WISH,
    ),
    Route(f"{HERE}/years/{{year:int}}", reads(reports.of_year)),
)

AT = Where.COMMUNITY
DESK = "/staff/c/{community}/disclosures"
WISH_AT_DESK = f"{DESK}/wishes/{{wish:int}}"
REPORT = "/staff/subdistricts/{subdistrict}/disclosures/report"

STAFF = (
    Route("/staff/disclosures/catalogues", staff_reads(catalogues.show, EDITING, Where.DISTRICT)),
    Route(f"{DESK}/owed", staff_reads(owed.show, EDITING, AT)),
    Route(f"{DESK}/wishes", staff_reads(wish_desk.index, EDITING, AT)),
    Route(WISH_AT_DESK, staff_reads(wish_desk.show, EDITING, AT)),
    *(
        form(f"{WISH_AT_DESK}/{noun}", staff_writes(act, EDITING, AT), WISH_AT_DESK)
        for noun, act in (
            ("showing", wish_desk.let_show),
            ("holding-back", wish_desk.hold_back),
            ("paper", wish_desk.enter_paper),
            ("answer", wish_desk.answer),
        )
    ),
    Route(REPORT, staff_reads(reports.show, EDITING)),
    Route(f"{REPORT}.csv", staff_reads(reports.as_csv, EDITING)),
    Route(f"{DESK}/archives/{{archive:int}}.zip", staff_reads(archive.of_year, EDITING, AT)),
)

ROUTES = (*RESIDENTS, *STAFF)
