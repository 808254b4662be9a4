"""At the counter: sign on, call, serve, hold, transfer, undo."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

from sqlalchemy import select, update

from domain.events import record
from domain.queue import seats
from domain.queue.days import held_day, rules_of
from domain.queue.errors import (
    CounterBusyError,
    CounterTakenError,
    NobodyWaitsError,
    NotAtCounterError,
    TooLateError,
    WrongStateError,
)
from domain.queue.happened import TicketCalled, TicketPassed, TicketRequeued
from domain.queue.order import in_order, is_served_by, why_out_of_turn
from domain.queue.tables import (
    CounterShift,
    Ticket,
    TicketCall,
    TicketPeriod,
    TicketState,
)
from domain.queue.trail import enter_state, open_period
from domain.staff.journal import note

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy.ext.asyncio import AsyncSession

    from domain.places.tables import Hall
    from domain.queue.days import HeldDay
    from domain.queue.seats import Occupied
    from domain.queue.tables import QueueRules
    from domain.staff.actor import Actor

# How long a wrong call can be undone.
UNDO = dt.timedelta(seconds=10)
ANSWERABLE = frozenset({TicketState.CALLED})


# Signing on


async def sign_on(  # noqa: PLR0913, PLR0917 - who, where, for what, since when
    session: AsyncSession,
    hall_id: int,
    counter: int,
    staff_id: int,
    letters: Sequence[str],
    now: dt.datetime,
) -> CounterShift:
    """Sign on to a counter, and off from any other. Raises `CounterTakenError`."""
    await held_day(session, hall_id, now, to_take=True)
    # What was left open on an earlier day ends with the first clerk of a new one.
    is_past = CounterShift.began_at < seats.midnight(now)
    await seats.end_shifts(session, now, CounterShift.hall_id == hall_id, is_past)
    seat = await seats.seat_at(session, hall_id, counter, now)
    if seat is not None and seat.shift.staff_id != staff_id:
        raise CounterTakenError(seat.name, seat.free_from)
    await seats.end_shifts(session, now, CounterShift.staff_id == staff_id)
    shift = CounterShift(
        hall_id=hall_id,
        counter=counter,
        staff_id=staff_id,
        letters=tuple(sorted(letters)),
        began_at=now,
    )
    session.add(shift)
    await session.flush()
    return shift


async def take_over(  # noqa: PLR0913, PLR0917 - who, where, from whose shift, for what, since when
    session: AsyncSession,
    actor: Actor,
    hall: Hall,
    counter: int,
    shift_id: int,
    letters: Sequence[str],
    now: dt.datetime,
) -> CounterShift:
    """Sign on at a seat that its clerk has left; the person at the counter comes with it.

    `shift_id` is the shift that the actor was asked about. Raises `CounterTakenError` when the
    seat was touched within `seats.UNTOUCHED` or another clerk has it by now. A seat that became
    free meanwhile is signed on to like any other.
    """
    day = await held_day(session, hall.id, now, to_take=True)
    seat = await seats.seat_at(session, hall.id, counter, now)
    if seat is not None and seat.shift.staff_id != actor.staff_id:
        if seat.shift.id != shift_id or now < seat.free_from:
            raise CounterTakenError(seat.name, seat.free_from)
        await _note_take_over(session, actor, hall, day.id, seat, now)
        seat.shift.ended_at = now
        await session.flush()
    return await sign_on(session, hall.id, counter, actor.staff_id or 0, letters, now)


async def _note_take_over(  # noqa: PLR0913, PLR0917 - everything the entry says
    session: AsyncSession,
    actor: Actor,
    hall: Hall,
    day_id: int,
    seat: Occupied,
    now: dt.datetime,
) -> None:
    ticket = await _had(session, day_id, seat.shift)
    before = {
        "staff": f"staff/{seat.shift.staff_id}",
        "full_name": seat.name,
        "last_act_at": f"{seat.shift.last_act_at.astimezone(now.tzinfo):%H:%M:%S}",
    }
    after = {
        "staff": f"staff/{actor.staff_id}",
        "full_name": actor.full_name,
        "ticket": ticket.label if ticket else None,
    }
    await note(
        session,
        actor,
        "seat-taken-over",
        f"counter/{hall.id}/{seat.shift.counter}",
        now=now,
        before=before,
        after=after,
        community_id=hall.community_id,
    )


async def _held(
    session: AsyncSession, shift: CounterShift, now: dt.datetime, *, to_take: bool = False
) -> HeldDay:
    """The hall's day, held for an act at this seat. Raises `NotAtCounterError`.

    Every act at a seat begins here, so none can be done at a seat that ended meanwhile, and each
    is remembered as the seat's last.
    """
    day = await held_day(session, shift.hall_id, now, to_take=to_take)
    await session.refresh(shift)
    if shift.ended_at is not None or shift.began_at < seats.midnight(now):
        raise NotAtCounterError
    shift.acted_at = now
    return day


async def touch(session: AsyncSession, shift: CounterShift, now: dt.datetime) -> None:
    """Record an act at a seat that changes none of its tickets."""
    await _held(session, shift, now)
    await session.flush()


async def sign_off(session: AsyncSession, shift: CounterShift, now: dt.datetime) -> None:
    """Raises `CounterBusyError` while a person is at the counter."""
    day = await _held(session, shift, now)
    await _refuse_while_busy(session, day.id, shift)
    shift.ended_at = now
    await session.flush()


async def pause(session: AsyncSession, shift: CounterShift, reason: str, now: dt.datetime) -> None:
    """Stop calling for a while; the screen shows `reason`, and the forecast knows."""
    await _held(session, shift, now)
    shift.paused_at, shift.pause_reason = now, reason
    await session.flush()


async def go_on(session: AsyncSession, shift: CounterShift, now: dt.datetime) -> None:
    await _held(session, shift, now)
    shift.paused_at = shift.pause_reason = None
    await session.flush()


# Calling


async def call_next(session: AsyncSession, shift: CounterShift, now: dt.datetime) -> Ticket:
    """Call the next person in order for this counter.

    Raises `NobodyWaitsError`, `CounterBusyError`, `NotAtCounterError` while paused.
    """
    day, rules, waiting = await _ready(session, shift, now)
    mine = [ticket for ticket in waiting if is_served_by(ticket, shift.counter, shift.letters)]
    if not mine:
        raise NobodyWaitsError
    return await _call(session, day, shift, mine[0], mine, rules, now)


async def call_chosen(
    session: AsyncSession, shift: CounterShift, ticket_id: int, now: dt.datetime
) -> Ticket:
    """Call a chosen ticket: waiting, missed or on hold.

    Raises `WrongStateError`, `CounterBusyError`, `NotAtCounterError`.
    """
    day, rules, waiting = await _ready(session, shift, now)
    chosen = await session.get(Ticket, ticket_id, populate_existing=True)
    callable_ = {TicketState.WAITING, TicketState.NO_SHOW, TicketState.ON_HOLD}
    if chosen is None or chosen.day_id != day.id:
        raise NobodyWaitsError
    if chosen.state not in callable_:
        raise WrongStateError(chosen.state)
    return await _call(session, day, shift, chosen, waiting, rules, now, reason="chosen")


# The caller holds the hall's day, so that a ticket is never called to two counters and none is
# left behind.
async def _ready(
    session: AsyncSession, shift: CounterShift, now: dt.datetime
) -> tuple[HeldDay, QueueRules, list[Ticket]]:
    """The hall's day, now held, its rules and the waiting tickets, for a counter that may call."""
    day = await _held(session, shift, now, to_take=True)
    if shift.paused_at is not None:
        raise NotAtCounterError
    await _refuse_while_busy(session, day.id, shift)
    rules = await rules_of(session, shift.hall_id)
    waiting = await session.scalars(
        select(Ticket)
        .where(Ticket.day_id == day.id, Ticket.state == TicketState.WAITING)
        .execution_options(populate_existing=True)
    )
    return day, rules, in_order(waiting, rules, now)


