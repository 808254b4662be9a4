"""Events of contacts."""

from __future__ import annotations

from dataclasses import dataclass

from domain.events import Event


@dataclass(frozen=True)
class AbsenceChanged(Event):
    """请假: when this member of staff is away changed, so who has their matters may change."""

    staff_id: int
