"""A device of a hall, as a request sees it: which one, in which hall, and its stream."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import TYPE_CHECKING

from domain.devices import pairing
from web.site.cookies import cookie_name
from web.site.errors import found_or_404
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

# How long a stream lasts before the device must send its key again: it may be revoked.
STAYS = dt.timedelta(minutes=2)


@dataclass(frozen=True, kw_only=True)
class DevicePage(Page):
    """What a device shows until its next check-in."""

    # Seconds until the next check-in.
    every: int
    # Whether nobody can be using it, so that it may load a new version at once.
    is_idle: bool


async def device_of(request: Request, kind: DeviceKind) -> Device | None:
    """The device that asks, with its hall; None unless it is paired, of this kind, not revoked."""
    services: Services = request.app.state.services
    async with services.store.read() as session:
        return await pairing.device_of(session, kind, key_of(request, kind))


async def device_here(request: Request, kind: DeviceKind) -> Device:
    """Like `device_of`; 404 for every other browser."""
    return found_or_404(await device_of(request, kind))


def key_of(request: Request, kind: DeviceKind) -> str:
    """The key in the browser's cookie; empty if it has none of this kind."""
    return request.cookies.get(cookie_name(request, cookie_of(kind)), "")


def cookie_of(kind: DeviceKind) -> str:
    """A cookie per kind, so that one browser can try them all."""
    return f"device-{kind.value}"


async def community_of(visit: Visit, device: Device) -> Community:
    """The community in whose hall the device stands."""
    _, slug = visit.place_of(None, device.hall.community_id)
    return await visit.published.community(slug)


async def device_stream(
    request: Request, kind: DeviceKind, words: Callable[[Device, dt.datetime], Words]
) -> Response:
    """A stream of the hall's queue in the words of this kind of device, for `STAYS`."""
    services: Services = request.app.state.services
    device = await device_here(request, kind)
    visit = await visit_of(request, services)
    community = await community_of(visit, device)
    return LiveStream(services.live, community.hall, words(device, visit.now + STAYS))
