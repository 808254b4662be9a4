"""The moment at which tests happen, and a clock that stands still."""

from __future__ import annotations

import datetime as dt
from zoneinfo import ZoneInfo

SHANGHAI = ZoneInfo("Asia/Shanghai")
NOW = dt.datetime(2026, 11, 23, 10, 26, tzinfo=SHANGHAI)
"""A Monday morning in office hours: the hall of 刘家庄 is open."""


class Clock:
    """A clock that stands still until it is moved."""

    def __init__(self, now: dt.datetime) -> None:
        self.now = now

    def __call__(self) -> dt.datetime:
        return self.now