async def _refuse_while_busy(session: AsyncSession, day_id: int, shift: CounterShift) -> None:
    busy = await _had(session, day_id, shift)
    if busy is not None:
        raise CounterBusyError(busy)


async def _had(session: AsyncSession, day_id: int, shift: CounterShift) -> Ticket | None:
    """The person at this counter, or None; the day must be held."""
    found: Ticket | None = await session.scalar(
        select(Ticket)
        .where(
            Ticket.day_id == day_id,
            Ticket.counter == shift.counter,
            Ticket.state.in_((TicketState.CALLED, TicketState.SERVING)),
        )
        .execution_options(populate_existing=True)
    )
    return found


async def _call(  # noqa: PLR0913, PLR0917 - everything a call says
    session: AsyncSession,
    day: HeldDay,
    shift: CounterShift,
    ticket: Ticket,
    waiting: list[Ticket],
    rules: QueueRules,
    now: dt.datetime,
    reason: str = "",
) -> Ticket:
    others = [other for other in waiting if other.id != ticket.id]
    why = reason if reason and others else why_out_of_turn(ticket, others, rules, now)
    await enter_state(
        session,
        ticket,
        TicketState.CALLED,
        now,
        counter=shift.counter,
        staff_id=shift.staff_id,
        reason=why,
    )
    await _announce(session, day.id, ticket, shift.counter, now)
    return ticket


