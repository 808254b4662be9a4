"""依申请公开: what the subdistrict may do to the clock of an application for information."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

from domain.disclosures.errors import TooLateToCorrectError
from domain.disclosures.inquiries import RULES
from domain.matters import pauses
from domain.matters.clock import Clock, PeriodKind, Rule
from domain.matters.errors import ExtendedAlreadyError, RunsError
from domain.matters.tables import EntryKind
from domain.matters.timeline import add, sent_before

if TYPE_CHECKING:
    from domain.calendar import WorkingCalendar
    from domain.disclosures.tables import Inquiry
    from domain.matters.tables import Matter
    from domain.matters.timeline import Act, Written


def correction_asked_by(
    inquiry: Inquiry, calendar: WorkingCalendar, zone: dt.tzinfo | None
) -> dt.date | None:
    """The last day on which a correction can be asked for; None where none can, or was."""
    rule = RULES[inquiry.kind].correction
    if rule is None or inquiry.correct_by is not None:
        return None
    return _last_day(rule, inquiry.asked_at.astimezone(zone).date(), calendar)


def ask_correction(  # noqa: PLR0913, PLR0917 - what is to be corrected, by when, and who asks
    act: Act, matter: Matter, inquiry: Inquiry, until: dt.date, reason: str, staff_id: int
) -> None:
    """补正: ask the asker once to correct the application by a day; the clock stands until then.

    Raises `TooLateToCorrectError`, `NotOwedError`, `StandsStillError`.
    """
    last = correction_asked_by(inquiry, act.calendar, act.now.tzinfo)
    if last is None or act.now.date() > last:
        raise TooLateToCorrectError
    waits = PeriodKind.WAITING_FOR_RESIDENT
    pauses.stand_still(act, matter, waits, until, reason, staff_id)
    inquiry.correct_by = until


async def correct(act: Act, matter: Matter, inquiry: Inquiry, written: Written) -> None:
    """Take the corrected application: the clock begins with it (政府信息公开条例第三十条).

    Raises `RunsError` where no correction is waited for, `NotOwedError`, `KeyReusedError`.
    """
    if await sent_before(act.session, written):
        return
    if inquiry.correct_by is None or inquiry.corrected_at is not None:
        raise RunsError
    add(act, matter, EntryKind.MESSAGE, written)
    pauses.begin_again(act, matter)
    inquiry.corrected_at = act.now


def ask_others(act: Act, matter: Matter, inquiry: Inquiry, reason: str, staff_id: int) -> None:
    """Ask third parties; their time is not counted, up to the days that the law gives them.

    Raises `RunsError` for another kind of inquiry, `NotOwedError`, `StandsStillError`.
    """
    rule = RULES[inquiry.kind].others
    if rule is None:
        raise RunsError
    last = _last_day(rule, act.now.date(), act.calendar)
    others = PeriodKind.WAITING_FOR_OTHERS
    pauses.stand_still(act, matter, others, last, reason, staff_id)


def extend(act: Act, matter: Matter, inquiry: Inquiry, reason: str, staff_id: int) -> None:
    """Take longer, once, with a reason. Raises `ExtendedAlreadyError`, `NotOwedError`."""
    rule = RULES[inquiry.kind].extension
    if rule is None:
        raise ExtendedAlreadyError
    pauses.extend(act, matter, rule.count, reason, staff_id)


def _last_day(rule: Rule, began_on: dt.date, calendar: WorkingCalendar) -> dt.date:
    day = Clock(rule, began_on).due(calendar).day
    if day is None:  # pragma: no cover - a clock without periods does not stand still
        raise AssertionError
    return day
