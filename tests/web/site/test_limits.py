"""How often is too often: counted for each key, forgotten after a while."""

from __future__ import annotations

import datetime as dt

from tests.world.clock import NOW
from web.site import limits
from web.site.limits import Limit

MINUTE = dt.timedelta(minutes=1)


def test_beyond_the_most_one_is_told_how_long_to_wait() -> None:
    limit = Limit(2, 10 * MINUTE)
    assert limit.wait("a", NOW) is None
    assert limit.wait("a", NOW + MINUTE) is None
    assert limit.wait("a", NOW + 3 * MINUTE) == 7 * MINUTE
    assert limit.wait("b", NOW + 3 * MINUTE) is None
    assert limit.wait("a", NOW + 10 * MINUTE) is None
    assert limit.wait("a", NOW + 10 * MINUTE) == MINUTE


def test_a_clock_that_was_set_back_locks_nobody_out() -> None:
    limit = Limit(1, 10 * MINUTE)
    assert limit.wait("a", NOW) is None
    assert limit.wait("a", NOW - 60 * MINUTE) is None


def test_a_crowd_of_keys_takes_no_more_room(monkeypatch) -> None:
    monkeypatch.setattr(limits, "MOST_KEYS", 3)
    limit = Limit(1, 10 * MINUTE)
    for key in "abcd":
        assert limit.wait(key, NOW) is None
    assert len(limit) == 3
    assert limit.wait("d", NOW) is not None
    assert limit.wait("a", NOW) is None