async def _announce(
    session: AsyncSession, day_id: int, ticket: Ticket, counter: int, now: dt.datetime
) -> None:
    session.add(TicketCall(ticket_id=ticket.id, day_id=day_id, counter=counter, called_at=now))
    record(session, TicketCalled(ticket.id, counter, now))
    await session.flush()


async def at_counter(session: AsyncSession, shift: CounterShift, now: dt.datetime) -> Ticket:
    """The ticket at this counter, with the hall's day held. Raises `NobodyWaitsError`."""
    day = await _held(session, shift, now)
    found = await _had(session, day.id, shift)
    if found is None:
        raise NobodyWaitsError
    return found


async def recall(session: AsyncSession, shift: CounterShift, now: dt.datetime) -> Ticket:
    """Announce the number again. Raises `WrongStateError`."""
    ticket = await _at_counter_in(session, shift, {TicketState.CALLED}, now)
    await _announce(session, ticket.day_id, ticket, shift.counter, now)
    return ticket


async def start(session: AsyncSession, shift: CounterShift, now: dt.datetime) -> Ticket:
    """Start serving the person who was called. Raises `WrongStateError`."""
    ticket = await _at_counter_in(session, shift, {TicketState.CALLED}, now)
    await _set_state_at_counter(session, shift, ticket, TicketState.SERVING, now)
    return ticket


async def finish(session: AsyncSession, shift: CounterShift, now: dt.datetime) -> Ticket:
    """Finish, from called too: sometimes nobody pressed start. Raises `WrongStateError`."""
    both = {TicketState.CALLED, TicketState.SERVING}
    ticket = await _at_counter_in(session, shift, both, now)
    if ticket.state is TicketState.CALLED:
        await _set_state_at_counter(session, shift, ticket, TicketState.SERVING, now)
    await _set_state_at_counter(session, shift, ticket, TicketState.DONE, now)
    return ticket


async def no_show(session: AsyncSession, shift: CounterShift, now: dt.datetime) -> Ticket:
    """过号: the person missed the call and may come back. Raises `WrongStateError`."""
    ticket = await _at_counter_in(session, shift, {TicketState.CALLED}, now)
    await _set_state_at_counter(session, shift, ticket, TicketState.NO_SHOW, now)
    record(session, TicketPassed(ticket.id, now))
    return ticket


async def hold(session: AsyncSession, shift: CounterShift, now: dt.datetime) -> Ticket:
    """Hold: the person fetches something and returns to this counter. Raises `WrongStateError`."""
    ticket = await _at_counter_in(session, shift, {TicketState.SERVING}, now)
    ticket.for_counter = shift.counter
    await _set_state_at_counter(session, shift, ticket, TicketState.ON_HOLD, now)
    return ticket


