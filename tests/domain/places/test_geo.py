"""Coordinates: the offset datum of maps in China taken back out, and distances on foot."""

from __future__ import annotations

import pytest

from domain.geo import _gcj02_offset, metres_east_north, wgs84
from domain.places.content import Datum, Position
from tests.world.district import distance

HALL = (36.6838, 116.9602)


def gcj02(latitude: float, longitude: float) -> Position:
    """The position as a map sold in China prints it."""
    return Position(latitude=latitude, longitude=longitude, datum=Datum.GCJ02)


@pytest.mark.parametrize(
    ("printed", "true"),
    [
        # Pairs that other implementations of the same formula are published with (eviltransform).
        ((31.17530398364597, 121.531541859215), (31.1774276, 121.5272106)),
        ((22.540796131694766, 113.9171764808363), (22.543847, 113.912316)),
        ((39.91334545536069, 116.38404722455657), (39.911954, 116.377817)),
    ],
    ids=["shanghai", "shenzhen", "beijing"],
)
def test_a_door_on_a_map_is_found_where_other_programs_find_it(printed, true) -> None:
    assert distance(wgs84(gcj02(*printed)), true) < 1


@pytest.mark.parametrize("latitude", [18.2, 36.6838, 53.5])
@pytest.mark.parametrize("longitude", [75.9, 104.99, 116.9602, 134.7])
def test_there_and_back_is_less_than_a_metre_anywhere_in_china(latitude, longitude) -> None:
    north, east = _gcj02_offset(latitude, longitude)
    back = wgs84(gcj02(latitude + north, longitude + east))
    assert distance(back, (latitude, longitude)) < 1


def test_confusing_the_datums_would_move_the_hall_by_hundreds_of_metres() -> None:
    assert 300 < distance(wgs84(gcj02(*HALL)), HALL) < 800


def test_a_position_of_a_phone_is_left_as_it_is() -> None:
    assert wgs84(Position(latitude=36.1, longitude=117.2, datum=Datum.WGS84)) == (36.1, 117.2)


def test_a_place_is_no_distance_from_itself() -> None:
    assert distance(HALL, HALL) == 0


def test_a_minute_of_latitude_is_a_nautical_mile() -> None:
    assert distance(HALL, (HALL[0] + 1 / 60, HALL[1])) == pytest.approx(1852, abs=3)


def test_a_degree_of_longitude_is_shorter_in_jinan_than_at_the_equator() -> None:
    here = distance(HALL, (HALL[0], HALL[1] + 0.01))
    assert here == pytest.approx(892, abs=2)
    assert distance((0, 0), (0, 0.01)) == pytest.approx(1112, abs=2)


def test_east_and_north_are_positive_and_west_and_south_negative() -> None:
    east, north = metres_east_north(HALL, (HALL[0] - 0.001, HALL[1] + 0.001))
    assert east == pytest.approx(89.2, abs=0.2)
    assert north == pytest.approx(-111.2, abs=0.2)


def test_the_way_back_is_as_long_as_the_way_there() -> None:
    other = (36.6957, 116.9517)
    assert distance(HALL, other) == pytest.approx(distance(other, HALL), rel=1e-3)
