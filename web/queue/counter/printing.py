"""A number for someone who cannot take one, and what is printed."""

from __future__ import annotations

import datetime as dt
import secrets
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from sqlalchemy import select
from starlette.exceptions import HTTPException

from domain.queue.calling import StaffedCounter
from domain.queue.days import day_of, rules_of
from domain.queue.snapshot import queue_now
from domain.queue.tables import PriorityKind, QueueDay, Ticket
from domain.queue.tickets import take_ticket
from domain.staff.journal import note
from web.queue.counter.desk import Row, own_shift, row_of
from web.queue.counter.seats import DeskMessage
from web.queue.refusals import TAKING
from web.queue.ticket_request import Choice, ticket_request
from web.site.answers import InvalidError, Redirect
from web.site.errors import found_or_404
from web.staff.access import StaffPage, StaffVisit

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncSession

    from domain.handbook.tables import Category
    from domain.places.tables import Community
    from web.site.pages import Page


@dataclass(frozen=True, kw_only=True)
class TakeFor(StaffPage):
    """代取号: a number for someone who cannot take one."""

    template: ClassVar[str] = "queue/counter/take.html"
    tab: ClassVar[str] = "counter"
    place: Community
    back: str
    categories: list[Category]
    priorities: tuple[PriorityKind, ...]
    # Who else has priority here, in the hall's own words.
    others: str
    # The same form sent twice is the same number.
    key: str
    # What was chosen when no number could be given.
    choice: Choice
    # Whether the hall gives no new numbers, so that the clerk decides about this one.
    is_stopped: bool
    said: DeskMessage | None


@dataclass(frozen=True, kw_only=True)
class Slip(StaffPage):
    """小票: a number on paper."""

    template: ClassVar[str] = "queue/counter/slip.html"
    tab: ClassVar[str] = "counter"
    place: Community
    row: Row
    token: str
    ahead: int
    joined_at: dt.datetime


@dataclass(frozen=True, kw_only=True)
class OneTimeNotice(StaffPage):
    """一次性告知书."""

    template: ClassVar[str] = "queue/counter/notice.html"
    tab: ClassVar[str] = "counter"
    place: Community
    row: Row
    token: str
    missing: tuple[str, ...]
    phone: str


async def take_form(visit: StaffVisit, session: AsyncSession) -> Page:
    """What to take a number for."""
    return await _take(visit, session, secrets.token_urlsafe(12))


async def _take(
    visit: StaffVisit, session: AsyncSession, key: str, said: DeskMessage | None = None
) -> TakeFor:
    served = visit.place.hall.letters
    rules = await rules_of(session, visit.place.hall.id)
    day = await day_of(session, visit.place.hall.id, visit.today)
    return TakeFor(
        actor=visit.actor,
        place=visit.place,
        back=f"/staff/c/{visit.place.slug}/counters/{visit.params['counter']}",
        categories=[each for each in visit.published.handbook.categories if each.letter in served],
        priorities=rules.kinds,
        others=rules.others or "",
        key=key,
        choice=Choice.of(visit.form),
        is_stopped=day is not None and day.stopped_at is not None,
        said=said,
    )


async def take(visit: StaffVisit, session: AsyncSession) -> Redirect:
    """Take a number for someone who cannot; it is on paper."""
    key = visit.form.text("key", 40) or secrets.token_urlsafe(12)
    try:
        ticket = await _take_ticket(visit, session, key)
    except tuple(TAKING) as error:
        word, _ = TAKING[type(error)]
        raise InvalidError(await _take(visit, session, key, DeskMessage(word))) from None
    await _touch(visit, session)
    here, counter = f"/staff/c/{visit.place.slug}", visit.params["counter"]
    return Redirect(f"{here}/tickets/{ticket.id}/slip?from={counter}")


async def _touch(visit: StaffVisit, session: AsyncSession) -> None:
    """Taking a number for another person counts as an act at the clerk's own counter."""
    shift = await own_shift(visit, session)
    if shift is not None:
        await StaffedCounter(session, shift, visit.now).touch()


async def _take_ticket(visit: StaffVisit, session: AsyncSession, key: str) -> Ticket:
    hall, choice = visit.place.hall, Choice.of(visit.form)
    ticket = await take_ticket(
        session,
        hall.id,
        ticket_request(choice, visit.published.handbook, strict=False),
        visit.now,
        served=hall.letters,
        request_key=f"desk-{hall.id}-{key}",
        staff_id=visit.actor.staff_id,
    )
    await _note_if_stopped(visit, session, ticket)
    return ticket


async def _note_if_stopped(visit: StaffVisit, session: AsyncSession, ticket: Ticket) -> None:
    """Log a number that was given although the hall gives no new ones."""
    hall = visit.place.hall
    day = await day_of(session, hall.id, visit.today)
    is_new = ticket.joined_at >= visit.now
    if is_new and day is not None and day.stopped_at is not None:
        await note(
            session,
            visit.actor,
            "number-given-anyway",
            f"queue/{hall.id}/{visit.today}",
            now=visit.now,
            after={"number": ticket.label},
            community_id=visit.place.id,
        )


async def slip(visit: StaffVisit, session: AsyncSession) -> Page:
    """A number to print, with the code that follows it."""
    ticket = await _ticket(visit, session)
    return Slip(
        actor=visit.actor,
        place=visit.place,
        row=row_of(visit, ticket),
        token=ticket.token,
        ahead=await _ahead(visit, session, ticket),
        joined_at=visit.local(ticket.joined_at),
    )


async def _ahead(visit: StaffVisit, session: AsyncSession, ticket: Ticket) -> int:
    """How many people are called before this ticket."""
    now = await queue_now(session, visit.place.hall, visit.now)
    return now.ahead(next((each for each in now.tickets if each.id == ticket.id), ticket))


async def notice(visit: StaffVisit, session: AsyncSession) -> Page:
    """What is missing, in writing."""
    ticket = await _ticket(visit, session)
    if not ticket.missing:
        raise HTTPException(404)
    return _notice(visit, ticket)


def _notice(visit: StaffVisit, ticket: Ticket) -> OneTimeNotice:
    place = visit.place
    return OneTimeNotice(
        actor=visit.actor,
        place=place,
        row=row_of(visit, ticket),
        token=ticket.token,
        missing=tuple(ticket.missing),
        phone=place.hall.phone,
    )


async def _ticket(visit: StaffVisit, session: AsyncSession) -> Ticket:
    """The ticket in the address, if it is of this hall."""
    ticket: Ticket | None = await session.scalar(
        select(Ticket)
        .join(QueueDay, QueueDay.id == Ticket.day_id)
        .where(Ticket.id == int(visit.params["ticket"]), QueueDay.hall_id == visit.place.hall.id)
    )
    return found_or_404(ticket)
