"""Devices of a hall: the pages of screen, kiosk and rating tablet, and what keeps them true.

A device's page is a shell, the same for every device of its kind and kept on it, so that one
that starts without a network still shows a designed page. What the device is, its script asks
with the key in its cookie, again and again; that check-in answers with all that is shown.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from functools import partial
from http import HTTPStatus
from typing import TYPE_CHECKING, ClassVar

from domain.devices import pairing
from domain.devices.tables import Device, DeviceKind, Pairing
from domain.hours import HallState, hall_state
from domain.queue.snapshot import queue_now
from domain.ratings.tables import RatingLevel, RatingTag
from domain.ratings.verbs import to_be_rated
from domain.staff.accounts import failure_key
from web.answering import respond, visit_of
from web.assets import STATIC
from web.pages import Page
from web.queue.offers import Offer, offered
from web.staff.access import cookie_name, form_of, set_key
from web.staff.places import place_of

if TYPE_CHECKING:
    from starlette.requests import Request
    from starlette.responses import Response

    from domain.places.tables import Community, Counter
    from domain.queue.snapshot import Call, QueueNow
    from domain.queue.tables import Ticket
    from web.house import House
    from web.visit import Visit

LASTS = dt.timedelta(days=400)
"""How long a browser keeps a cookie at most; it is given anew while the device is used."""
LONGEST_VERSION = 20
CLIPS = tuple(sorted(path.stem for path in (STATIC / "audio").glob("*.mp3")))


@dataclass(frozen=True, kw_only=True)
class Shell(Page):
    """What a device shows before it has heard anything from us."""

    template: ClassVar[str] = "devices/show.html"
    kind: DeviceKind
    clips: tuple[str, ...]
    """What the voice of a screen is put together from."""


@dataclass(frozen=True, kw_only=True)
class Answer(Page):
    """What a device shows now, until its next check-in."""

    every: int
    """Seconds until it should ask again."""
    is_idle: bool
    """Whether nobody can be using it, so that it may take a new version at once."""


@dataclass(frozen=True, kw_only=True)
class Waiting(Answer):
    """配对: the code, and what staff do with it."""

    template: ClassVar[str] = "devices/_pairing.html"
    kind: DeviceKind
    pairing: Pairing


@dataclass(frozen=True, kw_only=True)
class Busy(Answer):
    """Too many devices ask for a code at once."""

    template: ClassVar[str] = "devices/_busy.html"
    status: ClassVar[int] = HTTPStatus.TOO_MANY_REQUESTS
    kind: DeviceKind


@dataclass(frozen=True, kw_only=True)
class Here(Answer):
    """A rating tablet in its hall."""

    template: ClassVar[str] = "devices/_here.html"
    device: Device
    counter: Counter | None
    hall: HallState
    serving: str
    """The number that is at the counter; empty when nobody is."""
    ticket: Ticket | None
    """The visit that is over and can be rated here."""
    levels: tuple[RatingLevel, ...] = tuple(RatingLevel)
    tags: tuple[RatingTag, ...] = tuple(RatingTag)


@dataclass(frozen=True, kw_only=True)
class Screen(Answer):
    """大屏: whom the hall calls, and who waits."""

    template: ClassVar[str] = "devices/_screen.html"
    device: Device
    hall: HallState
    queue: QueueNow
    calls: tuple[Call, ...]
    """Each number once, as it was called last."""
    offers: tuple[Offer, ...]
    spoken: tuple[dict[str, object], ...]
    """Every call, for the voice: where a stream does not come through, this does."""


@dataclass(frozen=True, kw_only=True)
class Start(Answer):
    """取号机: what one can take a number for."""

    template: ClassVar[str] = "devices/_kiosk.html"
    device: Device
    hall: HallState
    is_closed: bool
    """Whether staff have closed the day before its time."""
    offers: tuple[Offer, ...]


async def shell(visit: Visit) -> Page:
    """The page of a kind of device; the address says which."""
    return Shell(kind=_kind(visit), clips=CLIPS)


def _kind(visit: Visit) -> DeviceKind:
    return DeviceKind(visit.path.rpartition("/")[2])


async def device_of(request: Request, kind: DeviceKind) -> Device | None:
    """The device that asks, with its hall; None unless it is paired, of this kind, not revoked.

    What a device may do is asked of this, each time: its key opens nothing by itself.
    """
    house: House = request.app.state.house
    async with house.store.read() as session:
        return await pairing.device_of(session, kind, _key(request, kind))


def _key(request: Request, kind: DeviceKind) -> str:
    return request.cookies.get(cookie_name(request, _cookie(kind)), "")


def _cookie(kind: DeviceKind) -> str:
    """One for each kind, so that one browser can try them all."""
    return f"device-{kind.value}"


async def check_in(request: Request) -> Response:
    """What the device shows now: its hall when it is paired, else a code to pair it with."""
    visit = await visit_of(request, request.app.state.house)
    kind = _kind(visit)
    device = await device_of(request, kind)
    if device is None:
        return await _ask_for_pairing(request, visit, kind)
    house: House = request.app.state.house
    response = respond(request, await _shown(house, visit, device), visit)
    if await _touch(request, device):
        set_key(request, response, _key(request, kind), LASTS, _cookie(kind))
    return response


async def community_of(visit: Visit, device: Device) -> Community:
    """The community in whose hall a device stands."""
    _, slug = place_of(visit, None, device.hall.community_id)
    return await visit.published.community(slug)


async def _shown(house: House, visit: Visit, device: Device) -> Answer:
    """What a device shows in its hall."""
    community = await community_of(visit, device)
    state = hall_state(community.hall.hours, visit.published.calendar, visit.now)
    if device.kind is DeviceKind.RATING:
        return await _rating(house, visit, community, device, state)
    async with house.store.read() as session:
        queue, found = await offered(session, house, visit, community.hall)
    if device.kind is DeviceKind.KIOSK:
        return _kiosk(community, device, state, queue, found)
    return _screen(community, device, state, queue, found)


async def _rating(
    house: House, visit: Visit, community: Community, device: Device, state: HallState
) -> Answer:
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


def _kiosk(
    community: Community,
    device: Device,
    state: HallState,
    queue: QueueNow,
    found: tuple[Offer, ...],
) -> Answer:
    return Start(
        community=community,
        every=10,
        is_idle=not state.is_open,
        device=device,
        hall=state,
        is_closed=queue.is_closed,
        offers=found,
    )


def _screen(
    community: Community,
    device: Device,
    state: HallState,
    queue: QueueNow,
    found: tuple[Offer, ...],
) -> Answer:
    newest: dict[str, Call] = {}
    for call in queue.calls:
        newest.setdefault(call.number, call)
    return Screen(
        community=community,
        every=15,
        is_idle=not (state.is_open or queue.waiting),
        device=device,
        hall=state,
        queue=queue,
        calls=tuple(newest.values()),
        offers=found,
        spoken=tuple(map(spoken, queue.calls)),
    )


def spoken(call: Call) -> dict[str, object]:
    """A call as the voice takes it, with its moment."""
    at = int(call.called_at.timestamp() * 1000)
    return {"id": call.id, "number": call.number, "counter": call.counter, "at": at}


async def _touch(request: Request, device: Device) -> bool:
    """Remember that the device was seen, about once a minute; whether it was time to."""
    house: House = request.app.state.house
    now, version = house.now(), (await form_of(request)).text("version", LONGEST_VERSION)
    if now - device.seen_at < pairing.TOUCH and version == device.version:
        return False
    touched = partial(pairing.touch, device_id=device.id, version=version, now=now)
    await house.store.write(touched)
    return True


async def _ask_for_pairing(request: Request, visit: Visit, kind: DeviceKind) -> Response:
    """The code that waits with this key, or a new one with a new key."""
    house: House = request.app.state.house
    async with house.store.read() as session:
        found = await pairing.pairing_of(session, kind, _key(request, kind), visit.now)
    if found is not None:
        return respond(request, Waiting(kind=kind, every=5, is_idle=True, pairing=found), visit)
    address = failure_key("device", request.client.host if request.client else "")
    begin = partial(pairing.begin, kind=kind, address_hash=address, now=visit.now)
    try:
        begun, key = await house.store.write(begin)
    except pairing.TooManyPairingsError:
        return respond(request, Busy(kind=kind, every=30, is_idle=True), visit)
    response = respond(request, Waiting(kind=kind, every=5, is_idle=True, pairing=begun), visit)
    set_key(request, response, key, LASTS, _cookie(kind))
    return response
