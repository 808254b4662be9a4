"""A small map drawn by us: where a community's facilities lie around its hall.

No map service is asked, so nobody learns who looks. North is up; a bar shows the scale.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from domain.geo import metres_east_north, wgs84

if TYPE_CHECKING:
    from collections.abc import Sequence

    from domain.places.tables import Community, Facility

WIDTH = 360
HEIGHT = 270
MARGIN = 30
# Metres that a scale bar may stand for.
BARS = (50, 100, 200, 300, 500, 1000)
LONGEST_BAR = 90
# The radius of a mark.
MARK = 13
CHARACTER = 12
LABEL_HALF_HEIGHT = 10
# Units that two marks keep apart, so that both numbers can be read, also in the elder view.
NEAREST_MARKS = 31


@dataclass(frozen=True)
class Mark:
    """A numbered place on the map, in units of the drawing."""

    x: float
    y: float
    number: int


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
class LocatorMap:
    """A drawing `WIDTH` by `HEIGHT` units."""

    width: int
    height: int
    hall: Label
    compounds: list[Label]
    marks: list[Mark]
    bar_metres: int
    bar_units: float


def locator_map(community: Community, facilities: Sequence[tuple[Facility, int]]) -> LocatorMap:
    """Place everything so that all of it fits, with the same scale in both directions."""
    origin = wgs84(community.hall.at)

    def metres(thing: object) -> tuple[float, float]:
        return metres_east_north(origin, wgs84(thing.at))  # type: ignore[attr-defined]

    spots = {facility.slug: metres(facility) for facility, _ in facilities}
    homes = [(compound.name, metres(compound)) for compound in community.compounds]
    everything = [(0.0, 0.0), *spots.values(), *(spot for _, spot in homes)]
    west, east = min(x for x, _ in everything), max(x for x, _ in everything)
    south, north = min(y for _, y in everything), max(y for _, y in everything)
    scale = min(
        (WIDTH - 2 * MARGIN) / max(east - west, 100.0),
        (HEIGHT - 2 * MARGIN) / max(north - south, 100.0),
    )
    middle = (west + east) / 2, (south + north) / 2

    def place(spot: tuple[float, float]) -> tuple[float, float]:
        x = WIDTH / 2 + (spot[0] - middle[0]) * scale
        y = HEIGHT / 2 - (spot[1] - middle[1]) * scale
        return round(x, 1), round(y, 1)

    marks = [Mark(*place(spots[facility.slug]), number) for facility, number in facilities]
    bar = max((each for each in BARS if each * scale <= LONGEST_BAR), default=BARS[0])
    hall = Label(*place((0.0, 0.0)), "厅")
    compounds = [Label(*place(spot), name) for name, spot in homes]
    return LocatorMap(
        width=WIDTH,
        height=HEIGHT,
        hall=hall,
        compounds=compounds,
        marks=_apart(marks, [hall, *compounds]),
        bar_metres=bar,
        bar_units=round(bar * scale, 1),
    )


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
        placed.append(Mark(x, y, mark.number))
    return placed


def _around() -> list[tuple[int, int]]:
    ring = [(dx, dy) for dx in range(-90, 91, 5) for dy in range(-90, 91, 5)]
    return sorted(ring, key=lambda step: step[0] ** 2 + step[1] ** 2)
