"""The hall's screen (大屏): its content at each check-in, and its stream."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar

from domain.devices.tables import DeviceKind
from web.queue.offers import offered
from web.site.hall_device import DevicePage, device_stream

if TYPE_CHECKING:
    from starlette.requests import Request
    from starlette.responses import Response

    from domain.devices.tables import Device
    from domain.hours import HallState
    from domain.places.tables import Community
    from domain.queue.snapshot import Call, Desk, QueueNow
    from web.queue.offers import Offer
    from web.running.services import Services
    from web.site.live import Words
    from web.site.visit import Visit

# Seconds after which a call is no longer announced; ages are capped here.
OLD = 60


@dataclass(frozen=True, kw_only=True)
class Screen(DevicePage):
    """大屏: the calls, and who waits."""

    template: ClassVar[str] = "queue/_screen.html"
    device: Device
    hall: HallState
    queue: QueueNow
    # Each number once, with its latest call.
    calls: tuple[Call, ...]
    offers: tuple[Offer, ...]
    # Every call, for the voice: it works where a proxy swallows the stream.
    spoken: tuple[dict[str, object], ...]


async def screen_of(
    services: Services, visit: Visit, community: Community, device: Device, state: HallState
) -> DevicePage:
    async with services.store.read() as session:
        queue, found = await offered(session, services, visit, community.hall)
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


# Ids of calls rise, so a screen announces what is newer than its last call and younger than a
# minute. It stores the id when it begins to speak: a restart in the middle loses half a sentence
# rather than calling people twice. The id is valid for its day only, because a store restored from
# a backup counts from earlier.
def spoken(call: Call) -> dict[str, object]:
    """A call for the voice, with its moment."""
    at = int(call.called_at.timestamp() * 1000)
    return {"id": call.id, "number": call.number, "counter": call.counter, "at": at}


# The stream carries the calls, so that a call is heard at once; the screen itself is drawn from
# the check-in that every device has. A proxy that swallows streams then costs seconds, not calls.
# A stream ends after two minutes and is opened again with the device's key, so a revoked one falls
# silent.
# Not taken: drawing from the stream as well, which is a second rendering.
async def stream(request: Request) -> Response:
    """The stream of the hall in which this screen stands."""
    return await device_stream(request, DeviceKind.SCREEN, lambda _, end: words_until(end))


def words_until(end: dt.datetime) -> Words:
    """The words of the stream, until the screen must send its key again."""

    def words(queue: QueueNow) -> dict[str, Any] | None:
        return None if queue.now > end else words_of(queue)

    return words


def words_of(queue: QueueNow) -> dict[str, Any]:
    """The queue as the stream tells it. No ticket addresses and no reasons for coming."""
    return {
        "calls": [_call_words(call, queue.now) for call in queue.calls],
        "waiting": {
            letter: queue.waiting_for(letter)
            for letter in sorted({ticket.category for ticket in queue.waiting})
        },
        "desks": [_desk_words(desk) for desk in queue.desks],
        "board": queue.rules.board,
    }


def _call_words(call: Call, now: dt.datetime) -> dict[str, Any]:
    age = min(int((now - call.called_at).total_seconds()), OLD)
    return {"id": call.id, "number": call.number, "counter": call.counter, "age": age}


def _desk_words(desk: Desk) -> dict[str, Any]:
    return {
        "counter": desk.counter,
        "number": desk.ticket.label if desk.ticket else None,
        "paused": desk.pause_reason if desk.is_paused else None,
    }
