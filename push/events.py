"""Turns events of the domain into messages, in the events' own transaction.

`Teller` is the recorder given to `Store.before_commit`. A later feature adds a line to `_TELLS`.
"""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Any

from sqlalchemy import select
from sqlalchemy.exc import DBAPIError

from domain.disclosures.happened import InquiryAnswered, InquiryModerated
from domain.disclosures.reminding import DisclosureOwed
from domain.matters.happened import (
    ColleagueAsked,
    MatterAnswered,
    MatterHeld,
    MatterOwed,
    PromiseChanged,
)
from domain.places.tables import Hall
from domain.queue.happened import (
    HallClosesEarly,
    HallHoursChanged,
    QueueAdvanced,
    TicketCalled,
    TicketPassed,
    TicketRequeued,
)
from domain.queue.tables import QueueDay, Ticket, TicketState
from domain.ratings.rating import BadRatingGiven
from push import disclosures, inquiries, matters
from push.office import bad_rating_given
from push.outbox import Note, cause, tell_all
from push.recipients import Recipient
from push.tables import Facts, Kind, TicketWatch
from push.watches import queue_of

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Awaitable, Callable, Sequence

    from sqlalchemy.ext.asyncio import AsyncSession

    from domain.events import Event
    from push.outbox import Ways

log = logging.getLogger("lianxin.push")

SEEN = "push-seen"

# Who is told what.
Told = tuple[Recipient, Note]


class Teller:
    """The recorder that writes messages for an event."""

    def __init__(self, ways: Ways) -> None:
        self._ways = ways

    async def __call__(self, session: AsyncSession, event: Event) -> None:
        """Write each event once, however often a unit of work records it.

        A message that cannot be written is logged and undoes nothing. Raises errors of the store.
        """
        tells = _TELLS.get(type(event))
        seen: set[Event] = session.info.setdefault(SEEN, set())
        if tells is None or event in seen:
            return
        seen.add(event)
        try:
            told = await tells(session, event)
        except DBAPIError:
            # Nothing is written yet, so no message is to blame; PostgreSQL ends the unit here.
            raise
        except Exception as error:  # noqa: BLE001 - whatever it is, the act stands
            why = cause(error)
            log.error("nobody was told of %s: %s", type(event).__name__, why)  # noqa: TRY400 - no values
            return
        await tell_all(session, told, self._ways)


async def _called(session: AsyncSession, event: TicketCalled) -> list[Told]:
    more: Facts = {"counter": event.counter}
    return await _watchers(session, Kind.TICKET_CALLED, [event.ticket_id], event.at, more)


async def _passed(session: AsyncSession, event: TicketPassed) -> list[Told]:
    return await _watchers(session, Kind.TICKET_PASSED, [event.ticket_id], event.at)


async def _moved(session: AsyncSession, event: TicketRequeued) -> list[Told]:
    return await _watchers(session, Kind.TICKET_MOVED, [event.ticket_id], event.at)


async def _closed(session: AsyncSession, event: HallClosesEarly) -> list[Told]:
    return await _watchers(session, Kind.HALL_CLOSED, event.ticket_ids, event.at)


async def _hours(session: AsyncSession, event: HallHoursChanged) -> list[Told]:
    waiting = await session.scalars(
        select(Ticket.id)
        .join(QueueDay, QueueDay.id == Ticket.day_id)
        .where(
            QueueDay.hall_id == event.hall_id,
            QueueDay.day == event.at.date(),
            Ticket.state == TicketState.WAITING,
        )
    )
    more: Facts = {"hours": event.hours or "-"}
    return await _watchers(session, Kind.HALL_HOURS, waiting.all(), event.at, more)


async def _watchers(
    session: AsyncSession,
    kind: Kind,
    ticket_ids: Sequence[int],
    at: dt.datetime,
    more: Facts | None = None,
) -> list[Told]:
    """A note for everybody who follows one of these tickets."""
    rows = await session.execute(
        select(TicketWatch, Ticket, Hall.name)
        .join(Ticket, Ticket.id == TicketWatch.ticket_id)
        .join(QueueDay, QueueDay.id == Ticket.day_id)
        .join(Hall, Hall.id == QueueDay.hall_id)
        .where(TicketWatch.ticket_id.in_(ticket_ids))
        .order_by(TicketWatch.id)
    )
    return [
        (
            watch.recipient,
            Note(kind, subject_of(ticket), _facts(ticket, hall) | (more or {}), at),
        )
        for watch, ticket, hall in rows.all()
    ]


# A person who is overtaken is told again when near again: the watch remembers whether "near" was
# sent since the ticket was last further back.
async def _advanced(session: AsyncSession, event: QueueAdvanced) -> list[Told]:
    """Messages for watchers who came within their distance; re-arms those further back again."""
    rows = await session.execute(
        select(TicketWatch, Ticket, Hall.id.label("hall_id"), Hall.name)
        .join(Ticket, Ticket.id == TicketWatch.ticket_id)
        .join(QueueDay, QueueDay.id == Ticket.day_id)
        .join(Hall, Hall.id == QueueDay.hall_id)
        .where(Ticket.day_id == event.day_id, Ticket.state == TicketState.WAITING)
        .order_by(TicketWatch.id)
    )
    watched = rows.all()
    if not watched:
        return []
    told: list[Told] = []
    queue = await queue_of(session, watched[0].hall_id, event.at)
    for watch, ticket, _, hall in watched:
        ahead = queue.ahead(ticket)
        is_near, was_told = ahead <= watch.ahead, watch.is_told_near
        watch.is_told_near = is_near
        if is_near and not was_told:
            facts = _facts(ticket, hall) | {"ahead": ahead, "distance": watch.ahead}
            note = Note(Kind.TICKET_NEAR, subject_of(ticket), facts, event.at)
            told.append((watch.recipient, note))
    return told


def _facts(ticket: Ticket, hall: str) -> Facts:
    return {
        "ticket": ticket.id,
        "number": ticket.label,
        "token": ticket.token,
        "hall": hall,
    }


def subject_of(ticket: Ticket) -> str:
    """The subject of all messages about a ticket: only the newest counts."""
    return f"ticket/{ticket.id}"


_TELLS: dict[type[Event], Callable[[AsyncSession, Any], Awaitable[list[Told]]]] = {
    BadRatingGiven: bad_rating_given,
    TicketCalled: _called,
    TicketPassed: _passed,
    TicketRequeued: _moved,
    QueueAdvanced: _advanced,
    MatterAnswered: matters.answered,
    InquiryAnswered: inquiries.answered,
    InquiryModerated: inquiries.moderated,
    MatterHeld: matters.waits,
    MatterOwed: matters.waits,
    ColleagueAsked: matters.asked,
    PromiseChanged: matters.promise_changed,
    HallClosesEarly: _closed,
    HallHoursChanged: _hours,
    DisclosureOwed: disclosures.owed,
}
# Events after which there may be something to send.
TOLD = frozenset(_TELLS)
