"""取号机: from what a person came for to a number, in three touches, page by page.

Every page asks again which kiosk it stands on. The key under which a number is taken is made with
the page of the choices, and goes along in the address: a double tap, a page loaded again and an
answer lost on the way all lead to the same number.
"""

from __future__ import annotations

import re
import secrets
from dataclasses import dataclass, replace
from functools import partial
from http import HTTPStatus
from typing import TYPE_CHECKING, ClassVar

from starlette.exceptions import HTTPException

from domain.devices.tables import DeviceKind
from domain.queue.tickets import take_ticket, ticket_of, ticket_of_request
from web.queue.offers import Offer, Wait, offered, served
from web.queue.refusals import TAKING
from web.queue.ticket_request import Choice, ticket_request
from web.site.answers import InvalidError, Redirect, leads_to, refusal, to_response
from web.site.hall_device import DevicePage, community_of, device_here
from web.site.pages import Page
from web.site.visits import resident_visit

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from starlette.requests import Request
    from starlette.responses import Response

    from domain.devices.tables import Device
    from domain.handbook.tables import Category, ServiceItem
    from domain.hours import HallState
    from domain.places.tables import Community
    from domain.queue.snapshot import QueueNow
    from domain.queue.tables import PriorityKind, Ticket
    from web.running.services import Services
    from web.site.answers import Answer, Endpoint
    from web.site.visit import Visit
    from web.site.visits import ResidentVisit

TIMEOUT = 45
"""Seconds without a touch after which a kiosk is everybody's again."""
KEY = re.compile("[A-Za-z0-9_-]{20,64}")


@dataclass(frozen=True, kw_only=True)
class Start(DevicePage):
    """取号机: the categories that give numbers."""

    template: ClassVar[str] = "queue/kiosk/_start.html"
    device: Device
    hall: HallState
    is_closed: bool
    """Whether staff have closed the day before its time."""
    offers: tuple[Offer, ...]


async def start_of(
    services: Services, visit: Visit, community: Community, device: Device, state: HallState
) -> DevicePage:
    """What a kiosk shows until it is touched."""
    async with services.store.read() as session:
        queue, found = await offered(session, services, visit, community.hall)
    return Start(
        community=community,
        every=10,
        is_idle=not state.is_open,
        device=device,
        hall=state,
        is_closed=queue.is_closed,
        offers=found,
    )


@dataclass(frozen=True, kw_only=True)
class KioskPage(Page):
    """A page between the kiosk's start and the number."""

    timeout: int = TIMEOUT


@dataclass(frozen=True, kw_only=True)
class Choosing(KioskPage):
    """What a person came for: one thing or several, one number for all."""

    template: ClassVar[str] = "queue/kiosk/items.html"
    offer: Offer
    items: tuple[ServiceItem, ...]
    key: str


@dataclass(frozen=True, kw_only=True)
class GoingFirst(KioskPage):
    """优先: asked once, kindly; seen at the counter."""

    template: ClassVar[str] = "queue/kiosk/priority.html"
    offer: Offer
    items: tuple[ServiceItem, ...]
    kinds: tuple[PriorityKind, ...]
    others: str
    """Who else has priority here, in the hall's own words."""
    key: str


@dataclass(frozen=True, kw_only=True)
class Taken(KioskPage):
    """The number, to take along: on paper, on the phone or by heart."""

    template: ClassVar[str] = "queue/kiosk/ticket.html"
    ticket: Ticket
    names: tuple[str, ...]
    """What it is for: the items, or the category when none was chosen."""
    wait: Wait


@dataclass(frozen=True, kw_only=True)
class NoNumber(KioskPage):
    """Why there is no number, and what to do instead."""

    template: ClassVar[str] = "queue/kiosk/refused.html"
    status: ClassVar[int] = HTTPStatus.CONFLICT
    why: str
    category: Category
    hall: HallState


@dataclass(frozen=True)
class KioskVisit:
    """A request of a kiosk: the hall in which it stands, as it is at this moment."""

    visit: ResidentVisit
    community: Community
    queue: QueueNow
    offers: tuple[Offer, ...]
    ticked: frozenset[str]
    """Slugs of the items in the query."""

    def offer(self, letter: str) -> Offer:
        """What the hall offers of a category. Raises `InvalidError`, or 404."""
        found = next((offer for offer in self.offers if offer.category.letter == letter), None)
        if found is None:
            raise HTTPException(404)
        is_shut = not self.state.is_open or self.queue.is_closed
        if why := "closed" if is_shut else found.refusal:
            raise self.refused(found.category, why)
        return found

    def ticked_of(self, category: Category) -> tuple[ServiceItem, ...]:
        """The items of a category that were ticked."""
        return tuple(item for item in category.items if item.slug in self.ticked)

    @property
    def state(self) -> HallState:
        """Whether the hall is open."""
        return self.visit.hall_state(self.community)

    def refused(self, category: Category, why: str) -> InvalidError:
        """The page that says why there is no number."""
        page = NoNumber(community=self.community, why=why, category=category, hall=self.state)
        return InvalidError(page)


