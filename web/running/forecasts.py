"""The queues of all halls as this process knows them: read when they changed, played once."""

from __future__ import annotations

import datetime as dt
from collections import deque
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from domain.hours import periods_of
from domain.queue.forecast import Outlook
from domain.queue.history import History, history_of
from domain.queue.seats import PAST_MIDNIGHT
from domain.queue.snapshot import queue_now, usual_of
from domain.queue.tickets import numbers_given
from domain.queue.versions import version_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sqlalchemy.ext.asyncio import AsyncSession

    from domain.calendar import WorkingCalendar
    from domain.content import OpeningPeriod
    from domain.places.tables import Hall
    from domain.queue.forecast import Forecast
    from domain.queue.snapshot import QueueNow

# How long the history of a hall counts as the newest.
FRESH = dt.timedelta(minutes=5)
# How long rows of an unchanged version are used: a bound, should a change ever miss its version.
KEPT = dt.timedelta(minutes=5)
# How long a queue put in order for one page serves others.
MOMENT = dt.timedelta(seconds=1)
# How long the simulation of unchanged rows is used. Meanwhile only the time at the counters went
# on, which moves a wait by less than the range that is shown.
PLAYED = dt.timedelta(minutes=2)
# Outlooks that are kept for each hall: streams may still tell of a queue from before the newest.
LATEST = 3


@dataclass
class _Known:
    """What is known of a hall: its rows at a version, and what was computed from them."""

    version: int
    queue: QueueNow
    given: Mapping[str, int]
    history: History
    periods: tuple[OpeningPeriod, ...]
    # When the history was read, and at which version.
    learnt: tuple[dt.datetime, int]
    # The queue at the moment for which it was asked last.
    shown: QueueNow

    def is_true(self, version: int, hall: Hall, now: dt.datetime) -> bool:
        """Whether these are the rows of the hall at this version and moment."""
        # Shortly after midnight yesterday's seats end by the clock.
        is_same_day = (now - PAST_MIDNIGHT).date() == self.queue.now.date() == now.date()
        is_young = dt.timedelta() <= now - self.queue.now < KEPT
        is_same = self.version == version and self.queue.usual == usual_of(hall)
        return is_same and is_same_day and is_young

    def has_history(self, version: int, now: dt.datetime) -> bool:
        at, of = self.learnt
        is_young = dt.timedelta() <= now - at < FRESH
        return now.date() == at.date() and (is_young or version == of)


@dataclass(frozen=True)
class _Played:
    """An outlook, and the queue that it was played from."""

    queue: QueueNow
    outlook: Outlook
    # How many are called before a new number of a letter, and its wait.
    of_letters: dict[str, tuple[int, Forecast | None]] = field(default_factory=dict)


# A page that shows a hall reads one row, the hall's version, within its own snapshot of the
# database. If it is the version that is known here, so are the rows, and nothing is read or played
# again: the page is as true as if it had read everything, also when another server wrote.
# Not taken: keeping rows for some seconds (a page would show less than its visitor was just told),
# and trusting the events of this process alone (other servers write as well).
class HallForecasts:
    """The queue, the history and the outlook of each hall, in this process."""

    def __init__(self) -> None:
        self._halls: dict[int, _Known] = {}
        self._played: dict[int, deque[_Played]] = {}

    async def look(
        self,
        session: AsyncSession,
        hall: Hall,
        calendar: WorkingCalendar,
        now: dt.datetime,
        version: int | None = None,
    ) -> QueueNow:
        """The hall's queue at `now`, read only if it changed. For sessions of `Store.read`.

        In a unit of work it would keep what is not committed yet. `version` is the hall's, if the
        caller has read it in this session.
        """
        if version is None:
            version = await version_of(session, hall.id)
        known = self._halls.get(hall.id)
        if known is None or not known.is_true(version, hall, now):
            read = await self._read(session, hall, calendar, now, version)
            known = self._halls.get(hall.id)
            # Another request may have read the same meanwhile, and played it.
            if known is None or not known.is_true(version, hall, now):
                known = self._halls[hall.id] = read
        if not dt.timedelta() <= now - known.shown.now < MOMENT:
            known.shown = known.queue.at(now)
        return known.shown

    async def _read(
        self,
        session: AsyncSession,
        hall: Hall,
        calendar: WorkingCalendar,
        now: dt.datetime,
        version: int,
    ) -> _Known:
        before = self._halls.get(hall.id)
        queue = await queue_now(session, hall, now)
        given = await numbers_given(session, queue.day.id) if queue.day else {}
        if before is not None and before.has_history(version, now):
            history, learnt = before.history, before.learnt
        else:
            history, learnt = await history_of(session, hall.id, now), (now, version)
        periods = periods_of(hall.hours_now, calendar, now.date())
        return _Known(version, queue, given, history, periods, learnt, queue)

    def version(self, hall_id: int) -> int:
        """The version of a hall that was read last; 0 if none was."""
        known = self._halls.get(hall_id)
        return known.version if known else 0

    def given(self, queue: QueueNow) -> Mapping[str, int]:
        """How many numbers of each letter are given today, in a queue from `look`."""
        known = self._halls.get(queue.hall_id)
        return known.given if known and _is_same_read(known.queue, queue) else {}

    def of_letter(self, queue: QueueNow, letter: str) -> tuple[int, Forecast | None]:
        """How many are called before a new number of a letter, and how long that takes."""
        played = self._play(queue)
        if letter not in played.of_letters:
            said = played.outlook.before(letter), played.outlook.of(letter)
            played.of_letters[letter] = said
        return played.of_letters[letter]

    def outlook(self, queue: QueueNow) -> Outlook:
        """The outlook of a queue from `look`, played once while nothing changes."""
        return self._play(queue).outlook

    def _play(self, queue: QueueNow) -> _Played:
        known = self._halls.get(queue.hall_id)
        played = self._played.setdefault(queue.hall_id, deque(maxlen=LATEST))
        for each in played:
            is_young = dt.timedelta() <= queue.now - each.queue.now < PLAYED
            if _is_same_read(each.queue, queue) and is_young:
                return each
        history, periods = (known.history, known.periods) if known else (History(), ())
        played.appendleft(_Played(queue, Outlook(queue, history, periods)))
        return played[0]


def _is_same_read(one: QueueNow, other: QueueNow) -> bool:
    # Each reading makes a new one of these, and the same rows at a later moment keep it.
    return one.usual is other.usual
