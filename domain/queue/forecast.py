"""多久轮到: the wait as a range, simulated from the real queue.

The queue is played some dozens of times with times drawn from what this hall took before: the real
order, the counters and what they call, those being served now, people who do not come. While too
little is known, the estimate is length × mean ÷ counters. The result is always a range: a single
number would be false.
"""

from __future__ import annotations

import datetime as dt
import math
from dataclasses import dataclass, field
from functools import cached_property
from heapq import heapify, heappop, heappush
from itertools import pairwise
from random import Random
from typing import TYPE_CHECKING

from sqlalchemy import select

from domain.queue.order import before_each, is_served_by
from domain.queue.tables import QueueDay, Ticket, TicketPeriod, TicketState

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from sqlalchemy import Row
    from sqlalchemy.ext.asyncio import AsyncSession

    from domain.content import OpeningPeriod
    from domain.queue.snapshot import Desk, QueueNow

    # Ticket, category, items, day, state, beginning and end.
    _Period = Row[int, str, tuple[str, ...], dt.date, TicketState, dt.datetime, dt.datetime | None]

# Minutes at a counter where nothing is known.
MEAN = 10.0
# How many observations `MEAN` counts as.
WEIGHT = 5
# Observations in a hall from which its queue is simulated.
FEWEST = 10
# Simulations per forecast; fewer for a long queue, which would keep others waiting: then about
# `CALLS` calls are simulated in all.
DRAWS, FEWEST_DRAWS, CALLS = 60, 12, 5000
LOW, HIGH = 0.10, 0.85
# The shape of the gamma distribution of times at a counter.
SHAPE = 3.0
# Minutes; anything beyond means that a button was pressed too late or at once.
SHORTEST, LONGEST = 0.5, 45.0
# Minutes a counter waits for a person who does not come.
NOBODY = 1.5
LAST_DAYS = dt.timedelta(days=60)
MOST_PERIODS = 1500
# Minutes to which longer waits are rounded.
STEP = 5
# Minutes of wait below which a person should stay in the hall.
SOON = 5
# Visits today that set today's pace.
PACE_OF = 20
# How many visits at the usual pace are added to them.
PACE_WEIGHT = 10


@dataclass(frozen=True)
class Forecast:
    """等候时间: a range in whole minutes."""

    low: int
    high: int

    @property
    def is_soon(self) -> bool:
        """Whether the person may be called before they could be back from anywhere."""
        return self.low <= SOON

    def back_at(self, now: dt.datetime) -> dt.datetime:
        """When to be back in the hall: rounded down to five minutes."""
        at = now + dt.timedelta(minutes=self.low)
        return at.replace(minute=at.minute - at.minute % STEP, second=0, microsecond=0)


@dataclass(frozen=True)
class Break:
    """午休: when the hall closes between two opening periods of the day."""

    begins: dt.datetime
    ends: dt.datetime

    def holds(self, moment: dt.datetime) -> bool:
        return self.begins <= moment < self.ends


def breaks_of(periods: Sequence[OpeningPeriod], now: dt.datetime) -> tuple[Break, ...]:
    """The breaks between these periods on the day of `now` (aware local time), in order."""

    def at(time: dt.time) -> dt.datetime:
        return dt.datetime.combine(now.date(), time, now.tzinfo)

    return tuple(Break(at(one.closes), at(next_.opens)) for one, next_ in pairwise(periods))


@dataclass(frozen=True)
class History:
    """What a hall took before: minutes at the counter by category, and missed calls."""

    minutes: Mapping[str, Sequence[float]] = field(default_factory=dict)
    # The share of calls to which nobody came.
    no_show: float = 0.0
    # Minutes by item, of visits for that item alone.
    items: Mapping[str, Sequence[float]] = field(default_factory=dict)
    # Category and minutes of the last visits of today.
    today: Sequence[tuple[str, float]] = ()

    @cached_property
    def count(self) -> int:
        return sum(map(len, self.minutes.values()))

    @cached_property
    def _means(self) -> dict[str, float]:
        return {letter: _shrunk(known, MEAN) for letter, known in self.minutes.items()}

    @cached_property
    def pace(self) -> float:
        """Today's times as a multiple of the usual ones, drawn towards 1 where little is known."""
        ratios = [took / self._means.get(letter, MEAN) for letter, took in self.today]
        return (sum(ratios) + PACE_WEIGHT) / (len(ratios) + PACE_WEIGHT)

    def mean(self, letter: str) -> float:
        """Minutes at the counter at today's pace, drawn towards `MEAN` where little is known."""
        return self._means.get(letter, MEAN) * self.pace

    def expected(self, ticket: Ticket) -> float:
        """Minutes for a ticket: its item's, drawn towards its category's where little is known."""
        known = self.items.get(ticket.items[0], ()) if len(ticket.items) == 1 else ()
        usual = self._means.get(ticket.category, MEAN)
        return (_shrunk(known, usual) if known else usual) * self.pace


