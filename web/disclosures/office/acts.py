"""What the office does with a draft: its steps, publishing it now or at a time, taking it back."""

from __future__ import annotations

import datetime as dt
from functools import partial, wraps
from http import HTTPStatus
from typing import TYPE_CHECKING, Any

from pydantic import ValidationError

from domain.disclosures import check, publishing
from domain.disclosures.draft import draft_of
from domain.disclosures.errors import (
    ChangedMeanwhileError,
    NothingWrittenError,
    NotYourStepError,
    PastError,
    StepsMissingError,
    WithdrawnError,
)
from domain.disclosures.personal_data import found_in
from domain.disclosures.shown import revision_of
from domain.staff.journal import note
from web.disclosures.office.desk import checked, desk_page
from web.disclosures.office.found import seen, to_publish, written
from web.disclosures.office.spec import as_typed, problems_in
from web.site.answers import FieldError, InvalidError, Redirect
from web.site.forms import number

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine

    from sqlalchemy.ext.asyncio import AsyncSession

    from domain.disclosures.content import FoundPlace
    from domain.disclosures.tables import Disclosure
    from web.disclosures.office.desk import Checked
    from web.running.services import Services
    from web.site.answers import Refusals
    from web.staff.access import StaffVisit

    Deed = Callable[[StaffVisit, Services], Coroutine[Any, Any, None]]
    View = Callable[[StaffVisit, Services], Coroutine[Any, Any, Redirect]]

LONGEST_WHY, LONGEST_OPINION = 200, 500


class PersonalDataError(Exception):
    """Places that look like personal data are neither corrected nor confirmed."""


class NotRightError(Exception):
    """Fields of the draft are not right yet."""


WRONG, CONFLICT = HTTPStatus.UNPROCESSABLE_ENTITY, HTTPStatus.CONFLICT
REFUSALS: Refusals = {
    ChangedMeanwhileError: ("changed", CONFLICT),
    WithdrawnError: ("withdrawn", CONFLICT),
    NothingWrittenError: ("nothing", WRONG),
    NotYourStepError: ("not-yours", WRONG),
    PastError: ("past", WRONG),
    StepsMissingError: ("steps", WRONG),
    PersonalDataError: ("personal-data", WRONG),
    NotRightError: ("not-right", WRONG),
    ValidationError: ("not-right", WRONG),
}


# The check takes a core for as long as a draft is large, so it runs before the unit of work, and
# the unit holds the draft to the number that was checked.
def at_desk(deed: Deed) -> View:
    """A view that does something and leads back to the page; a refusal is shown there."""

    @wraps(deed)
    async def view(visit: StaffVisit, services: Services) -> Redirect:
        try:
            await deed(visit, services)
        except FieldError as error:
            raise InvalidError(await desk_page(visit, services, error.field)) from None
        except tuple(REFUSALS) as error:
            word, status = REFUSALS[type(error)]
            raise InvalidError(await desk_page(visit, services, word, status)) from None
        return Redirect(f"/staff/c/{visit.place.slug}/disclosures/{visit.params['disclosure']}")

    return view


def _refuse_if_changed(visit: StaffVisit, disclosure: Disclosure) -> None:
    """Raises `ChangedMeanwhileError` unless the draft is the one that this person looked at.

    Without any draft it raises `NothingWrittenError`.
    """
    if disclosure.draft is None:
        raise NothingWrittenError
    if number(visit.form.text("draft")) != disclosure.draft_number:
        raise ChangedMeanwhileError


def _refuse_open(draft: Checked, disclosure: Disclosure) -> None:
    """Raises `PersonalDataError`, and `ChangedMeanwhileError` for a draft that was not checked."""
    if draft.seen.number != disclosure.draft_number:
        raise ChangedMeanwhileError
    if draft.open:
        raise PersonalDataError


def _why(visit: StaffVisit, name: str = "why") -> str:
    """The reason in the form. Raises `FieldError` for none, and for one with personal data."""
    why = visit.form.text(name, LONGEST_WHY)
    if not why or found_in(why):
        raise FieldError(name)
    return why


@at_desk
async def take_step(visit: StaffVisit, services: Services) -> None:
    """Take the next step, or send the draft back with words."""
    draft = await checked(visit, services)
    await services.store.write(partial(_take_step, visit, draft))


