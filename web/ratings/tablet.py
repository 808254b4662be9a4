"""The rating tablet (评价器) at a counter: what it shows, what is tapped on it, what it follows."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from http import HTTPStatus
from typing import TYPE_CHECKING, Any, ClassVar

from starlette.exceptions import HTTPException
from starlette.responses import Response

from domain.devices.tables import DeviceKind
from domain.queue.snapshot import queue_now
from domain.queue.tickets import ticket_of
from domain.ratings.rating import NotRateableError, RatedAlreadyError, to_be_rated
from domain.ratings.tables import RatingLevel, RatingSource, RatingTag
from web.ratings.rating import UnclearError, opinion_of, rate_visit
from web.site.answers import visit_of
from web.site.forms import form_of
from web.site.hall_device import Answer, device_of, device_stream

if TYPE_CHECKING:
    import datetime as dt

    from sqlalchemy.ext.asyncio import AsyncSession
    from starlette.requests import Request

    from domain.devices.tables import Device
    from domain.hours import HallState
    from domain.places.tables import Community, Counter
    from domain.queue.snapshot import QueueNow
    from domain.queue.tables import Ticket
    from web.running.services import House
    from web.site.live import Words
    from web.site.visit import Visit

log = logging.getLogger("lianxin.ratings")


@dataclass(frozen=True, kw_only=True)
class Here(Answer):
    """A rating tablet in its hall."""

    template: ClassVar[str] = "ratings/_tablet.html"
    device: Device
    counter: Counter | None
    hall: HallState
    serving: str
    """The number that is at the counter; empty when nobody is."""
    ticket: Ticket | None
    """The visit that is over and can be rated here."""
    levels: tuple[RatingLevel, ...] = tuple(RatingLevel)
    tags: tuple[RatingTag, ...] = tuple(RatingTag)


async def tablet_of(
    house: House, visit: Visit, community: Community, device: Device, state: HallState
) -> Answer:
    """What a tablet shows: who is at its counter, or the visit that can be rated."""
    counters = {each.number: each for each in community.hall.counters}
    number = device.counter or 0
    async with house.store.read() as session:
        queue = await queue_now(session, community.hall, visit.now)
        ticket = await to_be_rated(session, community.hall.id, number, visit.now)
    at = next((each.ticket for each in queue.desks if each.counter == number), None)
    return Here(
        community=community,
        every=15,
        is_idle=not (state.is_open or queue.tickets),
        device=device,
        counter=counters.get(number),
        hall=state,
        serving=at.shown if at is not None else "",
        ticket=ticket,
    )


async def from_tablet(request: Request) -> Response:
    """What somebody tapped on the tablet of a counter: 204 when it is kept, now or before."""
    house: House = request.app.state.house
    device = await device_of(request, DeviceKind.RATING)
    if device is None:
        raise HTTPException(HTTPStatus.NOT_FOUND)
    visit, form = await visit_of(request, house), await form_of(request)
    try:
        opinion = opinion_of(form)
    except UnclearError as error:
        raise HTTPException(HTTPStatus.UNPROCESSABLE_ENTITY) from error
    hall, token = device.hall_id, form.text("ticket", 40)

    async def unit(session: AsyncSession) -> None:
        ticket = await ticket_of(session, token)
        if ticket is None or ticket.day.hall_id != hall:
            raise HTTPException(HTTPStatus.NOT_FOUND)
        await rate_visit(session, visit, ticket, opinion, RatingSource.TABLET)

    try:
        await house.store.write(unit)
    except NotRateableError as error:
        raise HTTPException(HTTPStatus.CONFLICT) from error
    except RatedAlreadyError:
        log.info("rated before: the first rating stands")
    return Response(status_code=HTTPStatus.NO_CONTENT)


async def stream(request: Request) -> Response:
    """Whom the tablet's counter has, as it changes: then it is time to look what to ask."""
    return await device_stream(
        request, DeviceKind.RATING, lambda device, end: words_at(device.counter, end)
    )


def words_at(counter: int | None, end: dt.datetime) -> Words:
    """What the tablet of a counter is told, until it has to show its key again."""

    def words(queue: QueueNow) -> dict[str, Any] | None:
        desk = next((each for each in queue.desks if each.counter == counter), None)
        ticket = desk.ticket if desk else None
        at = {"number": ticket.shown, "state": ticket.state.value} if ticket else {}
        return None if queue.now > end else at

    return words
