"""Events of matters. Moments are aware local times."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from domain.events import Event

if TYPE_CHECKING:
    import datetime as dt


def topic_of(matter_id: int) -> str:
    """The topic that the pages of a matter follow."""
    return f"matter/{matter_id}"


@dataclass(frozen=True)
class MatterChanged(Event):
    """Something was said or done in a matter; pages that show it are out of date."""

    matter_id: int
    at: dt.datetime

    @property
    def topic(self) -> str:
        return topic_of(self.matter_id)


@dataclass(frozen=True)
class MatterAnswered(Event):
    """答复: the resident can read an answer."""

    matter_id: int
    at: dt.datetime


@dataclass(frozen=True)
class MatterOwed(Event):
    """The resident wrote after an answer, so the next one is owed."""

    matter_id: int
    at: dt.datetime


@dataclass(frozen=True)
class MatterHeld(Event):
    """A matter has a new holder."""

    matter_id: int
    at: dt.datetime


@dataclass(frozen=True)
class PromiseChanged(Event):
    """A promise was kept, moved, or cannot be kept."""

    promise_id: int
    at: dt.datetime


@dataclass(frozen=True)
class ColleagueAsked(Event):
    """The holder of a matter asked a colleague inside."""

    matter_id: int
    staff_id: int
    at: dt.datetime
