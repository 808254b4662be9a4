"""A hall's day that tells those who follow it, and what they are told."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.world.outbox import FollowedDay

if TYPE_CHECKING:
    from tests.world.halls import Day


@pytest.fixture
def told(day: Day) -> FollowedDay:
    return FollowedDay(day)
