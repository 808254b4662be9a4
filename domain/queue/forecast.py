"""多久轮到: the wait as a range, played forward from the real queue.

The queue is played some dozens of times with times drawn from what this hall took before: the
real order, the counters with what they call, those being served now, people who do not come.
While too little is known, length × mean ÷ counters serves. What is shown is a range, never one
number that would be false.
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
    from collections.abc import Mapping, Sequence

    from sqlalchemy.ext.asyncio import AsyncSession

    from domain.places.content import OpeningPeriod
    from domain.queue.snapshot import Desk, QueueNow

MEAN = 10.0
"""Minutes at a counter where nothing is known."""
WEIGHT = 5
"""How many observations that counts as."""
FEWEST = 10
"""Observations in a hall from which its queue is played forward."""
DRAWS, FEWEST_DRAWS, CALLS = 60, 12, 5000
"""How often the queue is played; less often when it is so long that it would keep others waiting:
then `CALLS` is about how many calls are played in all."""
LOW, HIGH = 0.10, 0.85
SHAPE = 3.0
"""Of the gamma distribution that times at a counter are drawn from."""
SHORTEST, LONGEST = 0.5, 45.0
"""Minutes; what is beyond was a button pressed too late or at once."""
NOBODY = 1.5
"""Minutes a counter waits for somebody who does not come."""
LAST_DAYS = dt.timedelta(days=60)
MOST_PERIODS = 1500
STEP = 5
"""Minutes that longer waits are rounded to."""
SOON = 5
"""Minutes from which one should stay in the hall."""
PACE_OF = 20
"""Visits of today by which it is told how fast the hall is today."""
PACE_WEIGHT = 10
"""How many visits at the usual pace are counted with them."""


@dataclass(frozen=True)
class Forecast:
    """等候时间: whole minutes, from and to."""

    low: int
    high: int

    @property
    def is_soon(self) -> bool:
        """Whether it may be one's turn before one is back from anywhere."""
        return self.low <= SOON

    def back_at(self, now: dt.datetime) -> dt.datetime:
        """When to be back in the hall, on a full five minutes, rather early than late."""
        at = now + dt.timedelta(minutes=self.low)
        return at.replace(minute=at.minute - at.minute % STEP, second=0, microsecond=0)


@dataclass(frozen=True)
class Break:
    """午休: from when until when the hall is closed between two of the day's opening periods."""

    begins: dt.datetime
    ends: dt.datetime

    def holds(self, moment: dt.datetime) -> bool:
        """Whether it is then."""
        return self.begins <= moment < self.ends


def breaks_of(periods: Sequence[OpeningPeriod], now: dt.datetime) -> tuple[Break, ...]:
    """The breaks between these periods, in order, of the day of `now`, an aware local time."""

    def at(time: dt.time) -> dt.datetime:
        return dt.datetime.combine(now.date(), time, now.tzinfo)

    return tuple(Break(at(one.closes), at(next_.opens)) for one, next_ in pairwise(periods))


@dataclass(frozen=True)
class History:
    """What a hall took before: minutes at the counter by category, and how many did not come."""

    minutes: Mapping[str, Sequence[float]] = field(default_factory=dict)
    no_show: float = 0.0
    """The share of calls to which nobody came."""
    items: Mapping[str, Sequence[float]] = field(default_factory=dict)
    """Minutes by item, of visits for that item alone."""
    today: Sequence[tuple[str, float]] = ()
    """Category and minutes of the last visits of today."""

    @cached_property
    def count(self) -> int:
        """How many observations there are."""
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
        """Minutes a ticket takes: its item's, drawn towards its category's if little is known."""
        known = self.items.get(ticket.items[0], ()) if len(ticket.items) == 1 else ()
        usual = self._means.get(ticket.category, MEAN)
        return (_shrunk(known, usual) if known else usual) * self.pace


def _shrunk(known: Sequence[float], towards: float) -> float:
    """A mean without the tenth of shortest and longest, as far as there is enough to trust."""
    cut = len(known) // 10
    kept = sorted(known)[cut : len(known) - cut]
    return (sum(kept) + towards * WEIGHT) / (len(kept) + WEIGHT)