def at_kiosk(view: Callable[[KioskVisit], Awaitable[Answer]]) -> Endpoint:
    """An endpoint for a paired kiosk; 404 for every other browser. Its pages are in elder view."""

    async def endpoint(request: Request) -> Response:
        here = await _kiosk_visit(request)
        try:
            answer = await view(here)
        except InvalidError as refused:
            return refusal(request, here.visit, refused)
        return to_response(request, answer, here.visit)

    return leads_to(view, endpoint)


async def _kiosk_visit(request: Request) -> KioskVisit:
    device = await device_here(request, DeviceKind.KIOSK)
    visit = await resident_visit(request)
    visit = replace(visit, manner=replace(visit.manner, view="elder"))
    community = await community_of(visit, device)
    async with visit.services.store.read() as session:
        queue, offers = await offered(session, visit.services, visit, community.hall)
    ticked = frozenset(request.query_params.getlist("item"))
    return KioskVisit(visit, community, queue, offers, ticked)


async def category(here: KioskVisit) -> Page:
    """What there is to do in a category."""
    offer = here.offer(here.visit.params["letter"])
    return Choosing(
        community=here.community,
        offer=offer,
        items=tuple(offer.category.items),
        key=secrets.token_urlsafe(24),
    )


async def priority(here: KioskVisit) -> Page | Redirect:
    """Whether this person goes first."""
    key = here.visit.query.get("key", "")
    if not KEY.fullmatch(key):
        return Redirect("/kiosk")
    return _going_first(here, here.offer(here.visit.params["letter"]), key)


def _going_first(here: KioskVisit, offer: Offer, key: str) -> GoingFirst:
    return GoingFirst(
        community=here.community,
        offer=offer,
        items=here.ticked_of(offer.category),
        kinds=here.queue.rules.kinds,
        others=here.queue.rules.others or "",
        key=key,
    )


async def take(here: KioskVisit) -> Redirect:
    """Take a number; the same key leads to the same one, also when the hall has closed since."""
    key = here.visit.form.text("request_key", 65)
    if not KEY.fullmatch(key):
        return Redirect("/kiosk")
    async with here.visit.services.store.read() as session:
        same = await ticket_of_request(session, key)
    ticket = same or await _new_ticket(here, key)
    return Redirect(f"/kiosk/tickets/{ticket.token}")


async def _new_ticket(here: KioskVisit, key: str) -> Ticket:
    """A number for what was chosen. Raises `InvalidError`."""
    visit, choice = here.visit, Choice.of(here.visit.form)
    offer = here.offer(choice.letter)
    taking = partial(
        take_ticket,
        hall_id=here.community.hall.id,
        request=ticket_request(choice, visit.published.handbook, strict=False),
        now=visit.now,
        served=served(here.community.hall, here.queue),
        request_key=key,
    )
    try:
        return await visit.services.store.write(taking)
    except tuple(TAKING) as error:
        raise here.refused(offer.category, TAKING[type(error)][0]) from error


async def show(here: KioskVisit) -> Page:
    """A number that was taken in this hall today."""
    async with here.visit.services.store.read() as session:
        ticket = await ticket_of(session, here.visit.params["token"])
    day = (here.community.hall.id, here.visit.today)
    if ticket is None or (ticket.day.hall_id, ticket.day.day) != day:
        raise HTTPException(404)
    return _taken(here, ticket)


def _taken(here: KioskVisit, ticket: Ticket) -> Taken:
    handbook, outlook = here.visit.published.handbook, here.visit.services.waits.outlook(here.queue)
    chosen = tuple(handbook.items[slug].name for slug in ticket.items if slug in handbook.items)
    return Taken(
        community=here.community,
        ticket=ticket,
        names=chosen or (handbook.by_letter[ticket.letter].name,),
        wait=Wait(here.queue.ahead(ticket), outlook.of(ticket)),
    )
