"""公示期: until when a disclosure stands open for objections."""

from __future__ import annotations

from typing import TYPE_CHECKING

from domain.disclosures.content import OpenUnit
from domain.matters.clock import Clock, Rule, Unit

if TYPE_CHECKING:
    import datetime as dt

    from domain.calendar import WorkingCalendar
    from domain.disclosures.content import DisclosureContent
    from domain.matters.clock import Due

UNITS = {
    OpenUnit.CALENDAR_DAY: Unit.CALENDAR_DAY,
    OpenUnit.WORKING_DAY: Unit.WORKING_DAY,
}


def open_period(
    content: DisclosureContent, published_on: dt.date, calendar: WorkingCalendar
) -> Due | None:
    """The days of the 公示期, counted one by one; None without one.

    The day of publication is not counted (民法典 201).
    """
    if content.open_days is None:
        return None
    rule = Rule(content.open_days, UNITS[content.open_unit], "公示期")
    return Clock(rule, published_on).due(calendar)


def open_until(
    content: DisclosureContent, published_on: dt.date, calendar: WorkingCalendar
) -> dt.date | None:
    """The last day on which an objection can be made."""
    period = open_period(content, published_on, calendar)
    return period.day if period else None
