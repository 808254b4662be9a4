"""At the counter: sign on, call, serve, hold, transfer, undo."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

from sqlalchemy import delete, select, update

from domain.events import record
from domain.queue import seats
from domain.queue.days import held_day, rules_of
from domain.queue.errors import (
    AtAnotherCounterError,
    CounterBusyError,
    CounterTakenError,
    NobodyWaitsError,
    NotAtCounterError,
    QueueClosedError,
    TooLateError,
    WrongStateError,
)
from domain.queue.happened import TicketCalled, TicketPassed, TicketRequeued
from domain.queue.order import in_order, may_call, why_out_of_turn
from domain.queue.shift_plan import LAST_DAYS
from domain.queue.tables import (
    CounterPause,
    CounterShift,
    Ticket,
    TicketCall,
    TicketPeriod,
    TicketState,
    VisitOutcome,
)
from domain.queue.trail import enter_state, open_period, state_before

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy.ext.asyncio import AsyncSession

    from domain.queue.days import HeldDay
    from domain.queue.tables import QueueRules

# How long a wrong call, finish or missed call can be undone.
UNDO = dt.timedelta(seconds=10)
# Why a ticket is in a state again, as a word for the desk.
UNDONE = "undone"
CALLED = frozenset({TicketState.CALLED})
AT_COUNTER = frozenset({TicketState.CALLED, TicketState.SERVING})


# Signing on


async def sign_on(  # noqa: PLR0913, PLR0917 - who, where, for what, since when
    session: AsyncSession,
    hall_id: int,
    counter: int,
    staff_id: int,
    letters: Sequence[str],
    now: dt.datetime,
) -> CounterShift:
    """Sign on to a counter, and off from any other.

    Raises `CounterTakenError`, `CounterBusyError` while a person is at the other counter.
    """
    await held_day(session, hall_id, now, to_take=True)
    # What was left open on an earlier day ends with the first clerk of a new one.
    await seats.end_shifts(session, now, CounterShift.hall_id == hall_id, ~seats.is_sitting(now))
    seat = await seats.seat_at(session, hall_id, counter, now)
    if seat is not None and seat.shift.staff_id != staff_id:
        raise CounterTakenError(seat.name, seat.free_from)
    other = await seats.shift_of(session, staff_id, now)
    if other is not None and (other.hall_id, other.counter) != (hall_id, counter):
        await StaffedCounter(session, other, now).sign_off()
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


async def ticket_at(session: AsyncSession, day_id: int, counter: int) -> Ticket | None:
    """The person at this counter, or None; the day must be held."""
    found: Ticket | None = await session.scalar(
        select(Ticket)
        .where(
            Ticket.day_id == day_id,
            Ticket.counter == counter,
            Ticket.state.in_(AT_COUNTER),
        )
        .execution_options(populate_existing=True)
    )
    return found


def can_be_undone(call: TicketPeriod, now: dt.datetime) -> bool:
    """Whether this period began with a call of a moment ago, and not with an end taken back."""
    return now - call.began_at <= UNDO and call.reason != UNDONE


async def last_ended(
    session: AsyncSession, day_id: int, shift: CounterShift, now: dt.datetime
) -> tuple[Ticket, TicketPeriod] | None:
    """The ticket that this clerk finished or passed last, if it can be taken back, and since when.

    None later than `UNDO`, or when something else happened to it since.
    """
    wanted = (
        select(Ticket, TicketPeriod)
        .join(TicketPeriod, TicketPeriod.ticket_id == Ticket.id)
        .where(
            Ticket.day_id == day_id,
            Ticket.state.in_((TicketState.DONE, TicketState.NO_SHOW)),
            TicketPeriod.ended_at.is_(None),
            TicketPeriod.counter == shift.counter,
            TicketPeriod.staff_id == shift.staff_id,
            TicketPeriod.began_at >= now.astimezone(dt.UTC) - UNDO,
        )
        .order_by(TicketPeriod.id.desc())
        .limit(1)
        .execution_options(populate_existing=True)
    )
    row = (await session.execute(wanted)).first()
    return None if row is None else (row.Ticket, row.TicketPeriod)


class StaffedCounter:
    """A counter with the clerk who has signed on there, at one moment, in one unit of work."""

    def __init__(self, session: AsyncSession, shift: CounterShift, now: dt.datetime) -> None:
        self.session, self.shift, self.now = session, shift, now
        # A moment of the day that the person at the counter belongs to.
        self._moment = now

    async def _held(self, *, to_take: bool = False) -> HeldDay:
        """The hall's day, held for an act at this seat. Raises `NotAtCounterError`.

        Every act at a seat begins here, so none can be done at a seat that ended meanwhile,
        and each is remembered as the seat's last. Shortly after midnight it is the day before, as
        long as someone of that day is here.
        """
        hall_id, counter = self.shift.hall_id, self.shift.counter
        if await seats.left_at(self.session, hall_id, counter, self.now) is not None:
            self._moment = self.now - seats.PAST_MIDNIGHT
        day = await held_day(self.session, hall_id, self._moment, to_take=to_take)
        await self.session.refresh(self.shift)
        if self.shift.ended_at is not None or self.shift.began_at < seats.midnight(self._moment):
            raise NotAtCounterError
        self.shift.acted_at = self.now
        return day

    async def touch(self) -> None:
        """Record an act at a seat that changes none of its tickets."""
        await self._held()
        await self.session.flush()

    async def sign_off(self) -> None:
        """Raises `CounterBusyError` while a person is at the counter."""
        day = await self._held()
        await self._refuse_while_busy(day.id)
        self.shift.ended_at = self.now
        await self.session.flush()

    async def pause(self, reason: str, back_at: dt.datetime | None = None) -> None:
        """Stop calling for a while; the screen shows `reason`, and the forecast knows."""
        await self._held()
        self.shift.paused_at, self.shift.pause_reason = self.now, reason
        self.shift.back_at = back_at
        await self.session.flush()

    async def go_on(self) -> None:
        """Call again; the pause is kept for as long as the forecast learns from it."""
        await self._held()
        shift = self.shift
        if shift.paused_at is not None:
            pause = CounterPause(
                hall_id=shift.hall_id,
                counter=shift.counter,
                began_at=shift.paused_at,
                ended_at=max(self.now, shift.paused_at),
            )
            self.session.add(pause)
            await self.session.execute(
                delete(CounterPause).where(
                    CounterPause.hall_id == shift.hall_id,
                    CounterPause.began_at < self.now - LAST_DAYS,
                )
            )
        shift.paused_at = shift.pause_reason = shift.back_at = None
        await self.session.flush()

    async def call_next(self) -> Ticket:
        """Call the next person in order for this counter.

        Raises `NobodyWaitsError`, `CounterBusyError`, `NotAtCounterError` while paused.
        """
        day, rules, waiting = await self._ready()
        taken = await seats.seats_of(self.session, self.shift.hall_id, self.now)
        here = self.shift.counter, self.shift.letters
        mine = [each for each in waiting if may_call(each, *here, taken, rules, self.now)]
        elsewhere = await self._at_counters(day)
        mine = [each for each in mine if each.device_hash not in elsewhere]
        if not mine:
            raise NobodyWaitsError
        return await self._call(day, mine[0], mine, rules)

    async def call_chosen(self, ticket_id: int) -> Ticket:
        """Call a chosen ticket: waiting, missed or on hold.

        Raises `WrongStateError`, `CounterBusyError`, `NotAtCounterError`, `HoldsOneError`,
        `AtAnotherCounterError`.
        """
        day, rules, waiting = await self._ready()
        chosen = await self.session.get(Ticket, ticket_id, populate_existing=True)
        callable_ = {TicketState.WAITING, TicketState.NO_SHOW, TicketState.ON_HOLD}
        if chosen is None or chosen.day_id != day.id:
            raise NobodyWaitsError
        if chosen.state not in callable_:
            raise WrongStateError(chosen.state)
        if other := (await self._at_counters(day)).get(chosen.device_hash or ""):
            raise AtAnotherCounterError(other)
        return await self._call(day, chosen, waiting, rules, reason="chosen")

    # A phone may hold a number of each category, but the person who carries it is one. The numbers
    # that are passed over keep their place, so they are next once the person is free.
    async def _at_counters(self, day: HeldDay) -> dict[str, Ticket]:
        """The tickets at any counter of the hall, by the device that took them."""
        tickets = await self.session.scalars(
            select(Ticket).where(
                Ticket.day_id == day.id,
                Ticket.counter.is_not(None),
                Ticket.device_hash.is_not(None),
            )
        )
        return {ticket.device_hash or "": ticket for ticket in tickets}

    # The day is held, so that a ticket is never called to two counters and none is left behind.
    async def _ready(self) -> tuple[HeldDay, QueueRules, list[Ticket]]:
        """The hall's day, now held, its rules and the waiting tickets.

        Raises `NotAtCounterError` while paused, `CounterBusyError`.
        """
        day = await self._held(to_take=True)
        if self.shift.paused_at is not None:
            raise NotAtCounterError
        await self._refuse_while_busy(day.id)
        rules = await rules_of(self.session, self.shift.hall_id)
        waiting = await self.session.scalars(
            select(Ticket)
            .where(Ticket.day_id == day.id, Ticket.state == TicketState.WAITING)
            .execution_options(populate_existing=True)
        )
        return day, rules, in_order(waiting, rules, self.now)

    async def _refuse_while_busy(self, day_id: int) -> None:
        busy = await ticket_at(self.session, day_id, self.shift.counter)
        if busy is not None:
            raise CounterBusyError(busy)

    async def _call(
        self,
        day: HeldDay,
        ticket: Ticket,
        waiting: list[Ticket],
        rules: QueueRules,
        reason: str = "",
    ) -> Ticket:
        others = [other for other in waiting if other.id != ticket.id]
        why = reason if reason and others else why_out_of_turn(ticket, others, rules, self.now)
        await enter_state(
            self.session,
            ticket,
            TicketState.CALLED,
            self.now,
            counter=self.shift.counter,
            staff_id=self.shift.staff_id,
            reason=why,
        )
        await self._announce(day.id, ticket)
        return ticket

    async def _announce(self, day_id: int, ticket: Ticket) -> None:
        period = await open_period(self.session, ticket.id)
        at = max(self.now, period.began_at)
        self.session.add(
            TicketCall(ticket_id=ticket.id, day_id=day_id, counter=self.shift.counter, called_at=at)
        )
        record(self.session, TicketCalled(ticket.id, self.shift.counter, self.now))
        await self.session.flush()

    async def at_counter(self) -> Ticket:
        """The ticket at this counter, with the hall's day held. Raises `NobodyWaitsError`."""
        day = await self._held()
        ticket = await ticket_at(self.session, day.id, self.shift.counter)
        if ticket is None:
            raise NobodyWaitsError
        return ticket

    async def recall(self) -> Ticket:
        """Announce the number again. Raises `WrongStateError`."""
        ticket = await self._at_counter_in(CALLED)
        await self._announce(ticket.day_id, ticket)
        return ticket

    async def start(self) -> Ticket:
        """Start serving the person who was called. Raises `WrongStateError`."""
        ticket = await self._at_counter_in(CALLED)
        await self._set_state(ticket, TicketState.SERVING)
        return ticket

    async def finish(self, outcome: VisitOutcome = VisitOutcome.DONE) -> Ticket:
        """Finish, from called too: sometimes nobody pressed start. Raises `WrongStateError`."""
        ticket = await self._at_counter_in(AT_COUNTER)
        if ticket.state is TicketState.CALLED:
            await self._set_state(ticket, TicketState.SERVING)
        ticket.outcome = outcome
        await self._set_state(ticket, TicketState.DONE)
        return ticket

    async def no_show(self) -> Ticket:
        """过号: the person missed the call and may come back. Raises `WrongStateError`."""
        ticket = await self._at_counter_in(CALLED)
        await self._set_state(ticket, TicketState.NO_SHOW)
        record(self.session, TicketPassed(ticket.id, self.now))
        return ticket

    async def hold(self) -> Ticket:
        """Hold: the person fetches something and returns here.

        Raises `WrongStateError`, `QueueClosedError` when their day is over.
        """
        ticket = await self._at_counter_in(frozenset({TicketState.SERVING}))
        ticket.for_counter = self.shift.counter
        await self._set_state(ticket, TicketState.ON_HOLD)
        return ticket

    async def resume(self, ticket_id: int) -> Ticket:
        """Continue with a ticket that was on hold. Raises `WrongStateError`, `CounterBusyError`."""
        day, _, _ = await self._ready()
        ticket = await self.session.get(Ticket, ticket_id, populate_existing=True)
        if ticket is None or ticket.day_id != day.id:
            raise NobodyWaitsError
        if ticket.state is not TicketState.ON_HOLD:
            raise WrongStateError(ticket.state)
        await self._set_state(ticket, TicketState.SERVING)
        return ticket

    async def transfer(self, *, category: str | None = None, counter: int | None = None) -> Ticket:
        """Send the person to a category or a counter; place and priority are kept.

        Raises `WrongStateError`, `QueueClosedError` when their day is over.
        """
        ticket = await self._at_counter_in(AT_COUNTER)
        ticket.category, ticket.for_counter = category or ticket.category, counter
        await self._set_state(ticket, TicketState.WAITING, reason="transfer")
        record(self.session, TicketRequeued(ticket.id, self.now))
        return ticket

    async def undo(self) -> Ticket:
        """Undo the last call, finish or missed call within `UNDO`.

        Raises `NobodyWaitsError`, `TooLateError`, `WrongStateError`, `HoldsOneError`,
        `QueueClosedError`.
        """
        day = await self._held(to_take=True)
        if await ticket_at(self.session, day.id, self.shift.counter) is not None:
            return await self.undo_call()
        ended = await last_ended(self.session, day.id, self.shift, self.now)
        if ended is None:
            raise NobodyWaitsError
        ticket, _ = ended
        ticket.outcome = None
        await self._set_state(ticket, await self._state_to_return_to(ticket), reason=UNDONE)
        return ticket

    async def _state_to_return_to(self, ticket: Ticket) -> TicketState:
        """What an ended ticket was before: called, if nobody had pressed start."""
        periods = await self.session.scalars(
            select(TicketPeriod)
            .where(TicketPeriod.ticket_id == ticket.id)
            .order_by(TicketPeriod.id.desc())
            .offset(1)
            .limit(1)
        )
        before = periods.one()
        is_served = before.state is TicketState.SERVING and before.began_at != before.ended_at
        return TicketState.SERVING if is_served else TicketState.CALLED

    async def undo_call(self) -> Ticket:
        """Undo a wrong call within `UNDO`; the ticket returns to its place.

        Raises `TooLateError`, `WrongStateError`.
        """
        ticket = await self._at_counter_in(CALLED)
        period = await open_period(self.session, ticket.id)
        if not can_be_undone(period, self.now):
            raise TooLateError
        before = await state_before(self.session, ticket.id)
        await self.session.execute(
            update(TicketCall)
            .where(TicketCall.ticket_id == ticket.id, TicketCall.called_at >= period.began_at)
            .values(undone_at=self.now)
        )
        await self._set_state(ticket, before, reason=UNDONE)
        record(self.session, TicketRequeued(ticket.id, self.now))
        return ticket

    async def confirm_priority(self, *, is_right: bool) -> Ticket:
        """Record whether the priority is right; if not, its place in the order goes too."""
        ticket = await self.at_counter()
        ticket.is_confirmed = is_right
        if not is_right:
            ticket.refused_priority = ticket.priority or ticket.refused_priority
            ticket.priority = None
            ticket.place_at = max(ticket.place_at, ticket.joined_at)
        await self.session.flush()
        return ticket

    async def tell_missing(self, missing: Sequence[str]) -> Ticket:
        """一次性告知: tell the person all that is missing, on the ticket's page and on paper."""
        ticket = await self.at_counter()
        ticket.missing = tuple(missing)
        await self.session.flush()
        return ticket

    async def _at_counter_in(self, states: frozenset[TicketState]) -> Ticket:
        ticket = await self.at_counter()
        if ticket.state not in states:
            raise WrongStateError(ticket.state)
        return ticket

    async def _set_state(self, ticket: Ticket, state: TicketState, reason: str = "") -> None:
        # Nobody would call them there.
        if self._moment != self.now and state in {TicketState.WAITING, TicketState.ON_HOLD}:
            raise QueueClosedError(None)
        await enter_state(
            self.session,
            ticket,
            state,
            self.now,
            counter=self.shift.counter,
            staff_id=self.shift.staff_id,
            reason=reason,
        )
