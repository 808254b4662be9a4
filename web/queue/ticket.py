"""我的号: a ticket's page, its changing part, and its stream."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, fields, replace
from functools import partial
from http import HTTPStatus
from typing import TYPE_CHECKING, Any, ClassVar

from starlette.exceptions import HTTPException

from domain.places.tables import Hall
from domain.queue.tables import Ticket, TicketState
from domain.queue.tickets import placed_ticket, tickets_of_device
from domain.ratings.tables import RatingLevel, RatingTag
from push.recipients import device as recipient_of
from web.notifications.watching import NOT_WATCHING, Watching, watching
from web.queue.position import TicketPosition, position
from web.ratings.rating import Rated, rated
from web.site.errors import found_or_404
from web.site.forms import number
from web.site.live import LiveStream
from web.site.pages import Page

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncSession
    from starlette.responses import Response

    from domain.content import OpeningPeriod
    from domain.handbook.tables import Category, ServiceItem
    from domain.places.tables import Community
    from domain.queue.snapshot import QueueNow
    from web.running.services import Services
    from web.site.visits import ResidentVisit


@dataclass(frozen=True, kw_only=True)
class TicketNow(Page):
    """The changing part of a ticket's page."""

    template: ClassVar[str] = "queue/_ticket_part.html"
    tab: ClassVar[str] = "take"
    ticket: Ticket
    position: TicketPosition
    category: Category
    items: tuple[ServiceItem, ...]
    is_own: bool
    is_today: bool
    # When the hall opens next, if it is closed now.
    opens_at: dt.datetime | None
    may_let: bool
    may_return: bool
    # Who refused the priority that was asked for: the hall's `rule`, or the `counter`; else empty.
    refused_by: str
    rated: Rated
    levels: tuple[RatingLevel, ...] = tuple(RatingLevel)
    tags: tuple[RatingTag, ...] = tuple(RatingTag)
    # Why the last action was refused: `not-yours`, `state`, `often`, `holds`, `alone`, `level`,
    # `phone`, `ahead`, `watches`, `much`.
    trouble: str = ""


@dataclass(frozen=True, kw_only=True)
class TicketPage(TicketNow):
    template: ClassVar[str] = "queue/ticket.html"
    # Whether nothing can change any more, so that the page need not stay live.
    is_over: bool
    # Whether the visitor is notified about the ticket.
    watching: Watching = NOT_WATCHING
    # What the last act did: people who were let go first, that the person is back in line, or that
    # they are no longer notified.
    let: int = 0
    is_back: bool = False
    has_left: bool = False


@dataclass(frozen=True, kw_only=True)
class NoTicket(Page):
    """No ticket has this address."""

    template: ClassVar[str] = "queue/no_ticket.html"
    tab: ClassVar[str] = "take"
    status: ClassVar[int] = HTTPStatus.NOT_FOUND


@dataclass(frozen=True, kw_only=True)
class MyTickets(Page):
    """The numbers that this device took today."""

    template: ClassVar[str] = "queue/_mine.html"
    # Each with the name of its community.
    tickets: tuple[tuple[Ticket, str], ...]


async def _found(visit: ResidentVisit, trouble: str = "") -> TicketPage | None:
    """The page of the ticket in the address; None if no ticket has it."""
    form = visit.form if trouble else None
    async with visit.services.store.read() as session:
        placed = await placed_ticket(session, visit.params["token"])
        if placed is None:
            return None
        community = await visit.published.community(placed.slug, session)
        now = await visit.services.waits.look(
            session, community.hall, visit.published.calendar, visit.now, placed.version
        )
        rating = await rated(session, visit, placed.ticket, visit.device, form)
    return _page(visit, community, now, placed.ticket, rating, trouble)


