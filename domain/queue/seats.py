"""坐班: who has which counter, and how a counter becomes free without its clerk's own act.

A clerk can forget to sign off, fall ill or lose the role. So a seat ends in four ways: its clerk
signs off, the day is over and the person at the counter has gone, the account or the role ends, or
a colleague ends one that nobody has touched for a while (`handover`).
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import and_, exists, func, or_, select, update

from domain.events import record
from domain.places.tables import Community, Hall
from domain.queue.days import QueueChanged, held_day
from domain.queue.happened import TicketRequeued
from domain.queue.order import A_MOMENT
from domain.queue.tables import CounterShift, QueueDay, Ticket, TicketState
from domain.queue.trail import enter_state
from domain.staff.actor import SERVING
from domain.staff.tables import StaffMember

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from sqlalchemy import ColumnElement
    from sqlalchemy.ext.asyncio import AsyncSession
    from sqlalchemy.orm import InstrumentedAttribute

    from domain.staff.actor import Grant

# How long nothing must have been done at a seat before a colleague may take it over.
UNTOUCHED = dt.timedelta(minutes=10)
# How long after midnight the person who was at a counter then still has its clerk. Longer than any
# visit takes, and over before a clerk could be missed in the morning.
PAST_MIDNIGHT = dt.timedelta(hours=1)


@dataclass(frozen=True)
class Occupied:
    """A seat and the full name of the clerk who has it."""

    shift: CounterShift
    name: str

    @property
    def free_from(self) -> dt.datetime:
        """When a colleague may take the seat over, if nothing is done there until then."""
        return self.shift.last_act_at + UNTOUCHED


def midnight(now: dt.datetime) -> dt.datetime:
    """The beginning of `now`'s day, in the time zone of `now`."""
    return now.replace(hour=0, minute=0, second=0, microsecond=0)


def is_sitting(now: dt.datetime) -> ColumnElement[bool]:
    """The condition that a shift is open and began on `now`'s day (aware local time).

    Or the evening before, while the person of that evening is still at the counter.
    """
    # A clerk who went home without signing off serves nobody the next morning. No clock ends the
    # row, it stays open until the next clerk signs on, so every reader asks for the day as well.
    is_of_today = CounterShift.began_at >= midnight(now)
    eve = now - PAST_MIDNIGHT
    if eve.date() < now.date():
        has_person = exists().where(
            Ticket.counter == CounterShift.counter, *_left(CounterShift.hall_id, eve)
        )
        is_of_eve = and_(CounterShift.began_at >= midnight(eve), has_person)
        is_of_today = or_(is_of_today, is_of_eve)
    return and_(CounterShift.ended_at.is_(None), is_of_today)


def _left(
    hall_id: int | InstrumentedAttribute[int], eve: dt.datetime
) -> tuple[ColumnElement[bool], ...]:
    """The conditions that a ticket is at a counter since the day of `eve`."""
    return (
        Ticket.day_id == QueueDay.id,
        Ticket.counter.is_not(None),
        QueueDay.hall_id == hall_id,
        QueueDay.day == eve.date(),
    )


async def left_over(session: AsyncSession, hall_id: int, now: dt.datetime) -> Sequence[Ticket]:
    """The tickets that were at a counter at midnight and still are, shortly after it."""
    eve = now - PAST_MIDNIGHT
    if eve.date() == now.date():
        return ()
    return (
        await session.scalars(select(Ticket).where(*_left(hall_id, eve)).order_by(Ticket.id))
    ).all()


async def left_at(
    session: AsyncSession, hall_id: int, counter: int, now: dt.datetime
) -> Ticket | None:
    """The ticket that was at this counter at midnight and still is, shortly after it."""
    left = await left_over(session, hall_id, now)
    return next((ticket for ticket in left if ticket.counter == counter), None)


async def seat_at(
    session: AsyncSession, hall_id: int, counter: int, now: dt.datetime
) -> Occupied | None:
    """The seat at one counter; None when it is free."""
    return (await seats_of(session, hall_id, now)).get(counter)


