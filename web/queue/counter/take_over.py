"""A seat that its clerk left without signing off: sitting down there, or signing the clerk off."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from domain.queue import handover, seats
from domain.queue.errors import CounterTakenError
from web.queue.counter.seats import (
    SIGN_ON_REFUSED,
    DeskMessage,
    NoLettersError,
    Seat,
    categories_here,
    counter_here,
    desk_path,
    letters_chosen,
    seats_with,
    sign_on_message,
)
from web.site.answers import InvalidError, Redirect
from web.site.forms import NO_SUCH_ID, number
from web.staff.access import StaffPage

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncSession

    from domain.places.tables import Community
    from web.queue.counter.seats import Seats
    from web.site.pages import Page
    from web.staff.access import StaffVisit


@dataclass(frozen=True, kw_only=True)
class TakeOver(StaffPage):
    """接替窗口: the question before a clerk sits down in another's place."""

    template: ClassVar[str] = "queue/counter/take_over.html"
    tab: ClassVar[str] = "counter"
    place: Community
    seat: Seat
    # The shift that the question is about; the answer counts for no other.
    shift_id: int
    categories: list[tuple[str, str]]
    said: DeskMessage | None


async def ask(visit: StaffVisit, session: AsyncSession) -> Page | Redirect:
    """Who has the seat, when they last did something, and whether to sit down instead."""
    return await _question(visit, session, counter_here(visit))


async def answer(visit: StaffVisit, session: AsyncSession) -> Redirect:
    """Sit down instead; the person at the counter comes with the seat."""
    counter = counter_here(visit)
    try:
        await _take_over(visit, session, counter)
    except (NoLettersError, CounterTakenError) as error:
        said = sign_on_message(error) if isinstance(error, NoLettersError) else None
        raise InvalidError(await _asked_again(visit, session, counter, said)) from None
    except SIGN_ON_REFUSED as error:
        page = await seats_with(visit, session, sign_on_message(error), counter)
        raise InvalidError(page) from None
    return Redirect(desk_path(visit.place.slug, counter))


async def sign_off(visit: StaffVisit, session: AsyncSession) -> Redirect:
    """Sign the clerk off who left, and let others decide who sits there next."""
    counter, hall = counter_here(visit), visit.place.hall
    try:
        await handover.sign_off_for(
            session, visit.actor, hall, counter, _shift_asked_about(visit), visit.now
        )
    except CounterTakenError:
        raise InvalidError(await _asked_again(visit, session, counter)) from None
    return Redirect(f"/staff/c/{visit.place.slug}/counters")


def _shift_asked_about(visit: StaffVisit) -> int:
    return number(visit.form.text("shift")) or NO_SUCH_ID


async def _take_over(visit: StaffVisit, session: AsyncSession, counter: int) -> None:
    """Raises one of `SIGN_ON_REFUSED`, and changes nothing then, as in `seats.sign_on`."""
    letters, hall = letters_chosen(visit), visit.place.hall
    shift_id = _shift_asked_about(visit)
    async with session.begin_nested():
        await handover.take_over(session, visit.actor, hall, counter, shift_id, letters, visit.now)


async def _asked_again(
    visit: StaffVisit, session: AsyncSession, counter: int, said: DeskMessage | None = None
) -> Page:
    """The question as it stands now, or the seats when there is nothing left to ask."""
    found = await _question(visit, session, counter, said)
    return await seats_with(visit, session, at=counter) if isinstance(found, Redirect) else found


async def _question(
    visit: StaffVisit, session: AsyncSession, counter: int, said: DeskMessage | None = None
) -> TakeOver | Seats | Redirect:
    """The question; the seats with the reason when it may not be asked yet.

    A redirect to the seats when nobody is in the way.
    """
    place = visit.place
    taken = await seats.seat_at(session, place.hall.id, counter, visit.now)
    if taken is None or taken.shift.staff_id == visit.actor.staff_id:
        return Redirect(f"/staff/c/{place.slug}/counters")
    whole = await seats_with(visit, session, _too_early(visit, taken), counter)
    seat = next(each for each in whole.seats if each.number == counter)
    if not seat.can_be_taken_over:
        return whole
    return TakeOver(
        actor=visit.actor,
        place=place,
        seat=seat,
        shift_id=taken.shift.id,
        categories=categories_here(visit),
        said=said,
    )


def _too_early(visit: StaffVisit, taken: seats.Occupied) -> DeskMessage:
    """Who did something when, and from when on the seat can be taken over."""
    return DeskMessage(
        "touched",
        taken.name,
        taken.shift.counter,
        at=visit.local(taken.shift.last_act_at),
        until=visit.local(taken.free_from),
    )
