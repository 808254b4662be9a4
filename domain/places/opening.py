"""开放时间: when a facility is open, counted from the line that its office wrote.

Only a line that is understood from its first word to its last is counted, such as
`每天 07:00-08:30，11:00-12:30`. Of all others nobody says that the facility is open, or closed.
"""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

from domain.calendar import DayKind
from domain.content import OpeningPeriod
from domain.hours import UNTIL_MIDNIGHT, periods_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from domain.calendar import WorkingCalendar
    from domain.places.content import HallHours

    Periods = tuple[OpeningPeriod, ...]

WEEK = "一二三四五六日"
_DAY = "(?:周|星期|礼拜)?[一二三四五六日天]"
# What an office types for it from a Chinese keyboard.
_PLAIN = str.maketrans(
    {"：": ":", "～": "-", "~": "-", "－": "-", "—": "-", "–": "-", "（": "(", "）": ")"}
)
# A remark that the office keeps out of the hours.
_REMARK = re.compile(r"\([^)]*\)")
_NAMES_DAYS = {"every", "working", "weekend", "holiday", "named"}
_PART = re.compile(
    r"(?P<between>[\s，,；;、]+|上午|下午|早上|中午|晚上)"
    "|(?P<every>每天|每日|天天)|(?P<working>工作日)|(?P<weekend>周末|双休日)"
    "|(?P<holiday>(?:法定)?节假日)"
    f"|(?P<named>(?:周|星期|礼拜)[一二三四五六日天](?:[、和至到-]{_DAY})*)"
    "|(?P<all>(?:全天|24 ?小时)+(?:开放|有人值守|有人)?)"
    r"|(?P<time>(?P<opens>\d{1,2}:\d{2})\s*[-至到]+\s*(?P<closes>\d{1,2}:\d{2}))"
    "|(?P<hall>[和与同](?:服务)?大厅(?:的?(?:开门|开放)?时间)?(?:一样|相同)?)"
)
_WHOLE_DAY = OpeningPeriod(opens=dt.time.min, closes=UNTIL_MIDNIGHT)


@dataclass(frozen=True)
class Clause:
    """Days, and the periods on them; `periods` is None for those of the hall."""

    # "every", "working", "weekend", "holiday" or "named".
    days: str
    # Days of the week, 0 for Monday, of "named".
    weekdays: frozenset[int]
    periods: Periods | None

    def covers(self, day: dt.date, kind: DayKind) -> bool | None:
        """Whether a day is one of these; None if the words do not say."""
        if self.days == "every":
            return True
        if self.days == "working":
            return kind.counts
        if self.days == "holiday":
            return kind is DayKind.HOLIDAY
        # What is written for Mondays says nothing of a Monday off, nor of a Sunday at work.
        if kind in {DayKind.HOLIDAY, DayKind.MAKE_UP}:
            return None
        return day.weekday() in self.weekdays


@dataclass(frozen=True)
class Opening:
    """A line that was understood."""

    clauses: tuple[Clause, ...]

    def on(self, day: dt.date, calendar: WorkingCalendar, hall: HallHours) -> Periods | None:
        """The opening periods of a day, in order; None if the line does not say."""
        kind = calendar.kind(day)
        spoken_of = [clause for clause in self.clauses if clause.days == "holiday"]
        clauses = spoken_of if kind is DayKind.HOLIDAY and spoken_of else self.clauses
        found: list[OpeningPeriod] = []
        for clause in clauses:
            covers = clause.covers(day, kind)
            if covers is None:
                return None
            if covers:
                own = clause.periods
                found += periods_of(hall, calendar, day) if own is None else own
        return tuple(sorted(found, key=lambda period: period.opens))


@lru_cache(4096)
def opening_of(line: str) -> Opening | None:
    """What a line of hours says; None if any of it was not understood."""
    words = _REMARK.sub("", line.translate(_PLAIN)).strip()
    parts = [part for part in _parts(words) if part is None or part.lastgroup != "between"]
    clauses: list[Clause] = []
    days: re.Match[str] | None = None
    times: list[OpeningPeriod] = []
    # Nothing follows the last part; that ends a clause as the next days do.
    for number, part in enumerate(parts, 1):
        if part is None:
            return None
        if part.lastgroup in _NAMES_DAYS:
            if days and not times:
                return None
            clauses += _clause(days, times)
            days, times = part, []
        elif part.lastgroup == "hall":
            is_last = number == len(parts) and not times
            return Opening((*clauses, Clause(*_days_of(days), None))) if is_last else None
        elif (period := _period(part)) is not None:
            times.append(period)
        else:
            return None
    return Opening((*clauses, *_clause(days, times))) if times else None


def _parts(words: str) -> Iterator[re.Match[str] | None]:
    """The parts of a line, one after the other; None for the first that is not understood."""
    at = 0
    while at < len(words):
        part = _PART.match(words, at)
        yield part
        if part is None:
            return
        at = part.end()


def _clause(days: re.Match[str] | None, times: list[OpeningPeriod]) -> list[Clause]:
    return [Clause(*_days_of(days), tuple(times))] if times else []


def _days_of(found: re.Match[str] | None) -> tuple[str, frozenset[int]]:
    """The word for the days that a part names, and the days of the week."""
    if found is None:
        return "every", frozenset()
    weekdays = _weekdays_of(found)
    is_week = len(weekdays) == len(WEEK)
    return "every" if is_week else str(found.lastgroup), weekdays


def _weekdays_of(found: re.Match[str]) -> frozenset[int]:
    """The days of the week that are named, in ranges and one by one."""
    if found.lastgroup == "weekend":
        return frozenset({5, 6})
    named: set[int] = set()
    for part in re.split("[、和]", found.group() if found.lastgroup == "named" else ""):
        ends = [WEEK.index(each) for each in part.replace("天", "日") if each in WEEK]
        if ends:
            days = (ends[-1] - ends[0]) % 7
            named.update((ends[0] + day) % 7 for day in range(days + 1))
    return frozenset(named)


def _period(found: re.Match[str]) -> OpeningPeriod | None:
    """The period that a part says; None for times that no day has, or that end the next day."""
    if found.lastgroup == "all":
        return _WHOLE_DAY
    closes = "23:59" if found["closes"] == "24:00" else found["closes"]
    try:
        return OpeningPeriod(opens=_time(found["opens"]), closes=_time(closes))
    except ValueError:
        return None


def _time(words: str) -> dt.time:
    return dt.time.fromisoformat(words.zfill(5))


def open_until(periods: Iterable[OpeningPeriod], time: dt.time) -> dt.time | None:
    """When the period ends that holds `time`; None if none does. 23:59 stands for midnight."""
    return next(
        (
            each.closes
            for each in periods
            if each.opens <= time and (time < each.closes or each.closes == UNTIL_MIDNIGHT)
        ),
        None,
    )
