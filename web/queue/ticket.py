"""我的号: a ticket's page, its changing part, its stream, and what its owner can do with it."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, fields, replace
from functools import partial
from http import HTTPStatus
from typing import TYPE_CHECKING, Any, ClassVar

from starlette.exceptions import HTTPException

from domain.hours import hall_state
from domain.places.tables import Hall
from domain.queue import tickets as verbs
from domain.queue.errors import (
    HoldsOneError,
    NotYoursError,
    QueueClosedError,
    TooOftenError,
    WrongStateError,
)
from domain.queue.snapshot import queue_now
from domain.queue.tables import Ticket, TicketState
from domain.queue.tickets import community_of_ticket, ticket_of, tickets_of_device
from domain.ratings.rating import NotRateableError, RatedAlreadyError
from domain.ratings.tables import RatingLevel, RatingTag
from web.notifications.recipients import device_of
from web.notifications.watching import NOBODYS, Watching, watching
from web.ratings.rating import Rated, UnclearError, opinion_of, rate_own, rated
from web.site.answers import moved, respond, visit_of
from web.site.device_key import device_hash
from web.site.forms import form_of, number
from web.site.live import LiveStream
from web.site.pages import Page
from web.site.words import time_words

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from sqlalchemy.ext.asyncio import AsyncSession
    from starlette.requests import Request
    from starlette.responses import Response

    from domain.handbook.tables import Category, ServiceItem
    from domain.places.tables import Community
    from domain.queue.forecast import Forecast
    from domain.queue.snapshot import Call, QueueNow
    from web.running.services import House
    from web.site.forms import Form
    from web.site.visit import Visit

    Verb = Callable[[AsyncSession, Ticket, dt.datetime], Awaitable[None]]

NEXT = 2
"""People ahead from which one should stand near the counters."""
MOST_PASSING = 5


@dataclass(frozen=True)
class Standing:
    """Where a ticket stands in its hall's queue, as every form of the page says it."""

    ticket: Ticket
    ahead: int
    forecast: Forecast | None
    call: Call | None
    """What is being called now, of the counters that may call this ticket."""
    ring: int
    """Rises with each call of this ticket, so that a phone rings once for each."""
    at: dt.datetime

    @property
    def is_soon(self) -> bool:
        """Whether one should stay near."""
        near = self.forecast is not None and self.forecast.is_soon
        return self.ahead <= NEXT or near

    @property
    def wait(self) -> str:
        """The range of the wait in minutes."""
        return f"{self.forecast.low}–{self.forecast.high}" if self.forecast else ""

    @property
    def back_at(self) -> dt.datetime | None:
        """When to be back in the hall; None when one should not leave."""
        return None if self.is_soon or not self.forecast else self.forecast.back_at(self.at)

    @property
    def mark(self) -> str:
        """Changes with everything that the page's numbers alone do not say."""
        ticket = self.ticket
        parts = (
            ticket.state.value,
            ticket.counter,
            ticket.category,
            ticket.for_counter,
            ticket.priority,
            ticket.lets,
            ticket.returns,
            len(ticket.missing),
            "/".join(ticket.missing),
            self.ring,
            self.is_soon,
            self.forecast is None,
            self.call is None,
        )
        return "|".join(map(str, parts))

    @property
    def words(self) -> dict[str, Any]:
        """What a stream says: the numbers, and the mark of all else."""
        back = self.back_at
        return {
            "mark": self.mark,
            "ahead": self.ahead,
            "wait": self.wait,
            "back": time_words(back) if back else "",
            "calling": self.call.number if self.call else "",
            "counter": self.call.counter if self.call else 0,
            "ring": self.ring,
            "at": time_words(self.at),
        }


def standing(house: House, now: QueueNow, ticket: Ticket) -> Standing:
    """Where a ticket stands; `ticket` as it is in `now`, or over."""
    waits = ticket.state is TicketState.WAITING
    ring = next((each.id for each in now.calls if each.number == ticket.shown), 0)
    return Standing(
        ticket=ticket,
        ahead=now.ahead(ticket),
        forecast=house.waits.outlook(now).of(ticket) if waits else None,
        call=next((each for each in now.calls if each.number != ticket.shown), None),
        ring=ring if ticket.state is TicketState.CALLED else 0,
        at=now.now,
    )


