"""Which facilities are shown: open now, without steps, and the nearest first.

All of it is in the address, so it works without a script and can be shared. The phone's own
position is not: static/js/places/nearest.js sorts by it, and no server learns it.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, replace
from enum import IntEnum
from typing import TYPE_CHECKING, NamedTuple
from urllib.parse import urlencode

from domain.geo import metres_between, wgs84
from domain.places.content import StepFree
from domain.places.opening import open_until, opening_of
from web.places.map import located

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from collections.abc import Set as AbstractSet

    from domain.content import OpeningPeriod
    from domain.places.content import Position
    from domain.places.tables import Community
    from web.places.map import Located
    from web.site.visit import Visit

    Periods = tuple[OpeningPeriod, ...] | None

# Days whose periods a page tells the phone, today's first: a copy says what is open for a week.
DAYS = 8
# The words of `from` that name no compound: the building whose code was scanned, the hall, and
# where the phone is.
HOME, HALL, HERE = "home", "hall", "here"


class Origin(NamedTuple):
    """From where it is counted what is near."""

    # What the address says: the slug of a compound, or `HALL`.
    word: str
    name: str
    at: Position
    # Slugs of its buildings, for a phone that knows which is its person's.
    buildings: tuple[str, ...] = ()

    @property
    def wgs84(self) -> tuple[float, float]:
        return wgs84(self.at)


class Fits(IntEnum):
    """Whether a place is what was asked for."""

    YES = 2
    # Nobody has said, or not for certain.
    PERHAPS = 1
    NO = 0


@dataclass(frozen=True)
class Asked:
    """What the address asks for."""

    only_open: bool = False
    step_free: bool = False
    # A word of `from`; empty for the order of the page.
    origin: str = ""

    @classmethod
    def of(cls, visit: Visit, origins: AbstractSet[str]) -> Asked:
        """What is asked for; an origin that is none of `origins` is the person's own."""
        query = visit.query
        origin = query.get("from", "")
        return cls(
            "open" in query, "stepfree" in query, origin if origin in {"", *origins} else HOME
        )

    @property
    def query(self) -> str:
        """These wishes as a query with its `?`; empty for none."""
        given = {
            "open": "1" * self.only_open,
            "stepfree": "1" * self.step_free,
            "from": self.origin,
        }
        asked = urlencode({name: value for name, value in given.items() if value})
        return f"?{asked}" if asked else ""

    def from_there(self, origin: str) -> Asked:
        """The same, counted from another place."""
        return replace(self, origin=origin)

    @property
    def is_any(self) -> bool:
        return self != Asked()


class Chip(NamedTuple):
    """A wish to switch on or off: its word, where it leads, and how many places would fit."""

    word: str
    address: str
    is_on: bool
    # None for the order, and where the page outlives the count.
    fitting: int | None = None


@dataclass(frozen=True)
class Narrowed:
    """The facilities that were asked for, and the ways to ask for others."""

    asked: Asked
    # Those that fit, and those of which nobody can say it.
    fitting: list[Located]
    perhaps: list[Located]
    total: int
    chips: tuple[Chip, ...]
    # None unless the nearest come first.
    origin: Origin | None
    # Whether it is the building that this phone remembers.
    is_home: bool
    origins: tuple[Origin, ...]
    # The day of the first of each place's `days`, and the minutes that its clock is ahead of UTC.
    first_day: dt.date
    minutes_east: int


