"""取号机: from a category to a number in three touches, page by page."""

from __future__ import annotations

import datetime as dt
import re
import secrets
from dataclasses import dataclass, replace
from functools import partial
from http import HTTPStatus
from typing import TYPE_CHECKING, Any, ClassVar
from urllib.parse import urlencode

from starlette.exceptions import HTTPException

from domain.devices.tables import DeviceKind
from domain.queue.tickets import take_ticket, ticket_of, ticket_of_request
from web.queue.offers import Numbers, Offer, Wait, numbers_of, offered, served, wait_of
from web.queue.refusals import TAKING
from web.queue.ticket_request import Choice, ticket_request
from web.site.answers import InvalidError, Redirect, answers
from web.site.errors import found_or_404
from web.site.hall_device import DevicePage, community_of, device_here
from web.site.pages import Page
from web.site.preferences import LANGUAGES
from web.site.visits import ResidentVisit, resident_visit

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from starlette.requests import Request

    from domain.devices.tables import Device
    from domain.handbook.tables import Category, ServiceItem
    from domain.hours import HallState
    from domain.places.tables import Community
    from domain.queue.snapshot import QueueNow
    from domain.queue.tables import PriorityKind, Ticket
    from web.running.services import Services
    from web.site.answers import Answer, Endpoint
    from web.site.visit import Visit

# Seconds without a touch after which a kiosk returns to its start.
TIMEOUT = 45
KEY = re.compile("[A-Za-z0-9_-]{20,64}")


@dataclass(frozen=True, kw_only=True)
class Start(DevicePage):
    """取号机: the start page, with what a number can be taken for."""

    template: ClassVar[str] = "queue/kiosk/_start.html"
    device: Device
    hall: HallState
    # Whether numbers are given while the hall is open by the clock.
    numbers: Numbers
    # When the hall opens on a day after this one; None if unknown.
    opens_next: dt.datetime | None
    offers: tuple[Offer, ...]


async def start_of(
    services: Services, visit: Visit, community: Community, device: Device, state: HallState
) -> DevicePage:
    """The start page."""
    async with services.store.read() as session:
        queue, offers = await offered(session, services, visit, community.hall)
    return Start(
        community=community,
        every=10,
        is_idle=not state.is_open,
        device=device,
        hall=state,
        numbers=numbers_of(queue, offers),
        opens_next=visit.opens_after_today(community),
        offers=offers,
    )


@dataclass(frozen=True, kw_only=True)
class KioskPage(Page):
    """A page between a device's start and the number."""

    # The device's start page.
    start: str
    timeout: int = TIMEOUT


@dataclass(frozen=True, kw_only=True)
class Offering(KioskPage):
    """What a number can be taken for, on a device whose start page shows other things."""

    template: ClassVar[str] = "queue/kiosk/offers.html"
    # What the addresses of the device begin with.
    base: str
    hall: HallState
    # Whether numbers are given while the hall is open by the clock.
    numbers: Numbers
    # When the hall opens on a day after this one; None if unknown.
    opens_next: dt.datetime | None
    offers: tuple[Offer, ...]


@dataclass(frozen=True, kw_only=True)
class Choosing(KioskPage):
    """What the person came for: one item or several, with one number for all."""

    template: ClassVar[str] = "queue/kiosk/items.html"
    # What the addresses of the device begin with.
    base: str
    offer: Offer
    items: tuple[ServiceItem, ...]
    key: str


@dataclass(frozen=True, kw_only=True)
class GoingFirst(KioskPage):
    """优先: asked once; the clerk sees at the counter whether it is right."""

    template: ClassVar[str] = "queue/kiosk/priority.html"
    # What the addresses of the device begin with.
    base: str
    offer: Offer
    items: tuple[ServiceItem, ...]
    kinds: tuple[PriorityKind, ...]
    # Who else has priority here, in the hall's own words.
    others: str
    key: str


