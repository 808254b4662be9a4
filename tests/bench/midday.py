"""A time zone in which it is about noon now, so that a bench runs at any hour within one day."""

from __future__ import annotations

import datetime as dt
from zoneinfo import ZoneInfo

NOON = 12


def zone_of_midday(moment: dt.datetime) -> ZoneInfo:
    """The zone of whole hours in which it is between twelve and one o'clock at this moment.

    A hall's day ends at midnight. With the district's own zone, a day that began half an hour
    ago was yesterday for half an hour of each night, and numbers taken before midnight were
    gone after it.
    """
    ahead = NOON - moment.astimezone(dt.UTC).hour
    # The names of these zones count the other way round: Etc/GMT-8 is ahead of UTC.
    return ZoneInfo(f"Etc/GMT{-ahead:+}")


ZONE = zone_of_midday(dt.datetime.now(dt.UTC))
"""The zone of this run, for its clocks and for the servers that it starts."""


def now() -> dt.datetime:
    """The time in that zone."""
    return dt.datetime.now(ZONE)
