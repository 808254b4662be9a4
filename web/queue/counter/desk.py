"""Everything on a counter's desk at one moment, and a word for when it changes."""

from __future__ import annotations

import datetime as dt
import hashlib
import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar

from domain.queue import calling, seats
from domain.queue.order import why_out_of_turn
from domain.queue.snapshot import QueueNow, queue_now
from domain.queue.tables import PriorityKind, Ticket, TicketState, VisitOutcome
from domain.queue.trail import open_period
from domain.staff.accounts import full_names
from web.queue.counter.seats import DeskMessage, categories_here, desk_path
from web.site.answers import Redirect
from web.site.forms import NO_SUCH_ID
from web.site.pages import Page
from web.staff.access import StaffPage, StaffVisit

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from sqlalchemy.ext.asyncio import AsyncSession

    from domain.handbook.guide import RequiredDocument
    from domain.handbook.tables import ServiceItem
    from domain.places.tables import Community
    from domain.queue.tables import CounterShift

# Minutes after which a clerk can say to be back.
BACK_IN = (15, 30, 60)
# Reasons that take one press; they are content, shown in the hall as they stand.
PAUSES = ("吃饭", "开会", "临时离开")


@dataclass(frozen=True)
class Row:
    """A ticket in a list."""

    id: int
    number: str
    # Letter and name of what it waits for.
    category: str
    items: tuple[str, ...]
    # Since it was taken.
    minutes: int
    priority: PriorityKind | None
    # Why it is out of turn; empty in turn.
    why: str


@dataclass(frozen=True)
class Guide:
    """What a person came for, as the one who serves needs it at hand."""

    slug: str
    name: str
    conditions: tuple[str, ...]
    documents: tuple[RequiredDocument, ...]
    days: int


@dataclass(frozen=True)
class Serving:
    """The person being served at this counter."""

    row: Row
    is_called: bool
    since: dt.datetime
    # Until when the call can be taken back; None when it cannot.
    undo_until: dt.datetime | None
    guides: tuple[Guide, ...]
    brought: tuple[str, ...]
    missing: tuple[str, ...]
    # Those of them that stand in no guide.
    own_missing: tuple[str, ...]
    is_confirmed: bool


@dataclass(frozen=True)
class Ended:
    """The number that was finished or passed last, while that can be taken back."""

    number: str
    # How the visit ended; None for a missed call.
    outcome: VisitOutcome | None
    until: dt.datetime


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
class CounterThere:
    """A counter that a person can be sent on to, and who would call them there."""

    number: int
    # Empty when nobody sits there.
    who: str
    is_paused: bool

    @property
    def is_called(self) -> bool:
        """Whether a person sent there is called now."""
        return bool(self.who) and not self.is_paused


@dataclass(frozen=True)
class CategoryThere:
    """A category that a person can be sent on to."""

    letter: str
    name: str
    # Whether any counter calls it now.
    is_called: bool


@dataclass(frozen=True)
class Desk:
    """Everything on a counter's desk at one moment."""

    path: str
    place: str
    now: dt.datetime
    serves: list[tuple[str, str]]
    had: Serving | None
    # None while a person is at the counter, or when there is nothing to take back.
    ended: Ended | None
    waiting: list[Row]
    # Those who wait for other counters.
    elsewhere: list[Row]
    # Those who wait for what no counter calls now.
    uncalled: list[Row]
    passed: list[Row]
    held: list[Row]
    others: list[Other]
    is_paused: bool
    pause_reason: str
    paused_at: dt.datetime | None
    # When the clerk means to be back; None if they did not say.
    back_at: dt.datetime | None
    # Where a person can be sent on to.
    categories: list[CategoryThere]
    counters: list[CounterThere]
    # Where the clerk wants to send the person although nobody is there; empty for nowhere.
    unsure: str
    is_stopped: bool
    said: DeskMessage | None


