"""The hall's screen, live: what its stream says of the queue, and to whom."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any

from starlette.exceptions import HTTPException

from domain.devices.tables import DeviceKind
from web.answering import visit_of
from web.devices import community_of, device_of
from web.live import LiveStream

if TYPE_CHECKING:
    from collections.abc import Callable

    from starlette.requests import Request
    from starlette.responses import Response

    from domain.devices.tables import Device
    from domain.queue.snapshot import QueueNow
    from web.house import House
    from web.live import Words

STAYS = dt.timedelta(minutes=2)
"""How long a stream goes on before the device is asked again who it is: it may be revoked."""
OLD = 60
"""Seconds after which a call is not said any more; how much older it is does not matter."""


async def stream(request: Request) -> Response:
    """The queue of the hall in which this screen stands, as it changes."""
    return await device_stream(request, DeviceKind.SCREEN, lambda _, end: words_until(end))


async def device_stream(
    request: Request, kind: DeviceKind, words: Callable[[Device, dt.datetime], Words]
) -> Response:
    """The queue of a device's hall in the words of its kind, until the device is asked again."""
    house: House = request.app.state.house
    device = await device_of(request, kind)
    if device is None:
        raise HTTPException(404)
    visit = await visit_of(request, house)
    community = await community_of(visit, device)
    return LiveStream(house.live, community.hall, words(device, visit.now + STAYS))


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
                "number": each.ticket.shown if each.ticket else None,
                "paused": each.pause_reason if each.is_paused else None,
            }
            for each in queue.desks
        ],
        "board": queue.rules.board,
    }
