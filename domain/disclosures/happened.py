"""Events of disclosures. Moments are aware local times."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from domain.events import Event

if TYPE_CHECKING:
    import datetime as dt


@dataclass(frozen=True)
class DisclosurePublished(Event):
    """公开: residents can read this revision; those who follow are told of the first."""

    disclosure_id: int
    number: int
    is_first: bool
    at: dt.datetime


@dataclass(frozen=True)
class DisclosureWithdrawn(Event):
    """Only title, day and reason are left."""

    disclosure_id: int
    at: dt.datetime


@dataclass(frozen=True)
class InquiryAnswered(Event):
    """答复公开: everyone can read this answer; those who want to know it too are told."""

    matter_id: int
    at: dt.datetime


@dataclass(frozen=True)
class InquiryModerated(Event):
    """The asker's words are held back or not shown as they were; the asker can object."""

    matter_id: int
    at: dt.datetime


@dataclass(frozen=True)
class DisclosureErased(Event):
    """Content was erased; what was kept of it elsewhere must go too."""

    disclosure_id: int
    at: dt.datetime
