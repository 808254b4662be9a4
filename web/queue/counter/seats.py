"""The way to a counter: which hall, which seat, and sitting down."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from sqlalchemy import select
from starlette.exceptions import HTTPException

from domain.places.tables import Community, Hall
from domain.queue import calling, seats
from domain.queue.errors import CounterBusyError, CounterTakenError, QueueClosedError
from domain.queue.snapshot import queue_now
from domain.queue.tables import TicketState
from domain.staff.actor import SERVING
from web.site.answers import InvalidError, Redirect
from web.site.forms import NO_SUCH_ID, number
from web.staff.access import StaffPage, StaffVisit
from web.staff.places import by_subdistrict, communities_for

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncSession

    from domain.places.tables import Counter, Subdistrict
    from domain.queue.tables import Ticket
    from web.site.pages import Page


@dataclass(frozen=True)
class DeskMessage:
    """Why something could not be done, as a word the template says, and what it is about."""

    why: str
    value: str = ""
    # The counter it is about; 0 for none.
    counter: int = 0
    # When it happened, in the hall's time.
    at: dt.datetime | None = None
    # Until when it cannot be done, in the hall's time.
    until: dt.datetime | None = None


@dataclass(frozen=True, kw_only=True)
class Halls(StaffPage):
    """The halls this person may serve in."""

    template: ClassVar[str] = "queue/counter/halls.html"
    tab: ClassVar[str] = "counter"
    subdistricts: list[tuple[Subdistrict, list[Community]]]


@dataclass(frozen=True)
class Seat:
    """A counter to sit down at."""

    number: int
    name: str
    # What it usually calls, or calls now.
    letters: tuple[str, ...]
    # Who sits there; empty when it is free.
    who: str
    is_mine: bool
    is_paused: bool
    reason: str
    # When its clerk last did something; None when it is free.
    last_act_at: dt.datetime | None
    # When another clerk may take it over; None when it is free.
    free_from: dt.datetime | None
    can_be_taken_over: bool
    # The number at the counter, also while nobody sits there; empty for none.
    ticket: str
    # Whether that number was called and is not served yet.
    is_called: bool


@dataclass(frozen=True, kw_only=True)
class Seats(StaffPage):
    """选窗口: who sits where, and signing on."""

    template: ClassVar[str] = "queue/counter/seats.html"
    tab: ClassVar[str] = "counter"
    place: Community
    seats: list[Seat]
    categories: list[tuple[str, str]]
    waiting: int
    said: DeskMessage | None
    # The counter it is about; 0 for none.
    at: int


async def halls(visit: StaffVisit, session: AsyncSession) -> Page | Redirect:
    """The halls to serve in; straight to the clerk's counter, or to the only hall."""
    at = await seat_of(visit, session)
    if at is not None:
        return Redirect(desk_path(at[0], at[1]))
    every = communities_for(visit, SERVING)
    if len(every) == 1:
        return Redirect(f"/staff/c/{every[0].slug}/counters")
    return Halls(actor=visit.actor, subdistricts=by_subdistrict(visit, SERVING))


async def seat_of(visit: StaffVisit, session: AsyncSession) -> tuple[str, int] | None:
    """Community and counter at which this person sits; None when at none they still may."""
    shift = await seats.shift_of(session, visit.actor.staff_id or NO_SUCH_ID, visit.now)
    if shift is None:
        return None
    slug = await session.scalar(select(Community.slug).join(Hall).where(Hall.id == shift.hall_id))
    may = {each.slug for each in communities_for(visit, SERVING)}
    return (slug, shift.counter) if slug in may else None


def desk_path(slug: str, counter: int) -> str:
    """The address of a counter's desk."""
    return f"/staff/c/{slug}/counters/{counter}"


async def index(visit: StaffVisit, session: AsyncSession) -> Page:
    """Who sits where."""
    asked = number(visit.query.get("at", ""))
    return await away(visit, session, asked) if asked else await seats_with(visit, session)


async def away(visit: StaffVisit, session: AsyncSession, counter: int) -> Seats:
    """Who sits where, for a clerk who looks for a seat that is not theirs, and why it is not."""
    staff_id, hall_id = visit.actor.staff_id or NO_SUCH_ID, visit.place.hall.id
    found = await seats.successor_of(session, staff_id, hall_id, counter, visit.now)
    said = DeskMessage("not-here", str(counter))
    if found is not None:
        name, since = found
        said = DeskMessage("displaced", name, counter, at=visit.local(since))
    return await seats_with(visit, session, said, counter)


