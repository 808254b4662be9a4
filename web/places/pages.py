"""Places: a community chosen, its hall, facilities, people, partners, brand and doors."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from starlette.exceptions import HTTPException

from domain.geo import wgs84
from domain.hours import exception_on, periods_of
from domain.places.compounds import door_of
from domain.places.content import FacilityKind
from domain.places.finding import by_letter, find
from web.places.map import Located, LocatorMap, locator_map
from web.places.narrowing import Narrowed, narrowed
from web.site.answers import redirect_to
from web.site.pages import Page
from web.site.preferences import remember
from web.site.visit import midnight_after

if TYPE_CHECKING:
    from starlette.responses import Response

    from domain.calendar import DayKind, WorkingCalendar
    from domain.content import OpeningPeriod
    from domain.hours import HallState
    from domain.places.content import HallHours
    from domain.places.finding import Found
    from domain.places.tables import Subdistrict
    from web.site.visit import Visit
    from web.site.visits import ResidentVisit

WEEK = 7
LONGEST_NAME = 40


@dataclass(frozen=True, kw_only=True)
class Chooser(Page):
    """选择社区: every community from A to Z or by subdistrict, or those that fit what was typed."""

    template: ClassVar[str] = "places/choose.html"
    asks: ClassVar[tuple[str, ...]] = ("q", "by")
    # By the first letter of their names; empty where they stand by subdistrict.
    letters: list[tuple[str, list[Found]]]
    # In the office's order; empty where they stand by letter.
    subdistricts: list[tuple[Subdistrict, list[Found]]]
    words: str
    total: int


@dataclass(frozen=True, kw_only=True)
class FacilityList(Page):
    """便民设施, by kind, with a map."""

    kinds: list[tuple[FacilityKind, list[Located]]]
    map: LocatorMap | None


@dataclass(frozen=True, kw_only=True)
class Facilities(FacilityList):
    """便民设施: all of them by kind, or those that are asked for."""

    template: ClassVar[str] = "places/facilities.html"
    tab: ClassVar[str] = "home"
    takes_reports: ClassVar[bool] = True
    asks: ClassVar[tuple[str, ...]] = ("open", "stepfree", "from")
    narrowed: Narrowed


@dataclass(frozen=True, kw_only=True)
class People(Page):
    """找得到的人."""

    template: ClassVar[str] = "places/people.html"
    tab: ClassVar[str] = "home"
    takes_reports: ClassVar[bool] = True


@dataclass(frozen=True, kw_only=True)
class Partners(Page):
    """共建单位."""

    template: ClassVar[str] = "places/partners.html"
    tab: ClassVar[str] = "home"
    takes_reports: ClassVar[bool] = True


@dataclass(frozen=True, kw_only=True)
class Brand(Page):
    """一居一品牌."""

    template: ClassVar[str] = "places/brand.html"
    tab: ClassVar[str] = "home"
    takes_reports: ClassVar[bool] = True


@dataclass(frozen=True)
class DayHours:
    """A day of the coming week at the hall."""

    day: dt.date
    kind: DayKind
    periods: tuple[OpeningPeriod, ...]
    # Why the day is other than usual; empty when it is not.
    reason: str


@dataclass(frozen=True, kw_only=True)
class HallPage(Page):
    """服务大厅: state, the coming week's hours, counters, zones, the way there."""

    template: ClassVar[str] = "places/hall.html"
    tab: ClassVar[str] = "home"
    takes_reports: ClassVar[bool] = True
    hall: HallState
    week: list[DayHours]
    # Degrees north and east (WGS-84); None until the office has entered them.
    position: tuple[float, float] | None


async def choose(visit: Visit) -> Page:
    """Every community, or those that match what was typed."""
    words = visit.query.get("q", "").strip()[:LONGEST_NAME]
    published = visit.published
    found = find(published.district, words)
    is_by_letter = not words and visit.query.get("by") != "subdistrict"
    return Chooser(
        letters=by_letter(found) if is_by_letter else [],
        subdistricts=[] if is_by_letter else found,
        words=words,
        total=len(published.names),
    )


async def facilities(visit: Visit) -> Page:
    """A community's facilities, or those that the address asks for."""
    community = await visit.community()
    found = narrowed(visit, community)
    return Facilities(
        community=community,
        narrowed=found,
        # The nearest first are one list.
        kinds=[] if found.origin else by_kind(found.fitting),
        map=locator_map(community),
    )


def by_kind(places: list[Located]) -> list[tuple[FacilityKind, list[Located]]]:
    """The facilities of each kind that has any."""
    kinds = [
        (kind, [place for place in places if place.facility.kind is kind]) for kind in FacilityKind
    ]
    return [(kind, group) for kind, group in kinds if group]


async def people(visit: Visit) -> Page:
    """The people to ask."""
    return People(community=await visit.community())


async def partners(visit: Visit) -> Page:
    """The partner organisations."""
    return Partners(community=await visit.community())


async def brand(visit: Visit) -> Page:
    """What the community is known for."""
    return Brand(community=await visit.community())


async def hall(visit: Visit) -> Page:
    """The hall."""
    community = await visit.community()
    state, position = visit.hall_state(community), community.hall.position
    return HallPage(
        community=community,
        fresh_until=min(state.changes_at, midnight_after(visit.now)),
        hall=state,
        week=_week(visit, community.hall.hours_now),
        position=wgs84(position) if position else None,
    )


def _week(visit: Visit, hours: HallHours) -> list[DayHours]:
    days = (visit.today + dt.timedelta(days=ahead) for ahead in range(WEEK))
    return [_day_hours(hours, visit.published.calendar, day) for day in days]


def _day_hours(hours: HallHours, calendar: WorkingCalendar, day: dt.date) -> DayHours:
    exception = exception_on(hours, day)
    periods = periods_of(hours, calendar, day)
    return DayHours(day, calendar.kind(day), periods, exception.reason if exception else "")


async def building(visit: ResidentVisit) -> Response:
    """Where the code on a building's door leads: to home, with this building remembered.

    Home says so when the building ended, and its successor is remembered instead.
    """
    community = await visit.community()
    door = door_of(community, visit.params["building"])
    if door is None:
        raise HTTPException(404)
    asked = f"?door={door.building.slug}" if door.ended else ""
    response = redirect_to(f"/c/{community.slug}{asked}")
    at_home = visit.preferences.at(community.slug, community.building_now(door.building.slug))
    remember(response, at_home, secure=visit.is_secure)
    return response