@dataclass(frozen=True, kw_only=True)
class CounterDesk(StaffPage):
    """窗口工作台."""

    template: ClassVar[str] = "queue/counter/desk.html"
    tab: ClassVar[str] = "counter"
    place: Community
    counter: int
    desk: Desk
    reasons: tuple[str, ...] = PAUSES
    back_in: tuple[int, ...] = BACK_IN


@dataclass(frozen=True, kw_only=True)
class DeskNow(Page):
    """The part of the desk that changes."""

    template: ClassVar[str] = "queue/counter/_desk.html"
    desk: Desk
    reasons: tuple[str, ...] = PAUSES
    back_in: tuple[int, ...] = BACK_IN


async def show(visit: StaffVisit, session: AsyncSession) -> Page | Redirect:
    """The desk of the counter; to the seats when the clerk does not sit there."""
    shift = await own_shift(visit, session)
    if shift is None:
        return Redirect(_way_to_sign_on(visit))
    return await desk_with(visit, session, shift)


async def part(visit: StaffVisit, session: AsyncSession) -> Page | Redirect:
    """The desk alone, for the script that keeps it true."""
    shift = await own_shift(visit, session)
    if shift is None:
        return Redirect(_way_to_sign_on(visit))
    return DeskNow(desk=await _desk(visit, session, shift))


def _way_to_sign_on(visit: StaffVisit) -> str:
    return f"/staff/c/{visit.place.slug}/counters?at={visit.params['counter']}"


async def own_shift(visit: StaffVisit, session: AsyncSession) -> CounterShift | None:
    """The shift at the counter in the address; None when this person does not sit there."""
    shift = await seats.shift_of(session, visit.actor.staff_id or NO_SUCH_ID, visit.now)
    here = visit.place.hall.id, int(visit.params["counter"])
    return shift if shift is not None and (shift.hall_id, shift.counter) == here else None


async def desk_with(
    visit: StaffVisit,
    session: AsyncSession,
    shift: CounterShift,
    said: DeskMessage | None = None,
    unsure: str = "",
) -> CounterDesk:
    """The desk's page, with what is to be said or asked."""
    return CounterDesk(
        actor=visit.actor,
        place=visit.place,
        counter=shift.counter,
        desk=await _desk(visit, session, shift, said, unsure),
    )


