"""工作日: which days count.

Working days follow the State Council's yearly notice, with its days off and its make-up
working days on weekends (调休). The notices of 2004 to 2026 come from the `chinesecalendar`
package; the office enters those of further years. A year without a notice is counted by
weekdays and marked as provisional.
"""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from typing import TYPE_CHECKING

from chinese_calendar.constants import holidays as known_days_off
from chinese_calendar.constants import workdays as known_make_up_days
from sqlalchemy import CheckConstraint, delete, select
from sqlalchemy.orm import Mapped, mapped_column

from domain.base import Base
from domain.content import Content, Contradiction, Day
from domain.revision import touch_content
from domain.words import N_

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from sqlalchemy.ext.asyncio import AsyncSession

FIRST_YEAR = 2004
LAST_YEAR = 2100
MOST_WORKING_DAYS = 365
SATURDAY = 5


class DayKind(StrEnum):
    """What a calendar day is to an office."""

    WORKING = "working"
    MAKE_UP = "make-up"
    WEEKEND = "weekend"
    HOLIDAY = "holiday"

    @property
    def counts(self) -> bool:
        """Whether the day is counted in a limit of working days."""
        return self in {DayKind.WORKING, DayKind.MAKE_UP}


class HolidayDay(Base):
    """放假通知的一天: one day off, or one make-up working day, from a notice the office entered."""

    __tablename__ = "holiday_day"
    __table_args__ = (CheckConstraint("kind IN ('holiday', 'make-up')", name="notice_kind"),)

    day: Mapped[dt.date] = mapped_column(primary_key=True)
    kind: Mapped[DayKind]


class HolidayNotice(Content):
    """放假通知: the State Council's notice for one year, as the office enters it."""

    year: int
    days_off: tuple[Day, ...]
    make_up_days: tuple[Day, ...] = ()


@dataclass(frozen=True)
class CountedDay:
    """One day on the way to a deadline: which working day it is, None if it does not count."""

    day: dt.date
    kind: DayKind
    number: int | None


@dataclass(frozen=True)
class Deadline:
    """限时办结: by when something accepted on a day is done. The day of acceptance is day 0."""

    accepted_on: dt.date
    working_days: int
    due_on: dt.date
    counted: tuple[CountedDay, ...]
    is_provisional: bool
    """Whether a year without a notice was counted by weekdays alone."""


class WorkingCalendar:
    """The notices known, and the counting by them."""

    def __init__(self, notices: Mapping[int, Mapping[dt.date, DayKind]]) -> None:
        self._notices = notices

    def with_year(self, days: Mapping[dt.date, DayKind]) -> WorkingCalendar:
        """The calendar as it would be with another notice for the year of these days."""
        year = min(days).year
        return WorkingCalendar({**self._notices, year: days})

    def kind(self, day: dt.date) -> DayKind:
        """Which kind of day this is, by the year's notice or, without one, by the weekday."""
        noted = self._notices.get(day.year, {}).get(day)
        if noted is not None:
            return noted
        return DayKind.WEEKEND if day.weekday() >= SATURDAY else DayKind.WORKING

    def is_provisional(self, day: dt.date) -> bool:
        """Whether no notice is known for the year of this day."""
        return day.year not in self._notices

    def deadline(self, accepted_on: dt.date, working_days: int) -> Deadline:
        """Count `working_days` (0 to 365) from the day after acceptance; 0 is done the same day."""
        if not 0 <= working_days <= MOST_WORKING_DAYS:
            raise ValueError(working_days)
        counted, number, day = [CountedDay(accepted_on, self.kind(accepted_on), 0)], 0, accepted_on
        while number < working_days:
            day += dt.timedelta(days=1)
            kind = self.kind(day)
            number += kind.counts
            counted.append(CountedDay(day, kind, number if kind.counts else None))
        provisional = any(self.is_provisional(each.day) for each in counted)
        return Deadline(accepted_on, working_days, day, tuple(counted), provisional)


@cache
def published_notices() -> dict[int, dict[dt.date, DayKind]]:
    """The State Council's notices that the `chinesecalendar` package carries."""
    notices: dict[int, dict[dt.date, DayKind]] = defaultdict(dict)
    for day in known_days_off:
        notices[day.year][day] = DayKind.HOLIDAY
    for day in known_make_up_days:
        notices[day.year][day] = DayKind.MAKE_UP
    return dict(notices)


def calendar_of(entered: Iterable[HolidayDay]) -> WorkingCalendar:
    """The calendar by the published notices, and by what the office entered where it did."""
    own: dict[int, dict[dt.date, DayKind]] = defaultdict(dict)
    for row in entered:
        own[row.day.year][row.day] = row.kind
    return WorkingCalendar({**published_notices(), **own})


async def load_calendar(session: AsyncSession) -> WorkingCalendar:
    """The calendar as of now."""
    return calendar_of((await session.scalars(select(HolidayDay))).all())


def contradictions_of(notice: HolidayNotice) -> Iterator[Contradiction]:
    """What is wrong with a notice."""
    if not notice.days_off:
        yield Contradiction(("days_off",), N_("a notice names at least one day off"))
    for field in ("days_off", "make_up_days"):
        days: tuple[dt.date, ...] = getattr(notice, field)
        for day in days:
            if day.year != notice.year:
                yield Contradiction((field,), N_("{} is in another year"), str(day))
        if len(set(days)) != len(days):
            yield Contradiction((field,), N_("a day is named twice"))
    for day in notice.make_up_days:
        if day in notice.days_off:
            why = N_("{} is both a day off and a working day")
            yield Contradiction(("make_up_days",), why, str(day))
        elif day.weekday() < SATURDAY:
            why = N_("{} is a weekday, so it needs no making up")
            yield Contradiction(("make_up_days",), why, str(day))


async def entered_notice(session: AsyncSession, year: int) -> HolidayNotice | None:
    """The notice the office entered for a year; None when it entered none."""
    found = (
        await session.scalars(
            select(HolidayDay)
            .where(HolidayDay.day.between(dt.date(year, 1, 1), dt.date(year, 12, 31)))
            .order_by(HolidayDay.day)
        )
    ).all()
    if not found:
        return None
    return HolidayNotice(
        year=year,
        days_off=tuple(each.day for each in found if each.kind is DayKind.HOLIDAY),
        make_up_days=tuple(each.day for each in found if each.kind is DayKind.MAKE_UP),
    )


async def enter_notice(session: AsyncSession, notice: HolidayNotice) -> None:
    """Enter a year's notice whole; it takes the place of what was entered for that year.

    Raises `ValueError` with words for the office when the notice contradicts itself.
    """
    for each in contradictions_of(notice):
        raise ValueError(str(each))
    await session.execute(
        delete(HolidayDay).where(
            HolidayDay.day.between(dt.date(notice.year, 1, 1), dt.date(notice.year, 12, 31))
        )
    )
    session.add_all(HolidayDay(day=day, kind=DayKind.HOLIDAY) for day in notice.days_off)
    session.add_all(HolidayDay(day=day, kind=DayKind.MAKE_UP) for day in notice.make_up_days)
    await touch_content(session)
