"""公开日历: what should have been published by now, what is due soon, and what was published."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from sqlalchemy import select

from domain.disclosures.catalogue import DutyState, Often
from domain.disclosures.duties import (
    Counts,
    Span,
    catalogue_of,
    counts_of,
    duties_by_community,
    duties_of,
)
from domain.disclosures.tables import AffairsDay, AffairsDayKind
from domain.words import N_
from web.site.answers import cached_bytes
from web.site.errors import found_or_404
from web.site.icalendar import CalendarEvent, calendar_file, name_of
from web.site.pages import Page
from web.site.words import translations

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from starlette.requests import Request
    from starlette.responses import Response

    from domain.disclosures.catalogue import CatalogueItem
    from domain.disclosures.duties import Duty
    from domain.places.tables import Community, Subdistrict
    from web.site.visit import Visit

# Between an item and its period in an address; neither can hold it.
BETWEEN = "_"
ICALENDAR = "text/calendar; charset=utf-8"
# The days of a community that its calendar file holds, back and ahead.
BACK, AHEAD = dt.timedelta(days=90), dt.timedelta(days=366)
MOST_DAYS = 200
NAME = N_("%(name)s: what is owed")
PUBLISHED, OWED = N_("Published: %(name)s"), N_("To be published: %(name)s")
DAY_NAMES = {
    AffairsDayKind.DELIBERATION: N_("Deliberation day: %(name)s"),
    AffairsDayKind.PUBLICATION: N_("Publication day: %(name)s"),
    AffairsDayKind.INQUIRY: N_("Inquiry day: %(name)s"),
}


@dataclass(frozen=True, kw_only=True)
class DisclosureCalendar(Page):
    """公开日历 of a community."""

    template: ClassVar[str] = "disclosures/calendar.html"
    tab: ClassVar[str] = "disclosures"
    counts: Counts
    overdue: list[Duty]
    soon: list[Duty]
    later: list[Duty]
    # The latest first.
    published: list[Duty]
    # Items that are owed whenever there is something.
    on_events: list[CatalogueItem]


@dataclass(frozen=True, kw_only=True)
class DutyPage(Page):
    """One duty, with its days counted one by one."""

    template: ClassVar[str] = "disclosures/duty.html"
    tab: ClassVar[str] = "disclosures"
    duty: Duty


@dataclass(frozen=True)
class CommunityCounts:
    """How many duties of a community stand how."""

    community: Community
    counts: Counts


@dataclass(frozen=True, kw_only=True)
class SubdistrictCalendar(Page):
    """公开日历 of a subdistrict: its communities beside each other, as counts."""

    template: ClassVar[str] = "disclosures/subdistrict_calendar.html"
    tab: ClassVar[str] = "disclosures"
    subdistrict: Subdistrict
    rows: list[CommunityCounts]


async def show(visit: Visit) -> Page:
    """What this community owes, and how it kept to that for a year."""
    community = await visit.community()
    async with visit.published.store.read() as session:
        catalogue = await catalogue_of(session, community.settlement)
        duties = await duties_of(session, community, visit.published.calendar, visit.now)
    return DisclosureCalendar(
        community=community,
        counts=counts_of(duties),
        overdue=_in(duties, DutyState.OVERDUE),
        soon=_in(duties, DutyState.SOON),
        later=_in(duties, DutyState.OPEN),
        published=_in(duties, DutyState.KEPT, DutyState.LATE)[::-1],
        on_events=[item for item in catalogue.items if item.often is Often.EACH_EVENT],
    )


def _in(duties: Sequence[Duty], *states: DutyState) -> list[Duty]:
    return [duty for duty in duties if duty.state in states]


async def one(visit: Visit) -> Page:
    """One duty. Raises 404 for what is none, or is too long ago."""
    community = await visit.community()
    async with visit.published.store.read() as session:
        duties = await duties_of(session, community, visit.published.calendar, visit.now)
    found = {path_of(duty): duty for duty in duties}
    duty = found_or_404(found.get(visit.params["duty"]))
    return DutyPage(community=community, duty=duty)


def path_of(duty: Duty) -> str:
    """The duty's name in addresses: `dangfei_2026-Q3`, `wish-12`."""
    return BETWEEN.join(filter(None, (duty.slug, duty.period)))


