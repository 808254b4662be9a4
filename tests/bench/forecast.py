"""Replay the days of one hall, and compare each wait as forecast with the wait as it was.

The hall has three counters and three kinds of visit (4, 9 and 20 minutes), rush hours, 5 % of
people who do not come, and days up to 15 % slower or faster. Counter 3 pauses from 11:30, or as
soon as it is free, until 13:30. The queue is kept in memory; the forecasts come from the functions
that the product calls. An oracle stands beside them: it plays the same queue forward and knows the
true times, the pace of the day and the pauses.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field
from heapq import heapify, heappop, heappush
from random import Random
from statistics import fmean, median
from time import process_time
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from domain.content import OpeningPeriod
from domain.queue.forecast import Outlook
from domain.queue.history import MOST_PERIODS, History, history_from
from domain.queue.shift_plan import shift_plan_from
from domain.queue.snapshot import Call, Desk, QueueNow
from domain.queue.tables import QueueRules, Ticket, TicketState
from tests.bench.report import Figure

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence
    from pathlib import Path

ZONE = ZoneInfo("Asia/Shanghai")
# Share of the visits and minutes that they take, by category.
KINDS = {"A": (0.40, 4.0), "B": (0.40, 9.0), "C": (0.20, 20.0)}
LETTERS = tuple(KINDS)
# Spread of the times around their mean (lognormal, so not the product's own assumption).
SPREAD = 0.55
NO_SHOW, WAY, GONE = 0.05, 0.5, 1.5
COUNTERS = (1, 2, 3)
# Minutes of the day: people come until `LAST`, by so many a minute from each hour on.
OPENS, LAST = 510.0, 990.0
RATES = ((510, 0.25), (540, 0.34), (660, 0.26), (810, 0.2), (870, 0.28), (960, 0.10))
LUNCH_OF, LUNCH = 3, (690.0, 810.0)
AROUND = (660.0, 810.0)
HOURS = (OpeningPeriod(opens=dt.time(8, 30), closes=dt.time(17)),)
# A hall reads its history again after so many minutes.
AGAIN = 5.0
LOOKS = 60
SEEDS, DAYS, MEASURED = (1, 5), 20, range(11, 21)
SLACK = 1.0


# The times of each counter as multiples of the usual ones.
ALIKE, SLOW = (1.0, 1.0, 1.0), (1.0, 1.0, 2.0)


@dataclass(frozen=True)
class Hall:
    """What differs between the replays."""

    seed: int
    paces: tuple[float, ...] = ALIKE


@dataclass(frozen=True)
class Told:
    """One number: when it was taken, the true wait, and two forecasts as (low, middle, high)."""

    day: int
    at: float
    wait: float
    ours: tuple[float, float, float] | None
    oracle: tuple[float, float, float]

    @property
    def is_around_lunch(self) -> bool:
        return AROUND[0] <= self.at < AROUND[1]


@dataclass
class Seat:
    """A counter within a day, in minutes of the day."""

    number: int
    pace: float
    ticket: Ticket | None = None
    comes: bool = True
    called: float = 0.0
    paused: float | None = None
    has_paused: bool = False


@dataclass
class Past:
    """What the hall's store would hold, as rows for the product's functions."""

    periods: list[tuple[object, ...]] = field(default_factory=list)
    shifts: list[tuple[object, ...]] = field(default_factory=list)
    pauses: list[tuple[object, ...]] = field(default_factory=list)


class Replay:
    """One hall, day by day."""

    def __init__(self, hall: Hall) -> None:
        self.hall, self.past, self.day = hall, Past(), 0
        self.random = Random(hall.seed)  # noqa: S311 - a draw, no secret
        self.last_id = 0
        self.milliseconds: list[float] = []

    def days(self, measured: Iterable[int]) -> list[Told]:
        """Play until the last measured day, and tell waits on those days."""
        told: list[Told] = []
        for day in range(1, max(measured) + 1):
            told.extend(_Day(self, day, is_measured=day in measured).play())
        return told


class _Day:
    def __init__(self, replay: Replay, day: int, *, is_measured: bool) -> None:
        self.replay, self.day, self.is_measured = replay, day, is_measured
        self.random = replay.random
        self.date = dt.date(2026, 3, 1) + dt.timedelta(days=day)
        self.pace = self.random.uniform(0.85, 1.15)
        self.seats = {n: Seat(n, replay.hall.paces[n - 1]) for n in COUNTERS}
        self.waiting: list[Ticket] = []
        self.came: dict[int, float] = {}
        self.forecasts: dict[int, tuple[object, object]] = {}
        self.told: list[Told] = []
        self.history, self.read_at = History(), -AGAIN
        self.arrivals = list(self._arrivals())
        # (minute, order of events within it, kind, counter or arrival)
        self.events: list[tuple[float, int, str, int]] = []

    def at(self, minute: float) -> dt.datetime:
        start = dt.datetime.combine(self.date, dt.time(), ZONE)
        return start + dt.timedelta(minutes=minute)

    def _arrivals(self) -> Iterable[tuple[float, str]]:
        minute, most = OPENS, max(rate for _, rate in RATES)
        while (minute := minute + self.random.expovariate(most)) < LAST:
            rate = next(rate for since, rate in reversed(RATES) if minute >= since)
            if self.random.random() < rate / most:
                weights = [share for share, _ in KINDS.values()]
                yield minute, self.random.choices(LETTERS, weights)[0]

    def play(self) -> list[Told]:
        self.events = [(minute, n, "comes", n) for n, (minute, _) in enumerate(self.arrivals)]
        self.events.append((LUNCH[0], -1, "lunch", LUNCH_OF))
        self.events.append((LUNCH[1], -1, "back", LUNCH_OF))
        heapify(self.events)
        while self.events:
            minute, _, kind, which = heappop(self.events)
            if kind == "comes":
                self._comes(minute, self.arrivals[which][1])
            elif kind == "free":
                self._leaves(minute, self.seats[which])
            elif kind == "back":
                self._resumes(minute, self.seats[which])
            self._call_all(minute)
        shifts = ((n, self.at(OPENS), self.at(minute), None) for n in COUNTERS)
        self.replay.past.shifts.extend(shifts)
        return self.told

    def _comes(self, minute: float, letter: str) -> None:
        self.replay.last_id += 1
        at = self.at(minute)
        ticket = Ticket(
            id=self.replay.last_id, letter=letter, number=len(self.came) + 1, category=letter,
            items=(), state=TicketState.WAITING, for_counter=None, counter=None, priority=None,
            joined_at=at, waits_from=at, place_at=at,
        )  # fmt: skip
        self.waiting.append(ticket)
        self.came[ticket.id] = minute
        if self.is_measured:
            self.forecasts[ticket.id] = self._ours(minute, ticket), self._oracle(minute)

    def _call_all(self, minute: float) -> None:
        for seat in self.seats.values():
            if seat.ticket is not None or seat.paused is not None:
                continue
            if seat.number == LUNCH_OF and LUNCH[0] <= minute < LUNCH[1] and not seat.has_paused:
                seat.paused, seat.has_paused = minute, True
            elif self.waiting:
                self._call(minute, seat)

    def _call(self, minute: float, seat: Seat) -> None:
        ticket = self.waiting.pop(0)
        ticket.state, ticket.counter = TicketState.CALLED, seat.number
        seat.ticket, seat.called = ticket, minute
        seat.comes = self.random.random() >= NO_SHOW
        took = self._drawn(self.random, ticket.category, seat) if seat.comes else GONE
        heappush(self.events, (minute + took, 10_000 + seat.number, "free", seat.number))
        if self.is_measured:
            at = self.came[ticket.id]
            ours, oracle = self.forecasts[ticket.id]
            self.told.append(Told(self.day, at, minute - at, ours, oracle))  # type: ignore[arg-type]

    def _drawn(self, random: Random, letter: str, seat: Seat) -> float:
        """Minutes at the counter, the way to it included."""
        mean = KINDS[letter][1] * self.pace * seat.pace
        return WAY + mean * random.lognormvariate(-SPREAD * SPREAD / 2, SPREAD)

    def _leaves(self, minute: float, seat: Seat) -> None:
        ticket = seat.ticket
        assert ticket is not None
        seat.ticket = None
        ticket.state, ticket.counter = TicketState.DONE, None
        came, called, left = self.at(seat.called), self.at(seat.called + WAY), self.at(minute)
        row = ticket.id, ticket.category, ticket.items, self.date
        if seat.comes:
            self.replay.past.periods.append((*row, TicketState.CALLED, seat.number, came, called))
            self.replay.past.periods.append((*row, TicketState.SERVING, seat.number, called, left))
        else:
            self.replay.past.periods.append((*row, TicketState.CALLED, seat.number, came, left))
            self.replay.past.periods.append((*row, TicketState.NO_SHOW, seat.number, left, None))

    def _resumes(self, minute: float, seat: Seat) -> None:
        if seat.paused is not None:
            row = seat.number, self.at(seat.paused), self.at(minute)
            self.replay.past.pauses.append(row)
        seat.paused = None

    # What is told

    def _ours(self, minute: float, ticket: Ticket) -> tuple[float, float, float] | None:
        if minute - self.read_at >= AGAIN:
            self.history, self.read_at = self._read(minute), minute
        now = self._now(minute)
        began = process_time()
        said = Outlook(now, self.history, HOURS).of(ticket)
        self.replay.milliseconds.append((process_time() - began) * 1000)
        return (said.low, (said.low + said.high) / 2, said.high) if said else None

    def _read(self, minute: float) -> History:
        past = self.replay.past
        newest = past.periods[: -MOST_PERIODS - 1 : -1]
        shifts = [*past.shifts, *((n, self.at(OPENS), None, None) for n in COUNTERS)]
        plan = shift_plan_from(shifts, past.pauses, self.at(minute))  # type: ignore[arg-type]
        return history_from(newest, plan, self.date)  # type: ignore[arg-type]

    def _now(self, minute: float) -> QueueNow:
        at = [seat for seat in self.seats.values() if seat.ticket is not None]
        return QueueNow(
            hall_id=1,
            now=self.at(minute),
            day=None,
            rules=QueueRules(),
            tickets=(*self.waiting, *(seat.ticket for seat in at if seat.ticket)),
            desks=tuple(self._desk(seat) for seat in self.seats.values()),
            calls=tuple(
                Call(
                    seat.ticket.id,
                    seat.ticket.label,
                    seat.number,
                    self.at(seat.called),
                    is_current=True,
                )
                for seat in at
                if seat.ticket
            ),
            usual=dict.fromkeys(COUNTERS, LETTERS),
        )

    def _desk(self, seat: Seat) -> Desk:
        return Desk(
            counter=seat.number,
            letters=LETTERS,
            pause_reason="吃饭" if seat.paused is not None else None,
            is_paused=seat.paused is not None,
            ticket=seat.ticket,
            staff_id=seat.number,
            paused_at=None if seat.paused is None else self.at(seat.paused),
        )

    def _oracle(self, minute: float) -> tuple[float, float, float]:
        random = Random(self.replay.last_id)  # noqa: S311 - a draw, no secret
        waits = sorted(self._forward(minute, random) - minute for _ in range(LOOKS))
        return waits[LOOKS // 10], median(waits), waits[LOOKS - LOOKS // 10 - 1]

    def _forward(self, minute: float, random: Random) -> float:
        """When the last who waits is called, in one play by the true distributions."""
        free = [(self._free_at(minute, seat, random), seat.number) for seat in self.seats.values()]
        heapify(free)
        called, paused = minute, self.seats[LUNCH_OF].has_paused
        for ticket in self.waiting:
            called, number = heappop(free)
            while number == LUNCH_OF and LUNCH[0] <= called < LUNCH[1] and not paused:
                paused = True
                heappush(free, (LUNCH[1], number))
                called, number = heappop(free)
            comes = random.random() >= NO_SHOW
            seat = self.seats[number]
            took = self._drawn(random, ticket.category, seat) if comes else GONE
            heappush(free, (called + took, number))
        return called

    def _free_at(self, minute: float, seat: Seat, random: Random) -> float:
        if seat.paused is not None:
            return LUNCH[1]
        if seat.ticket is None:
            return minute
        for _ in range(200):
            comes = random.random() >= NO_SHOW
            took = self._drawn(random, seat.ticket.category, seat) if comes else GONE
            if seat.called + took > minute:
                return seat.called + took
        return minute + 2


def measure(_folder: Path) -> Iterable[Figure]:
    """How far the forecasts were off, beside the oracle's."""
    told, milliseconds = list[Told](), list[float]()
    for seed in SEEDS:
        of_seed, took = _told([Hall(seed)], MEASURED)
        told, milliseconds = told + of_seed, milliseconds + took
        yield from _figures(f"seed {seed}, who had to wait", _waited(of_seed))
    yield from _figures("all seeds, who had to wait", _waited(told))
    yield _figure("all seeds, everybody", told)
    slow, _ = _told([Hall(seed, SLOW) for seed in SEEDS], range(11, 15))
    yield _figure("one clerk twice as slow, who had to wait", _waited(slow))
    cold, _ = _told([Hall(seed) for seed in (*SEEDS, 4)], range(1, 2))
    yield _figure("day 1, cold, who had to wait", _waited(cold))
    yield Figure("one forecast", f"{fmean(milliseconds):.1f} ms", "1 ms", fmean(milliseconds))


