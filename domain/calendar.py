"""工作日: which days count.

Working days follow the State Council's yearly notice, with its days off and its make-up working
days on weekends (调休). The `chinesecalendar` package holds the notices of 2004 to 2026; the office
enters those of later years. A year without a notice is counted by weekdays and the holidays
that have a fixed date, and marked as provisional.
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
DECEMBER = 12
# 法定节假日 with a fixed date: New Year, Labour Day, National Day, as month and day. The State
# Council's regulation gives them every year (国务院令第795号); a notice only says what is moved.
FIXED_HOLIDAYS = frozenset({(1, 1), (5, 1), (5, 2), (10, 1), (10, 2), (10, 3)})
# A make-up Saturday that the package lacks.
FORGOTTEN_MAKE_UP_DAYS = (dt.date(2005, 12, 31),)


class DayKind(StrEnum):
    """The kind of a calendar day, as far as an office is concerned."""

    WORKING = "working"
    MAKE_UP = "make-up"
    WEEKEND = "weekend"
    HOLIDAY = "holiday"

    @property
    def counts(self) -> bool:
        """Whether the day counts towards a limit of working days."""
        return self in {DayKind.WORKING, DayKind.MAKE_UP}


class HolidayDay(Base):
    """放假通知的一天: a day off or a make-up working day, from a notice the office entered.

    `notice` is the year that the notice is for; some of its days are in the December before.
    """

    __tablename__ = "holiday_day"
    __table_args__ = (CheckConstraint("kind IN ('holiday', 'make-up')", name="notice_kind"),)

    notice: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    day: Mapped[dt.date] = mapped_column(primary_key=True)
    kind: Mapped[DayKind]


class HolidayNotice(Content):
    """放假通知: the State Council's notice for one year, as the office enters it."""

    year: int
    days_off: tuple[Day, ...]
    make_up_days: tuple[Day, ...] = ()


@dataclass(frozen=True)
class CountedDay:
    """A day on the way to a deadline; `number` is None if it is not a working day."""

    day: dt.date
    kind: DayKind
    number: int | None


@dataclass(frozen=True)
class Deadline:
    """限时办结: the day by which a request is done. The day of acceptance is day 0."""

    accepted_on: dt.date
    working_days: int
    due_on: dt.date
    counted: tuple[CountedDay, ...]
    # Whether a year without a notice was counted.
    is_provisional: bool


class WorkingCalendar:
    def __init__(self, notices: Mapping[int, Mapping[dt.date, DayKind]]) -> None:
        self._notices = notices

    def with_notice(self, year: int, days: Mapping[dt.date, DayKind]) -> WorkingCalendar:
        """The calendar with these days as the notice for a year."""
        return WorkingCalendar({**self._notices, year: days})

    def kind(self, day: dt.date) -> DayKind:
        """The kind of a day: by the notices, or by regulation and weekday if there is none.

        The notice for the next year is the newer one where both name the day.
        """
        for year in (day.year + 1, day.year):
            noted = self._notices.get(year, {}).get(day)
            if noted is not None:
                return noted
        if self.is_provisional(day) and (day.month, day.day) in FIXED_HOLIDAYS:
            return DayKind.HOLIDAY
        return DayKind.WEEKEND if day.weekday() >= SATURDAY else DayKind.WORKING

    def is_provisional(self, day: dt.date) -> bool:
        """Whether the year of this day has no notice."""
        return day.year not in self._notices

    def deadline(self, accepted_on: dt.date, working_days: int) -> Deadline:
        """Count `working_days` (0 to 365) from the day after acceptance; 0 means the same day."""
        if not 0 <= working_days <= MOST_WORKING_DAYS:
            raise ValueError(working_days)
        counted, number, day = [CountedDay(accepted_on, self.kind(accepted_on), 0)], 0, accepted_on
        while number < working_days:
            day += dt.timedelta(days=1)
            kind = self.kind(day)
            number += kind.counts
            counted.append(CountedDay(day, kind, number if kind.counts else None))
        provisional = any(self.is_provisional(day.day) for day in counted)
        return Deadline(accepted_on, working_days, day, tuple(counted), provisional)


# The built-in notices come from a package and not from the database, so that a new deployment
# counts correctly before anybody has entered a year.
@cache
def published_notices() -> dict[int, dict[dt.date, DayKind]]:
    """The notices that the `chinesecalendar` package carries, by year."""
    notices: dict[int, dict[dt.date, DayKind]] = defaultdict(dict)
    for day in known_days_off:
        notices[day.year][day] = DayKind.HOLIDAY
    for day in (*known_make_up_days, *FORGOTTEN_MAKE_UP_DAYS):
        notices[day.year][day] = DayKind.MAKE_UP
    return dict(notices)


def calendar_of(entered: Iterable[HolidayDay]) -> WorkingCalendar:
    """The calendar of the published notices; an entered notice replaces a published one."""
    own: dict[int, dict[dt.date, DayKind]] = defaultdict(dict)
    for row in entered:
        own[row.notice][row.day] = row.kind
    return WorkingCalendar({**published_notices(), **own})


async def load_calendar(session: AsyncSession) -> WorkingCalendar:
    return calendar_of((await session.scalars(select(HolidayDay))).all())


def contradictions_of(notice: HolidayNotice) -> Iterator[Contradiction]:
    if not notice.days_off:
        yield Contradiction(("days_off",), N_("a notice lists at least one day off"))
    for field in ("days_off", "make_up_days"):
        days: tuple[dt.date, ...] = getattr(notice, field)
        for day in days:
            if not _may_name(notice.year, day):
                yield Contradiction((field,), N_("{} is in another year"), str(day))
        if len(set(days)) != len(days):
            yield Contradiction((field,), N_("a day is listed twice"))
    for day in notice.make_up_days:
        if day in notice.days_off:
            why = N_("{} is both a day off and a working day")
            yield Contradiction(("make_up_days",), why, str(day))
        elif day.weekday() < SATURDAY:
            why = N_("{} is a weekday already, so it needs no make-up")
            yield Contradiction(("make_up_days",), why, str(day))


def _may_name(year: int, day: dt.date) -> bool:
    """Whether the notice for a year can name the day: the New Year holiday may begin before it."""
    return day.year == year or (day.year == year - 1 and day.month == DECEMBER)


async def entered_notice(session: AsyncSession, year: int) -> HolidayNotice | None:
    """The notice the office entered for a year, or None."""
    days = (
        await session.scalars(
            select(HolidayDay).where(HolidayDay.notice == year).order_by(HolidayDay.day)
        )
    ).all()
    if not days:
        return None
    return HolidayNotice(
        year=year,
        days_off=tuple(marked.day for marked in days if marked.kind is DayKind.HOLIDAY),
        make_up_days=tuple(marked.day for marked in days if marked.kind is DayKind.MAKE_UP),
    )


async def enter_notice(session: AsyncSession, notice: HolidayNotice) -> None:
    """Replace the notice for a year.

    Raises `ValueError`, in words for the office, when the notice contradicts itself.
    """
    for contradiction in contradictions_of(notice):
        raise ValueError(str(contradiction))
    year = notice.year
    await session.execute(delete(HolidayDay).where(HolidayDay.notice == year))
    for kind, days in (
        (DayKind.HOLIDAY, notice.days_off),
        (DayKind.MAKE_UP, notice.make_up_days),
    ):
        session.add_all(HolidayDay(notice=year, day=day, kind=kind) for day in days)
    await touch_content(session)
