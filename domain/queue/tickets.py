"""Numbers: take one, let others pass, come back after a missed call, cancel."""

from __future__ import annotations

import datetime as dt
import secrets
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

from sqlalchemy import bindparam, exists, func, insert, select
from sqlalchemy.orm import contains_eager, joinedload, make_transient_to_detached, selectinload

from domain.events import record
from domain.places.tables import Community, Hall
from domain.queue.days import held_day
from domain.queue.errors import (
    HoldsOneError,
    NobodyWaitsError,
    NoNewNumbersError,
    NotServedError,
    NotYoursError,
    QueueClosedError,
    SoldOutError,
    TooOftenError,
    WrongStateError,
)
from domain.queue.happened import QueueAdvanced
from domain.queue.order import A_MOMENT, rank
from domain.queue.snapshot import queue_now
from domain.queue.tables import (
    HELD,
    HallQueue,
    PriorityKind,
    QueueDay,
    QueueNumber,
    QueueRules,
    Ticket,
    TicketPeriod,
    TicketState,
)
from domain.queue.trail import enter_state
from domain.queue.versions import HallVersion
from domain.store import INSERTS, dialect_of, execute_core

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from typing import Any

    from sqlalchemy.ext.asyncio import AsyncSession

    from domain.queue.snapshot import QueueNow

# A person left at closing is placed next time as if they had come so much earlier.
AFTER_LEFT = dt.timedelta(hours=1)


@dataclass(frozen=True)
class TicketRequest:
    """What a number is for: the letter of a category, slugs of items, documents at hand."""

    category: str
    items: tuple[str, ...] = ()
    priority: PriorityKind | None = None
    brought: tuple[str, ...] = ()


async def take_ticket(  # noqa: PLR0913 - everything a number is made of
    session: AsyncSession,
    hall_id: int,
    request: TicketRequest,
    now: dt.datetime,
    *,
    served: set[str],
    device_hash: str | None = None,
    request_key: str | None = None,
    staff_id: int | None = None,
) -> Ticket:
    """Give the next number of a category. `now` is aware local time; its date is the hall's day.

    `served` are the letters that the hall's counters serve. A priority that the hall's rules do not
    know is not given, and kept as refused. The same `request_key` gives the same ticket, whatever
    has changed since.
    A clerk (`staff_id`) may decide to give one although the hall gives no new numbers.
    Raises `QueueClosedError`, `NoNewNumbersError`, `NotServedError`, `SoldOutError`,
    `HoldsOneError`.
    """
    day = await held_day(session, hall_id, now)
    asked = {
        "day_id": day.id,
        "letter": request.category,
        "device_hash": device_hash,
        "request_key": request_key,
    }
    (known,) = await execute_core(
        session, _KNOWN, {"hall_id": hall_id, "today": now.date(), **asked}
    )
    if known.same is not None:
        return await session.get_one(Ticket, known.same)
    if request.category not in served:
        raise NotServedError
    if day.closed_at is not None:
        raise QueueClosedError(None)
    if day.stopped_at is not None and staff_id is None:
        raise NoNewNumbersError
    if known.held is not None:
        raise HoldsOneError(await session.get_one(Ticket, known.held))
    rules = known.rules or QueueRules()
    # A request waits for the one before it, and a clock may go back: no later number is earlier.
    joined_at = now if known.latest is None else max(now, known.latest)
    values = asked | _new_ticket(request, rules, joined_at, known.left)
    values["number"] = await _next_number(session, day.id, request.category, rules)
    return await _inserted(session, values, staff_id)


# A place for those who were left at closing, and not a class of its own: who comes more than an
# hour after others have come is not put before them. In UTC, because in the hour that a clock
# repeats, local time minus nothing is an hour earlier.
def _new_ticket(
    request: TicketRequest, rules: QueueRules, now: dt.datetime, left: int | None
) -> dict[str, Any]:
    """The columns of a ticket that waits from `now`, without day, number and device.

    `left` is the ticket of before that was left at closing.
    """
    now = now.astimezone(dt.UTC)
    priority = request.priority if request.priority in rules.kinds else None
    ahead = dt.timedelta(minutes=rules.priority_minutes) if priority else dt.timedelta()
    ahead = max(ahead, AFTER_LEFT) if left is not None else ahead
    return {
        "token": secrets.token_urlsafe(16),
        "items": request.items,
        "brought": request.brought,
        "missing": (),
        "category": request.category,
        "for_counter": None,
        "state": TicketState.WAITING,
        "counter": None,
        "priority": priority,
        "refused_priority": None if priority else request.priority,
        "is_confirmed": False,
        "joined_at": now,
        "waits_from": now,
        "place_at": now - ahead,
        "returns": 0,
        "lets": 0,
        "left_id": left,
        "outcome": None,
    }


_left, _left_day, _day_before = (
    Ticket.__table__.alias("left_ticket"),
    QueueDay.__table__.alias("left_day"),
    QueueDay.__table__.alias("day_before"),
)

