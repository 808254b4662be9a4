"""The way to a counter: which hall, which seat, and sitting down."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from sqlalchemy import select
from starlette.exceptions import HTTPException

from domain.places.tables import Community, Hall
from domain.queue import calling
from domain.queue.errors import CounterBusyError, CounterTakenError, QueueClosedError
from domain.queue.snapshot import QueueNow, queue_now
from domain.staff.actor import SERVING
from domain.staff.tables import StaffMember
from web.site.answers import InvalidError, Redirect
from web.site.forms import NO_SUCH_ID, number
from web.staff.access import StaffPage, StaffVisit
from web.staff.places import by_subdistrict, communities_for

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncSession

    from domain.places.tables import Subdistrict
    from web.site.pages import Page


@dataclass(frozen=True)
class DeskMessage:
    """Why something could not be done, as a word the template says, and what it is about."""

    why: str
    value: str = ""


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
    letters: tuple[str, ...]
    """What it usually calls, or calls now."""
    who: str
    """Who sits there; empty when it is free."""
    is_mine: bool
    is_paused: bool
    reason: str


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
    at: int
    """The counter it is about; 0 for none."""


async def halls(visit: StaffVisit, session: AsyncSession) -> Page | Redirect:
    """The halls to serve in; straight to the counter one sits at, or to the one hall."""
    at = await seat_of(visit, session)
    if at is not None:
        return Redirect(desk_path(at[0], at[1]))
    every = communities_for(visit, SERVING)
    if len(every) == 1:
        return Redirect(f"/staff/c/{every[0].slug}/counters")
    return Halls(actor=visit.actor, subdistricts=by_subdistrict(visit, SERVING))


async def seat_of(visit: StaffVisit, session: AsyncSession) -> tuple[str, int] | None:
    """Community and counter at which this person sits; None when at none they still may."""
    shift = await calling.shift_of(session, visit.actor.staff_id or NO_SUCH_ID)
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
    said = DeskMessage("not-here", str(asked)) if asked else None
    return await seats_with(visit, session, said, asked or 0)


async def seats_with(
    visit: StaffVisit, session: AsyncSession, said: DeskMessage | None = None, at: int = 0
) -> Seats:
    """Who sits where, and what is to be said about the seat `at`."""
    place = visit.place
    now = await queue_now(session, place.hall, visit.now)
    names = await names_at(session, now)
    desks = {each.counter: each for each in now.desks}
    return Seats(
        actor=visit.actor,
        place=place,
        seats=[
            Seat(
                number=each.number,
                name=each.name,
                letters=desks[each.number].letters if each.number in desks else each.categories,
                who=names.get(desks[each.number].staff_id, "") if each.number in desks else "",
                is_mine=each.number in desks
                and desks[each.number].staff_id == visit.actor.staff_id,
                is_paused=each.number in desks and desks[each.number].is_paused,
                reason=(desks[each.number].pause_reason or "") if each.number in desks else "",
            )
            for each in place.hall.counters
        ],
        categories=categories_here(visit),
        waiting=len(now.waiting),
        said=said,
        at=at,
    )


async def names_at(session: AsyncSession, now: QueueNow) -> dict[int, str]:
    """The names of those who sit in the hall, by the number of their account."""
    ids = [each.staff_id for each in now.desks]
    rows = await session.execute(
        select(StaffMember.id, StaffMember.full_name).where(StaffMember.id.in_(ids))
    )
    return {each.id: each.full_name for each in rows}


def categories_here(visit: StaffVisit) -> list[tuple[str, str]]:
    """The categories that this hall serves, with their names."""
    served = visit.place.hall.letters
    return [
        (each.letter, each.name)
        for each in visit.published.handbook.categories
        if each.letter in served
    ]


async def sign_on(visit: StaffVisit, session: AsyncSession) -> Redirect:
    """Sit down; whom one had elsewhere comes first."""
    place, counter = visit.place, int(visit.params["counter"])
    if counter not in {each.number for each in place.hall.counters}:
        raise HTTPException(404)
    letters = place.hall.letters.intersection(visit.form.all("letters"))
    if not letters:
        raise InvalidError(await seats_with(visit, session, DeskMessage("no-letters"), counter))
    staff_id = visit.actor.staff_id or NO_SUCH_ID
    try:
        before = await calling.shift_of(session, staff_id)
        if before is not None and (before.hall_id, before.counter) != (place.hall.id, counter):
            await calling.sign_off(session, before, visit.now)
        await calling.sign_on(session, place.hall.id, counter, staff_id, sorted(letters), visit.now)
    except CounterTakenError as taken:
        said = DeskMessage("taken", taken.name)
    except CounterBusyError as busy:
        said = DeskMessage("busy", busy.ticket.label)
    except QueueClosedError:
        said = DeskMessage("closed")
    else:
        return Redirect(desk_path(place.slug, counter))
    raise InvalidError(await seats_with(visit, session, said, counter))
