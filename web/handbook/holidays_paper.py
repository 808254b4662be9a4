"""放假通知: the form of a year's holidays, shown with the calculator."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from domain.calendar import DayKind
from domain.papers import kinds
from domain.words import N_
from web.handbook import working_days
from web.papers.form.shape import FormSpec
from web.papers.spec import PaperSpec

if TYPE_CHECKING:
    from domain.papers.paper import Paper
    from web.papers.spec import Preview
    from web.site.pages import Page

LABELS = {
    "HolidayNotice.year": N_("Year"),
    "HolidayNotice.days_off": N_("Days off"),
    "HolidayNotice.make_up_days": N_("Working days on weekends"),
}
HELPS = {
    "HolidayNotice.days_off": N_(
        "One per line, or a range: 2027-02-05~2027-02-11, weekends included. The notice may name "
        "days of the December before."
    ),
    "HolidayNotice.make_up_days": N_("Saturdays and Sundays when offices are open."),
}


async def previewed(draft: Preview) -> Page:
    """The calculator over the days around the year's first holidays."""
    notice, published = draft.document, draft.visit.published
    days = {
        **dict.fromkeys(notice.days_off, DayKind.HOLIDAY),
        **dict.fromkeys(notice.make_up_days, DayKind.MAKE_UP),
    }
    published = replace(published, calendar=published.calendar.with_notice(notice.year, days))
    asked = replace(draft.visit.elsewhere("/working-days", {}), published=published)
    query = {"from": str(min(notice.days_off)), "days": "10"}
    return await working_days.show(replace(asked, query=query))


def _with_year(paper: Paper, values: dict[str, Any]) -> dict[str, Any]:
    """The year stands in the address, so nobody types it."""
    return {**values, "year": int(paper.key)}


HOLIDAYS = PaperSpec(
    kind=kinds.HOLIDAYS,
    name=N_("Holiday notice"),
    path="/staff/holidays/{year:int}",
    fields=FormSpec(labels=LABELS, helps=HELPS, hidden=frozenset({"HolidayNotice.year"})),
    preview=previewed,
    key="year",
    completed=_with_year,
)