def _waited(told: Iterable[Told]) -> list[Told]:
    return [one for one in told if one.wait > 0]


def _told(halls: Sequence[Hall], days: Sequence[int]) -> tuple[list[Told], list[float]]:
    told, milliseconds = list[Told](), list[float]()
    for hall in halls:
        replay = Replay(hall)
        told.extend(replay.days(days))
        milliseconds.extend(replay.milliseconds)
    return told, milliseconds


def _figures(what: str, told: Sequence[Told]) -> Iterable[Figure]:
    parts: tuple[tuple[str, Callable[[Told], bool]], ...] = (
        ("", lambda _: True),
        (", not around lunch", lambda one: not one.is_around_lunch),
        (", around lunch", lambda one: one.is_around_lunch),
    )
    for words, is_in in parts:
        chosen = [one for one in told if is_in(one)]
        if chosen:
            yield _figure(what + words, chosen)


def _figure(what: str, told: Sequence[Told]) -> Figure:
    ours = [(one.ours, one.wait) for one in told if one.ours is not None]
    oracle = [(one.oracle, one.wait) for one in told]
    words = f"{what}, {len(told)}, mean wait {fmean(one.wait for one in told):.0f} min"
    unknown = len(told) - len(ours)
    ratio = _error(ours) / _error(oracle)
    said = _said(ours) + (f", {unknown} unknown" if unknown else "")
    return Figure(words, said, _said(oracle), ratio, "5.8 min, 62 %, 75–85 %")


_Said = list[tuple[tuple[float, float, float], float]]


def _error(said: _Said) -> float:
    return fmean(abs(middle - wait) for (_, middle, _), wait in said)


def _said(said: _Said) -> str:
    bias = fmean(middle - wait for (_, middle, _), wait in said)
    near = fmean(abs(middle - wait) <= 5 for (_, middle, _), wait in said)
    early = fmean(wait < low - SLACK for (low, _, _), wait in said)
    late = fmean(wait > high + SLACK for (_, _, high), wait in said)
    return (
        f"{_error(said):.1f} min off, {near:.0%} within 5, band {1 - early - late:.0%} "
        f"(earlier {early:.0%}, later {late:.0%}), bias {bias:+.1f}"
    )
