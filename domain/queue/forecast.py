"""多久轮到: the wait as a range, simulated from the real queue.

The queue is played some dozens of times with times drawn from what this hall took before: the real
order, the counters and what they call, those being served now, people who do not come, pauses as
they usually are. Where little is known the draws spread wider. The result is always a range: a
single number would be false.
"""

from __future__ import annotations

import datetime as dt
import math
from bisect import bisect_right
from dataclasses import dataclass
from functools import cached_property
from heapq import heapify, heappop, heappush
from itertools import pairwise
from random import Random
from typing import TYPE_CHECKING

from domain.queue.order import is_served_by
from domain.queue.shift_plan import Absence, minute_of

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from domain.content import OpeningPeriod
    from domain.queue.history import History
    from domain.queue.snapshot import Desk, QueueNow
    from domain.queue.tables import Ticket

# Simulations per forecast; fewer for a long queue, which would keep others waiting: then about
# `CALLS` calls are simulated in all.
DRAWS, FEWEST_DRAWS, CALLS = 60, 12, 5000
LOW, HIGH = 0.14, 0.82
# How far a whole simulation is faster or slower (a standard deviation): where nothing is known,
# and where much is.
UNKNOWN, KNOWN = 0.40, 0.06
# Minutes a counter waits for a person who does not come.
NOBODY = 1.5
# A pause of unknown length: its median in minutes, and its spread.
PAUSE, PAUSE_SPREAD = 30.0, 0.9
# How likely a counter that was not seen on any day before stands empty over midday, when that
# begins (minutes of the day), and its median length in minutes.
MIDDAY, MIDDAY_BEGINS, MIDDAY_LASTS = 0.5, (11 * 60, 12 * 60 + 30), 70.0
# Minutes by which people come back late.
LATE_BACK = 3.0
# What is left of a visit that lasted longer than all before, as a share of the expected time.
TAIL = 0.45
# Minutes after the last call in a break for which its counter is taken to work on.
WORKS_ON = dt.timedelta(minutes=15)
# Minutes to which longer waits are rounded.
STEP = 5
# Minutes of wait below which a person should stay in the hall.
SOON = 5


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
    """When the hall is closed before its last period of the day of `now` (aware local time)."""

    def at(time: dt.time) -> dt.datetime:
        return dt.datetime.combine(now.date(), time, now.tzinfo)

    if not periods:
        return ()
    between = (Break(at(one.closes), at(next_.opens)) for one, next_ in pairwise(periods))
    return Break(at(dt.time()), at(periods[0].opens)), *between


def forecast(now: QueueNow, ticket_or_letter: Ticket | str, history: History) -> Forecast | None:
    """The wait of a ticket, or of a person taking a number of this letter now.

    None if no counter calls it. To forecast many at once, make one `Outlook`.
    """
    return Outlook(now, history).of(ticket_or_letter)