@dataclass(frozen=True, kw_only=True)
class TicketNow(Page):
    """The changing part of a ticket's page."""

    template: ClassVar[str] = "queue/_ticket.html"
    tab: ClassVar[str] = "take"
    ticket: Ticket
    standing: Standing
    category: Category
    items: tuple[ServiceItem, ...]
    is_own: bool
    is_today: bool
    opens_at: dt.datetime | None
    """When the hall opens next, if it is closed now."""
    may_let: bool
    may_return: bool
    rated: Rated
    levels: tuple[RatingLevel, ...] = tuple(RatingLevel)
    tags: tuple[RatingTag, ...] = tuple(RatingTag)
    trouble: str = ""
    """Why the last thing asked for was not done: `not-yours`, `state`, `often`, `holds`, `level`,
    `phone`, `ahead`, `watches`."""


@dataclass(frozen=True, kw_only=True)
class TicketPage(TicketNow):
    """我的号."""

    template: ClassVar[str] = "queue/ticket.html"
    is_over: bool
    """Whether nothing can change any more, so that the page need not stay live."""
    watching: Watching = NOBODYS
    """Whether whoever looks is told about it."""


@dataclass(frozen=True, kw_only=True)
class NoTicket(Page):
    """An address that no ticket has."""

    template: ClassVar[str] = "queue/no_ticket.html"
    tab: ClassVar[str] = "take"
    status: ClassVar[int] = HTTPStatus.NOT_FOUND


@dataclass(frozen=True, kw_only=True)
class MyTickets(Page):
    """The numbers that this device took today."""

    template: ClassVar[str] = "queue/_mine.html"
    tickets: tuple[tuple[Ticket, str], ...]
    """Each with the name of its community."""


async def _found(
    request: Request, visit: Visit, trouble: str = "", form: Form | None = None
) -> TicketPage | None:
    """The page of the ticket in the address; None when no ticket has it."""
    house: House = request.app.state.house
    community = await _community(house, visit)
    if community is None:
        return None
    async with house.store.read() as session:
        ticket = await ticket_of(session, visit.params["token"])
        if ticket is None:  # pragma: no cover - no ticket is ever deleted
            return None
        await house.waits.learn(session, community.hall, visit.published.calendar, visit.now)
        now = await queue_now(session, community.hall, visit.now)
        own = device_hash(request)
        rating = await rated(session, visit, ticket, own, form)
    is_own = own is not None and own == ticket.device_hash
    return _page(house, visit, community, now, ticket, rating, trouble, is_own=is_own)


async def _community(house: House, visit: Visit) -> Community | None:
    """In whose hall the ticket in the address was taken; None when no ticket has it."""
    async with house.store.read() as session:
        found = await community_of_ticket(session, visit.params["token"])
    # Not while reading: a community asked for the first time takes a connection of its own, and
    # as many readers as there are, each with one and waiting for another, wait for ever.
    return None if found is None else await visit.published.community(found)


def _page(  # noqa: PLR0913, PLR0917 - everything a ticket's page says
    house: House,
    visit: Visit,
    community: Community,
    now: QueueNow,
    ticket: Ticket,
    rating: Rated,
    trouble: str,
    *,
    is_own: bool,
) -> TicketPage:
    handbook = visit.published.handbook
    state = hall_state(community.hall.hours, visit.published.calendar, visit.now)
    is_today = ticket.day.day == visit.today
    is_over = not is_today or not (ticket.state.is_active or ticket.state is TicketState.NO_SHOW)
    can_come_back = ticket.state is TicketState.NO_SHOW and ticket.returns < now.rules.most_returns
    return TicketPage(
        community=community,
        ticket=ticket,
        standing=standing(house, now, ticket),
        category=next(each for each in handbook.categories if each.letter == ticket.category),
        items=tuple(handbook.items[each] for each in ticket.items if each in handbook.items),
        is_own=is_own,
        is_today=is_today,
        opens_at=state.opens_at,
        may_let=ticket.lets < now.rules.most_lets,
        may_return=can_come_back,
        rated=rating,
        trouble=trouble,
        is_over=is_over,
    )


async def show(request: Request) -> Response:
    """A ticket: mine, or one that somebody lets me follow."""
    visit = await visit_of(request, request.app.state.house)
    return await shown(request, visit)


async def shown(
    request: Request,
    visit: Visit,
    trouble: str = "",
    status: HTTPStatus = HTTPStatus.OK,
    form: Form | None = None,
) -> Response:
    """The page of the ticket in the address, with what stands in the way of what was asked."""
    found = await _found(request, visit, trouble, form)
    if found is None:
        return respond(request, NoTicket(), visit)
    box = await watching(request.app.state.house, device_of(request), found.ticket)
    response = respond(request, replace(found, watching=box), visit)
    response.status_code = status
    return response


async def part(request: Request) -> Response:
    """The changing part alone."""
    visit = await visit_of(request, request.app.state.house)
    found = await _found(request, visit)
    if found is None:
        raise HTTPException(HTTPStatus.NOT_FOUND)
    values = {each.name: getattr(found, each.name) for each in fields(TicketNow)}
    return respond(request, TicketNow(**values), visit)