async def _take_step(visit: StaffVisit, draft: Checked, session: AsyncSession) -> None:
    disclosure = await seen(visit, session, locked=True)
    step = await publishing.next_step(session, disclosure)
    if step is None:
        raise NotYourStepError
    _refuse_if_changed(visit, disclosure)
    passes = visit.form.text("decision") != "back"
    opinion = visit.form.given("opinion").strip()[:LONGEST_OPINION]
    if not opinion and (step.asks_opinion or not passes):
        raise FieldError("opinion")
    if disclosure.steps_taken == 0:
        _refuse_wrong(disclosure)
        _refuse_open(draft, disclosure)
    take = publishing.take_step
    await take(session, visit.actor, visit.place, disclosure, opinion, visit.now, passes=passes)


def _refuse_wrong(disclosure: Disclosure) -> None:
    if problems_in(as_typed(disclosure.draft)):
        raise NotRightError


@at_desk
async def confirm(visit: StaffVisit, services: Services) -> None:
    """Say of one place that it is no personal data, with a reason."""
    draft, why = await checked(visit, services), _why(visit)
    wanted = visit.form.text("place")
    found = next((place for place in draft.found if place.fingerprint == wanted), None)
    if found is None:
        raise ChangedMeanwhileError
    await services.store.write(partial(_confirm, visit, found, why))


async def _confirm(visit: StaffVisit, found: FoundPlace, why: str, session: AsyncSession) -> None:
    disclosure = await seen(visit, session, locked=True)
    await check.confirm(session, visit.actor, disclosure, found, why, visit.now)


@at_desk
async def publish(visit: StaffVisit, services: Services) -> None:
    """Publish now, or at the moment in the form."""
    draft = await checked(visit, services)
    at = _moment(visit) if visit.form.text("when") == "at" else None
    await services.store.write(partial(_publish, visit, draft, at))


def _moment(visit: StaffVisit) -> dt.datetime:
    """The day and time of the form, in local time. Raises `FieldError`."""
    try:
        day = dt.date.fromisoformat(visit.form.text("day"))
        time = dt.time.fromisoformat(visit.form.text("time") or "09:00")
    except ValueError:
        raise FieldError("day") from None
    return dt.datetime.combine(day, time.replace(tzinfo=None), visit.now.tzinfo)


async def _publish(
    visit: StaffVisit, draft: Checked, at: dt.datetime | None, session: AsyncSession
) -> None:
    disclosure = await to_publish(visit, session, locked=True)
    _refuse_if_changed(visit, disclosure)
    _refuse_open(draft, disclosure)
    disclosure.draft_trouble = ""
    if at is not None:
        _refuse_wrong(disclosure)
        await publishing.schedule(session, visit.actor, disclosure, at, visit.now)
        return
    await publishing.publish(
        session,
        visit.actor,
        disclosure,
        visit.published.calendar,
        visit.now,
        changes_meaning=not disclosure.draft_is_spelling,
    )


@at_desk
async def unschedule(visit: StaffVisit, services: Services) -> None:
    """Let a scheduled one wait."""

    async def unit(session: AsyncSession) -> None:
        disclosure = await to_publish(visit, session, locked=True)
        await publishing.unschedule(session, visit.actor, disclosure, visit.now)

    await services.store.write(unit)


@at_desk
async def withdraw(visit: StaffVisit, services: Services) -> None:
    """Take it back, with a reason that residents read."""
    why = _why(visit)

    async def unit(session: AsyncSession) -> None:
        disclosure = await to_publish(visit, session, locked=True)
        await publishing.withdraw(session, visit.actor, disclosure, why, visit.now)

    await services.store.write(unit)


@at_desk
async def correct(visit: StaffVisit, services: Services) -> None:
    """Begin a correction from what is published, with a reason that residents read."""
    why = _why(visit)
    await services.store.write(partial(_correct, visit, why))


async def _correct(visit: StaffVisit, why: str, session: AsyncSession) -> None:
    disclosure = await written(visit, session, locked=True)
    newest = await revision_of(session, disclosure, disclosure.number)
    if disclosure.draft is not None:
        raise ChangedMeanwhileError
    if newest is None or newest.document is None:
        raise NothingWrittenError
    plain = draft_of(newest.document, newest.persons or ())
    draft, before = {**as_typed(plain), "files": plain["files"]}, disclosure.draft_number
    who = visit.actor.staff_id
    await publishing.save_draft(session, disclosure, draft, why, before, visit.now, who)
    disclosure.draft_is_spelling = visit.form.text("changes") == "spelling"
    await note(
        session,
        visit.actor,
        "disclosure-corrected",
        f"disclosure/{disclosure.id}",
        now=visit.now,
        community_id=disclosure.community_id,
    )