@dataclass(frozen=True, kw_only=True)
class Taken(KioskPage):
    """The number, to take along on paper, on the phone or in memory."""

    template: ClassVar[str] = "queue/kiosk/ticket.html"
    ticket: Ticket
    # The chosen items, or the category if none was chosen.
    names: tuple[str, ...]
    wait: Wait


@dataclass(frozen=True, kw_only=True)
class NoNumber(KioskPage):
    """Why there is no number, and what to do instead."""

    template: ClassVar[str] = "queue/kiosk/refused.html"
    status: ClassVar[int] = HTTPStatus.CONFLICT
    # `closed`, `stopped`, `too-late`, `sold-out` or `not-served`.
    why: str
    category: Category
    hall: HallState
    # When the hall opens on a day after this one; None if unknown.
    opens_next: dt.datetime | None


@dataclass(frozen=True)
class KioskVisit(ResidentVisit):
    """A visit of a device that gives numbers, with the state of its hall at this moment."""

    place: Community
    start: str
    base: str
    queue: QueueNow
    offers: tuple[Offer, ...]
    # Slugs of the items in the query.
    ticked: frozenset[str]

    def offer(self, letter: str) -> Offer:
        """What the hall offers of a category. Raises `InvalidError`, or 404."""
        of_letter = (offer for offer in self.offers if offer.category.letter == letter)
        found = found_or_404(next(of_letter, None))
        if why := self._why_not(found):
            raise self.refused(found.category, why)
        return found

    def _why_not(self, offer: Offer) -> str:
        """Why no number is given for this; empty if one is."""
        if not self.state.is_open or self.queue.is_closed:
            return "closed"
        return "stopped" if self.queue.is_stopped else offer.refusal

    def ticked_of(self, category: Category) -> tuple[ServiceItem, ...]:
        """The items of a category that were ticked."""
        return tuple(item for item in category.items if item.slug in self.ticked)

    @property
    def state(self) -> HallState:
        return self.hall_state(self.place)

    def refused(self, category: Category, why: str) -> InvalidError:
        """The page that says why there is no number, as an error to raise."""
        page = NoNumber(
            why=why,
            category=category,
            hall=self.state,
            opens_next=self.opens_after_today(self.place),
            **self.around,
        )
        return InvalidError(page)

    @property
    def around(self) -> dict[str, Any]:
        """What all of its pages have."""
        return {"community": self.place, "start": self.start}


# From the start page on, every touch is a page, so that nothing is lost with a script that failed.
# Every page checks again which kiosk it is on. The key of a request is made with the page of
# choices and passed on in the address: a double tap, a reload and a lost response lead to the same
# number. The guide terminal gives numbers by the same views, below its own start.
def at_kiosk(
    view: Callable[[KioskVisit], Awaitable[Answer]], kind: DeviceKind = DeviceKind.KIOSK
) -> Endpoint:
    """An endpoint for a paired device of this kind; 404 for other browsers.

    Its pages use the elder view, and the language of the address if that names one.
    """
    return answers(view, partial(_kiosk_visit, kind=kind))


async def _kiosk_visit(request: Request, kind: DeviceKind) -> KioskVisit:
    device = await device_here(request, kind)
    visit = await resident_visit(request)
    lang = spoken_in(visit)
    visit = replace(visit, manner=replace(visit.manner, view="elder", lang=lang))
    place = await community_of(visit, device)
    async with visit.services.store.read() as session:
        queue, offers = await offered(session, visit.services, visit, place.hall)
    start = f"/{kind}"
    return KioskVisit(
        **vars(visit),
        place=place,
        start=start,
        base=f"{start}/{lang}" if "lang" in visit.params else start,
        queue=queue,
        offers=offers,
        ticked=frozenset(request.query_params.getlist("item")),
    )


def spoken_in(visit: Visit) -> str:
    """The language in the address, else the visitor's; 404 for one that we do not have."""
    lang = visit.params.get("lang", visit.lang)
    return found_or_404(lang if lang in LANGUAGES else None)