# Made once: a morning's rush is what they are for. The words that indexes are made of stand in
# them as they are, because a database cannot see in a parameter that an index holds the row.
_KNOWN = select(
    select(HallQueue.rules)
    .where(HallQueue.hall_id == bindparam("hall_id"))
    .scalar_subquery()
    .label("rules"),
    select(Ticket.id)
    .where(Ticket.request_key == bindparam("request_key"))
    .scalar_subquery()
    .label("same"),
    select(Ticket.id)
    .where(
        Ticket.day_id == bindparam("day_id"),
        Ticket.letter == bindparam("letter"),
        Ticket.device_hash == bindparam("device_hash"),
        HELD,
    )
    .scalar_subquery()
    .label("held"),
    # What the device held when the hall's last day before this one was closed, unless a number was
    # given for it since.
    select(func.min(_left.c.id))
    .join(_left_day, _left_day.c.id == _left.c.day_id)
    .where(
        _left.c.device_hash == bindparam("device_hash"),
        _left.c.state == TicketState.CLOSED,
        _left_day.c.hall_id == bindparam("hall_id"),
        _left_day.c.day
        == select(func.max(_day_before.c.day))
        .where(
            _day_before.c.hall_id == bindparam("hall_id"), _day_before.c.day < bindparam("today")
        )
        .scalar_subquery(),
        # The device's own numbers hold it, so that no index of `left_id` is needed.
        ~exists().where(
            Ticket.device_hash == bindparam("device_hash"),
            Ticket.left_id == _left.c.id,
            Ticket.state != TicketState.CANCELLED,
        ),
    )
    .scalar_subquery()
    .label("left"),
    # Of each letter only the last number is looked at.
    select(func.max(Ticket.joined_at))
    .join(
        QueueNumber,
        (QueueNumber.day_id == Ticket.day_id)
        & (QueueNumber.letter == Ticket.letter)
        & (QueueNumber.last == Ticket.number),
    )
    .where(QueueNumber.day_id == bindparam("day_id"))
    .scalar_subquery()
    .label("latest"),
)


async def _next_number(session: AsyncSession, day_id: int, letter: str, rules: QueueRules) -> int:
    """The next number, without duplicates or gaps because the day is held."""
    counted = _COUNTED[dialect_of(session)]
    ((number,),) = await execute_core(session, counted, {"day_id": day_id, "letter": letter})
    if rules.most_a_day is not None and number > rules.most_a_day:
        raise SoldOutError
    return int(number)


_COUNTED = {
    name: inserting(QueueNumber)
    .values(last=1)
    .on_conflict_do_update(index_elements=["day_id", "letter"], set_={"last": QueueNumber.last + 1})
    .returning(QueueNumber.last)
    for name, inserting in INSERTS.items()
}


async def _inserted(session: AsyncSession, values: dict[str, Any], staff_id: int | None) -> Ticket:
    ((ticket_id,),) = await execute_core(session, _NEW_TICKET, values)
    ticket = Ticket(id=ticket_id, **values)
    make_transient_to_detached(ticket)
    session.add(ticket)
    period = {
        "ticket_id": ticket_id,
        "state": ticket.state,
        "staff_id": staff_id,
        "began_at": ticket.joined_at,
        "reason": "",
    }
    await execute_core(session, _FIRST_PERIOD, period)
    return ticket


_NEW_TICKET = insert(Ticket).returning(Ticket.id)
_FIRST_PERIOD = insert(TicketPeriod)


async def ticket_of(session: AsyncSession, token: str) -> Ticket | None:
    """The ticket with this address and its day, without a lock."""
    ticket: Ticket | None = await session.scalar(
        select(Ticket).where(Ticket.token == token).options(joinedload(Ticket.day))
    )
    return ticket


class PlacedTicket(NamedTuple):
    """A ticket with its day, the slug of its community, and the version of its hall."""

    ticket: Ticket
    slug: str
    version: int


async def placed_ticket(session: AsyncSession, token: str) -> PlacedTicket | None:
    """The ticket with this address, where it was taken, and how often that hall has changed."""
    row = (await session.execute(_PLACED, {"token": token})).first()
    return None if row is None else PlacedTicket(row[0], row[1], row[2] or 0)


_PLACED = (
    select(Ticket, Community.slug, HallVersion.number)
    .join(Ticket.day)
    .join(Hall, Hall.id == QueueDay.hall_id)
    .join(Community, Community.id == Hall.community_id)
    .outerjoin(HallVersion, HallVersion.hall_id == Hall.id)
    .where(Ticket.token == bindparam("token"))
    .options(contains_eager(Ticket.day))
)


async def ticket_of_request(session: AsyncSession, request_key: str) -> Ticket | None:
    """The ticket that this request was given before, whatever has changed since."""
    ticket: Ticket | None = await session.scalar(
        select(Ticket).where(Ticket.request_key == request_key)
    )
    return ticket


