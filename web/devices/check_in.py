"""Devices of a hall: the pages of each kind of device, and what keeps them true.

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
from domain.keys import failure_key
from web.queue.kiosk import start_of
from web.queue.screen import screen_of
from web.ratings.tablet import tablet_of
from web.site.answers import respond
from web.site.assets import STATIC
from web.site.cookies import set_key
from web.site.hall_device import DevicePage, community_of, cookie_of, device_of, key_of
from web.site.pages import Page
from web.site.visits import resident_visit
from web.terminal.start import start_of as terminal_of

if TYPE_CHECKING:
    from starlette.requests import Request
    from starlette.responses import Response

    from web.site.visit import Visit
    from web.site.visits import ResidentVisit

# How long a browser keeps a cookie at most; it is renewed while the device is used.
LASTS = dt.timedelta(days=400)
LONGEST_VERSION = 20
CLIPS = tuple(sorted(path.stem for path in (STATIC / "audio").glob("*.mp3")))


@dataclass(frozen=True, kw_only=True)
class Shell(Page):
    """What a device shows before it has heard anything from us."""

    template: ClassVar[str] = "devices/show.html"
    kind: DeviceKind
    # What the voice of a screen is put together from.
    clips: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class Waiting(DevicePage):
    """配对: the code, and what staff do with it."""

    template: ClassVar[str] = "devices/_pairing.html"
    kind: DeviceKind
    pairing: Pairing


@dataclass(frozen=True, kw_only=True)
class Busy(DevicePage):
    """Too many devices ask for a code at once."""

    template: ClassVar[str] = "devices/_busy.html"
    status: ClassVar[int] = HTTPStatus.TOO_MANY_REQUESTS
    kind: DeviceKind


async def shell(visit: Visit) -> Page:
    """The page of a kind of device; the address says which."""
    return Shell(kind=_kind(visit), clips=CLIPS)


def _kind(visit: Visit) -> DeviceKind:
    return DeviceKind(visit.path.rpartition("/")[2])


# A device asks; nobody pushes to it. Its page is a shell kept on the device, and a script posts a
# check-in every few seconds. The response holds everything that is shown, the server's time and
# version, so a lost network, a restart, a revoked key and a new version are the same case.
# Not taken: an event stream, which needs its own way back after each of these, and htmx, which
# would swap in anything a captive portal says.
async def check_in(request: Request) -> Response:
    """What the device shows now: its hall when it is paired, else a code to pair it with."""
    visit = await resident_visit(request)
    kind = _kind(visit)
    device = await device_of(request, kind)
    if device is None:
        return await _ask_for_pairing(request, visit, kind)
    visit.services.hall_networks.saw(visit.address, visit.now)
    response = respond(request, await _shown(visit, device), visit)
    if await _touch(visit, device):
        set_key(request, response, key_of(request, kind), LASTS, cookie_of(kind))
    return response


# What a paired device shows in its hall, by its kind.
SHOWN = {
    DeviceKind.SCREEN: screen_of,
    DeviceKind.KIOSK: start_of,
    DeviceKind.RATING: tablet_of,
    DeviceKind.TERMINAL: terminal_of,
}


async def _shown(visit: ResidentVisit, device: Device) -> DevicePage:
    community = await community_of(visit, device)
    state = visit.hall_state(community)
    return await SHOWN[device.kind](visit.services, visit, community, device, state)


async def _touch(visit: ResidentVisit, device: Device) -> bool:
    """Remember about once a minute that the device was seen; whether it was remembered now."""
    now, version = visit.now, visit.form.text("version", LONGEST_VERSION)
    if now - device.seen_at < pairing.TOUCH and version == device.version:
        return False
    touch = partial(pairing.touch, device_id=device.id, version=version, now=now)
    await visit.services.store.write(touch)
    return True


async def _ask_for_pairing(request: Request, visit: ResidentVisit, kind: DeviceKind) -> Response:
    """The code that waits with this browser's key, or a new code with a new key."""
    async with visit.services.store.read() as session:
        waiting = await pairing.pairing_of(session, kind, key_of(request, kind), visit.now)
    if waiting is not None:
        return respond(request, _waiting(kind, waiting), visit)
    address = failure_key("device", visit.address)
    begin = partial(pairing.begin, kind=kind, address_hash=address, now=visit.now)
    try:
        begun, key = await visit.services.store.write(begin)
    except pairing.TooManyPairingsError:
        return respond(request, Busy(kind=kind, every=30, is_idle=True), visit)
    response = respond(request, _waiting(kind, begun), visit)
    set_key(request, response, key, LASTS, cookie_of(kind))
    return response


def _waiting(kind: DeviceKind, found: Pairing) -> Waiting:
    return Waiting(kind=kind, every=5, is_idle=True, pairing=found)
