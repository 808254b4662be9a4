"""临时调整: other hours on one day, published at once. Closed this afternoon."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any

from pydantic import ValidationError
from starlette.exceptions import HTTPException

from domain.events import record
from domain.hours import periods_of
from domain.papers import kinds, versions
from domain.papers.paper import Paper
from domain.papers.versions import PublishedMeanwhileError, UnchangedError
from domain.places.content import HallContent, HoursException
from domain.queue.happened import HallHoursChanged
from domain.rules import of_periods
from domain.words import N_
from web.papers.community import community_page
from web.papers.form.problems import Problem, problems_between, problems_of
from web.papers.form.shape import form_of_shape
from web.papers.form.typed import typed
from web.papers.spec import spec_of
from web.site.answers import InvalidError, Redirect
from web.site.words import time_words

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncSession

    from web.papers.form.shape import Group
    from web.staff.access import StaffVisit

PAST = N_("This day is over.")


async def add(visit: StaffVisit, session: AsyncSession) -> Redirect:
    """Publish other hours on one day."""
    values = typed(_form(visit), visit.form, {})
    hall = await _hall(visit, session)
    exception, problems = _checked(visit, values)
    if exception is None or problems:
        raise InvalidError(await community_page(visit, session, values, problems))
    # A second word about a day is a correction: to withdraw the first one would open the hall for
    # a moment. A second press changes nothing.
    # Days that are over leave the list, or it would grow for ever; versions remember them.
    others = [
        each
        for each in hall.hours.exceptions
        if each.day >= visit.today and each.day != exception.day
    ]
    if exception not in hall.hours.exceptions:
        await _publish(visit, session, (*others, exception), exception.reason)
    return Redirect(f"/staff/c/{visit.place.slug}#exceptions")


def _checked(
    visit: StaffVisit, values: dict[str, Any]
) -> tuple[HoursException | None, dict[str, Problem]]:
    try:
        exception = HoursException.model_validate(values)
    except ValidationError as error:
        return None, problems_of(_form(visit), error)
    if exception.day < visit.today:
        return exception, {"day": Problem(PAST)}
    contradictions = [*of_periods(("periods",), exception.periods)]
    return exception, problems_between(_form(visit), contradictions)


async def withdraw(visit: StaffVisit, session: AsyncSession) -> Redirect:
    """The usual hours again on a day."""
    day = _day(visit)
    exceptions = (await _hall(visit, session)).hours.exceptions
    left = tuple(each for each in exceptions if each.day != day)
    if left == exceptions:
        raise HTTPException(404)
    await _publish(visit, session, left, str(day))
    return Redirect(f"/staff/c/{visit.place.slug}#exceptions")


def _form(visit: StaffVisit) -> Group:
    """The form for one day: the part of the hall's form that is its row."""
    return form_of_shape(HoursException, spec_of(visit.features, kinds.HALL).fields)


def _day(visit: StaffVisit) -> dt.date:
    """The day in the address; 404 for what is none."""
    try:
        return dt.date.fromisoformat(visit.params["day"])
    except ValueError:
        raise HTTPException(404) from None


def _paper(visit: StaffVisit) -> Paper:
    return Paper(kinds.HALL, visit.place.slug)


async def _hall(visit: StaffVisit, session: AsyncSession) -> HallContent:
    current = await versions.published(session, _paper(visit))
    return HallContent.model_validate(current.document)


async def _publish(
    visit: StaffVisit,
    session: AsyncSession,
    exceptions: tuple[HoursException, ...],
    reason: str,
) -> None:
    """Publish the hall with these exceptions. Answers 409 to a second press at the same moment."""
    hall, paper = await _hall(visit, session), _paper(visit)
    hours = hall.hours.model_copy(update={"exceptions": exceptions})
    hall = hall.model_copy(update={"hours": hours})
    number = (await versions.published(session, paper)).number
    try:
        await versions.publish(session, visit.actor, paper, hall, number, reason, visit.now)
    except (PublishedMeanwhileError, UnchangedError):
        raise HTTPException(409) from None
    _tell_of_today(visit, session, hall)


def _tell_of_today(visit: StaffVisit, session: AsyncSession, hall: HallContent) -> None:
    """Let those who wait in the hall know when the change is about today."""
    before, after = (
        periods_of(hours, visit.published.calendar, visit.today)
        for hours in (visit.place.hall.hours, hall.hours)
    )
    if before != after:
        hours = ", ".join(
            f"{time_words(period.opens)}-{time_words(period.closes)}" for period in after
        )
        record(session, HallHoursChanged(visit.place.hall.id, hours, visit.now))
