"""Coordinates: from the datum of an office's map to that of a phone's receiver.

Maps in China use GCJ-02, an offset datum. The forward formula is the commonly published
approximation; iteration inverts it to under a metre.
"""

from __future__ import annotations

from math import cos, hypot, pi, radians, sin, sqrt
from typing import TYPE_CHECKING

from domain.places.content import Datum

if TYPE_CHECKING:
    from domain.places.content import Position

# Metres: the Krasovsky 1940 ellipsoid, on which the offset of GCJ-02 is defined.
SEMI_MAJOR = 6378245.0
ECCENTRICITY_SQUARED = 0.00669342162296594323
# Metres: the mean radius, for distances within a district.
EARTH_RADIUS = 6371008.8


def wgs84(position: Position) -> tuple[float, float]:
    """Latitude and longitude in degrees, WGS-84."""
    if position.datum is Datum.WGS84:
        return position.latitude, position.longitude
    latitude, longitude = position.latitude, position.longitude
    for _ in range(3):
        offset = _gcj02_offset(latitude, longitude)
        latitude, longitude = position.latitude - offset[0], position.longitude - offset[1]
    return latitude, longitude


def metres_east_north(
    origin: tuple[float, float], point: tuple[float, float]
) -> tuple[float, float]:
    """Metres by which `point` lies east and north of `origin`. Flat, so for short distances."""
    north = radians(point[0] - origin[0]) * EARTH_RADIUS
    east = radians(point[1] - origin[1]) * EARTH_RADIUS * cos(radians(origin[0]))
    return east, north


def metres_between(one: Position, other: Position) -> float:
    """Metres as the crow flies, whatever the datum of each. Flat, so for a district."""
    return hypot(*metres_east_north(wgs84(one), wgs84(other)))


def _gcj02_offset(latitude: float, longitude: float) -> tuple[float, float]:
    x, y = longitude - 105.0, latitude - 35.0
    waves = (20.0 * sin(6.0 * x * pi) + 20.0 * sin(2.0 * x * pi)) * 2.0 / 3.0
    north = -100.0 + 2.0 * x + 3.0 * y + 0.2 * y * y + 0.1 * x * y + 0.2 * sqrt(abs(x)) + waves
    north += (20.0 * sin(y * pi) + 40.0 * sin(y / 3.0 * pi)) * 2.0 / 3.0
    north += (160.0 * sin(y / 12.0 * pi) + 320.0 * sin(y * pi / 30.0)) * 2.0 / 3.0
    east = 300.0 + x + 2.0 * y + 0.1 * x * x + 0.1 * x * y + 0.1 * sqrt(abs(x)) + waves
    east += (20.0 * sin(x * pi) + 40.0 * sin(x / 3.0 * pi)) * 2.0 / 3.0
    east += (150.0 * sin(x / 12.0 * pi) + 300.0 * sin(x / 30.0 * pi)) * 2.0 / 3.0
    angle = radians(latitude)
    magic = 1 - ECCENTRICITY_SQUARED * sin(angle) ** 2
    along = (SEMI_MAJOR * (1 - ECCENTRICITY_SQUARED)) / (magic * sqrt(magic)) * pi
    across = SEMI_MAJOR / sqrt(magic) * cos(angle) * pi
    return north * 180.0 / along, east * 180.0 / across
