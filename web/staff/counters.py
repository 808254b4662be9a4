"""The counter: signing on, calling, serving, and everything a clerk does with one key press.

A page of the desk is made of plain values, because it is also the answer to what was refused:
then the unit of work is rolled back, and nothing of its rows can be read any more.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import json
import secrets
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar

from sqlalchemy import select
from starlette.exceptions import HTTPException

from domain.places.tables import Community, Hall
from domain.queue import calling, tickets
from domain.queue.errors import (
    CounterBusyError,
    CounterTakenError,
    NobodyWaitsError,
    NotAtCounterError,
    NotServedError,
    QueueClosedError,
    SoldOutError,
    TooLateError,
    WrongStateError,
)
from domain.queue.order import is_served_by, why_out_of_turn
from domain.queue.snapshot import QueueNow, queue_now
from domain.queue.tables import PriorityKind, QueueDay, Ticket, TicketState
from domain.queue.tickets import Wish
from domain.queue.trail import open_period
from domain.staff.acting import SERVING
from domain.staff.tables import StaffMember
from web.pages import Page
from web.staff.access import InvalidError, Redirect, StaffPage, StaffVisit
from web.staff.places import by_subdistrict, communities_for
from web.visit import NOBODYS, number

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Sequence

    from sqlalchemy.ext.asyncio import AsyncSession

    from domain.errors import LianxinError
    from domain.handbook.guide import RequiredDocument
    from domain.handbook.tables import Category, ServiceItem
    from domain.places.tables import Subdistrict
    from domain.queue.tables import CounterShift
    from web.staff.access import StaffView

    Act = Callable[[AsyncSession, CounterShift, StaffVisit], Awaitable[object]]

LONGEST_REASON = 80
LONGEST_LINE = 200
MOST_LINES = 40
PAUSES = ("吃饭", "开会", "临时离开")
"""Reasons that take one press; they are content, shown in the hall as they stand."""


@dataclass(frozen=True)
class Said:
    """Why something could not be done, as a word the template says, and what it is about."""

    why: str
    value: str = ""


@dataclass(frozen=True)
class Row:
    """A ticket in a list."""

    id: int
    number: str
    category: str
    """Letter and name of what it waits for."""
    items: tuple[str, ...]
    minutes: int
    """Since it was taken."""
    priority: PriorityKind | None
    why: str
    """Why it is out of turn; empty in turn."""


@dataclass(frozen=True)
class Guide:
    """What a person came for, as the one who serves needs it at hand."""

    slug: str
    name: str
    conditions: tuple[str, ...]
    documents: tuple[RequiredDocument, ...]
    days: int


@dataclass(frozen=True)
class Had:
    """Whom the counter has."""

    row: Row
    is_called: bool
    since: dt.datetime
    undo_until: dt.datetime | None
    """Until when the call can be taken back; None when it cannot."""
    guides: tuple[Guide, ...]
    brought: tuple[str, ...]
    missing: tuple[str, ...]
    own_missing: tuple[str, ...]
    """Those of them that stand in no guide."""
    is_confirmed: bool


@dataclass(frozen=True)
class Other:
    """Another counter and what it does."""

    number: int
    who: str
    ticket: str
    is_called: bool
    is_paused: bool
    reason: str


@dataclass(frozen=True)
class Desk:
    """Everything on a counter's desk at one moment."""

    path: str
    place: str
    now: dt.datetime
    serves: list[tuple[str, str]]
    had: Had | None
    waiting: list[Row]
    elsewhere: list[Row]
    """Those who wait for other counters."""
    passed: list[Row]
    held: list[Row]
    others: list[Other]
    is_paused: bool
    pause_reason: str
    paused_at: dt.datetime | None
    categories: list[tuple[str, str]]
    """Where somebody can be sent on to."""
    counters: list[int]
    said: Said | None


@dataclass(frozen=True, kw_only=True)
class CounterDesk(StaffPage):
    """窗口工作台."""

    template: ClassVar[str] = "counters/desk.html"
    tab: ClassVar[str] = "counter"
    place: Community
    counter: int
    desk: Desk
    reasons: tuple[str, ...] = PAUSES


@dataclass(frozen=True, kw_only=True)
class DeskNow(Page):
    """The part of the desk that changes."""

    template: ClassVar[str] = "counters/_desk.html"
    desk: Desk
    reasons: tuple[str, ...] = PAUSES