async def seats_of(session: AsyncSession, hall_id: int, now: dt.datetime) -> dict[int, Occupied]:
    """The seats of a hall that a clerk has now, by the number of the counter."""
    rows = await session.execute(
        select(CounterShift, StaffMember.full_name)
        .join(StaffMember, StaffMember.id == CounterShift.staff_id)
        .where(CounterShift.hall_id == hall_id, is_sitting(now))
        .execution_options(populate_existing=True)
    )
    return {shift.counter: Occupied(shift, name) for shift, name in rows}


async def shift_of(session: AsyncSession, staff_id: int, now: dt.datetime) -> CounterShift | None:
    """The shift of a clerk now; None when they have no seat."""
    shift: CounterShift | None = await session.scalar(
        select(CounterShift).where(CounterShift.staff_id == staff_id, is_sitting(now))
    )
    return shift


async def successor_of(
    session: AsyncSession, staff_id: int, hall_id: int, counter: int, now: dt.datetime
) -> tuple[str, dt.datetime] | None:
    """Who took a clerk's seat over today, by full name, and when.

    None when the clerk left the seat in another way, or never had it.
    """
    left_at = await session.scalar(
        select(CounterShift.ended_at)
        .where(
            CounterShift.staff_id == staff_id,
            CounterShift.hall_id == hall_id,
            CounterShift.counter == counter,
            CounterShift.began_at >= midnight(now),
        )
        .order_by(CounterShift.id.desc())
        .limit(1)
    )
    if left_at is None:
        return None
    # A take-over ends one shift and begins the next at the same moment.
    row = (
        await session.execute(
            select(StaffMember.full_name, CounterShift.began_at)
            .join(CounterShift, CounterShift.staff_id == StaffMember.id)
            .where(
                CounterShift.hall_id == hall_id,
                CounterShift.counter == counter,
                CounterShift.began_at == left_at,
                CounterShift.staff_id != staff_id,
            )
        )
    ).first()
    return None if row is None else (row.full_name, row.began_at)


async def end_shifts(session: AsyncSession, now: dt.datetime, *which: ColumnElement[bool]) -> None:
    """End the open shifts that meet all of these conditions."""
    await session.execute(
        update(CounterShift).where(CounterShift.ended_at.is_(None), *which).values(ended_at=now)
    )


async def end_unserved(
    session: AsyncSession, staff_id: int, grants: Iterable[Grant], now: dt.datetime
) -> None:
    """End a person's shift unless one of these grants still lets them serve in that hall.

    The person at the counter is first in line again: nobody may ever sit down there.
    """
    grants = tuple(grants)
    rows = await session.execute(
        select(CounterShift, Community)
        .join(Hall, Hall.id == CounterShift.hall_id)
        .join(Community, Community.id == Hall.community_id)
        .where(CounterShift.staff_id == staff_id, CounterShift.ended_at.is_(None))
    )
    for shift, community in rows.all():
        if not any(grant.role in SERVING and grant.covers(community) for grant in grants):
            shift.ended_at = now
            await first_in_line(session, shift, now)
            record(session, QueueChanged(shift.hall_id))
    await session.flush()


async def first_in_line(session: AsyncSession, shift: CounterShift, now: dt.datetime) -> None:
    """Put the person at a counter without a clerk before all who wait."""
    day = await held_day(session, shift.hall_id, now)
    ticket = await session.scalar(
        select(Ticket).where(Ticket.day_id == day.id, Ticket.counter == shift.counter)
    )
    if ticket is None:
        return
    first = await session.scalar(
        select(func.min(Ticket.place_at)).where(
            Ticket.day_id == day.id, Ticket.state == TicketState.WAITING
        )
    )
    await enter_state(session, ticket, TicketState.WAITING, now, reason="clerk-left")
    if first is not None:
        ticket.place_at = min(ticket.place_at, first - A_MOMENT)
    record(session, TicketRequeued(ticket.id, now))