async def resume(
    session: AsyncSession, shift: CounterShift, ticket_id: int, now: dt.datetime
) -> Ticket:
    """Continue with a ticket that was on hold. Raises `WrongStateError`, `CounterBusyError`."""
    day, _, _ = await _ready(session, shift, now)
    ticket = await session.get(Ticket, ticket_id, populate_existing=True)
    if ticket is None or ticket.day_id != day.id:
        raise NobodyWaitsError
    if ticket.state is not TicketState.ON_HOLD:
        raise WrongStateError(ticket.state)
    await _set_state_at_counter(session, shift, ticket, TicketState.SERVING, now)
    return ticket


async def transfer(
    session: AsyncSession,
    shift: CounterShift,
    now: dt.datetime,
    *,
    category: str | None = None,
    counter: int | None = None,
) -> Ticket:
    """Send the person to a category or a counter; place and priority are kept.

    Raises `WrongStateError`.
    """
    both = {TicketState.CALLED, TicketState.SERVING}
    ticket = await _at_counter_in(session, shift, both, now)
    ticket.category, ticket.for_counter = category or ticket.category, counter
    await _set_state_at_counter(session, shift, ticket, TicketState.WAITING, now, reason="transfer")
    record(session, TicketRequeued(ticket.id, now))
    return ticket


async def undo_call(session: AsyncSession, shift: CounterShift, now: dt.datetime) -> Ticket:
    """Undo a wrong call within `UNDO`; the ticket returns to its place.

    Raises `TooLateError`, `WrongStateError`.
    """
    ticket = await _at_counter_in(session, shift, ANSWERABLE, now)
    period = await open_period(session, ticket.id)
    if now - period.began_at > UNDO:
        raise TooLateError
    before = await session.scalar(
        select(TicketPeriod.state)
        .where(TicketPeriod.ticket_id == ticket.id, TicketPeriod.id < period.id)
        .order_by(TicketPeriod.id.desc())
        .limit(1)
    )
    await session.execute(
        update(TicketCall)
        .where(TicketCall.ticket_id == ticket.id, TicketCall.called_at >= period.began_at)
        .values(undone_at=now)
    )
    await _set_state_at_counter(
        session, shift, ticket, before or TicketState.WAITING, now, reason="undone"
    )
    record(session, TicketRequeued(ticket.id, now))
    return ticket


async def confirm_priority(
    session: AsyncSession, shift: CounterShift, *, is_right: bool, now: dt.datetime
) -> Ticket:
    """Record whether the person's priority is right. From here on it only affects figures."""
    ticket = await at_counter(session, shift, now)
    ticket.is_confirmed = is_right
    if not is_right:
        ticket.priority = None
    await session.flush()
    return ticket


async def tell_missing(
    session: AsyncSession, shift: CounterShift, missing: Sequence[str], now: dt.datetime
) -> Ticket:
    """一次性告知: tell the person everything that is missing, on the ticket's page and on paper."""
    ticket = await at_counter(session, shift, now)
    ticket.missing = tuple(missing)
    await session.flush()
    return ticket


async def _at_counter_in(
    session: AsyncSession,
    shift: CounterShift,
    states: frozenset[TicketState] | set[TicketState],
    now: dt.datetime,
) -> Ticket:
    ticket = await at_counter(session, shift, now)
    if ticket.state not in states:
        raise WrongStateError(ticket.state)
    return ticket


async def _set_state_at_counter(  # noqa: PLR0913, PLR0917 - everything a period says
    session: AsyncSession,
    shift: CounterShift,
    ticket: Ticket,
    state: TicketState,
    now: dt.datetime,
    reason: str = "",
) -> None:
    await enter_state(
        session,
        ticket,
        state,
        now,
        counter=shift.counter,
        staff_id=shift.staff_id,
        reason=reason,
    )
