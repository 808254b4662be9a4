"""Every feature, the most requested first. Only this module imports them all."""

from __future__ import annotations

from operator import attrgetter
from typing import TYPE_CHECKING

from web import (
    contacts,
    devices,
    disclosures,
    handbook,
    home,
    matters,
    mistakes,
    notifications,
    offline,
    papers,
    places,
    queue,
    ratings,
    staff,
    terminal,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

    from domain.places.tables import Community
    from domain.search.entry import Entry
    from web.site.home_row import HomeRow

FEATURES = tuple(
    feature.FEATURE
    for feature in (
        home,
        handbook,
        places,
        queue,
        ratings,
        matters,
        contacts,
        disclosures,
        mistakes,
        devices,
        terminal,
        notifications,
        papers,
        staff,
        offline,
    )
)


def found_by_search(community: Community) -> Iterator[Entry]:
    """What search finds in a community beside the handbook, feature by feature."""
    for feature in FEATURES:
        yield from feature.found_by_search(community)


def rows_on_home(community: Community) -> tuple[HomeRow, ...]:
    """The rows of every feature on a community's home, by rank."""
    rows = (row for feature in FEATURES for row in feature.on_community_home(community))
    return tuple(sorted(rows, key=attrgetter("rank")))
