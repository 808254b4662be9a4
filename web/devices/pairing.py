"""Devices of a hall, as staff look after them: pairing, names, and the end."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, ClassVar
from urllib.parse import quote

from starlette.exceptions import HTTPException

from domain.devices import pairing
from domain.devices.pairing import DeviceNameTakenError, PairingGoneError
from domain.devices.tables import Device, DeviceKind
from domain.staff.actor import EDITING
from web.site.answers import InvalidError, Redirect
from web.site.errors import found_or_404
from web.staff.access import StaffPage, StaffVisit
from web.staff.places import communities_for

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncSession

    from domain.devices.tables import Pairing
    from domain.places.tables import Community, Counter
    from web.site.pages import Page

LONGEST_NAME = 40


@dataclass(frozen=True, kw_only=True)
class Communities(StaffPage):
    """The communities whose devices this person looks after."""

    template: ClassVar[str] = "devices/communities.html"
    tab: ClassVar[str] = "places"
    # Each with how many devices it has.
    places: list[tuple[Community, int]]


@dataclass(frozen=True, kw_only=True)
class Devices(StaffPage):
    """一个大厅的设备."""

    template: ClassVar[str] = "devices/index.html"
    tab: ClassVar[str] = "places"
    place: Community
    devices: list[Device]
    # The device whose new name will not do, and why: `missing` or `taken`.
    wrong: tuple[int, str] | None = None


@dataclass(frozen=True, kw_only=True)
class Pair(StaffPage):
    """确认配对: which hall, which name."""

    template: ClassVar[str] = "devices/pair.html"
    tab: ClassVar[str] = "places"
    pairing: Pairing
    places: list[Community]
    # The hall it will stand in; None while there is a choice.
    place: Community | None
    counters: list[Counter]
    # For the name that is suggested.
    number: int
    # As it was typed.
    name: str | None = None
    counter: str = ""
    # `missing`, `taken` or `counter`.
    wrong: str | None = None


@dataclass(frozen=True, kw_only=True)
class Gone(StaffPage):
    """No device shows this code, or not any more."""

    template: ClassVar[str] = "devices/gone.html"
    tab: ClassVar[str] = "places"
    status: ClassVar[int] = 404
    code: str


async def communities(visit: StaffVisit, session: AsyncSession) -> Page | Redirect:
    """The communities to look after; straight to the one when it is one."""
    places = communities_for(visit, EDITING)
    if len(places) == 1:
        return Redirect(f"/staff/c/{places[0].slug}/devices")
    counts = await pairing.counts(session)
    return Communities(
        actor=visit.actor, places=[(place, counts.get(place.id, 0)) for place in places]
    )


async def index(visit: StaffVisit, session: AsyncSession) -> Devices:
    return Devices(
        actor=visit.actor,
        place=visit.place,
        devices=await pairing.devices_of(session, visit.place.hall.id),
    )


async def typed(visit: StaffVisit, session: AsyncSession) -> Redirect:
    """A code that was typed leads to its page, like one that was scanned."""
    code = pairing.typed_code(visit.form.text("code", LONGEST_NAME))
    where = visit.form.text("community", LONGEST_NAME)
    query = f"?community={quote(where)}" if where else ""
    return Redirect(f"/staff/pairings/{quote(code) or '-'}{query}")


async def pair(visit: StaffVisit, session: AsyncSession) -> Page:
    """What would be confirmed."""
    try:
        return await _pair(visit, session, visit.query.get("community", ""))
    except PairingGoneError:
        return Gone(actor=visit.actor, code=visit.params["code"][:LONGEST_NAME])


async def _pair(visit: StaffVisit, session: AsyncSession, slug: str) -> Pair:
    found = await pairing.open_pairing(session, visit.params["code"], visit.now)
    places = communities_for(visit, EDITING)
    place = _chosen(places, slug)
    hall = await pairing.hall_of(session, place.id) if place else None
    return Pair(
        actor=visit.actor,
        pairing=found,
        places=places,
        place=place,
        counters=hall.counters if hall and found.kind is DeviceKind.RATING else [],
        number=await pairing.next_number(session, hall.id, found.kind) if hall else 0,
    )


def _chosen(places: list[Community], slug: str) -> Community | None:
    """The place that is meant; 404 for one that is not theirs to choose."""
    if not slug:
        return places[0] if len(places) == 1 else None
    for place in places:
        if place.slug == slug:
            return place
    raise HTTPException(404)


async def confirm(visit: StaffVisit, session: AsyncSession) -> Page | Redirect:
    """The device that shows this code belongs to the hall from now on."""
    place = _chosen(communities_for(visit, EDITING), visit.form.text("community") or "-")
    if place is None:  # pragma: no cover
        raise AssertionError
    try:
        await _confirm(visit, session, place)
    except PairingGoneError:
        return Gone(actor=visit.actor, code=visit.params["code"][:LONGEST_NAME])
    return Redirect(f"/staff/c/{place.slug}/devices")


async def _confirm(visit: StaffVisit, session: AsyncSession, place: Community) -> None:
    """Raises `InvalidError`, `PairingGoneError`."""
    page, code = await _pair(visit, session, place.slug), visit.params["code"]
    hall = await pairing.hall_of(session, place.id)
    name, counter = _filled_in(visit, page)
    try:
        await pairing.confirm(session, visit.actor, code, hall, name, counter, visit.now)
    except DeviceNameTakenError:
        raise InvalidError(replace(page, name=name, wrong="taken")) from None


def _filled_in(visit: StaffVisit, page: Pair) -> tuple[str, int | None]:
    """Name and counter as they were filled in, if they will do."""
    name, counter = visit.form.text("name", LONGEST_NAME), visit.form.text("counter")
    page = replace(page, name=name, counter=counter)
    if not name:
        raise InvalidError(replace(page, wrong="missing"))
    numbers = {str(each.number): each.number for each in page.counters}
    if counter and counter not in numbers:
        raise InvalidError(replace(page, wrong="counter"))
    return name, numbers.get(counter)


async def rename(visit: StaffVisit, session: AsyncSession) -> Redirect:
    """Another name for a device."""
    device, name = await _device(visit, session), visit.form.text("name", LONGEST_NAME)
    page = await index(visit, session)
    if not name:
        raise InvalidError(replace(page, wrong=(device.id, "missing")))
    try:
        await pairing.rename(session, visit.actor, device, name, visit.now)
    except DeviceNameTakenError:
        raise InvalidError(replace(page, wrong=(device.id, "taken"))) from None
    return _back(visit)


async def revoke(visit: StaffVisit, session: AsyncSession) -> Redirect:
    """The device's key opens nothing any more."""
    await pairing.revoke(session, visit.actor, await _device(visit, session), visit.now)
    return _back(visit)


async def _device(visit: StaffVisit, session: AsyncSession) -> Device:
    """The device in the address, if it is one of this hall; 404 otherwise."""
    hall_id, device_id = visit.place.hall.id, int(visit.params["device"])
    return found_or_404(await pairing.device_in(session, hall_id, device_id))


def _back(visit: StaffVisit) -> Redirect:
    return Redirect(f"/staff/c/{visit.place.slug}/devices")