async def tickets_of_device(
    session: AsyncSession, device_hash: str, day: dt.date
) -> tuple[Ticket, ...]:
    """The tickets of a device on a day in any hall, in the order of taking."""
    tickets = await session.scalars(
        select(Ticket)
        .join(QueueDay, QueueDay.id == Ticket.day_id)
        .where(Ticket.device_hash == device_hash, QueueDay.day == day)
        .order_by(Ticket.id)
        .options(joinedload(Ticket.day))
    )
    return tuple(tickets)


async def numbers_given(session: AsyncSession, day_id: int) -> dict[str, int]:
    """How many numbers of each letter were given on a day."""
    rows = await session.execute(
        select(QueueNumber.letter, QueueNumber.last).where(QueueNumber.day_id == day_id)
    )
    return {row.letter: row.last for row in rows}


async def held_ticket(session: AsyncSession, ticket_id: int, now: dt.datetime) -> Ticket:
    """The ticket, fresh, with its hall's day held. Raises `QueueClosedError`."""
    found = (
        await session.scalars(
            select(Ticket).where(Ticket.id == ticket_id).options(joinedload(Ticket.day))
        )
    ).one()
    await held_day(session, found.day.hall_id, now, to_take=True)
    await session.refresh(found)
    return found


async def own_ticket(
    session: AsyncSession, token: str, device_hash: str, now: dt.datetime
) -> Ticket:
    """The device's own ticket, held.

    Raises `NotYoursError`, `WrongStateError` on another day, `QueueClosedError`.
    """
    ticket = await ticket_of(session, token)
    if ticket is None or ticket.device_hash is None or ticket.device_hash != device_hash:
        raise NotYoursError
    if ticket.day.day != now.date():
        raise WrongStateError(ticket.state)
    return await held_ticket(session, ticket.id, now)


async def bring(
    session: AsyncSession, ticket: Ticket, names: Sequence[str], _now: dt.datetime
) -> None:
    """Record which documents are at hand. Raises `WrongStateError` once it is over."""
    if not (ticket.state.is_active or ticket.state is TicketState.NO_SHOW):
        raise WrongStateError(ticket.state)
    ticket.brought = tuple(names)
    await session.flush()


async def cancel(session: AsyncSession, ticket: Ticket, now: dt.datetime) -> None:
    """Raises `WrongStateError` once the ticket is being served or over."""
    if ticket.state not in {TicketState.WAITING, TicketState.CALLED, TicketState.ON_HOLD}:
        raise WrongStateError(ticket.state)
    await enter_state(session, ticket, TicketState.CANCELLED, now)


async def let_pass(session: AsyncSession, ticket: Ticket, count: int, now: dt.datetime) -> int:
    """Let up to `count` people go first; how many do.

    Raises `WrongStateError`, `TooOftenError`, `NobodyWaitsError` if there is nobody to let go.
    """
    if ticket.state is not TicketState.WAITING:
        raise WrongStateError(ticket.state)
    queue = await _queue_of(session, ticket, now)
    if ticket.lets >= queue.rules.most_lets:
        raise TooOftenError
    mine = rank(ticket, queue.rules, now)
    # Not those of the same category alone: a counter that calls several calls who is next of all.
    behind = [other for other in queue.beside(ticket) if rank(other, queue.rules, now) > mine]
    if not behind:
        raise NobodyWaitsError
    ticket.lets += 1
    record(session, QueueAdvanced(ticket.day_id, now))
    await _step_behind(session, ticket, behind[:count], now)
    return len(behind[:count])


# The way back is part of the hall's rules, not a favour that depends on the clerk.
async def come_back(session: AsyncSession, ticket: Ticket, now: dt.datetime) -> None:
    """Rejoin the queue after a missed call: a few go first.

    Raises `WrongStateError`, `TooOftenError`, `HoldsOneError`. A missed number is never simply
    void (the product's rules).
    """
    if ticket.state is not TicketState.NO_SHOW:
        raise WrongStateError(ticket.state)
    queue = await _queue_of(session, ticket, now)
    if ticket.returns >= queue.rules.most_returns:
        raise TooOftenError
    await enter_state(session, ticket, TicketState.WAITING, now, reason="came-back")
    ticket.returns += 1
    first = queue.beside(ticket)[: queue.rules.back_places]
    await _step_behind(session, ticket, first, now)


async def _step_behind(
    session: AsyncSession, ticket: Ticket, first: Iterable[Ticket], now: dt.datetime
) -> None:
    """Place the ticket behind those who go first."""
    last = max((other.place_at for other in first), default=ticket.place_at)
    ticket.place_at = max(ticket.place_at, last + A_MOMENT)
    ticket.waits_from = now
    await session.flush()


async def _queue_of(session: AsyncSession, ticket: Ticket, now: dt.datetime) -> QueueNow:
    """The queue of the ticket's hall."""
    hall = await session.get_one(
        Hall, ticket.day.hall_id, options=[selectinload(Hall.counters)], populate_existing=True
    )
    return await queue_now(session, hall, now)