@dataclass(frozen=True, kw_only=True)
class Halls(StaffPage):
    """The halls this person may serve in."""

    template: ClassVar[str] = "counters/halls.html"
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

    template: ClassVar[str] = "counters/seats.html"
    tab: ClassVar[str] = "counter"
    place: Community
    seats: list[Seat]
    categories: list[tuple[str, str]]
    waiting: int
    said: Said | None
    at: int
    """The counter it is about; 0 for none."""


@dataclass(frozen=True, kw_only=True)
class TakeFor(StaffPage):
    """代取号: a number for someone who cannot take one."""

    template: ClassVar[str] = "counters/take.html"
    tab: ClassVar[str] = "counter"
    place: Community
    back: str
    categories: list[Category]
    priorities: tuple[PriorityKind, ...] = tuple(PriorityKind)
    key: str
    """The same form sent twice is the same number."""
    category: str
    items: tuple[str, ...]
    priority: str
    said: Said | None


@dataclass(frozen=True, kw_only=True)
class Slip(StaffPage):
    """小票: a number on paper."""

    template: ClassVar[str] = "counters/slip.html"
    tab: ClassVar[str] = "counter"
    place: Community
    row: Row
    token: str
    ahead: int
    joined_at: dt.datetime


@dataclass(frozen=True, kw_only=True)
class OneTimeNotice(StaffPage):
    """一次性告知书."""

    template: ClassVar[str] = "counters/notice.html"
    tab: ClassVar[str] = "counter"
    place: Community
    row: Row
    token: str
    missing: tuple[str, ...]
    phone: str


# The way to a counter


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
    shift = await calling.shift_of(session, visit.actor.staff_id or NOBODYS)
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
    said = Said("not-here", str(asked)) if asked else None
    return await _seats(visit, session, said, asked or 0)


async def _seats(
    visit: StaffVisit, session: AsyncSession, said: Said | None = None, at: int = 0
) -> Seats:
    place = visit.place
    now = await queue_now(session, place.hall, visit.now)
    names = await _names(session, now)
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
        categories=_categories(visit),
        waiting=len(now.waiting),
        said=said,
        at=at,
    )


async def _names(session: AsyncSession, now: QueueNow) -> dict[int, str]:
    ids = [each.staff_id for each in now.desks]
    rows = await session.execute(
        select(StaffMember.id, StaffMember.full_name).where(StaffMember.id.in_(ids))
    )
    return {each.id: each.full_name for each in rows}


def letters_of(place: Community) -> set[str]:
    """What the hall's counters serve."""
    return {letter for each in place.hall.counters for letter in each.categories}


def _categories(visit: StaffVisit) -> list[tuple[str, str]]:
    """The categories that this hall serves, with their names."""
    served = letters_of(visit.place)
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
    letters = letters_of(place).intersection(visit.form.all("letters"))
    if not letters:
        raise InvalidError(await _seats(visit, session, Said("no-letters"), counter))
    staff_id = visit.actor.staff_id or NOBODYS
    try:
        before = await calling.shift_of(session, staff_id)
        if before is not None and (before.hall_id, before.counter) != (place.hall.id, counter):
            await calling.sign_off(session, before, visit.now)
        await calling.sign_on(session, place.hall.id, counter, staff_id, sorted(letters), visit.now)
    except CounterTakenError as taken:
        said = Said("taken", taken.name)
    except CounterBusyError as busy:
        said = Said("busy", busy.ticket.shown)
    except QueueClosedError:
        said = Said("closed")
    else:
        return Redirect(desk_path(place.slug, counter))
    raise InvalidError(await _seats(visit, session, said, counter))


# The desk


async def show(visit: StaffVisit, session: AsyncSession) -> Page | Redirect:
    """The desk of the counter one sits at."""
    shift = await _shift(visit, session)
    if shift is None:
        return Redirect(_way_to_sign_on(visit))
    return await _page(visit, session, shift)


async def part(visit: StaffVisit, session: AsyncSession) -> Page | Redirect:
    """The desk alone, for the script that keeps it true."""
    shift = await _shift(visit, session)
    if shift is None:
        return Redirect(_way_to_sign_on(visit))
    return DeskNow(desk=await _desk(visit, session, shift))


def _way_to_sign_on(visit: StaffVisit) -> str:
    return f"/staff/c/{visit.place.slug}/counters?at={visit.params['counter']}"


async def _shift(visit: StaffVisit, session: AsyncSession) -> CounterShift | None:
    """The shift at the counter in the address; None when this person does not sit there."""
    shift = await calling.shift_of(session, visit.actor.staff_id or NOBODYS)
    here = visit.place.hall.id, int(visit.params["counter"])
    return shift if shift is not None and (shift.hall_id, shift.counter) == here else None