def _page(  # noqa: PLR0913, PLR0917 - everything a ticket's page says
    visit: ResidentVisit,
    community: Community,
    now: QueueNow,
    ticket: Ticket,
    rating: Rated,
    trouble: str,
) -> TicketPage:
    handbook = visit.published.handbook
    # Midnight takes nobody from a counter.
    is_today = ticket.day.day == visit.today or ticket.id in now.by_id
    is_missed = ticket.state is TicketState.NO_SHOW and not now.is_closed
    return TicketPage(
        community=community,
        ticket=ticket,
        position=position(visit.services, now, ticket, visit.hall_state(community).today),
        category=handbook.by_letter[ticket.category],
        items=tuple(handbook.items[slug] for slug in ticket.items if slug in handbook.items),
        is_own=visit.device is not None and visit.device == ticket.device_hash,
        is_today=is_today,
        opens_at=visit.hall_state(community).opens_at,
        may_let=ticket.lets < now.rules.most_lets,
        may_return=is_missed and ticket.returns < now.rules.most_returns,
        refused_by=_refused_by(ticket, now),
        rated=rating,
        trouble=trouble,
        is_over=not is_today or not (ticket.state.is_active or is_missed),
    )


def _refused_by(ticket: Ticket, now: QueueNow) -> str:
    if ticket.refused_priority is None:
        return ""
    return "counter" if ticket.refused_priority in now.rules.kinds else "rule"


async def show(visit: ResidentVisit) -> Page:
    """A ticket: the device's own, or another that it may only follow."""
    return await show_again(visit, "")


async def show_again(visit: ResidentVisit, trouble: str) -> Page:
    """The page again, with the reason why an action was refused."""
    found = await _found(visit, trouble)
    if found is None:
        return NoTicket()
    recipient = None if visit.device is None else recipient_of(visit.device)
    watched = await watching(visit.services, recipient, found.ticket)
    return replace(
        found,
        watching=watched,
        let=number(visit.query.get("let", "")) or 0,
        is_back="back" in visit.query,
        has_left="left" in visit.query and watched.ahead is None,
    )


async def part(visit: ResidentVisit) -> Page:
    """The changing part alone."""
    found = found_or_404(await _found(visit))
    return TicketNow(**{field.name: getattr(found, field.name) for field in fields(TicketNow)})


async def stream(visit: ResidentVisit) -> Response:
    """The changes as they happen. The hall's feed reads the queue once for all its streams."""
    async with visit.services.store.read() as session:
        placed = await placed_ticket(session, visit.params["token"])
        if placed is None:
            raise HTTPException(HTTPStatus.NOT_FOUND)
        community = await visit.published.community(placed.slug, session)
    ticket = placed.ticket
    # Ten thousand streams may stay for hours: each keeps a number and a time, and no row.
    since = visit.now if ticket.state.is_active else None
    hours = visit.hall_state(community).today
    words = partial(_words, visit.services, ticket.id, since, hours)
    return LiveStream(visit.services.live, community.hall, words)


def _words(
    services: Services,
    ticket_id: int,
    since: dt.datetime | None,
    hours: tuple[OpeningPeriod, ...],
    now: QueueNow,
) -> dict[str, Any] | None:
    """The message for a ticket that was active at `since`; None once it is over."""
    found = now.by_id.get(ticket_id)
    if found is not None:
        return position(services, now, found, hours).words
    # A snapshot from before the ticket was taken knows nothing of it yet.
    return {} if since is not None and now.now < since else None


async def mine(visit: ResidentVisit) -> Page:
    """The numbers that this device took today, in any hall."""
    if visit.device is None:
        return MyTickets(tickets=())
    async with visit.services.store.read() as session:
        tickets = await tickets_of_device(session, visit.device, visit.today)
        named = [(ticket, await _place(visit, session, ticket)) for ticket in tickets]
    return MyTickets(tickets=tuple(named))


async def _place(visit: ResidentVisit, session: AsyncSession, ticket: Ticket) -> str:
    """The name of the community in whose hall a ticket was taken."""
    hall = await session.get(Hall, ticket.day.hall_id)
    return visit.place_of(None, hall.community_id if hall else 0)[0]