async def _desk(
    visit: StaffVisit,
    session: AsyncSession,
    shift: CounterShift,
    said: DeskMessage | None = None,
    unsure: str = "",
) -> Desk:
    place = visit.place
    now = await queue_now(session, place.hall, visit.now)
    mine = [each for each in now.waiting if now.may_call(each, shift.counter, shift.letters)]
    others = [each for each in now.waiting if each not in mine]
    at = next((each.ticket for each in now.desks if each.counter == shift.counter), None)
    names = await full_names(session, [each.staff_id for each in now.desks])
    served = categories_here(visit)
    return Desk(
        path=desk_path(place.slug, shift.counter),
        place=place.slug,
        now=visit.now,
        serves=[pair for pair in served if pair[0] in shift.letters],
        had=await _had(visit, session, at, now) if at else None,
        ended=None if at else await _ended(session, shift, now),
        waiting=_in_order(visit, mine, now),
        elsewhere=_in_order(visit, [each for each in others if now.is_called(each)], now),
        uncalled=_in_order(visit, [each for each in others if not now.is_called(each)], now),
        passed=_rows_in(visit, now, TicketState.NO_SHOW),
        held=_rows_in(visit, now, TicketState.ON_HOLD),
        others=[
            Other(
                number=each.counter,
                who=names.get(each.staff_id, ""),
                ticket=each.ticket.label if each.ticket else "",
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
        back_at=shift.back_at,
        categories=[CategoryThere(*pair, now.is_called(pair[0])) for pair in served],
        counters=_counters_there(visit, shift, now, names),
        unsure=unsure,
        is_stopped=now.is_stopped,
        said=said,
    )


async def _ended(session: AsyncSession, shift: CounterShift, now: QueueNow) -> Ended | None:
    if now.day is None or now.is_closed:
        return None
    found = await calling.last_ended(session, now.day.id, shift, now.now)
    if found is None:
        return None
    ticket, period = found
    return Ended(ticket.label, ticket.outcome, period.began_at + calling.UNDO)


def _counters_there(
    visit: StaffVisit, shift: CounterShift, now: QueueNow, names: Mapping[int | None, str]
) -> list[CounterThere]:
    """The other counters of the hall, and who sits there."""
    seated = {each.counter: each for each in now.desks}

    def there(number: int) -> CounterThere:
        each = seated.get(number)
        who = names.get(each.staff_id, "") if each else ""
        return CounterThere(number, who, each is not None and each.is_paused)

    numbers = (each.number for each in visit.place.hall.counters)
    return [there(number) for number in numbers if number != shift.counter]


def _in_order(visit: StaffVisit, found: Sequence[Ticket], now: QueueNow) -> list[Row]:
    """Those who wait, each with the reason when it is before an earlier ticket."""
    return [
        row_of(
            visit,
            each,
            "elsewhere"
            if now.is_elsewhere(each)
            else why_out_of_turn(each, found[place + 1 :], now.rules, now.now),
        )
        for place, each in enumerate(found)
    ]


def _rows_in(visit: StaffVisit, now: QueueNow, state: TicketState) -> list[Row]:
    found = sorted((each for each in now.tickets if each.state is state), key=lambda each: each.id)
    return [row_of(visit, each) for each in found]


def row_of(visit: StaffVisit, ticket: Ticket, why: str = "") -> Row:
    """A ticket as a row; `why` says why it is out of turn."""
    names = {each.letter: each.name for each in visit.published.handbook.by_letter.values()}
    return Row(
        id=ticket.id,
        number=ticket.label,
        category=f"{ticket.category} {names.get(ticket.category, '')}".strip(),
        items=tuple(each.name for each in _items(visit, ticket)),
        minutes=int((visit.now - ticket.joined_at).total_seconds() // 60),
        priority=ticket.priority,
        why=why,
    )


def _items(visit: StaffVisit, ticket: Ticket) -> list[ServiceItem]:
    """What the person came for, as far as the handbook still has it."""
    known = visit.published.handbook.ever
    return [known[slug] for slug in ticket.items if slug in known]


async def _had(visit: StaffVisit, session: AsyncSession, ticket: Ticket, now: QueueNow) -> Serving:
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
    return Serving(
        row=row_of(visit, ticket, period.reason),
        is_called=is_called,
        since=visit.local(period.began_at),
        undo_until=until if is_called and calling.can_be_undone(period, now.now) else None,
        guides=guides,
        brought=tuple(ticket.brought),
        missing=tuple(ticket.missing),
        own_missing=tuple(each for each in ticket.missing if each not in known),
        is_confirmed=ticket.is_confirmed,
    )


def changes(now: QueueNow) -> dict[str, Any]:
    """A fingerprint of the desk; the browser asks for the desk again when it changes."""
    plain = json.dumps(_state_of(now), default=str).encode()
    return {"state": hashlib.sha256(plain).hexdigest()[:16]}


def _state_of(now: QueueNow) -> list[object]:
    """Everything of the queue that a desk shows."""
    return [
        [
            (each.id, each.state, each.counter, each.category, each.for_counter, each.priority)
            for each in now.waiting
        ],
        sorted(
            (each.id, each.state, each.counter or 0, len(each.missing), each.brought)
            for each in now.tickets
        ),
        [
            (each.counter, each.staff_id, each.letters, each.pause_reason, each.paused_at)
            for each in now.desks
        ],
        [each.id for each in now.calls],
        now.is_closed,
        now.is_stopped,
    ]
