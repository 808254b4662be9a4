"""公开目录: what must be published, how often, who owes it, and by when.

A catalogue is data: a district writes one for each kind of community. Nothing here reads a store or
a clock: the day of a duty is folded from its item's rule each time it is asked for.
"""

from __future__ import annotations

import calendar as months
import datetime as dt
import re
from collections import Counter
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from pydantic import Field

from domain.content import Content, Contradiction, Day, Line, Slug
from domain.disclosures.content import Audience, DisclosureKind
from domain.matters.clock import Clock, Rule, Unit
from domain.words import N_

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from domain.calendar import WorkingCalendar
    from domain.matters.clock import Due

# Working days before the last one, from which a duty is called due soon.
SOON = 5
# What a wish that is owed is called where a disclosure names its item; no item may look like it.
WISH = "wish-"
_PERIOD = re.compile(r"(20[0-9]{2})(?:-(?:Q([1-4])|H([12])|([0-9]{2})))?")


class Often(StrEnum):
    """公开频次."""

    MONTHLY = "monthly"
    QUARTERLY = "quarterly"
    HALF_YEARLY = "half-yearly"
    YEARLY = "yearly"
    # Whenever there is something: a tender, a list of applicants.
    EACH_EVENT = "each-event"


# Months.
YEAR = 12
MONTHS = {Often.MONTHLY: 1, Often.QUARTERLY: 3, Often.HALF_YEARLY: 6, Often.YEARLY: YEAR}


class Owes(StrEnum):
    """责任主体."""

    COMMUNITY = "community"
    SUBDISTRICT = "subdistrict"


class Carrier(StrEnum):
    """公开载体."""

    PAGE = "page"
    BOARD = "board"
    GROUP = "group"
    MEETING = "meeting"


class Granularity(StrEnum):
    """公开粒度: whether each amount or case is named, or only their sum."""

    ITEM_BY_ITEM = "item-by-item"
    SUMMED = "summed"


class CountUnit(StrEnum):
    """What the time until the last day is counted in."""

    WORKING_DAY = "working-day"
    CALENDAR_DAY = "calendar-day"
    MONTH = "month"


class LastDay(StrEnum):
    """What happens to a last day on a day off (民法典 203)."""

    MOVES = "moves"
    STAYS = "stays"


class DueRule(Content):
    """期限: how long after the end of the period, or after the event; that day is not counted."""

    count: int = Field(ge=0, le=366)
    unit: CountUnit
    last_day: LastDay = LastDay.MOVES

    def rule(self, source: str) -> Rule:
        """The rule as a clock counts it."""
        return Rule(self.count, Unit(self.unit.value), source, self.last_day is LastDay.MOVES)


class CatalogueItem(Content):
    """公开事项."""

    slug: Slug
    name: Line
    kind: DisclosureKind
    often: Often
    owes: Owes = Owes.COMMUNITY
    due: DueRule
    carriers: tuple[Carrier, ...] = Field(min_length=1)
    audience: Audience = Audience.EVERYONE
    granularity: Granularity
    # The law and article, or whose rule it is.
    source: Line
    # Periods that begin on this day or later are owed.
    since: Day
    confirmed_on: Day


class WishRule(Content):
    """增项规则: who can add an item, and by when the office then publishes it."""

    # The wish of this share of the residents: of 10, every tenth one.
    one_in_residents: int = Field(ge=1, le=1000)
    one_in_representatives: int = Field(ge=1, le=1000)
    due: DueRule
    source: Line
    confirmed_on: Day


class Catalogue(Content):
    """公开目录 of one kind of community."""

    items: tuple[CatalogueItem, ...] = Field(default=(), max_length=120)
    wishes: WishRule | None = None

    def item(self, slug: str) -> CatalogueItem | None:
        """The item with this name in addresses."""
        return next((item for item in self.items if item.slug == slug), None)


