"""Why an answer may come later than its rule says: the clock stands still, or is extended, once.

Every pause has a last day from its beginning, so there is a date at every moment, and nobody's
silence can stop a clock for good. What comes sooner ends the pause sooner.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from typing import TYPE_CHECKING

from domain.matters.clock import Period, PeriodKind
from domain.matters.errors import ExtendedAlreadyError, NotOwedError, RunsError, StandsStillError
from domain.matters.tables import EntryKind
from domain.matters.timeline import add, owe

if TYPE_CHECKING:
    from domain.matters.clock import Clock
    from domain.matters.tables import Facts, Matter
    from domain.matters.timeline import Act

DAY = dt.timedelta(days=1)


def stand_still(  # noqa: PLR0913, PLR0917 - what is waited for, until when, and why
    act: Act,
    matter: Matter,
    kind: PeriodKind,
    last: dt.date,
    reason: str,
    staff_id: int | None,
) -> None:
    """Count neither today nor the days up to `last`. The resident reads the reason.

    Raises `NotOwedError`, `StandsStillError`.
    """
    today = act.now.date()
    if _is_paused(_clock(act, matter), today):
        raise StandsStillError
    began, ended = Period(kind, today), Period(PeriodKind.RUNNING, max(last, today) + DAY)
    facts: Facts = {"reason": reason, "last": last.isoformat(), "why": kind.value}
    _move(act, matter, (*matter.periods, began, ended), facts, staff_id)


def run_again(act: Act, matter: Matter, staff_id: int | None) -> None:
    """Count again from tomorrow on: what was waited for is there.

    Raises `NotOwedError`, `RunsError`.
    """
    today, clock = act.now.date(), _clock(act, matter)
    if not _is_paused(clock, today + DAY):
        raise RunsError
    *before, ended = clock.periods
    periods = (*before, replace(ended, since=today + DAY))
    _move(act, matter, periods, {"why": PeriodKind.RUNNING.value}, staff_id)


def extend(act: Act, matter: Matter, more: int, reason: str, staff_id: int | None) -> None:
    """Add `more` of the rule's units, once. The resident reads the reason.

    Raises `NotOwedError`, `ExtendedAlreadyError`.
    """
    today, clock = act.now.date(), _clock(act, matter)
    if any(period.kind is PeriodKind.EXTENDED for period in clock.periods):
        raise ExtendedAlreadyError
    extended = Period(PeriodKind.EXTENDED, today, more)
    if _is_paused(clock, today):
        # The pause goes on; the longer time is counted from its end.
        *before, ended = clock.periods
        periods = (*before, replace(extended, since=ended.since))
    else:
        periods = (*clock.periods, extended)
    facts: Facts = {"reason": reason, "why": PeriodKind.EXTENDED.value}
    _move(act, matter, periods, facts, staff_id)


def begin_again(act: Act, matter: Matter) -> None:
    """Begin the clock again today, as for something that came only now. Raises `NotOwedError`."""
    _clock(act, matter)
    before = matter.due_on
    owe(act, matter)
    _say(act, matter, before, {"why": "again"}, None)


def _clock(act: Act, matter: Matter) -> Clock:
    clock = matter.clock(act.now.tzinfo)
    if clock is None:
        raise NotOwedError
    return clock


def _is_paused(clock: Clock, today: dt.date) -> bool:
    """Whether a pause that began has not ended yet."""
    return bool(clock.periods) and clock.periods[-1].since > today


def _move(
    act: Act, matter: Matter, periods: tuple[Period, ...], facts: Facts, staff_id: int | None
) -> None:
    before = matter.due_on
    matter.periods = periods
    matter.due_on = _clock(act, matter).due(act.calendar).day
    _say(act, matter, before, facts, staff_id)


def _say(
    act: Act, matter: Matter, before: dt.date | None, facts: Facts, staff_id: int | None
) -> None:
    days = {"before": before, "after": matter.due_on}
    dates: Facts = {name: day.isoformat() if day else None for name, day in days.items()}
    add(act, matter, EntryKind.DUE_MOVED, facts={**facts, **dates}, staff_id=staff_id)
