"""三日, as residents see them: the list, one day, its entry for a calendar, its poster."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from markupsafe import Markup
from starlette.responses import Response

from domain.disclosures.days import day_of, days_of
from domain.disclosures.markdown import html_of, plain_of
from web.site.errors import found_or_404
from web.site.icalendar import CalendarEvent, calendar_file
from web.site.pages import Page

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Sequence

    from domain.disclosures.tables import AffairsDay
    from domain.places.tables import Community
    from web.site.visit import Visit
    from web.site.visits import ResidentVisit

# In a calendar: what is there besides reads on the page.
LONGEST_IN_CALENDAR = 1_000
ICALENDAR = {
    "content-disposition": 'attachment; filename="lianxin.ics"',
    "cache-control": "no-store",
}


@dataclass(frozen=True, kw_only=True)
class Days(Page):
    """三日制度: what is to come, the next first, and what was, the latest first."""

    template: ClassVar[str] = "disclosures/days.html"
    tab: ClassVar[str] = "disclosures"
    ahead: Sequence[AffairsDay]
    over: Sequence[AffairsDay]


@dataclass(frozen=True, kw_only=True)
class DayPage(Page):
    """One day with its agenda, and its minutes afterwards."""

    template: ClassVar[str] = "disclosures/day.html"
    tab: ClassVar[str] = "disclosures"
    day: AffairsDay
    # Aware local times.
    begins: dt.datetime
    ends: dt.datetime
    is_over: bool
    agenda: Markup
    minutes: Markup


@dataclass(frozen=True, kw_only=True)
class DayPoster(Page):
    """The day's poster with its code, to print."""

    template: ClassVar[str] = "disclosures/day_poster.html"
    tab: ClassVar[str] = "disclosures"
    day: AffairsDay
    begins: dt.datetime
    ends: dt.datetime


async def index(visit: Visit) -> Page:
    """Every day of a community."""
    community = await visit.community()
    async with visit.published.store.read() as session:
        found = await days_of(session, community.id)
    ahead = [day for day in found if _last_day(visit, day) >= visit.today]
    over = [day for day in found if _last_day(visit, day) < visit.today]
    return Days(community=community, ahead=ahead[::-1], over=over)


def _last_day(visit: Visit, day: AffairsDay) -> dt.date:
    return visit.local(day.ends_at).date()


async def show(visit: Visit) -> Page:
    """One day. Its page is cached until midnight, so it is over on the next day."""
    community, day = await _asked(visit)
    return DayPage(
        community=community,
        day=day,
        begins=visit.local(day.begins_at),
        ends=visit.local(day.ends_at),
        is_over=_last_day(visit, day) < visit.today,
        agenda=_markup(day.agenda),
        minutes=_markup(day.minutes),
    )


def _markup(text: str) -> Markup:
    return Markup(html_of(text))  # noqa: S704 - cleaned by nh3


async def _asked(visit: Visit) -> tuple[Community, AffairsDay]:
    """The community and the day in the address. Raises 404 for a day that is not its own."""
    community = await visit.community()
    async with visit.published.store.read() as session:
        day = await day_of(session, community.id, int(visit.params["affairs_day"]))
    return community, found_or_404(day)


async def poster(visit: Visit) -> Page:
    """A sheet of A4 that announces the day."""
    community, day = await _asked(visit)
    begins, ends = visit.local(day.begins_at), visit.local(day.ends_at)
    return DayPoster(community=community, day=day, begins=begins, ends=ends)


async def file(visit: ResidentVisit) -> Response:
    """The day for the phone's own calendar; a later file with the same id replaces it there."""
    community, day = await _asked(visit)
    body = calendar_file(community.name, [event_of(visit, community, day)])
    return Response(body, headers=ICALENDAR, media_type="text/calendar; charset=utf-8")


def event_of(visit: Visit, community: Community, day: AffairsDay) -> CalendarEvent:
    """The day as an event. Also cancelled it stays, so that calendars strike it out."""
    return CalendarEvent(
        uid=f"{day.uid}@lianxin",
        stamp=day.changed_at,
        summary=f"{community.name} {day.title}",
        begins=day.begins_at,
        ends=day.ends_at,
        description=(day.cancelled_why or plain_of(day.agenda))[:LONGEST_IN_CALENDAR],
        location=day.place,
        url=f"{visit.manner.origin}/c/{community.slug}/days/{day.id}",
        sequence=day.sequence,
        is_cancelled=day.cancelled_at is not None,
    )