async def stream(request: Request) -> Response:
    """What changes, as it changes. The hall is not read here: its feed has it for all."""
    house: House = request.app.state.house
    visit = await visit_of(request, house)
    community = await _community(house, visit)
    async with house.store.read() as session:
        ticket = await ticket_of(session, visit.params["token"])
    if community is None or ticket is None:
        raise HTTPException(HTTPStatus.NOT_FOUND)
    # Ten thousand streams may stay for hours: each keeps a number and a time, and no row.
    since = visit.now if ticket.state.is_active else None
    words = partial(_words, house, ticket.id, since)
    return LiveStream(house.live, community.hall, words)


def _words(
    house: House, ticket_id: int, since: dt.datetime | None, now: QueueNow
) -> dict[str, Any] | None:
    """What a snapshot says of a ticket, which was active at `since`; None once it is over."""
    found = now.by_id.get(ticket_id)
    if found is not None:
        return standing(house, now, found).words
    # A snapshot from before the ticket was taken knows nothing of it yet.
    return {} if since is not None and now.now < since else None


async def cancel(request: Request) -> Response:
    """Give the number up."""
    return await _act(request, verbs.cancel)


async def let_pass(request: Request) -> Response:
    """Let some people go first."""
    count = number((await form_of(request)).text("count")) or 1
    passing = max(1, min(count, MOST_PASSING))

    async def unit(session: AsyncSession, ticket: Ticket, now: dt.datetime) -> None:
        await verbs.let_pass(session, ticket, passing, now)

    return await _act(request, unit)


async def bring(request: Request) -> Response:
    """Say which documents of an item are at hand; what was ticked of other items stays."""
    house: House = request.app.state.house
    form, known = await form_of(request), (await house.published()).handbook.items
    ticked, about = frozenset(form.all("brought")), frozenset(form.all("item"))

    async def unit(session: AsyncSession, ticket: Ticket, now: dt.datetime) -> None:
        has = {
            each.name
            for slug in ticket.items
            if slug in known
            for each in known[slug].guide.documents
            if each.name in (ticked if slug in about else ticket.brought)
        }
        await verbs.bring(session, ticket, sorted(has), now)

    return await _act(request, unit)


async def come_back(request: Request) -> Response:
    """Back after being passed."""
    return await _act(request, verbs.come_back)


async def _act(request: Request, verb: Verb) -> Response:
    """Do something with one's own ticket, and show it."""
    house: House = request.app.state.house
    visit = await visit_of(request, house)
    token, device = visit.params["token"], device_hash(request) or ""

    async def unit(session: AsyncSession) -> None:
        await verb(session, await verbs.own_ticket(session, token, device, visit.now), visit.now)

    try:
        await house.store.write(unit)
    except NotYoursError:
        return await shown(request, visit, "not-yours", HTTPStatus.FORBIDDEN)
    except (WrongStateError, QueueClosedError):
        return await shown(request, visit, "state", HTTPStatus.CONFLICT)
    except TooOftenError:
        return await shown(request, visit, "often", HTTPStatus.CONFLICT)
    except HoldsOneError:
        return await shown(request, visit, "holds", HTTPStatus.CONFLICT)
    return moved(f"/tickets/{token}")


async def rate(request: Request) -> Response:
    """Say how the visit was."""
    house: House = request.app.state.house
    visit, form = await visit_of(request, house), await form_of(request)
    token, device = visit.params["token"], device_hash(request)
    refused = partial(shown, request, visit, form=form)
    try:
        await rate_own(house, visit, token, opinion_of(form), device)
    except NotYoursError:
        return await refused("not-yours", HTTPStatus.FORBIDDEN)
    except (NotRateableError, RatedAlreadyError):
        return await refused("state", HTTPStatus.CONFLICT)
    except UnclearError as unclear:
        return await refused(unclear.field, HTTPStatus.UNPROCESSABLE_ENTITY)
    return moved(f"/tickets/{token}")


async def mine(request: Request) -> Response:
    """What this device took today, wherever."""
    house: House = request.app.state.house
    visit = await visit_of(request, house)
    device = device_hash(request)
    tickets: tuple[Ticket, ...] = ()
    halls: dict[int, int] = {}
    if device is not None:
        async with house.store.read() as session:
            tickets = await tickets_of_device(session, device, visit.today)
            for each in tickets:
                hall = await session.get(Hall, each.day.hall_id)
                halls[each.day.hall_id] = hall.community_id if hall else 0
    named = ((each, visit.place_of(None, halls[each.day.hall_id])[0]) for each in tickets)
    return respond(request, MyTickets(tickets=tuple(named)), visit)