async def history_of(session: AsyncSession, hall_id: int, now: dt.datetime) -> History:
    """What the hall took in the last weeks, the newest first where there is much."""
    known = {TicketState.CALLED, TicketState.SERVING, TicketState.NO_SHOW}
    rows = await session.execute(
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
    visits: dict[int, tuple[str, tuple[str, ...], float]] = {}
    served: set[int] = set()
    of_today: list[int] = []
    calls = missed = 0
    for ticket, letter, slugs, day, state, began, ended in rows:
        calls += state is TicketState.CALLED
        missed += state is TicketState.NO_SHOW
        if state is TicketState.NO_SHOW or ended is None:
            continue
        if state is TicketState.SERVING and ticket not in served:
            served.add(ticket)
            of_today.extend([ticket] if day == now.date() else [])
        before = visits.get(ticket, (letter, slugs, 0.0))[2]
        visits[ticket] = letter, slugs, before + (ended - began).total_seconds() / 60
    minutes: dict[str, list[float]] = {}
    items: dict[str, list[float]] = {}
    times = {each: min(max(visits[each][2], SHORTEST), LONGEST) for each in served}
    for ticket, took in times.items():
        letter, slugs, _ = visits[ticket]
        minutes.setdefault(letter, []).append(took)
        if len(slugs) == 1:
            items.setdefault(slugs[0], []).append(took)
    today = tuple((visits[each][0], times[each]) for each in of_today[:PACE_OF])
    return History(minutes, missed / calls if calls else 0.0, items, today)


def forecast(now: QueueNow, whom: Ticket | str, history: History) -> Forecast | None:
    """The wait of a ticket, or of somebody who took a number of this letter now.

    None when no counter calls it. For many at once make one `Outlook`.
    """
    return Outlook(now, history).of(whom)


class Outlook:
    """Every wait in one hall at one moment: the queue is played once, whoever asks."""

    def __init__(
        self, now: QueueNow, history: History, breaks: Sequence[Break] = (), seed: int = 1
    ) -> None:
        self._now, self._history, self._seed = now, history, seed
        works_on = any(not each.is_paused for each in now.desks)
        self._breaks = [
            each
            for each in breaks
            if each.ends > now.now and not (works_on and each.holds(now.now))
        ]
        self._standings: dict[int, _Standing] = {}
        self._times: dict[int, float] = {}

    def of(self, whom: Ticket | str) -> Forecast | None:
        """The wait of a ticket, or of somebody who took a number of this letter now."""
        if self._history.count < FEWEST:
            middle = self._plain(whom)
            return None if middle is None else self._said(middle * 0.7, middle * 1.4)
        key = whom if isinstance(whom, str) else whom.id
        drawn = self._played.get(key)
        if not drawn:
            return None
        return self._said(_quantile(drawn, LOW), _quantile(drawn, HIGH))

    def _said(self, low: float, high: float) -> Forecast:
        """Minutes of work as minutes of waiting, rounded."""
        return _rounded(self._through_breaks(low), self._through_breaks(high))

    def _through_breaks(self, minutes: float) -> float:
        for each in self._breaks:
            begins = max((each.begins - self._now.now).total_seconds() / 60, 0.0)
            if minutes >= begins:
                minutes += (each.ends - self._now.now).total_seconds() / 60 - begins
        return minutes

    def before(self, letter: str) -> int:
        """How many who wait now are called before somebody new of this letter."""
        counters = {
            counter: letters for counter, letters in self._now.serving.items() if letter in letters
        }
        return sum(
            any(is_served_by(each, *counter) for counter in counters.items())
            for each in self._now.waiting
        )

    def _plain(self, whom: Ticket | str) -> float | None:
        """The work that stands before somebody, shared by the counters that may call them."""
        counters = {
            counter: letters
            for counter, letters in self._now.serving.items()
            if _may_call(whom, counter, letters)
        }
        if not counters:
            return None
        if isinstance(whom, str):
            work = sum(
                self._history.expected(each)
                for each in self._now.waiting
                if any(is_served_by(each, *counter) for counter in counters.items())
            )
        else:
            work = self._work_before.get(whom.id, 0.0)
        work += sum(
            self._history.expected(desk.ticket) / 2
            for desk in self._now.desks
            if desk.counter in counters and desk.ticket is not None
        )
        return work / len(counters)

    @cached_property
    def _work_before(self) -> dict[int, float]:
        """The minutes of those who stand before each of those who wait."""
        waiting, serving = self._now.waiting, self._now.serving
        return before_each(waiting, serving, self._history.expected)

    @cached_property
    def _played(self) -> dict[int | str, list[float]]:
        """Minutes until each ticket, and somebody new of each letter, is called, in each draw."""
        random, waits = Random(self._seed), dict[int | str, list[float]]()  # noqa: S311 - no secret
        draws = max(FEWEST_DRAWS, min(DRAWS, CALLS // (len(self._now.waiting) + 1)))
        for _ in range(draws):
            for whom, minutes in self._play(random).items():
                waits.setdefault(whom, []).append(minutes)
        return {whom: sorted(minutes) for whom, minutes in waits.items()}

    def _play(self, random: Random) -> dict[int | str, float]:
        waiting, called = self._now.waiting, dict[int | str, float]()
        lines = {counter: _Line(self._standing(counter)) for counter in self._now.serving}
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

    def _standing(self, counter: int) -> _Standing:
        """Whom a counter serves, looked up once for all plays."""
        if counter not in self._standings:
            waiting, letters = self._now.waiting, self._now.serving[counter]
            in_turn = [
                place for place, each in enumerate(waiting) if is_served_by(each, counter, letters)
            ]
            waited = {
                place: (self._now.now - waiting[place].waits_from).total_seconds() / 60
                for place in in_turn
            }
            longest = sorted(in_turn, key=lambda place: (-waited[place], waiting[place].id))
            self._standings[counter] = _Standing(in_turn, longest, waited)
        return self._standings[counter]

    def _residual(self, counter: int, random: Random) -> float:
        """Minutes until a counter is free: what is left of a time longer than what has passed."""
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
        return {each.counter: each for each in self._now.desks}

    @cached_property
    def _called_at(self) -> dict[str, dt.datetime]:
        return {each.number: each.called_at for each in self._now.calls}

    def _expected(self, ticket: Ticket) -> float:
        """Looked up once for all plays."""
        if ticket.id not in self._times:
            self._times[ticket.id] = self._history.expected(ticket)
        return self._times[ticket.id]

    def _draw(self, ticket: Ticket, random: Random) -> float:
        drawn = random.gammavariate(SHAPE, self._expected(ticket) / SHAPE)
        return min(max(drawn, SHORTEST), LONGEST)


@dataclass(frozen=True)
class _Standing:
    """Whom one counter serves, by their places among those who wait."""

    in_turn: list[int]
    longest: list[int]
    """The same, who has waited longest first."""
    waited: dict[int, float]
    """Minutes so far."""


class _Line:
    """One counter's line in one play: whom it calls next, without looking at anybody twice."""

    def __init__(self, standing: _Standing) -> None:
        self._standing = standing
        self._turn = self._long = 0

    def next(self, is_called: bytearray, enough: float) -> int | None:
        """Who has waited `enough` minutes by now, the longest first, else the next in order."""
        in_turn, longest = self._standing.in_turn, self._standing.longest
        while self._long < len(longest) and is_called[longest[self._long]]:
            self._long += 1
        if self._long < len(longest) and self._standing.waited[longest[self._long]] >= enough:
            return longest[self._long]
        while self._turn < len(in_turn) and is_called[in_turn[self._turn]]:
            self._turn += 1
        return in_turn[self._turn] if self._turn < len(in_turn) else None


def _may_call(whom: Ticket | str, counter: int, letters: Sequence[str]) -> bool:
    return whom in letters if isinstance(whom, str) else is_served_by(whom, counter, letters)


def _quantile(ordered: Sequence[float], share: float) -> float:
    return ordered[min(int(share * len(ordered)), len(ordered) - 1)]


def _rounded(low: float, high: float) -> Forecast:
    """Downwards and upwards, longer waits to five minutes: nobody counts on a single one."""
    since = int(low) if low < STEP else int(low // STEP) * STEP
    until = math.ceil(high) if high < STEP else math.ceil(high / STEP) * STEP
    return Forecast(since, max(until, since + 2))
