"""The waits of every hall: its history, read now and then, and one outlook per snapshot."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import TYPE_CHECKING

from domain.hours import periods_of
from domain.queue.forecast import Break, History, Outlook, breaks_of, history_of

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncSession

    from domain.calendar import WorkingCalendar
    from domain.places.tables import Hall
    from domain.queue.snapshot import QueueNow

FRESH = dt.timedelta(minutes=5)


@dataclass
class _Known:
    history: History
    breaks: tuple[Break, ...]
    read_at: dt.datetime
    now: QueueNow | None = None
    outlook: Outlook | None = None


# Thousands of phones that look at one hall ask about the same snapshot; it is simulated once.
class HallForecasts:
    """The history and the outlook of each hall, in this process."""

    def __init__(self) -> None:
        self._halls: dict[int, _Known] = {}

    async def learn(
        self, session: AsyncSession, hall: Hall, calendar: WorkingCalendar, now: dt.datetime
    ) -> None:
        """Read a hall's history, unless it was read a moment ago."""
        known = self._halls.get(hall.id)
        if known is None or not dt.timedelta() <= now - known.read_at < FRESH:
            history = await history_of(session, hall.id, now)
            breaks = breaks_of(periods_of(hall.hours_now, calendar, now.date()), now)
            self._halls[hall.id] = _Known(history, breaks, now)

    def outlook(self, now: QueueNow) -> Outlook:
        """The outlook of this snapshot, computed once."""
        known = self._halls.setdefault(now.hall_id, _Known(History(), (), now.now))
        if known.outlook is None or known.now is not now:
            known.now, known.outlook = now, Outlook(now, known.history, known.breaks)
        return known.outlook
