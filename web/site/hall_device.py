"""A device of a hall, as a request sees it: which one asks, where it stands, what it follows."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import TYPE_CHECKING

from starlette.exceptions import HTTPException

from domain.devices import pairing
from web.site.cookies import cookie_name
from web.site.live import LiveStream
from web.site.pages import Page
from web.site.visits import visit_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from starlette.requests import Request
    from starlette.responses import Response

    from domain.devices.tables import Device, DeviceKind
    from domain.places.tables import Community
    from web.running.services import Services
    from web.site.live import Words
    from web.site.visit import Visit

STAYS = dt.timedelta(minutes=2)
"""How long a stream goes on before the device is asked again who it is: it may be revoked."""


@dataclass(frozen=True, kw_only=True)
class DevicePage(Page):
    """What a device shows now, until its next check-in."""

    every: int
    """Seconds until it should ask again."""
    is_idle: bool
    """Whether nobody can be using it, so that it may take a new version at once."""


async def device_of(request: Request, kind: DeviceKind) -> Device | None:
    """The device that asks, with its hall; None unless it is paired, of this kind, not revoked.

    What a device may do is asked of this, each time: its key opens nothing by itself.
    """
    services: Services = request.app.state.services
    async with services.store.read() as session:
        return await pairing.device_of(session, kind, key_of(request, kind))


async def device_here(request: Request, kind: DeviceKind) -> Device:
    """Like `device_of`; 404 for every other browser."""
    device = await device_of(request, kind)
    if device is None:
        raise HTTPException(404)
    return device


def key_of(request: Request, kind: DeviceKind) -> str:
    """The key in the browser's cookie; empty when it has none of this kind."""
    return request.cookies.get(cookie_name(request, cookie_of(kind)), "")


def cookie_of(kind: DeviceKind) -> str:
    """One for each kind, so that one browser can try them all."""
    return f"device-{kind.value}"


async def community_of(visit: Visit, device: Device) -> Community:
    """The community in whose hall a device stands."""
    _, slug = visit.place_of(None, device.hall.community_id)
    return await visit.published.community(slug)


async def device_stream(
    request: Request, kind: DeviceKind, words: Callable[[Device, dt.datetime], Words]
) -> Response:
    """The queue of a device's hall in the words of its kind, until the device is asked again."""
    services: Services = request.app.state.services
    device = await device_here(request, kind)
    visit = await visit_of(request, services)
    community = await community_of(visit, device)
    return LiveStream(services.live, community.hall, words(device, visit.now + STAYS))
