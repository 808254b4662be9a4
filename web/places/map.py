"""A small map drawn by us: where a community's facilities lie around its hall.

No map service is asked, so nobody learns who looks. North is up; a bar shows the scale.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from math import hypot
from typing import TYPE_CHECKING

from domain.geo import metres_east_north, wgs84
from domain.places.content import FacilityKind, MapFrame

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Iterable, Sequence

    from domain.places.content import MapPoint
    from domain.places.tables import Community, Facility

    # Latitude and longitude in degrees, WGS-84.
    Spot = tuple[float, float]

WIDTH = 360
HEIGHT = 270
MARGIN = 30
# Metres that the drawing shows at least in each direction.
LEAST = 100.0
# Metres that a drawing with room shows at least on each side of its middle.
ROOM = 300.0
# Units a metre, at least: two places further apart than a city, of which one is a typing error, do
# not fit into one drawing.
SMALLEST_SCALE = 0.001
# Metres that a scale bar may stand for.
BARS = (50, 100, 200, 300, 500, 1000)
LONGEST_BAR = 90
# The radius of a mark.
MARK = 13
CHARACTER = 12
LABEL_HALF_HEIGHT = 10
# Units that two marks keep apart, so that both numbers can be read, also in the elder view.
NEAREST_MARKS = 35
# Metres within which a pin is said to be near a place.
NEAR = 150


@dataclass(frozen=True, kw_only=True)
class Located:
    """A facility with its number on the map and its position for a phone (WGS-84 degrees)."""

    facility: Facility
    number: int
    latitude: float
    longitude: float
    # Metres from where the page counts; None where it does not.
    metres: float | None = None
    # Whether it is open now, and until when; None when its hours cannot be counted.
    is_open: bool | None = None
    until: dt.time | None = None
    # The periods of the coming days, for the phone; see `web.places.narrowing`.
    days: str = ""


@dataclass(frozen=True)
class Mark:
    """A numbered place on the map, in units of the drawing."""

    x: float
    y: float
    number: int
    name: str
    # Where it lies, also when its number had to stand beside another's.
    spot: tuple[float, float]


@dataclass(frozen=True)
class Label:
    """A named place without a number."""

    x: float
    y: float
    name: str

    @property
    def half_width(self) -> float:
        """Half of what the name takes, in units."""
        return CHARACTER * len(self.name) / 2 + 4


@dataclass(frozen=True)
class Pin:
    """A point that a resident tapped, in units, and the nearest place; empty for none `NEAR` it."""

    x: float
    y: float
    near: str


@dataclass(frozen=True)
class LocatorMap:
    """A drawing `WIDTH` by `HEIGHT` units."""

    width: int
    height: int
    frame: MapFrame
    # None until the office has entered where it is.
    hall: Label | None
    compounds: list[Label]
    marks: list[Mark]
    bar_metres: int
    bar_units: float
    # Units within which a pin is near a place.
    near_units: float
    pin: Pin | None = None

    @property
    def degree_units(self) -> tuple[float, float]:
        """Units to the east and to the north in a degree, for the phone to place a pin by.

        The inverse of `_placed` is a division by them, because both are flat.
        """
        middle = (self.frame.latitude, self.frame.longitude)
        east, north = metres_east_north(middle, (middle[0] + 1, middle[1] + 1))
        return east * self.frame.scale, north * self.frame.scale


def located(community: Community) -> list[Located]:
    """The facilities kind by kind, numbered from 1 as on the map."""
    kinds = list(FacilityKind)
    ordered = sorted(community.facilities, key=lambda facility: kinds.index(facility.kind))
    return [
        Located(facility=facility, number=number, latitude=latitude, longitude=longitude)
        for number, facility in enumerate(ordered, 1)
        for latitude, longitude in [wgs84(facility.at)]
    ]


def locator_map(
    community: Community, point: MapPoint | None = None, *, has_room: bool = False
) -> LocatorMap | None:
    """The drawing of a community; with a point, as it was when the point was tapped.

    With room it shows twice as much, so that a new place outside the others can be tapped. None for
    a community none of whose places has a position.
    """
    places = located(community)
    spots = [(place.latitude, place.longitude) for place in places]
    homes = [wgs84(compound.at) for compound in community.compounds]
    hall_at = _hall_at(community)
    known = [*([hall_at] if hall_at else []), *spots, *homes]
    if not known:
        return None
    frame = point.frame if point else _frame_around(known, has_room=has_room)
    numbered = [
        Mark(*(placed := _placed(frame, spot)), place.number, place.facility.name, placed)
        for place, spot in zip(places, spots, strict=True)
    ]
    hall = Label(*_placed(frame, hall_at), "厅") if hall_at else None
    compounds = [
        Label(*_placed(frame, spot), compound.name)
        for compound, spot in zip(community.compounds, homes, strict=True)
    ]
    bar = max((metres for metres in BARS if metres * frame.scale <= LONGEST_BAR), default=BARS[0])
    seen = [label for label in compounds if _is_inside(label)]
    halls = [hall] if hall else []
    marks = _apart([mark for mark in numbered if _is_inside(mark)], [*halls, *seen])
    named: list[Mark | Label] = [*marks, *seen]
    named += [Label(each.x, each.y, community.hall.name) for each in halls]
    return LocatorMap(
        width=WIDTH,
        height=HEIGHT,
        frame=frame,
        hall=hall,
        compounds=seen,
        marks=marks,
        bar_metres=bar,
        bar_units=round(bar * frame.scale, 1),
        near_units=round(NEAR * frame.scale, 1),
        pin=_pin(point, named) if point else None,
    )


def _hall_at(community: Community) -> Spot | None:
    position = community.hall.position
    return wgs84(position) if position else None


def _frame_around(spots: Sequence[Spot], *, has_room: bool) -> MapFrame:
    """What a drawing has to show so that all of it fits, with one scale in both directions."""
    south, north = min(spot[0] for spot in spots), max(spot[0] for spot in spots)
    west, east = min(spot[1] for spot in spots), max(spot[1] for spot in spots)
    across, up = metres_east_north((south, west), (north, east))
    if has_room:
        scale = min(WIDTH / 2 / max(across, ROOM), HEIGHT / 2 / max(up, ROOM))
    else:
        scale = min(
            (WIDTH - 2 * MARGIN) / max(across, LEAST),
            (HEIGHT - 2 * MARGIN) / max(up, LEAST),
        )
    return MapFrame(
        latitude=round((south + north) / 2, 6),
        longitude=round((west + east) / 2, 6),
        scale=round(max(scale, SMALLEST_SCALE), 5),
    )


def _placed(frame: MapFrame, spot: Spot) -> tuple[float, float]:
    """Where a spot lies in the drawing, in units."""
    east, north = metres_east_north((frame.latitude, frame.longitude), spot)
    return (
        round(WIDTH / 2 + east * frame.scale, 1),
        round(HEIGHT / 2 - north * frame.scale, 1),
    )


def _is_inside(place: Mark | Label) -> bool:
    return 0 <= place.x <= WIDTH and 0 <= place.y <= HEIGHT


def _pin(point: MapPoint, named: Iterable[Mark | Label]) -> Pin:
    x, y = round(point.x * WIDTH, 1), round(point.y * HEIGHT, 1)
    far = NEAR * point.frame.scale
    near = ((hypot(place.x - x, place.y - y), place.name) for place in named)
    _, name = min(((away, name) for away, name in near if away <= far), default=(far, ""))
    return Pin(x, y, name)


def shows(community: Community, point: MapPoint) -> bool:
    """Whether a point was tapped on a drawing of this community: its hall may have moved since."""
    today = locator_map(community)
    if today is None:
        return False
    middle = _hall_at(community) or (today.frame.latitude, today.frame.longitude)
    x, y = _placed(point.frame, middle)
    return abs(x - WIDTH / 2) <= 2 * WIDTH and abs(y - HEIGHT / 2) <= 2 * HEIGHT


def _apart(marks: list[Mark], labels: list[Label]) -> list[Mark]:
    """Move marks that would hide each other or a name to the nearest free place."""
    placed: list[Mark] = []
    for mark in marks:
        for dx, dy in _around():
            x = min(max(mark.x + dx, MARGIN / 2), WIDTH - MARGIN / 2)
            y = min(max(mark.y + dy, MARGIN / 2), HEIGHT - MARGIN / 2)
            clear = all((x - p.x) ** 2 + (y - p.y) ** 2 >= NEAREST_MARKS**2 for p in placed)
            if clear and not any(
                abs(x - p.x) < p.half_width + MARK and abs(y - p.y) < LABEL_HALF_HEIGHT + MARK
                for p in labels
            ):
                break
        placed.append(replace(mark, x=x, y=y))
    return placed


def _around() -> list[tuple[int, int]]:
    ring = [(dx, dy) for dx in range(-90, 91, 5) for dy in range(-90, 91, 5)]
    return sorted(ring, key=lambda step: step[0] ** 2 + step[1] ** 2)
