"""How often somebody may do something in a while: politely refused beyond, with when to come back.

Counted in memory, each process for itself: it is there to keep a prankster from emptying a hall's
day, not to count exactly, and nothing of it is written down.
"""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import datetime as dt

MOST_KEYS = 20_000
"""Keys remembered at most: beyond, those who did nothing for longest are forgotten."""


class Limit:
    """At most `most` times within a while, for each key."""

    def __init__(self, most: int, within: dt.timedelta) -> None:
        self._most, self._within = most, within
        self._times: dict[str, deque[dt.datetime]] = {}

    def __len__(self) -> int:
        """Keys remembered."""
        return len(self._times)

    def wait(self, key: str, now: dt.datetime) -> dt.timedelta | None:
        """Count once more; None when that is allowed, else how long until it is again."""
        times = self._times.pop(key, None) or deque()
        while times and (now - times[0] >= self._within or now < times[0]):
            times.popleft()
        self._times[key] = times
        while len(self._times) > MOST_KEYS:
            del self._times[next(iter(self._times))]
        if len(times) >= self._most:
            return times[0] + self._within - now
        times.append(now)
        return None
