"""依申请公开, for the subdistrict: a correction, third parties, and a longer time."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

from domain.disclosures import applications
from domain.disclosures.errors import TooLateToCorrectError
from domain.disclosures.tables import Inquiry
from domain.matters.pauses import run_again
from web.matters.desk.acts import of_handler
from web.site.answers import FieldError

if TYPE_CHECKING:
    from domain.matters.ladder import Ladder
    from domain.matters.tables import Matter
    from domain.matters.timeline import Act
    from web.staff.access import StaffVisit

LONGEST_REASON = 500


@of_handler
async def ask_correction(visit: StaffVisit, act: Act, matter: Matter, _ladder: Ladder) -> None:
    """Ask once to correct the application, by a day that lies ahead."""
    inquiry, reason, staff_id = await _given(visit, act, matter)
    until = _day(visit.form.text("until"))
    if until is None or until <= visit.today:
        raise FieldError("until")
    try:
        applications.ask_correction(act, matter, inquiry, until, reason, staff_id)
    except TooLateToCorrectError:
        raise FieldError("not-now") from None


@of_handler
async def ask_others(visit: StaffVisit, act: Act, matter: Matter, _ladder: Ladder) -> None:
    """Note that third parties are asked: their time is not counted."""
    inquiry, reason, staff_id = await _given(visit, act, matter)
    applications.ask_others(act, matter, inquiry, reason, staff_id)


@of_handler
async def hear_others(visit: StaffVisit, act: Act, matter: Matter, _ladder: Ladder) -> None:
    """Note that third parties answered: the time runs again."""
    run_again(act, matter, visit.actor.staff_id)


@of_handler
async def extend(visit: StaffVisit, act: Act, matter: Matter, _ladder: Ladder) -> None:
    """Take longer, once, with a reason."""
    inquiry, reason, staff_id = await _given(visit, act, matter)
    applications.extend(act, matter, inquiry, reason, staff_id)


async def _given(visit: StaffVisit, act: Act, matter: Matter) -> tuple[Inquiry, str, int]:
    """The inquiry, the reason and who gives it.

    Raises `FieldError` for no reason, and for a matter that is no inquiry.
    """
    inquiry = await act.session.get(Inquiry, matter.id)
    if inquiry is None or visit.actor.staff_id is None:
        raise FieldError("not-now")
    reason = visit.form.text("reason", LONGEST_REASON)
    if not reason:
        raise FieldError("reason")
    return inquiry, reason, visit.actor.staff_id


def _day(text: str) -> dt.date | None:
    try:
        return dt.date.fromisoformat(text)
    except ValueError:
        return None
