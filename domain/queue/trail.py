"""The periods of a ticket: it is always in exactly one, and they follow without a gap."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import select

from domain.events import record
from domain.queue.errors import HoldsOneError
from domain.queue.happened import QueueAdvanced
from domain.queue.tables import HELD, Ticket, TicketPeriod, TicketState

if TYPE_CHECKING:
    import datetime as dt

    from sqlalchemy.ext.asyncio import AsyncSession


# Periods (waiting, called, serving, on hold …) are all that is kept. Waits, service times, the
# day's table and the forecast's history are computed from the same rows, so they cannot disagree.
async def enter_state(  # noqa: PLR0913 - everything a period says
    session: AsyncSession,
    ticket: Ticket,
    state: TicketState,
    now: dt.datetime,
    *,
    counter: int | None = None,
    staff_id: int | None = None,
    reason: str = "",
) -> None:
    """Put a ticket into a state: the open period ends and the next begins, in one flush.

    Raises `HoldsOneError` for a ticket that was over when its device holds another by now.
    """
    if state.is_active and not ticket.state.is_active:
        await _refuse_a_second(session, ticket)
    period = await open_period(session, ticket.id)
    # A clock may go back, a period never ends before it began.
    at = max(now, period.began_at)
    period.ended_at = at
    await session.flush()
    if ticket.state is TicketState.WAITING:
        record(session, QueueAdvanced(ticket.day_id, now))
    ticket.state, ticket.counter = state, counter if state.is_at_counter else None
    session.add(
        TicketPeriod(
            ticket_id=ticket.id,
            state=state,
            counter=counter,
            staff_id=staff_id,
            began_at=at,
            reason=reason,
        )
    )
    await session.flush()


# Also a unique index, which alone would answer with a database error instead of the ticket that the
# device holds. Asked here, because every way back into the queue comes by.
async def _refuse_a_second(session: AsyncSession, ticket: Ticket) -> None:
    if ticket.device_hash is None:
        return
    held = await session.scalar(
        select(Ticket).where(
            Ticket.day_id == ticket.day_id,
            Ticket.letter == ticket.letter,
            Ticket.device_hash == ticket.device_hash,
            HELD,
        )
    )
    if held is not None:
        raise HoldsOneError(held)


async def state_before(session: AsyncSession, ticket_id: int) -> TicketState:
    """The state that a ticket had before its present one."""
    states = await session.scalars(
        select(TicketPeriod.state)
        .where(TicketPeriod.ticket_id == ticket_id)
        .order_by(TicketPeriod.id.desc())
        .limit(2)
    )
    return states.all()[-1]


async def open_period(session: AsyncSession, ticket_id: int) -> TicketPeriod:
    """The present period of a ticket, without a lock."""
    now = select(TicketPeriod).where(
        TicketPeriod.ticket_id == ticket_id, TicketPeriod.ended_at.is_(None)
    )
    return (await session.scalars(now)).one()
