"""The hall's screen (大屏): what it shows at each check-in, and what its stream says."""

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
    from domain.queue.snapshot import Call, QueueNow
    from web.queue.offers import Offer
    from web.running.services import Services
    from web.site.live import Words
    from web.site.visit import Visit

OLD = 60
"""Seconds after which a call is not said any more; how much older it is does not matter."""


@dataclass(frozen=True, kw_only=True)
class Screen(DevicePage):
    """大屏: the numbers that are called, and those that wait."""

    template: ClassVar[str] = "queue/_screen.html"
    device: Device
    hall: HallState
    queue: QueueNow
    calls: tuple[Call, ...]
    """Each number once, as it was called last."""
    offers: tuple[Offer, ...]
    spoken: tuple[dict[str, object], ...]
    """Every call, for the voice: where a stream does not come through, this does."""


async def screen_of(
    services: Services, visit: Visit, community: Community, device: Device, state: HallState
) -> DevicePage:
    """What a screen shows: each number once, as it was called last."""
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


def spoken(call: Call) -> dict[str, object]:
    """A call as the voice takes it, with its moment."""
    at = int(call.called_at.timestamp() * 1000)
    return {"id": call.id, "number": call.number, "counter": call.counter, "at": at}


async def stream(request: Request) -> Response:
    """The queue of the hall in which this screen stands, as it changes."""
    return await device_stream(request, DeviceKind.SCREEN, lambda _, end: words_until(end))


def words_until(end: dt.datetime) -> Words:
    """What a screen is told, until it has to show its key again."""

    def words(queue: QueueNow) -> dict[str, Any] | None:
        return None if queue.now > end else words_of(queue)

    return words


def words_of(queue: QueueNow) -> dict[str, Any]:
    """A hall's queue as its screen hears it. No ticket's address, nobody's reason for coming."""
    return {
        "calls": [
            {
                "id": each.id,
                "number": each.number,
                "counter": each.counter,
                "age": min(int((queue.now - each.called_at).total_seconds()), OLD),
            }
            for each in queue.calls
        ],
        "waiting": {
            letter: queue.waiting_for(letter)
            for letter in sorted({each.category for each in queue.waiting})
        },
        "desks": [
            {
                "counter": each.counter,
                "number": each.ticket.label if each.ticket else None,
                "paused": each.pause_reason if each.is_paused else None,
            }
            for each in queue.desks
        ],
        "board": queue.rules.board,
    }
