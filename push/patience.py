"""耐心: how a push service, or a channel, is doing, and how much it is given now.

One slow or dead service must not hold back messages through the others, and the trouble of one
browser must not silence its whole service.
"""

from __future__ import annotations

import datetime as dt
import random
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from push.channels import Result

if TYPE_CHECKING:
    from push.channels import Outcome


@dataclass(frozen=True)
class Pace:
    """How much is sent at once, and how patiently. Times are seconds."""

    # Messages in flight: three services that hang leave room for a fourth.
    in_flight: int = 416
    # Rows claimed at a time; each is checked right before it is sent.
    batch: int = 96
    # A service with this many messages in flight gets no more for now. Rows are claimed for it when
    # half of these are free, so that it may pass this by half a batch and more.
    of_one_service: int = 48
    # The same for a service that has not taken a message yet; one more with each that it takes.
    of_new_service: int = 4
    # Longest time between two looks at the outbox: other processes write rows without waking this
    # one.
    poll: float = 1.0
    # Results that come back within this time are written together.
    gather: float = 0.01
    # Before the second attempt; doubled each time, give or take half.
    first_wait: float = 2.0
    longest_wait: float = 600.0
    # After this many attempts a message is given up.
    attempts: int = 10
    # A service that failed this often in a row counts as unreachable and is left alone for a while.
    failures: int = 3
    # So many of its browsers must ask for patience before the service is left alone.
    throttled: int = 3
    # A browser whose service denied us this often in a row is gone, if others get through there.
    denials: int = 3
    # How often a message is left to a process that has the key, before it goes another way.
    without_key: int = 3
    # How long one sending may take, whatever the channel. Shorter than a lease.
    sending: float = 30.0
    # How long messages in flight may take at shutdown.
    drain: float = 3.0

    def wait(self, times: int) -> dt.timedelta:
        """How long to wait after this many failures: doubled each time, with jitter."""
        seconds = min(self.first_wait * 2 ** min(times, 20), self.longest_wait)
        return dt.timedelta(seconds=seconds * random.uniform(0.5, 1.5))  # noqa: S311 - no secret


# Answers come back in another order than their messages went out. Each sending has a number, so
# that a success that was under way already does not end a rest that was asked for after it began,
# and a time-out says nothing of a service that took a later message meanwhile.
@dataclass
class Service:
    """How one service is doing."""

    pace: Pace
    # Whether it means itself when several destinations are asked for patience. A mail server that
    # delays strangers (greylisting) means each of them.
    is_one: bool = True
    flying: int = 0
    # Messages that it may have in flight.
    places: int = 0
    failures: int = 0
    rests_until: dt.datetime | None = None
    # When it last took a message.
    took_at: dt.datetime | None = None
    # Destinations that asked for patience since it last took a message.
    throttled: set[str] = field(default_factory=set)
    _begun: int = 0
    # The last sending that had begun when the rest was asked for.
    _before_rest: int = 0
    # The latest begun of those that it answered well.
    _well: int = 0

    def __post_init__(self) -> None:
        self.places = min(self.pace.of_new_service, self.pace.of_one_service)

    @property
    def is_down(self) -> bool:
        """Whether it is known to be unreachable: until it takes a message again."""
        return self.failures >= self.pace.failures

    def rests(self, now: dt.datetime) -> bool:
        """Whether it gets nothing now: it asked for patience, or keeps failing."""
        return self.rests_until is not None and self.rests_until > now

    def is_full(self) -> bool:
        """Whether too few places are free for rows to be claimed for it."""
        return self.places - self.flying < max(1, min(self.pace.batch, self.places) // 2)

    def has_place(self) -> bool:
        """Whether one more may fly. A service that is trusted may pass its limit a little."""
        return self.flying < self.places or self.places == self.pace.of_one_service

    def begin(self) -> int:
        """Count a message that goes out; returns the number of the sending."""
        self.flying += 1
        self._begun += 1
        return self._begun

    def end(self, number: int, to: str, outcome: Outcome, now: dt.datetime) -> bool:
        """Heed what came of a sending to a destination; whether the service begins to rest."""
        self.flying -= 1
        if not outcome.went_out:
            return False
        if outcome.result in {Result.AGAIN, Result.SILENT}:
            return self._heed_trouble(number, to, outcome, now)
        if outcome.result is Result.SENT:
            self.took_at = now
        if number > self._before_rest:
            self._well = max(self._well, number)
            self.failures, self.rests_until = 0, None
            self.throttled.clear()
            self.places = min(self.places + 1, self.pace.of_one_service)
        return False

    def _heed_trouble(self, number: int, to: str, outcome: Outcome, now: dt.datetime) -> bool:
        wait = outcome.wait
        if wait is None and number <= self._before_rest:
            # It was under way when the rest began, which says the same.
            return False
        if outcome.of_one:
            if not self.is_one:
                return False
            self.throttled.add(to)
            if len(self.throttled) < self.pace.throttled:
                return False
            wait = wait or self.pace.wait(0)
        elif number > self._well:
            self.failures += 1
        if wait is None and self.is_down:
            wait = self.pace.wait(self.failures - self.pace.failures)
        if wait is None:
            return False
        self._rest(now + wait)
        return True

    def _rest(self, until: dt.datetime) -> None:
        self.rests_until = max(self.rests_until or until, until)
        self._before_rest = self._begun
        # What comes after the rest is one message that asks.
        self.places = 1