def narrowed(visit: Visit, community: Community) -> Narrowed:
    """What the address asks for of a community's facilities."""
    origins = tuple(origins_of(community))
    asked = Asked.of(visit, {HOME, HERE, *(origin.word for origin in origins)})
    origin, is_home = _origin(visit, community, asked, origins)
    places = [_now(visit, community, place, origin) for place in located(community)]
    if origin:
        places.sort(key=lambda place: place.metres or 0)
    offset = visit.now.utcoffset() or dt.timedelta()
    return Narrowed(
        asked=asked,
        fitting=[each for each in places if _fits(asked, each) is Fits.YES],
        perhaps=[each for each in places if _fits(asked, each) is Fits.PERHAPS],
        total=len(places),
        chips=_chips(asked, places),
        origin=origin,
        is_home=is_home,
        origins=origins,
        first_day=visit.today,
        minutes_east=int(offset.total_seconds() // 60),
    )


def origins_of(community: Community) -> Iterator[Origin]:
    """The compounds, and the hall for those who live elsewhere, as far as it is known where."""
    # A phone may remember a building that another one followed.
    moved = community.moved_buildings.items()
    for each in community.compounds:
        slugs = [one.slug for one in each.buildings]
        slugs += [str(was) for was, now in moved if now in slugs]
        yield Origin(each.slug, each.name, each.at, tuple(slugs))
    if community.hall.position:
        yield Origin(HALL, community.hall.name, community.hall.position)


def _origin(
    visit: Visit, community: Community, asked: Asked, origins: tuple[Origin, ...]
) -> tuple[Origin | None, bool]:
    """From where it is counted, and whether that is the remembered building's compound."""
    if not asked.origin:
        return None, False
    named = next((each for each in origins if each.word == asked.origin), None)
    if named:
        return named, False
    # Another community may have a building of the same name.
    is_here = visit.preferences.community == community.slug
    own = community.compound_with(visit.preferences.building) if is_here else None
    home = next((each for each in origins if own and each.word == own.slug), None)
    return home or next(reversed(origins), None), home is not None


def _now(visit: Visit, community: Community, place: Located, origin: Origin | None) -> Located:
    """A place with its distance, its state now and its coming days."""
    days = list(_days(visit, community, place))
    today = days[0]
    until = open_until(today, visit.now.time()) if today is not None else None
    return replace(
        place,
        metres=metres_between(origin.at, place.facility.at) if origin else None,
        is_open=None if today is None else until is not None,
        until=until,
        days=" ".join(map(_written, days)),
    )


def _days(visit: Visit, community: Community, place: Located) -> Iterator[Periods]:
    opening = opening_of(place.facility.hours)
    for ahead in range(DAYS):
        day = visit.today + dt.timedelta(days=ahead)
        hall = community.hall.hours_now
        yield opening.on(day, visit.published.calendar, hall) if opening else None


def _written(periods: Periods) -> str:
    """A day for the phone: `0830-1200,1330-1700`, `-` for closed, `?` when nobody says."""
    if periods is None:
        return "?"
    return ",".join(f"{each.opens:%H%M}-{each.closes:%H%M}" for each in periods) or "-"


def _fits(asked: Asked, place: Located) -> Fits:
    found = Fits.YES
    if asked.only_open:
        found = min(found, {True: Fits.YES, None: Fits.PERHAPS, False: Fits.NO}[place.is_open])
    if asked.step_free:
        ways_in = {StepFree.YES: Fits.YES, StepFree.NO: Fits.NO}
        found = min(found, ways_in.get(place.facility.step_free, Fits.PERHAPS))
    return found


def _chips(asked: Asked, places: Sequence[Located]) -> tuple[Chip, ...]:
    """The three wishes: each leads to the same page with itself switched."""
    wished = {
        "open": replace(asked, only_open=True),
        "stepfree": replace(asked, step_free=True),
    }
    without = {
        "open": replace(asked, only_open=False),
        "stepfree": replace(asked, step_free=False),
    }
    nearest = Chip(
        "nearest", replace(asked, origin="" if asked.origin else HOME).query, bool(asked.origin)
    )
    return (
        nearest,
        *(
            Chip(
                word,
                (without if asked == wished[word] else wished)[word].query,
                asked == wished[word],
                sum(_fits(wished[word], place) is Fits.YES for place in places)
                if word != "open" or asked.is_any
                else None,
            )
            for word in wished
        ),
    )