async def compare(visit: Visit) -> Page:
    """The communities of a subdistrict beside each other, in the district's order."""
    subdistrict = _subdistrict(visit)
    async with visit.published.store.read() as session:
        duties = await duties_by_community(
            session, subdistrict.communities, visit.published.calendar, visit.now
        )
    rows = [
        CommunityCounts(community, counts_of(duties[community.id]))
        for community in subdistrict.communities
    ]
    return SubdistrictCalendar(subdistrict=subdistrict, rows=rows)


def _subdistrict(visit: Visit) -> Subdistrict:
    slug = visit.params["subdistrict"]
    known = {each.slug: each for each in visit.published.district.subdistricts}
    return found_or_404(known.get(slug))


async def feed(request: Request) -> Response:
    """The calendar as a file to subscribe to: what is owed, and the community's days."""
    return await cached_bytes(request, _feed, ICALENDAR)


async def _feed(visit: Visit) -> tuple[bytes, str | None, dt.datetime | None]:
    community = await visit.community()
    today = visit.today
    async with visit.published.store.read() as session:
        duties = await duties_of(
            session,
            community,
            visit.published.calendar,
            visit.now,
            Span(today - BACK, today + AHEAD),
        )
        days = await session.scalars(
            select(AffairsDay)
            .where(
                AffairsDay.community_id == community.id,
                AffairsDay.begins_at.between(visit.now - BACK, visit.now + AHEAD),
            )
            .order_by(AffairsDay.begins_at.desc())
            .limit(MOST_DAYS)
        )
        events = [*_of_duties(visit, community, duties), *_of_days(visit, community, list(days))]
    name = str(translations(visit.lang).gettext(NAME)) % {"name": community.name}
    return calendar_file(name, events), community.slug, None


def _of_duties(
    visit: Visit, community: Community, duties: Sequence[Duty]
) -> Iterator[CalendarEvent]:
    word = translations(visit.lang).gettext
    here = f"{visit.manner.origin}/c/{community.slug}/disclosures"
    for duty in duties:
        if duty.due_on is None:
            continue
        path = path_of(duty)
        leads_to = f"{here}/{duty.kept.disclosure_id}" if duty.kept else f"{here}/calendar/{path}"
        name = " ".join(filter(None, (duty.name, duty.period)))
        summary = str(word(PUBLISHED if duty.kept else OWED))
        confirmed_on = duty.item.confirmed_on if duty.item else duty.due.counted[0].day
        yield CalendarEvent(
            uid=f"duty-{community.slug}-{path}@{name_of(visit.manner.origin)}",
            stamp=dt.datetime.combine(confirmed_on, dt.time(), dt.UTC),
            summary=summary % {"name": name},
            begins=duty.due_on,
            description=duty.source,
            url=leads_to,
            # The day moves with a changed holiday notice, the words with the publication.
            sequence=visit.published.revision,
        )


def _of_days(
    visit: Visit, community: Community, days: Sequence[AffairsDay]
) -> Iterator[CalendarEvent]:
    word = translations(visit.lang).gettext
    for day in days:
        yield CalendarEvent(
            uid=f"{day.uid}@lianxin",
            stamp=day.changed_at,
            summary=str(word(DAY_NAMES[day.kind])) % {"name": day.title},
            begins=day.begins_at,
            ends=day.ends_at,
            description=day.cancelled_why or day.agenda,
            location=day.place,
            url=f"{visit.manner.origin}/c/{community.slug}/days/{day.id}",
            sequence=day.sequence,
            is_cancelled=day.cancelled_at is not None,
        )