async def _page(
    visit: StaffVisit, session: AsyncSession, shift: CounterShift, said: Said | None = None
) -> CounterDesk:
    return CounterDesk(
        actor=visit.actor,
        place=visit.place,
        counter=shift.counter,
        desk=await _desk(visit, session, shift, said),
    )


async def _desk(
    visit: StaffVisit, session: AsyncSession, shift: CounterShift, said: Said | None = None
) -> Desk:
    place = visit.place
    now = await queue_now(session, place.hall, visit.now)
    mine = [each for each in now.waiting if is_served_by(each, shift.counter, shift.letters)]
    elsewhere = [each for each in now.waiting if each not in mine]
    at = next((each.ticket for each in now.desks if each.counter == shift.counter), None)
    names = await _names(session, now)
    served = _categories(visit)
    return Desk(
        path=desk_path(place.slug, shift.counter),
        place=place.slug,
        now=visit.now,
        serves=[pair for pair in served if pair[0] in shift.letters],
        had=await _had(visit, session, at, now) if at else None,
        waiting=_in_order(visit, mine, now),
        elsewhere=_in_order(visit, elsewhere, now),
        passed=_rows_in(visit, now, TicketState.NO_SHOW),
        held=_rows_in(visit, now, TicketState.ON_HOLD),
        others=[
            Other(
                number=each.counter,
                who=names.get(each.staff_id, ""),
                ticket=each.ticket.shown if each.ticket else "",
                is_called=each.ticket is not None and each.ticket.state is TicketState.CALLED,
                is_paused=each.is_paused,
                reason=each.pause_reason or "",
            )
            for each in now.desks
            if each.counter != shift.counter
        ],
        is_paused=shift.paused_at is not None,
        pause_reason=shift.pause_reason or "",
        paused_at=shift.paused_at,
        categories=served,
        counters=[each.number for each in place.hall.counters if each.number != shift.counter],
        said=said,
    )


def _in_order(visit: StaffVisit, found: Sequence[Ticket], now: QueueNow) -> list[Row]:
    """Those who wait, each with why somebody who came earlier stands behind."""
    return [
        _row(visit, each, why_out_of_turn(each, found[place + 1 :], now.rules, now.now))
        for place, each in enumerate(found)
    ]


def _rows_in(visit: StaffVisit, now: QueueNow, state: TicketState) -> list[Row]:
    found = sorted((each for each in now.tickets if each.state is state), key=lambda each: each.id)
    return [_row(visit, each) for each in found]


