"""Limits on how often something may be done; a refusal says when to come back."""

from __future__ import annotations

import hashlib
from collections import Counter, deque
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

from domain.events import SIGNALS, Event

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Callable, Iterator

# Keys remembered at most: beyond, those unused for longest are forgotten.
MOST_KEYS = 20_000


@dataclass(frozen=True)
class LimitUsed(Event):
    """Something limited was done through a server, by digests of what is counted."""

    limit: str
    key: str
    form: str

    @property
    def signal(self) -> str:
        return f"limit/{self.limit}/{self.key}/{self.form}"


SIGNALS["limit"] = lambda rest: LimitUsed(*rest.split("/"))


# Counted in memory: this keeps a prankster from emptying a hall's day. It need not be exact, and
# nothing of it is written down. Servers on one database tell each other, a moment later.
class Limit:
    """At most `most` times within a period, for each key."""

    def __init__(self, most: int, within: dt.timedelta) -> None:
        self._most, self._within = most, within
        self._times: dict[bytes, deque[tuple[dt.datetime, bytes]]] = {}
        # Called with the digests of each use here, if others count it too.
        self.tell: Callable[[str, str], None] | None = None

    def __len__(self) -> int:
        """Keys remembered."""
        return len(self._times)

    def wait(
        self, key: str, now: dt.datetime, form: str = "", *, times: int = 1
    ) -> dt.timedelta | None:
        """Count one more use; None if it is allowed, else how long until it is.

        The same `form` sent again is the same use: only for what is done once for each form.
        `times` as many uses as usual are allowed.
        """
        uses = self._uses_of(_digest(key), now)
        sent = _digest(form) if form else b""
        if sent and any(sent == each for _, each in uses):
            return None
        if len(uses) >= self._most * times:
            return uses[0][0] + self._within - now
        uses.append((now, sent))
        if self.tell is not None:
            self.tell(_digest(key).hex(), sent.hex())
        return None

    def count(self, used: LimitUsed, now: dt.datetime) -> None:
        """Count a use through another server."""
        uses, sent = self._uses_of(bytes.fromhex(used.key), now), bytes.fromhex(used.form)
        if not sent or all(sent != each for _, each in uses):
            uses.append((now, sent))

    def _uses_of(self, key: bytes, now: dt.datetime) -> deque[tuple[dt.datetime, bytes]]:
        """The uses of a key that still count; what was used longest ago is forgotten."""
        uses = self._times.pop(key, None) or deque()
        while uses and (now - uses[0][0] >= self._within or now < uses[0][0]):
            uses.popleft()
        self._times[key] = uses
        while len(self._times) > MOST_KEYS:
            del self._times[next(iter(self._times))]
        return uses


class Places:
    """At most `most` at the same time, for each key."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._taken: Counter[str] = Counter()

    def __len__(self) -> int:
        """Keys that hold a place."""
        return len(self._taken)

    @contextmanager
    def one(self, key: str, *, times: int = 1) -> Iterator[bool]:
        """Take a place until the block ends; whether there was one of `times` as many as usual."""
        has_place = self._taken[key] < self._most * times
        if not has_place:
            yield False
            return
        self._taken[key] += 1
        try:
            yield True
        finally:
            self._taken[key] -= 1
            if not self._taken[key]:
                del self._taken[key]


# What a stranger sent has any length, and may be a secret of a device.
def _digest(text: str) -> bytes:
    return hashlib.sha256(text.encode(errors="backslashreplace")).digest()
