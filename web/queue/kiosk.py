"""取号机: from what somebody came for to a number, in three touches, page by page.

Every page asks anew which kiosk it stands on. The key under which a number is taken is made with
the page on which one chooses, and goes along in the address: a double tap, a page loaded again
and an answer lost on the way all lead to the same number.
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
from domain.hours import HallState, hall_state
from domain.queue.tables import PriorityKind, Ticket
from domain.queue.tickets import Wish, take_ticket, ticket_of, ticket_of_request
from web.queue.offers import REFUSALS, Offer, Wait, offered, served
from web.site.answers import moved, respond, visit_of
from web.site.forms import form_of
from web.site.hall_device import Answer, community_of, device_of
from web.site.pages import Page

if TYPE_CHECKING:
    from collections.abc import Iterable

    from starlette.requests import Request
    from starlette.responses import Response

    from domain.devices.tables import Device
    from domain.handbook.tables import Category, ServiceItem
    from domain.places.tables import Community
    from domain.queue.snapshot import QueueNow
    from web.running.services import House
    from web.site.forms import Form
    from web.site.visit import Visit

TIMEOUT = 45
"""Seconds without a touch after which a kiosk is everybody's again."""
KEY = re.compile("[A-Za-z0-9_-]{20,64}")


@dataclass(frozen=True, kw_only=True)
class Start(Answer):
    """取号机: what one can take a number for."""

    template: ClassVar[str] = "queue/kiosk/_start.html"
    device: Device
    hall: HallState
    is_closed: bool
    """Whether staff have closed the day before its time."""
    offers: tuple[Offer, ...]


async def start_of(
    house: House, visit: Visit, community: Community, device: Device, state: HallState
) -> Answer:
    """What a kiosk shows until it is touched."""
    async with house.store.read() as session:
        queue, found = await offered(session, house, visit, community.hall)
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
    """What somebody came for: one thing or several, one number for all."""

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
    """The number, to take along: on paper, on the phone or in one's head."""

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


class RefusedError(Exception):
    """No number now: `page` says why."""

    def __init__(self, page: Page) -> None:
        super().__init__(page.template)
        self.page = page


@dataclass(frozen=True)
class Standing:
    """A kiosk in its hall at one moment."""

    house: House
    visit: Visit
    community: Community
    queue: QueueNow
    offers: tuple[Offer, ...]

    def offer(self, letter: str) -> Offer:
        """What the hall offers of a category. Raises `RefusedError`, or 404."""
        found = next((each for each in self.offers if each.category.letter == letter), None)
        if found is None:
            raise HTTPException(404)
        is_shut = not self.state.is_open or self.queue.is_closed
        if why := "closed" if is_shut else found.refusal:
            raise self.refused(found.category, why)
        return found

    @property
    def state(self) -> HallState:
        """Whether the hall is open."""
        calendar = self.visit.published.calendar
        return hall_state(self.community.hall.hours, calendar, self.visit.now)

    def refused(self, category: Category, why: str) -> RefusedError:
        """The page that says why there is no number."""
        page = NoNumber(community=self.community, why=why, category=category, hall=self.state)
        return RefusedError(page)

    def items(self, slugs: Iterable[str], category: Category) -> tuple[ServiceItem, ...]:
        """Those of the category's items that were ticked, in the handbook's order."""
        wanted = set(slugs)
        return tuple(each for each in category.items if each.slug in wanted)


async def standing(request: Request) -> Standing:
    """Where this kiosk stands; 404 for whoever is none. Its pages are in the elder view."""
    house: House = request.app.state.house
    device = await device_of(request, DeviceKind.KIOSK)
    if device is None:
        raise HTTPException(404)
    visit = await visit_of(request, house)
    visit = replace(visit, manner=replace(visit.manner, view="elder"))
    community = await community_of(visit, device)
    async with house.store.read() as session:
        queue, found = await offered(session, house, visit, community.hall)
    return Standing(house, visit, community, queue, found)


async def category(request: Request) -> Response:
    """What there is to do in a category."""
    here = await standing(request)
    try:
        offer = here.offer(request.path_params["letter"])
    except RefusedError as refused:
        return respond(request, refused.page, here.visit)
    key = secrets.token_urlsafe(24)
    items = tuple(offer.category.items)
    page = Choosing(community=here.community, offer=offer, items=items, key=key)
    return respond(request, page, here.visit)


async def priority(request: Request) -> Response:
    """Whether somebody goes first."""
    here = await standing(request)
    key = request.query_params.get("key", "")
    if not KEY.fullmatch(key):
        return moved("/kiosk")
    try:
        offer = here.offer(request.path_params["letter"])
    except RefusedError as refused:
        return respond(request, refused.page, here.visit)
    page = GoingFirst(
        community=here.community,
        offer=offer,
        items=here.items(request.query_params.getlist("item"), offer.category),
        kinds=here.queue.rules.kinds,
        others=here.queue.rules.others or "",
        key=key,
    )
    return respond(request, page, here.visit)


async def take(request: Request) -> Response:
    """Take a number; the same key leads to the same one, also when the hall has closed since."""
    here, form = await standing(request), await form_of(request)
    key = form.text("request_key", 65)
    if not KEY.fullmatch(key):
        return moved("/kiosk")
    try:
        ticket = await _take(here, form, key)
    except RefusedError as refused:
        return respond(request, refused.page, here.visit)
    return moved(f"/kiosk/tickets/{ticket.token}")


async def show(request: Request) -> Response:
    """A number that was taken in this hall today."""
    here = await standing(request)
    async with here.house.store.read() as session:
        ticket = await ticket_of(session, request.path_params["token"])
    day = (here.community.hall.id, here.visit.today)
    if ticket is None or (ticket.day.hall_id, ticket.day.day) != day:
        raise HTTPException(404)
    handbook = here.visit.published.handbook
    chosen = tuple(handbook.items[each].name for each in ticket.items if each in handbook.items)
    whole = tuple(each.name for each in handbook.categories if each.letter == ticket.letter)
    page = Taken(
        community=here.community,
        ticket=ticket,
        names=chosen or whole,
        wait=Wait(here.queue.ahead(ticket), here.house.waits.outlook(here.queue).of(ticket)),
    )
    return respond(request, page, here.visit)


async def _take(here: Standing, form: Form, key: str) -> Ticket:
    """The ticket of this request. Raises `RefusedError`."""
    async with here.house.store.read() as session:
        same = await ticket_of_request(session, key)
    if same is not None:
        return same
    offer = here.offer(form.text("letter"))
    items = tuple(each.slug for each in here.items(form.all("item"), offer.category))
    priority = PriorityKind.named(form.text("priority"))
    taking = partial(
        take_ticket,
        hall_id=here.community.hall.id,
        wish=Wish(offer.category.letter, items, priority),
        now=here.visit.now,
        served=served(here.community.hall, here.queue),
        request_key=key,
    )
    try:
        return await here.house.store.write(taking)
    except tuple(REFUSALS) as error:
        raise here.refused(offer.category, REFUSALS[type(error)]) from error
