"""The rating tablet (评价器) at a counter: what it shows, what is tapped on it, what it follows."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from functools import partial
from http import HTTPStatus
from typing import TYPE_CHECKING, Any, ClassVar

from starlette.exceptions import HTTPException
from starlette.responses import Response

from domain.devices.tables import DeviceKind
from domain.queue.tickets import ticket_of
from domain.ratings.rating import NotRateableError, RatedAlreadyError, to_be_rated
from domain.ratings.tables import RatingLevel, RatingSource, RatingTag
from web.ratings.rating import opinion_of, rate_visit
from web.site.answers import FieldError
from web.site.hall_device import DevicePage, device_here, device_stream
from web.site.visits import resident_visit

if TYPE_CHECKING:
    import datetime as dt

    from sqlalchemy.ext.asyncio import AsyncSession
    from starlette.requests import Request

    from domain.devices.tables import Device
    from domain.hours import HallState
    from domain.places.tables import Community, Counter
    from domain.queue.snapshot import QueueNow
    from domain.queue.tables import Ticket
    from web.running.services import Services
    from web.site.live import Words
    from web.site.visit import Visit
    from web.site.visits import ResidentVisit

log = logging.getLogger("lianxin.ratings")


@dataclass(frozen=True, kw_only=True)
class TabletPage(DevicePage):
    """评价器: what a rating tablet shows in its hall."""

    template: ClassVar[str] = "ratings/_tablet.html"
    device: Device
    counter: Counter | None
    hall: HallState
    # The number that is at the counter; empty when nobody is.
    serving: str
    # The visit that is over and can be rated here.
    ticket: Ticket | None
    levels: tuple[RatingLevel, ...] = tuple(RatingLevel)
    tags: tuple[RatingTag, ...] = tuple(RatingTag)


async def tablet_of(
    services: Services, visit: Visit, community: Community, device: Device, state: HallState
) -> DevicePage:
    """What a tablet shows: the number at its counter, or the visit that can be rated."""
    counters = {each.number: each for each in community.hall.counters}
    number = device.counter or 0
    async with services.store.read() as session:
        calendar = visit.published.calendar
        queue = await services.waits.look(session, community.hall, calendar, visit.now)
        ticket = await to_be_rated(session, community.hall.id, number, visit.now)
    at = next((each.ticket for each in queue.desks if each.counter == number), None)
    return TabletPage(
        community=community,
        every=15,
        is_idle=not (state.is_open or queue.tickets),
        device=device,
        counter=counters.get(number),
        hall=state,
        serving=at.label if at is not None else "",
        ticket=ticket,
    )


REFUSED: dict[type[Exception], HTTPStatus] = {
    FieldError: HTTPStatus.UNPROCESSABLE_ENTITY,
    NotRateableError: HTTPStatus.CONFLICT,
}


async def from_tablet(request: Request) -> Response:
    """What was tapped on the tablet of a counter: 204 when it is kept, now or before."""
    device = await device_here(request, DeviceKind.RATING)
    visit = await resident_visit(request)
    try:
        await visit.services.store.write(partial(rate_on_tablet, visit, device.hall_id))
    except RatedAlreadyError:
        log.info("rated before: the first rating stands")
    except tuple(REFUSED) as error:
        raise HTTPException(REFUSED[type(error)]) from error
    return Response(status_code=HTTPStatus.NO_CONTENT)


async def rate_on_tablet(visit: ResidentVisit, hall_id: int, session: AsyncSession) -> None:
    """Rate a visit of this hall. Raises 404 for a ticket of another, and what rating raises."""
    opinion = opinion_of(visit.form)
    ticket = await ticket_of(session, visit.form.text("ticket", 40))
    if ticket is None or ticket.day.hall_id != hall_id:
        raise HTTPException(HTTPStatus.NOT_FOUND)
    await rate_visit(session, visit, ticket, opinion, RatingSource.TABLET)


async def stream(request: Request) -> Response:
    """The number at the tablet's counter, as it changes: then the tablet checks in again."""
    return await device_stream(
        request, DeviceKind.RATING, lambda device, end: words_at(device.counter, end)
    )


def words_at(counter: int | None, end: dt.datetime) -> Words:
    """What the tablet of a counter is told, until it has to show its key again."""

    def words(queue: QueueNow) -> dict[str, Any] | None:
        desk = next((each for each in queue.desks if each.counter == counter), None)
        ticket = desk.ticket if desk else None
        at = {"number": ticket.label, "state": ticket.state.value} if ticket else {}
        return None if queue.now > end else at

    return words