def contradictions_of(catalogue: Catalogue) -> Iterator[Contradiction]:
    """What is wrong with a catalogue that is right by its shape."""
    for number, item in enumerate(catalogue.items):
        if item.slug.startswith(WISH):
            why = N_("a name that begins with “wish-” is kept for what residents ask for")
            yield Contradiction(("items", number, "slug"), why)
    yield from _twice(catalogue.items)


def _twice(items: Iterable[CatalogueItem]) -> Iterator[Contradiction]:
    names = [item.name for item in items]
    slugs = [item.slug for item in items]
    for number, (name, slug) in enumerate(zip(names, slugs, strict=True)):
        if Counter(names)[name] > 1 or Counter(slugs)[slug] > 1:
            yield Contradiction(("items", number, "name"), N_("“{}” stands twice"), name)


@dataclass(frozen=True)
class ItemPeriod:
    """The time that a disclosure is about: `2026`, `2026-H1`, `2026-Q3`, `2026-10`."""

    word: str
    first: dt.date
    last: dt.date


def period_of(word: str) -> ItemPeriod | None:
    """The period with this name; None for what names none."""
    found = _PERIOD.fullmatch(word)
    if found is None:
        return None
    year, *parts = (int(part) if part else 0 for part in found.groups())
    for number, length in zip(parts, (3, 6, 1), strict=True):
        if number:
            return _period(year, number - 1, length) if number * length <= YEAR else None
    return None if found[4] else _period(year, 0, YEAR)


def _period(year: int, number: int, length: int) -> ItemPeriod:
    first, last = number * length + 1, (number + 1) * length
    names = {1: f"{year}-{last:02}", 3: f"{year}-Q{number + 1}", 6: f"{year}-H{number + 1}"}
    end = dt.date(year, last, months.monthrange(year, last)[1])
    return ItemPeriod(names.get(length, str(year)), dt.date(year, first, 1), end)


def periods_of(item: CatalogueItem, first: dt.date, last: dt.date) -> Iterator[ItemPeriod]:
    """The item's periods that end between two days, both included, the earliest first.

    None for what is published on each event: nothing says how many there will be.
    """
    length = MONTHS.get(item.often)
    if length is None:
        return
    for year in range(first.year, last.year + 1):
        for number in range(YEAR // length):
            period = _period(year, number, length)
            if item.since <= period.first and first <= period.last <= last:
                yield period


def due_of(item: CatalogueItem, from_day: dt.date, calendar: WorkingCalendar) -> Due:
    """By when an item is owed whose period ended, or whose event was, on `from_day`."""
    return Clock(item.due.rule(item.source), from_day).due(calendar)


def wish_due(rule: WishRule, reached_on: dt.date, calendar: WorkingCalendar) -> Due:
    """By when the office publishes what enough residents asked for."""
    return Clock(rule.due.rule(rule.source), reached_on).due(calendar)


class DutyState(StrEnum):
    """How a duty stands today. `LATE` was published, after its last day."""

    KEPT = "kept"
    LATE = "late"
    OPEN = "open"
    SOON = "soon"
    OVERDUE = "overdue"


def state_of(
    due_on: dt.date | None,
    published_on: dt.date | None,
    today: dt.date,
    calendar: WorkingCalendar,
) -> DutyState:
    """How a duty stands that is due on a day and was published on one, or not yet (None)."""
    if published_on is not None:
        is_late = due_on is not None and published_on > due_on
        return DutyState.LATE if is_late else DutyState.KEPT
    if due_on is None:
        return DutyState.OPEN
    if today > due_on:
        return DutyState.OVERDUE
    is_soon = calendar.deadline(today, SOON).due_on >= due_on
    return DutyState.SOON if is_soon else DutyState.OPEN


def thresholds_of(rule: WishRule, residents: int, representatives: int) -> tuple[int, int]:
    """How many residents, or how many representatives, make a wish owed: rounded up (以上)."""
    return (
        -(-residents // rule.one_in_residents),
        -(-representatives // rule.one_in_representatives),
    )