async def choose(kiosk: KioskVisit) -> Page:
    """The categories of the hall."""
    return Offering(
        base=kiosk.base,
        hall=kiosk.state,
        numbers=numbers_of(kiosk.queue, kiosk.offers),
        opens_next=kiosk.opens_after_today(kiosk.place),
        offers=kiosk.offers,
        **kiosk.around,
    )


async def category(kiosk: KioskVisit) -> Page:
    """The items of a category."""
    offer = kiosk.offer(kiosk.params["letter"])
    return Choosing(
        base=kiosk.base,
        offer=offer,
        items=tuple(offer.category.items),
        key=secrets.token_urlsafe(24),
        **kiosk.around,
    )


async def straight(kiosk: KioskVisit) -> Redirect:
    """From a guide: the item is known, so only the question of priority is left."""
    item = found_or_404(kiosk.published.handbook.items.get(kiosk.params["item"]))
    query = urlencode({"key": secrets.token_urlsafe(24), "item": item.slug})
    return Redirect(f"{kiosk.base}/categories/{item.category.letter}/priority?{query}")


async def priority(kiosk: KioskVisit) -> Page | Redirect:
    """Ask for priority, unless the hall has no such rule."""
    key = kiosk.query.get("key", "")
    if not KEY.fullmatch(key):
        return Redirect(kiosk.start)
    return _going_first(kiosk, kiosk.offer(kiosk.params["letter"]), key)


def _going_first(kiosk: KioskVisit, offer: Offer, key: str) -> GoingFirst:
    return GoingFirst(
        **kiosk.around,
        base=kiosk.base,
        offer=offer,
        items=kiosk.ticked_of(offer.category),
        kinds=kiosk.queue.rules.kinds,
        others=kiosk.queue.rules.others or "",
        key=key,
    )


async def take(kiosk: KioskVisit) -> Redirect:
    """Take a number; the same key gives the same one, even if the hall has closed since."""
    key = kiosk.form.text("request_key", 65)
    if not KEY.fullmatch(key):
        return Redirect(kiosk.start)
    async with kiosk.services.store.read() as session:
        same = await ticket_of_request(session, key)
    ticket = same or await _new_ticket(kiosk, key)
    return Redirect(f"{kiosk.base}/tickets/{ticket.token}")


async def _new_ticket(kiosk: KioskVisit, key: str) -> Ticket:
    """A number for what was chosen. Raises `InvalidError`."""
    choice = Choice.of(kiosk.form)
    offer = kiosk.offer(choice.letter)
    taking = partial(
        take_ticket,
        hall_id=kiosk.place.hall.id,
        request=ticket_request(choice, kiosk.published.handbook, strict=False),
        now=kiosk.now,
        served=served(kiosk.place.hall, kiosk.queue),
        request_key=key,
    )
    try:
        return await kiosk.services.store.write(taking)
    except tuple(TAKING) as error:
        raise kiosk.refused(offer.category, TAKING[type(error)][0]) from error


async def show(kiosk: KioskVisit) -> Page:
    """A number that was taken in this hall today."""
    async with kiosk.services.store.read() as session:
        ticket = await ticket_of(session, kiosk.params["token"])
    day = (kiosk.place.hall.id, kiosk.today)
    if ticket is None or (ticket.day.hall_id, ticket.day.day) != day:
        raise HTTPException(404)
    return _taken(kiosk, ticket)


def _taken(kiosk: KioskVisit, ticket: Ticket) -> Taken:
    handbook = kiosk.published.handbook
    chosen = tuple(handbook.items[slug].name for slug in ticket.items if slug in handbook.items)
    return Taken(
        **kiosk.around,
        ticket=ticket,
        names=chosen or (handbook.by_letter[ticket.letter].name,),
        wait=wait_of(kiosk.queue, kiosk.services.waits, kiosk.state.today, ticket),
    )