def _shrunk(known: Sequence[float], towards: float) -> float:
    """The trimmed mean (without a tenth at each end), drawn to `towards` where little is known."""
    cut = len(known) // 10
    kept = sorted(known)[cut : len(known) - cut]
    return (sum(kept) + towards * WEIGHT) / (len(kept) + WEIGHT)


async def history_of(session: AsyncSession, hall_id: int, now: dt.datetime) -> History:
    """What the hall took in the last weeks; at most `MOST_PERIODS` periods, newest first."""
    known = {TicketState.CALLED, TicketState.SERVING, TicketState.NO_SHOW}
    periods = await session.execute(
        select(
            Ticket.id,
            Ticket.category,
            Ticket.items,
            QueueDay.day,
            TicketPeriod.state,
            TicketPeriod.began_at,
            TicketPeriod.ended_at,
        )
        .join(Ticket, Ticket.id == TicketPeriod.ticket_id)
        .join(QueueDay, QueueDay.id == Ticket.day_id)
        .where(
            QueueDay.hall_id == hall_id,
            QueueDay.day >= (now - LAST_DAYS).date(),
            TicketPeriod.state.in_(known),
            Ticket.state.in_((TicketState.DONE, TicketState.NO_SHOW)),
        )
        .order_by(TicketPeriod.id.desc())
        .limit(MOST_PERIODS)
    )
    return _history(periods.all(), now.date())


def _history(periods: Iterable[_Period], today: dt.date) -> History:
    """The history in these periods, newest first: of a visit, its calls and services are added."""
    visits: dict[int, tuple[str, tuple[str, ...], float]] = {}
    served: set[int] = set()
    of_today: list[int] = []
    calls = missed = 0
    for ticket, letter, slugs, day, state, began, ended in periods:
        calls += state is TicketState.CALLED
        missed += state is TicketState.NO_SHOW
        if state is TicketState.NO_SHOW or ended is None:
            continue
        if state is TicketState.SERVING and ticket not in served:
            served.add(ticket)
            of_today.extend([ticket] if day == today else [])
        before = visits.get(ticket, (letter, slugs, 0.0))[2]
        visits[ticket] = letter, slugs, before + (ended - began).total_seconds() / 60
    times = {ticket_id: min(max(visits[ticket_id][2], SHORTEST), LONGEST) for ticket_id in served}
    minutes, items = _minutes_by(visits, times)
    pace = tuple((visits[ticket_id][0], times[ticket_id]) for ticket_id in of_today[:PACE_OF])
    return History(minutes, missed / calls if calls else 0.0, items, pace)


def _minutes_by(
    visits: Mapping[int, tuple[str, tuple[str, ...], float]], times: Mapping[int, float]
) -> tuple[dict[str, list[float]], dict[str, list[float]]]:
    """The times by category, and by item for visits for a single item."""
    minutes: dict[str, list[float]] = {}
    items: dict[str, list[float]] = {}
    for ticket, took in times.items():
        letter, slugs, _ = visits[ticket]
        minutes.setdefault(letter, []).append(took)
        if len(slugs) == 1:
            items.setdefault(slugs[0], []).append(took)
    return minutes, items


def forecast(now: QueueNow, ticket_or_letter: Ticket | str, history: History) -> Forecast | None:
    """The wait of a ticket, or of a person taking a number of this letter now.

    None if no counter calls it. To forecast many at once, make one `Outlook`.
    """
    return Outlook(now, history).of(ticket_or_letter)