def _row(visit: StaffVisit, ticket: Ticket, why: str = "") -> Row:
    names = {each.letter: each.name for each in visit.published.handbook.categories}
    return Row(
        id=ticket.id,
        number=ticket.shown,
        category=f"{ticket.category} {names.get(ticket.category, '')}".strip(),
        items=tuple(each.name for each in _items(visit, ticket)),
        minutes=int((visit.now - ticket.joined_at).total_seconds() // 60),
        priority=ticket.priority,
        why=why,
    )


def _items(visit: StaffVisit, ticket: Ticket) -> list[ServiceItem]:
    """What the person came for, as far as the handbook still has it."""
    known = {**visit.published.handbook.withdrawn, **visit.published.handbook.items}
    return [known[slug] for slug in ticket.items if slug in known]


async def _had(visit: StaffVisit, session: AsyncSession, ticket: Ticket, now: QueueNow) -> Had:
    period = await open_period(session, ticket.id)
    is_called = ticket.state is TicketState.CALLED
    until = period.began_at + calling.UNDO
    guides = tuple(
        Guide(
            slug=each.slug,
            name=each.name,
            conditions=each.guide.conditions,
            documents=each.guide.documents,
            days=each.guide.promised_days,
        )
        for each in _items(visit, ticket)
    )
    known = {document.name for guide in guides for document in guide.documents}
    return Had(
        row=_row(visit, ticket, period.reason),
        is_called=is_called,
        since=period.began_at.astimezone(visit.now.tzinfo),
        undo_until=until if is_called and now.now <= until else None,
        guides=guides,
        brought=tuple(ticket.brought),
        missing=tuple(ticket.missing),
        own_missing=tuple(each for each in ticket.missing if each not in known),
        is_confirmed=ticket.is_confirmed,
    )


# What is done at the desk


def acting(act: Act, nobody: str = "had") -> StaffView:
    """A view that does one thing at the counter and shows the desk again.

    `nobody` is the word for when there is nobody to do it with.
    """

    async def view(visit: StaffVisit, session: AsyncSession) -> Redirect:
        shift = await _shift(visit, session)
        if shift is None:
            counter = int(visit.params["counter"])
            raise InvalidError(
                await _seats(visit, session, Said("not-here", str(counter)), counter)
            )
        try:
            found = await act(session, shift, visit)
        except REFUSALS as error:
            said = said_of(error, nobody)
            raise InvalidError(await _page(visit, session, shift, said)) from None
        if isinstance(found, Redirect):
            return found
        return Redirect(desk_path(visit.place.slug, shift.counter))

    return view


class IncompleteError(Exception):
    """What was sent lacks something: `why` is the word for it."""

    def __init__(self, why: str) -> None:
        super().__init__(why)
        self.why = why


REFUSALS = (
    WrongStateError,
    NobodyWaitsError,
    CounterBusyError,
    TooLateError,
    NotAtCounterError,
    QueueClosedError,
    IncompleteError,
)
PLAIN = {TooLateError: "late", NotAtCounterError: "paused", QueueClosedError: "closed"}


def said_of(error: LianxinError | IncompleteError, nobody: str) -> Said:
    """Why it could not be done."""
    if isinstance(error, WrongStateError):
        return Said("state", error.state.value)
    if isinstance(error, CounterBusyError):
        return Said("busy", error.ticket.shown)
    if isinstance(error, IncompleteError):
        return Said(error.why)
    if isinstance(error, NobodyWaitsError):
        return Said(nobody)
    return Said(PLAIN[type(error)])


def plainly(verb: Callable[..., Awaitable[Any]]) -> Act:
    """A verb of the domain that needs nothing but the shift and the time."""

    async def act(session: AsyncSession, shift: CounterShift, visit: StaffVisit) -> None:
        await verb(session, shift, now=visit.now)

    return act


def _chosen(visit: StaffVisit) -> int:
    found = number(visit.form.text("ticket"))
    return NOBODYS if found is None else found


async def _call_chosen(session: AsyncSession, shift: CounterShift, visit: StaffVisit) -> None:
    await calling.call_chosen(session, shift, _chosen(visit), visit.now)


async def _resume(session: AsyncSession, shift: CounterShift, visit: StaffVisit) -> None:
    await calling.resume(session, shift, _chosen(visit), visit.now)


async def _transfer(session: AsyncSession, shift: CounterShift, visit: StaffVisit) -> None:
    kind, _, which = visit.form.text("to").partition(":")
    place = visit.place
    counter = number(which) if kind == "counter" else None
    if kind == "category" and which in letters_of(place):
        await calling.transfer(session, shift, visit.now, category=which)
    elif counter in {each.number for each in place.hall.counters} - {shift.counter}:
        await calling.transfer(session, shift, visit.now, counter=counter)
    else:
        raise IncompleteError("where-to")


async def _pause(session: AsyncSession, shift: CounterShift, visit: StaffVisit) -> None:
    own = visit.form.text("other", LONGEST_REASON)
    reason = own or visit.form.text("reason", LONGEST_REASON)
    if not reason:
        raise IncompleteError("no-reason")
    await calling.pause(session, shift, reason, visit.now)


async def _sign_off(session: AsyncSession, shift: CounterShift, visit: StaffVisit) -> Redirect:
    await calling.sign_off(session, shift, visit.now)
    return Redirect(f"/staff/c/{visit.place.slug}/counters")


async def _confirm(session: AsyncSession, shift: CounterShift, visit: StaffVisit) -> None:
    answer = visit.form.text("is_right")
    if answer not in {"yes", "no"}:
        raise IncompleteError("is-right")
    await calling.confirm_priority(session, shift, is_right=answer == "yes", now=visit.now)


async def _tell(session: AsyncSession, shift: CounterShift, visit: StaffVisit) -> Redirect:
    """一次性告知: all that is missing, ticked and in own words."""
    own = visit.form.given("own").splitlines()
    lines = [each.strip()[:LONGEST_LINE] for each in (*visit.form.all("missing"), *own)]
    missing = list(dict.fromkeys(filter(None, lines)))[:MOST_LINES]
    if not missing:
        raise IncompleteError("nothing-missing")
    ticket = await calling.tell_missing(session, shift, missing, visit.now)
    return Redirect(f"/staff/c/{visit.place.slug}/tickets/{ticket.id}/notice")


ACTIONS: dict[str, StaffView] = {
    "calls": acting(plainly(calling.call_next), "nobody"),
    "recalls": acting(plainly(calling.recall)),
    "starts": acting(plainly(calling.start)),
    "finishes": acting(plainly(calling.finish)),
    "no-shows": acting(plainly(calling.no_show)),
    "holds": acting(plainly(calling.hold)),
    "undoings": acting(plainly(calling.undo_call)),
    "resumptions": acting(_resume, "unknown"),
    "chosen-calls": acting(_call_chosen, "unknown"),
    "transfers": acting(_transfer),
    "pauses": acting(_pause),
    "pauses/ending": acting(plainly(calling.go_on)),
    "notices": acting(_tell),
    "priorities": acting(_confirm),
    "sign-off": acting(_sign_off),
}
"""What can be posted to a counter, by the noun at the end of its address."""


# A number for someone, and what is printed


async def take_form(visit: StaffVisit, session: AsyncSession) -> Page:
    """What to take a number for."""
    return _take(visit, secrets.token_urlsafe(12))


def _take(visit: StaffVisit, key: str, said: Said | None = None) -> TakeFor:
    served = letters_of(visit.place)
    return TakeFor(
        actor=visit.actor,
        place=visit.place,
        back=f"/staff/c/{visit.place.slug}/counters/{visit.params['counter']}",
        categories=[each for each in visit.published.handbook.categories if each.letter in served],
        key=key,
        category=visit.form.text("category", 1),
        items=tuple(visit.form.all("items")),
        priority=visit.form.text("priority"),
        said=said,
    )


async def take(visit: StaffVisit, session: AsyncSession) -> Redirect:
    """Take a number for someone who cannot; it is on paper."""
    place, letter = visit.place, visit.form.text("category", 1)
    key = visit.form.text("key", 40) or secrets.token_urlsafe(12)
    items = visit.published.handbook.items
    chosen = [
        slug
        for slug in visit.form.all("items")
        if slug in items and items[slug].category.letter == letter
    ]
    priority = visit.form.text("priority")
    wish = Wish(
        letter, tuple(chosen), PriorityKind(priority) if priority in set(PriorityKind) else None
    )
    try:
        ticket = await tickets.take_ticket(
            session,
            place.hall.id,
            wish,
            visit.now,
            served=letters_of(place),
            request_key=f"desk-{place.hall.id}-{key}",
            staff_id=visit.actor.staff_id,
        )
    except (NotServedError, SoldOutError, QueueClosedError) as error:
        why = {NotServedError: "no-category", SoldOutError: "sold-out"}.get(type(error), "closed")
        raise InvalidError(_take(visit, key, Said(why))) from None
    return Redirect(
        f"/staff/c/{place.slug}/tickets/{ticket.id}/slip?from={visit.params['counter']}"
    )


async def slip(visit: StaffVisit, session: AsyncSession) -> Page:
    """A number to print, with the code that follows it."""
    ticket = await _ticket(visit, session)
    now = await queue_now(session, visit.place.hall, visit.now)
    same = next((each for each in now.tickets if each.id == ticket.id), ticket)
    return Slip(
        actor=visit.actor,
        place=visit.place,
        row=_row(visit, ticket),
        token=ticket.token,
        ahead=now.ahead(same),
        joined_at=ticket.joined_at.astimezone(visit.now.tzinfo),
    )


async def notice(visit: StaffVisit, session: AsyncSession) -> Page:
    """What is missing, in writing."""
    ticket = await _ticket(visit, session)
    if not ticket.missing:
        raise HTTPException(404)
    return OneTimeNotice(
        actor=visit.actor,
        place=visit.place,
        row=_row(visit, ticket),
        token=ticket.token,
        missing=tuple(ticket.missing),
        phone=visit.place.hall.phone,
    )


async def _ticket(visit: StaffVisit, session: AsyncSession) -> Ticket:
    """The ticket in the address, if it is of this hall."""
    found = await session.scalar(
        select(Ticket)
        .join(QueueDay, QueueDay.id == Ticket.day_id)
        .where(Ticket.id == int(visit.params["ticket"]), QueueDay.hall_id == visit.place.hall.id)
    )
    if found is None:
        raise HTTPException(404)
    ticket: Ticket = found
    return ticket


# Live


def changes(now: QueueNow) -> dict[str, Any]:
    """A word that differs whenever the desk would; what changed is asked for with the desk."""
    state = [
        [
            (each.id, each.state, each.counter, each.category, each.for_counter, each.priority)
            for each in now.waiting
        ],
        sorted((each.id, each.state, each.counter or 0, len(each.missing)) for each in now.tickets),
        [
            (each.counter, each.staff_id, each.letters, each.is_paused, each.pause_reason)
            for each in now.desks
        ],
        [each.id for each in now.calls],
        now.day is not None and now.day.closed_at is not None,
    ]
    plain = json.dumps(state, default=str).encode()
    return {"state": hashlib.sha256(plain).hexdigest()[:16]}
