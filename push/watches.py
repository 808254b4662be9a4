"""关注: who follows a ticket, and how far ahead they want to be told."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import delete, func, select
from sqlalchemy.orm import joinedload, selectinload

from domain.places.tables import Hall
from domain.queue.snapshot import queue_now
from domain.queue.tables import QueueDay, Ticket, TicketState
from domain.store import inserting
from push.errors import NothingToFollowError, TooManyWatchesError
from push.tables import TicketWatch

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Collection, Sequence

    from sqlalchemy.ext.asyncio import AsyncSession

    from domain.queue.snapshot import QueueNow
    from push.recipients import Recipient

# Tickets of today that one recipient may follow.
MOST_OF_ONE = 20
# Recipients who may follow one ticket: a person and their family.
MOST_OF_TICKET = 10


# Only people who asked are told. A watch is made by a tap, also by the family and for a paper
# ticket; the device that took the number gets nothing by itself.
async def follow(
    session: AsyncSession, recipient: Recipient, ticket: Ticket, ahead: int, now: dt.datetime
) -> None:
    """Follow a ticket (loaded with its day), or follow it at another distance.

    A person who is near already sees so on the page, and is told when called. `now` is aware local
    time. Raises `NothingToFollowError`, `TooManyWatchesError`.
    """
    if not (ticket.state.is_active or ticket.state is TicketState.NO_SHOW):
        raise NothingToFollowError
    if ticket.day.day != now.date():
        raise NothingToFollowError
    if await watch_of(session, recipient, ticket.id) is None:
        await _refuse_too_many(session, recipient, ticket, now)
    queue = await queue_of(session, ticket.day.hall_id, now)
    is_near = ticket.state is not TicketState.WAITING or queue.ahead(ticket) <= ahead
    values = {"ahead": ahead, "is_told_near": is_near}
    key = {"ticket_id": ticket.id, "recipient": recipient}
    await session.execute(
        inserting(session, TicketWatch)
        .values(key | values | {"created_at": now})
        .on_conflict_do_update(index_elements=list(key), set_=values)
    )


async def _refuse_too_many(
    session: AsyncSession, recipient: Recipient, ticket: Ticket, now: dt.datetime
) -> None:
    counted = select(func.count()).select_from(TicketWatch)
    of_ticket = await session.scalar(counted.where(TicketWatch.ticket_id == ticket.id)) or 0
    of_one = await session.scalar(
        counted.join(Ticket, Ticket.id == TicketWatch.ticket_id)
        .join(QueueDay, QueueDay.id == Ticket.day_id)
        .where(TicketWatch.recipient == recipient, QueueDay.day == now.date())
    )
    if of_ticket >= MOST_OF_TICKET or (of_one or 0) >= MOST_OF_ONE:
        raise TooManyWatchesError


async def watch_of(
    session: AsyncSession, recipient: Recipient, ticket_id: int
) -> TicketWatch | None:
    """The recipient's watch of a ticket; None if they do not follow it."""
    found: TicketWatch | None = await session.scalar(
        select(TicketWatch).where(
            TicketWatch.ticket_id == ticket_id, TicketWatch.recipient == recipient
        )
    )
    return found


async def unfollow(session: AsyncSession, recipient: Recipient, ticket_id: int) -> None:
    await session.execute(
        delete(TicketWatch).where(
            TicketWatch.ticket_id == ticket_id, TicketWatch.recipient == recipient
        )
    )


async def queue_of(session: AsyncSession, hall_id: int, now: dt.datetime) -> QueueNow:
    """A hall's queue at `now`, aware local time."""
    hall = await session.scalar(
        select(Hall).where(Hall.id == hall_id).options(selectinload(Hall.counters))
    )
    if hall is None:  # pragma: no cover - a hall is never deleted while it has a queue
        raise NothingToFollowError
    return await queue_now(session, hall, now)


async def followed_ticket(session: AsyncSession, ticket_id: int) -> Ticket:
    """A ticket as it is now, with its day."""
    [found] = await followed_tickets(session, {ticket_id})
    return found


async def followed_tickets(session: AsyncSession, ticket_ids: Collection[int]) -> Sequence[Ticket]:
    """Those of the tickets that there are, as they are now, with their days."""
    found = await session.scalars(
        select(Ticket)
        .where(Ticket.id.in_(ticket_ids))
        .options(joinedload(Ticket.day))
        .execution_options(populate_existing=True)
    )
    return found.all()
