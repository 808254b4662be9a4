"""真不真: whether a message is still true, asked just before it is sent."""

from __future__ import annotations

from typing import TYPE_CHECKING

from domain.queue.tables import Ticket, TicketState
from domain.ratings.tables import CallBack
from push.disclosures import DISCLOSURES, is_owed
from push.inquiries import INQUIRIES, inquiry_is_so
from push.matters import MATTERS, matter_is_so, matters_of, promise_is_so
from push.publications import PUBLICATIONS, publication_is_so, titled, titles_of
from push.tables import Facts, Kind
from push.watches import followed_tickets, queue_of

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Collection, Iterable

    from sqlalchemy.ext.asyncio import AsyncSession

    from domain.queue.snapshot import QueueNow
    from push.tables import InboxMessage, OutboxRow

# Of PostgreSQL's INTEGER, which every id is.
LARGEST_ID = 2**31 - 1
# The states of the ticket in which a message is true.
STATES = {
    Kind.TICKET_NEAR: TicketState.WAITING,
    Kind.TICKET_CALLED: TicketState.CALLED,
    Kind.TICKET_PASSED: TicketState.NO_SHOW,
    Kind.TICKET_MOVED: TicketState.WAITING,
    Kind.HALL_CLOSED: TicketState.CLOSED,
    Kind.HALL_HOURS: TicketState.WAITING,
}


# What a message names badly is found out when that message is asked about, and fails it alone.
def _named(
    rows: Iterable[OutboxRow | InboxMessage], name: str, kinds: Collection[Kind]
) -> set[int]:
    """The ids that messages of these kinds name."""
    found = (row.facts.get(name) for row in rows if row.kind in kinds)
    return {each for each in found if isinstance(each, int) and 0 < each <= LARGEST_ID}


# A queue moves while messages wait. A notification that says "three ahead" to a person who is
# being served costs more trust than none at all.
class Truth:
    """The truth at `now`, aware local time. A hall's queue is read once."""

    def __init__(self, session: AsyncSession, now: dt.datetime) -> None:
        self._session, self._now = session, now
        self._tickets: dict[int, Ticket] = {}
        self._queues: dict[int, QueueNow] = {}
        self._matters: list[object] = []
        # What a thousand followers are told is asked once.
        self._held: dict[tuple[object, ...], bool] = {}

    async def read(self, rows: Collection[OutboxRow | InboxMessage]) -> None:
        """Read the tickets and matters of these messages at once."""
        # A session forgets what nobody holds, and would read it again for each message.
        self._matters = await matters_of(self._session, _named(rows, "matter", MATTERS))
        if ids := _named(rows, "ticket", STATES):
            found = await followed_tickets(self._session, ids)
            self._tickets |= {ticket.id: ticket for ticket in found}

    async def of(self, kind: Kind, facts: Facts) -> Facts | None:
        """The facts as they are now; None if the message is no longer true."""
        if kind not in STATES:
            key = kind, *sorted(facts.items())
            if key not in self._held:
                self._held[key] = await self._holds(kind, facts)
            return facts if self._held[key] else None
        ticket = await self._ticket(int(facts["ticket"]))
        if ticket.state is not STATES[kind] or ticket.day.day != self._now.date():
            return None
        if kind is Kind.TICKET_CALLED:
            return facts if ticket.counter == facts["counter"] else None
        if kind is Kind.TICKET_NEAR:
            ahead = (await self._queue(ticket.day.hall_id)).ahead(ticket)
            return facts | {"ahead": ahead} if ahead <= int(facts["distance"]) else None
        return facts

    async def titled(self, facts: Facts) -> Facts:
        """The facts with the title of what was published, if they speak of that."""
        return titled(facts, await titles_of(self._session, [facts]))

    async def _holds(self, kind: Kind, facts: Facts) -> bool:
        """Whether a message that is not about a ticket is still true."""
        if kind is Kind.BAD_RATING:
            return not await self._is_answered(int(facts["callback"]))
        if kind in PUBLICATIONS:
            return await publication_is_so(self._session, kind, facts, self._now)
        if kind in INQUIRIES:
            return await inquiry_is_so(self._session, kind, facts)
        if kind in DISCLOSURES:
            return await is_owed(self._session, facts)
        if kind is Kind.PROMISE_NEWS:
            return await promise_is_so(self._session, facts)
        return kind not in MATTERS or await matter_is_so(self._session, kind, facts)

    async def _is_answered(self, call_back_id: int) -> bool:
        call_back = await self._session.get(CallBack, call_back_id)
        return call_back is not None and call_back.done_on is not None

    async def _ticket(self, ticket_id: int) -> Ticket:
        if ticket_id not in self._tickets:
            [self._tickets[ticket_id]] = await followed_tickets(self._session, {ticket_id})
        return self._tickets[ticket_id]

    async def _queue(self, hall_id: int) -> QueueNow:
        if hall_id not in self._queues:
            self._queues[hall_id] = await queue_of(self._session, hall_id, self._now)
        return self._queues[hall_id]
