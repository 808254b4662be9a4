"""Every feature, the ones asked for most first. Only this module imports them all."""

from __future__ import annotations

from web import (
    devices,
    handbook,
    home,
    notifications,
    offline,
    papers,
    places,
    queue,
    ratings,
    staff,
)

FEATURES = tuple(
    feature.FEATURE
    for feature in (
        home,
        handbook,
        places,
        queue,
        ratings,
        devices,
        notifications,
        papers,
        staff,
        offline,
    )
)
