"""What happens to a ticket is a period after another; every figure comes from these."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import select, update

from domain.events import record
from domain.queue.happened import QueueAdvanced
from domain.queue.tables import Ticket, TicketPeriod, TicketState

if TYPE_CHECKING:
    import datetime as dt

    from sqlalchemy.ext.asyncio import AsyncSession


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
    """Put a ticket into a state: the open period ends and the next begins, in one flush."""
    await session.execute(
        update(TicketPeriod)
        .where(TicketPeriod.ticket_id == ticket.id, TicketPeriod.ended_at.is_(None))
        .values(ended_at=now)
    )
    if ticket.state is TicketState.WAITING:
        record(session, QueueAdvanced(ticket.day_id, now))
    ticket.state, ticket.counter = state, counter if state.is_at_counter else None
    session.add(
        TicketPeriod(
            ticket_id=ticket.id,
            state=state,
            counter=counter,
            staff_id=staff_id,
            began_at=now,
            reason=reason,
        )
    )
    await session.flush()


async def open_period(session: AsyncSession, ticket_id: int) -> TicketPeriod:
    """What a ticket is now, and since when; to look at."""
    now = select(TicketPeriod).where(
        TicketPeriod.ticket_id == ticket_id, TicketPeriod.ended_at.is_(None)
    )
    return (await session.scalars(now)).one()