class Outlook:
    """All waits in a hall at one moment. The queue is simulated once, however many ask."""

    def __init__(
        self, now: QueueNow, history: History, breaks: Sequence[Break] = (), seed: int = 1
    ) -> None:
        self._now, self._history, self._seed = now, history, seed
        works_on = any(not desk.is_paused for desk in now.desks)
        self._breaks = [
            pause
            for pause in breaks
            if pause.ends > now.now and not (works_on and pause.holds(now.now))
        ]
        self._counter_queues: dict[int, _CounterQueue] = {}
        self._times: dict[int, float] = {}

    def of(self, ticket_or_letter: Ticket | str) -> Forecast | None:
        """The wait of a ticket, or of a new one of this letter; None if no counter calls it."""
        if self._history.count < FEWEST:
            middle = self._plain(ticket_or_letter)
            return None if middle is None else self._said(middle * 0.7, middle * 1.4)
        key = ticket_or_letter if isinstance(ticket_or_letter, str) else ticket_or_letter.id
        drawn = self._played.get(key)
        if not drawn:
            return None
        return self._said(_quantile(drawn, LOW), _quantile(drawn, HIGH))

    def _said(self, low: float, high: float) -> Forecast:
        """The range in minutes of work as a rounded range of waiting."""
        return _rounded(self._through_breaks(low), self._through_breaks(high))

    # The queue is simulated without a clock; the breaks between the day's opening periods are
    # added to the result. While a counter works on within a break, that break counts for nothing.
    # Not taken: a calendar inside every draw.
    def _through_breaks(self, minutes: float) -> float:
        for pause in self._breaks:
            begins = max((pause.begins - self._now.now).total_seconds() / 60, 0.0)
            if minutes >= begins:
                minutes += (pause.ends - self._now.now).total_seconds() / 60 - begins
        return minutes

    def before(self, letter: str) -> int:
        """How many of those waiting are called before a new ticket of this letter."""
        counters = {
            counter: letters for counter, letters in self._now.serving.items() if letter in letters
        }
        return sum(
            any(is_served_by(ticket, *counter) for counter in counters.items())
            or (ticket.category, ticket.for_counter) == (letter, None)
            for ticket in self._now.waiting
        )

    def _plain(self, ticket_or_letter: Ticket | str) -> float | None:
        """Minutes of work before a ticket, shared by its counters; None if it has none."""
        counters = {
            counter: letters
            for counter, letters in self._now.serving.items()
            if _may_call(ticket_or_letter, counter, letters)
        }
        if not counters:
            return None
        if isinstance(ticket_or_letter, str):
            work = self._work_waiting_for(counters)
        else:
            work = self._work_before.get(ticket_or_letter.id, 0.0)
        work += sum(
            self._history.expected(desk.ticket) / 2
            for desk in self._now.desks
            if desk.counter in counters and desk.ticket is not None
        )
        return work / len(counters)

    def _work_waiting_for(self, counters: Mapping[int, Sequence[str]]) -> float:
        return sum(
            self._history.expected(ticket)
            for ticket in self._now.waiting
            if any(is_served_by(ticket, *counter) for counter in counters.items())
        )

    @cached_property
    def _work_before(self) -> dict[int, float]:
        """Minutes of work before each waiting ticket, by id."""
        waiting, serving = self._now.waiting, self._now.serving
        return before_each(waiting, serving, self._history.expected)

    @cached_property
    def _played(self) -> dict[int | str, list[float]]:
        """Minutes until each ticket, or a new one of each letter, is called; sorted simulations."""
        random, waits = Random(self._seed), dict[int | str, list[float]]()  # noqa: S311 - no secret
        draws = max(FEWEST_DRAWS, min(DRAWS, CALLS // (len(self._now.waiting) + 1)))
        for _ in range(draws):
            for ticket_or_letter, minutes in self._play(random).items():
                waits.setdefault(ticket_or_letter, []).append(minutes)
        return {ticket_or_letter: sorted(minutes) for ticket_or_letter, minutes in waits.items()}

    def _play(self, random: Random) -> dict[int | str, float]:
        waiting, called = self._now.waiting, dict[int | str, float]()
        lines = {counter: _Line(self._counter_queue(counter)) for counter in self._now.serving}
        is_called = bytearray(len(waiting))
        free = [(self._residual(counter, random), counter) for counter in lines]
        heapify(free)
        while free:
            minute, counter = heappop(free)
            place = lines[counter].next(is_called, self._now.rules.longest_wait_minutes - minute)
            if place is None:
                for letter in self._now.serving[counter]:
                    called[letter] = min(minute, called.get(letter, math.inf))
                continue
            is_called[place] = True
            called[waiting[place].id] = minute
            comes = random.random() >= self._history.no_show
            took = self._draw(waiting[place], random) if comes else NOBODY
            heappush(free, (minute + took, counter))
        return called

    def _counter_queue(self, counter: int) -> _CounterQueue:
        """The waiting tickets that a counter serves, computed once for all simulations."""
        if counter not in self._counter_queues:
            waiting, letters = self._now.waiting, self._now.serving[counter]
            in_turn = [
                place
                for place, ticket in enumerate(waiting)
                if is_served_by(ticket, counter, letters)
            ]
            waited = {
                place: (self._now.now - waiting[place].waits_from).total_seconds() / 60
                for place in in_turn
            }
            longest = sorted(in_turn, key=lambda place: (-waited[place], waiting[place].id))
            self._counter_queues[counter] = _CounterQueue(in_turn, longest, waited)
        return self._counter_queues[counter]

    def _residual(self, counter: int, random: Random) -> float:
        """Minutes until a counter is free: a drawn time longer than the time already spent."""
        desk = self._desks.get(counter)
        if desk is None or desk.ticket is None:
            return 0.0
        since = self._called_at.get(desk.ticket.label)
        took = self._draw(desk.ticket, random)
        if since is None:
            return took * random.random()
        passed = (self._now.now - since).total_seconds() / 60
        return max(took - passed, SHORTEST)

    @cached_property
    def _desks(self) -> dict[int, Desk]:
        return {desk.counter: desk for desk in self._now.desks}

    @cached_property
    def _called_at(self) -> dict[str, dt.datetime]:
        # The newest call of a number, which comes first.
        return {call.number: call.called_at for call in reversed(self._now.calls)}

    def _expected(self, ticket: Ticket) -> float:
        """The expected minutes of a ticket, computed once for all simulations."""
        if ticket.id not in self._times:
            self._times[ticket.id] = self._history.expected(ticket)
        return self._times[ticket.id]

    def _draw(self, ticket: Ticket, random: Random) -> float:
        drawn = random.gammavariate(SHAPE, self._expected(ticket) / SHAPE)
        return min(max(drawn, SHORTEST), LONGEST)


@dataclass(frozen=True)
class _CounterQueue:
    """The waiting tickets that one counter serves, by position in the queue."""

    in_turn: list[int]
    # The same positions, longest wait first.
    longest: list[int]
    # Minutes waited so far, by position.
    waited: dict[int, float]


class _Line:
    """The line of one counter in one simulation. It looks at each ticket once."""

    def __init__(self, queue: _CounterQueue) -> None:
        self._counter_queue = queue
        self._turn = self._long = 0

    def next(self, is_called: bytearray, enough: float) -> int | None:
        """The next ticket: the longest wait of `enough` minutes or more, else the next in order."""
        in_turn, longest = self._counter_queue.in_turn, self._counter_queue.longest
        while self._long < len(longest) and is_called[longest[self._long]]:
            self._long += 1
        if self._long < len(longest) and self._counter_queue.waited[longest[self._long]] >= enough:
            return longest[self._long]
        while self._turn < len(in_turn) and is_called[in_turn[self._turn]]:
            self._turn += 1
        return in_turn[self._turn] if self._turn < len(in_turn) else None


def _may_call(ticket_or_letter: Ticket | str, counter: int, letters: Sequence[str]) -> bool:
    return (
        ticket_or_letter in letters
        if isinstance(ticket_or_letter, str)
        else is_served_by(ticket_or_letter, counter, letters)
    )


def _quantile(ordered: Sequence[float], share: float) -> float:
    return ordered[min(int(share * len(ordered)), len(ordered) - 1)]


def _rounded(low: float, high: float) -> Forecast:
    """Round outwards, and longer waits to `STEP` minutes: nobody counts on a single minute."""
    since = int(low) if low < STEP else int(low // STEP) * STEP
    until = math.ceil(high) if high < STEP else math.ceil(high / STEP) * STEP
    return Forecast(since, max(until, since + 2))