class Outlook:
    """All waits in a hall at one moment. The queue is simulated once, however many ask."""

    def __init__(
        self,
        now: QueueNow,
        history: History,
        periods: Sequence[OpeningPeriod] = (),
        seed: int = 1,
    ) -> None:
        self._now, self._history, self._seed = now, history, seed
        self._is_open = any(one.opens <= now.now.time() < one.closes for one in periods)
        self._breaks = [
            self._minutes(pause)
            for pause in breaks_of(periods, now.now)
            if pause.ends > now.now and not self._works_on(pause)
        ]
        self._counter_queues: dict[int, _CounterQueue] = {}
        self._times: dict[int, float] = {}

    def of(self, ticket_or_letter: Ticket | str) -> Forecast | None:
        """The wait of a ticket, or of a new one of this letter; None if nobody calls it now."""
        is_called = any(
            _may_call(ticket_or_letter, counter, letters)
            for counter, letters in self._counters.items()
            if self._is_known(counter)
        )
        key = ticket_or_letter if isinstance(ticket_or_letter, str) else ticket_or_letter.id
        drawn = self._played.get(key) if is_called else None
        return _rounded(_quantile(drawn, LOW), _quantile(drawn, HIGH)) if drawn else None

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

    # The counters that are staffed, those that pause as well. Outside the opening hours nobody
    # needs to be there yet, so the hall's usual counters stand for them; within, an empty hall
    # promises nothing.
    # Not taken: the usual counters at any time, which promised 2 minutes where nobody came to work.
    @cached_property
    def _counters(self) -> Mapping[int, Sequence[str]]:
        if self._desks:
            return {counter: desk.letters for counter, desk in self._desks.items()}
        return {} if self._is_open else self._now.usual

    def _is_known(self, counter: int) -> bool:
        """Whether a counter calls, or pauses until a time that is known about."""
        desk = self._desks.get(counter)
        if desk is None or not desk.is_paused or desk.back_at is not None:
            return True
        return bool(self._ends[counter])

    # A counter that has nobody proves nothing: its clerk may have left without pausing. So only a
    # call within the break counts, by a counter that still calls.
    def _works_on(self, pause: Break) -> bool:
        """Whether a counter calls within a break all the same."""
        if not pause.holds(self._now.now):
            return False
        calling = {counter for counter, desk in self._desks.items() if not desk.is_paused}
        return any(
            call.called_at >= pause.begins
            and call.counter in calling
            and (call.is_current or self._now.now - call.called_at <= WORKS_ON)
            for call in self._now.calls
        )

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
        lines = {counter: _Line(self._counter_queue(counter)) for counter in self._counters}
        common = random.lognormvariate(0, self._spread)
        pace = {counter: common * self._pace(counter) for counter in lines}
        away = {counter: self._away(counter, random) for counter in lines}
        multiples, no_show = self._history.multiples, self._history.no_show
        is_called, count, draw = bytearray(len(waiting)), len(multiples), random.random
        free = [(self._residual(counter, pace[counter], random), counter) for counter in lines]
        heapify(free)
        while free:
            minute, counter = heappop(free)
            back = _back(minute, away[counter])
            if back > minute:
                heappush(free, (back, counter))
                continue
            place = lines[counter].next(is_called, self._now.rules.longest_wait_minutes - minute)
            if place is None:
                for letter in self._counters[counter]:
                    called[letter] = min(minute, called.get(letter, math.inf))
                continue
            is_called[place] = True
            called[waiting[place].id] = minute
            took = NOBODY
            if draw() >= no_show:
                took = self._expected(waiting[place]) * pace[counter]
                took *= multiples[int(draw() * count)]
            heappush(free, (minute + took, counter))
        return called

    @cached_property
    def _spread(self) -> float:
        """How far a whole simulation may be faster or slower, by how much is known."""
        return math.hypot(KNOWN, UNKNOWN / math.sqrt(1 + len(self._history.visits)))

    def _pace(self, counter: int) -> float:
        desk = self._desks.get(counter)
        return self._history.clerks.get(desk.staff_id, 1.0) if desk else 1.0

    def _away(self, counter: int, random: Random) -> list[Absence]:
        """When a counter will call nobody, in minutes from now, as it was on one of its days."""
        desk, days = self._desks.get(counter), self._days[counter]
        usual = days[int(random.random() * len(days))] if days else []
        if self._is_new(counter):
            usual = self._midday(random)
        if desk is None or not desk.is_paused:
            return usual
        back = self._return(desk, random)
        later = [absence for absence in usual if absence.begins > back]
        return [Absence(0.0, back), *later]

    def _is_new(self, counter: int) -> bool:
        """Whether nothing says how a counter spends midday: no day before, no break, none today."""
        plan, desk = self._history.plan, self._desks.get(counter)
        is_away = desk is not None and desk.is_paused
        return not (is_away or self._breaks or plan.before.get(counter) or plan.today.get(counter))

    def _midday(self, random: Random) -> list[Absence]:
        """A midday that a counter may spend away, in minutes from now."""
        begins = random.uniform(*MIDDAY_BEGINS) - minute_of(self._now.now)
        lasts = MIDDAY_LASTS * random.lognormvariate(0, PAUSE_SPREAD / 3)
        return [Absence(begins, begins + lasts)] if begins > 0 and random.random() < MIDDAY else []

    def _return(self, desk: Desk, random: Random) -> float:
        """Minutes until a paused counter calls again: longer than what has passed."""
        if desk.back_at is not None:
            left = (desk.back_at - self._now.now).total_seconds() / 60
            return max(left, 0.0) + random.expovariate(1 / LATE_BACK)
        ends, passed = self._ends[desk.counter], self._paused(desk)
        if random.random() * (len(ends) + 1) >= 1:
            return ends[int(random.random() * len(ends))]
        for _ in range(20):
            took = PAUSE * random.lognormvariate(0, PAUSE_SPREAD)
            if took > passed:
                return took - passed
        return passed * random.random()

    def _paused(self, desk: Desk) -> float:
        since = desk.paused_at or self._now.now
        return (self._now.now - since).total_seconds() / 60

    @cached_property
    def _ends(self) -> dict[int, list[float]]:
        """In how many minutes pauses like the present one of a counter were over."""
        minute, plan = minute_of(self._now.now), self._history.plan
        return {
            counter: [
                end - minute for end in plan.ends(counter, minute - self._paused(desk), minute)
            ]
            for counter, desk in self._desks.items()
            if desk.is_paused
        }

    @cached_property
    def _days(self) -> dict[int, list[list[Absence]]]:
        """The rest of the day as it was on the last days of each counter; breaks included."""
        return {
            counter: [
                sorted(
                    (*(self._from_now(absence) for absence in absences), *self._breaks),
                    key=lambda absence: absence.begins,
                )
                for absences in self._history.plan.days(counter, self._idle_since(counter))
            ]
            or [self._breaks]
            for counter in self._counters
        }

    def _idle_since(self, counter: int) -> float:
        """The minute of the day since which a counter could have paused."""
        desk, minute = self._desks.get(counter), minute_of(self._now.now)
        since = self._called_at.get(desk.ticket.label) if desk and desk.ticket else None
        return minute - (self._now.now - since).total_seconds() / 60 if since else minute

    def _from_now(self, absence: Absence) -> Absence:
        minute = minute_of(self._now.now)
        return Absence(absence.begins - minute, absence.ends - minute)

    def _minutes(self, pause: Break) -> Absence:
        begins, ends = pause.begins - self._now.now, pause.ends - self._now.now
        return Absence(begins.total_seconds() / 60, ends.total_seconds() / 60)

    def _counter_queue(self, counter: int) -> _CounterQueue:
        """The waiting tickets that a counter serves, computed once for all simulations."""
        if counter not in self._counter_queues:
            waiting, letters = self._now.waiting, self._counters[counter]
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

    def _residual(self, counter: int, pace: float, random: Random) -> float:
        """Minutes until a counter is free: what is left of a time longer than what has passed."""
        desk = self._desks.get(counter)
        if desk is None or desk.ticket is None:
            return 0.0
        usual, multiples = self._expected(desk.ticket) * pace, self._history.multiples
        since = self._called_at.get(desk.ticket.label)
        if since is None:
            return usual * multiples[int(random.random() * len(multiples))] * random.random()
        passed = (self._now.now - since).total_seconds() / 60
        longer = len(multiples) - bisect_right(multiples, passed / usual)
        if random.random() * (longer + 1) < 1:
            return random.expovariate(1 / (TAIL * usual))
        return usual * multiples[-1 - int(random.random() * longer)] - passed

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


def _back(minute: float, away: Sequence[Absence]) -> float:
    """The minute from which a counter calls that is free at this minute."""
    for absence in away:
        if absence.begins <= minute < absence.ends:
            minute = absence.ends
    return minute


def _quantile(ordered: Sequence[float], share: float) -> float:
    return ordered[min(int(share * len(ordered)), len(ordered) - 1)]


def _rounded(low: float, high: float) -> Forecast:
    """Round outwards, and longer waits to `STEP` minutes: nobody counts on a single minute."""
    since = int(low) if low < STEP else int(low // STEP) * STEP
    until = math.ceil(high) if high < STEP else math.ceil(high / STEP) * STEP
    return Forecast(since, max(until, since + 2))
