"""Limits on how often something may be done; a refusal says when to come back."""

from __future__ import annotations

import hashlib
from collections import deque
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import datetime as dt

# Keys remembered at most: beyond, those unused for longest are forgotten.
MOST_KEYS = 20_000


# Counted in memory, per process: this keeps a prankster from emptying a hall's day. It need not be
# exact, and nothing of it is written down.
class Limit:
    """At most `most` times within a period, for each key."""

    def __init__(self, most: int, within: dt.timedelta) -> None:
        self._most, self._within = most, within
        self._times: dict[bytes, deque[dt.datetime]] = {}

    def __len__(self) -> int:
        """Keys remembered."""
        return len(self._times)

    def wait(self, key: str, now: dt.datetime) -> dt.timedelta | None:
        """Count one more use; None if it is allowed, else how long until it is."""
        # A key is what a stranger sent, of any length, and may be a secret of a device.
        digest = hashlib.sha256(key.encode(errors="backslashreplace")).digest()
        times = self._times.pop(digest, None) or deque()
        while times and (now - times[0] >= self._within or now < times[0]):
            times.popleft()
        self._times[digest] = times
        while len(self._times) > MOST_KEYS:
            del self._times[next(iter(self._times))]
        if len(times) >= self._most:
            return times[0] + self._within - now
        times.append(now)
        return None