async def seats_with(
    visit: StaffVisit, session: AsyncSession, said: DeskMessage | None = None, at: int = 0
) -> Seats:
    """Who sits where, and what is to be said about the seat `at`."""
    place = visit.place
    now = await queue_now(session, place.hall, visit.now)
    occupied = await seats.seats_of(session, place.hall.id, visit.now)
    at_counter = {ticket.counter: ticket for ticket in now.tickets if ticket.counter}
    return Seats(
        actor=visit.actor,
        place=place,
        seats=[
            _seat(visit, counter, occupied.get(counter.number), at_counter.get(counter.number))
            for counter in place.hall.counters
        ],
        categories=categories_here(visit),
        waiting=len(now.waiting),
        said=said,
        at=at,
    )


def _seat(
    visit: StaffVisit, counter: Counter, taken: seats.Occupied | None, ticket: Ticket | None
) -> Seat:
    shift = taken.shift if taken else None
    is_mine = shift is not None and shift.staff_id == visit.actor.staff_id
    return Seat(
        number=counter.number,
        name=counter.name,
        letters=tuple(shift.letters if shift else counter.categories),
        who=taken.name if taken else "",
        is_mine=is_mine,
        is_paused=shift is not None and shift.paused_at is not None,
        reason=(shift.pause_reason or "") if shift else "",
        last_act_at=visit.local(shift.last_act_at) if shift else None,
        free_from=visit.local(taken.free_from) if taken else None,
        can_be_taken_over=taken is not None and not is_mine and taken.free_from <= visit.now,
        ticket=ticket.label if ticket else "",
        is_called=ticket is not None and ticket.state is TicketState.CALLED,
    )


def categories_here(visit: StaffVisit) -> list[tuple[str, str]]:
    """The categories that this hall serves, with their names."""
    served = visit.place.hall.letters
    return [
        (each.letter, each.name)
        for each in visit.published.handbook.categories
        if each.letter in served
    ]


def counter_here(visit: StaffVisit) -> int:
    """The number of the counter in the address; 404 when the hall has none of it."""
    counter = int(visit.params["counter"])
    if counter not in {each.number for each in visit.place.hall.counters}:
        raise HTTPException(404)
    return counter


class NoLettersError(Exception):
    """No category was ticked that the hall serves."""


SIGN_ON_REFUSED = (NoLettersError, CounterTakenError, CounterBusyError, QueueClosedError)


def sign_on_message(error: Exception) -> DeskMessage:
    """Why signing on was refused; one of `SIGN_ON_REFUSED`."""
    if isinstance(error, CounterTakenError):
        return DeskMessage("taken", error.name)
    if isinstance(error, CounterBusyError):
        return DeskMessage("busy", error.ticket.label)
    return DeskMessage("closed" if isinstance(error, QueueClosedError) else "no-letters")


def letters_chosen(visit: StaffVisit) -> list[str]:
    """The categories that were ticked, as far as the hall serves them. Raises `NoLettersError`."""
    letters = visit.place.hall.letters.intersection(visit.form.all("letters"))
    if not letters:
        raise NoLettersError
    return sorted(letters)


async def sign_on(visit: StaffVisit, session: AsyncSession) -> Redirect:
    """Sign on here; refused while the clerk still serves someone at another counter."""
    counter = counter_here(visit)
    try:
        await _sign_on(visit, session, counter)
    except SIGN_ON_REFUSED as error:
        said = sign_on_message(error)
        raise InvalidError(await seats_with(visit, session, said, counter)) from None
    return Redirect(desk_path(visit.place.slug, counter))


# A refusal rolls the unit of work back, but its page is built before that, so the savepoint first
# undoes the leaving of the other seat. Otherwise the page showed that seat as free.
async def _sign_on(visit: StaffVisit, session: AsyncSession, counter: int) -> None:
    """Raises one of `SIGN_ON_REFUSED`, and changes nothing then."""
    letters, staff_id = letters_chosen(visit), visit.actor.staff_id or NO_SUCH_ID
    async with session.begin_nested():
        await calling.sign_on(session, visit.place.hall.id, counter, staff_id, letters, visit.now)
