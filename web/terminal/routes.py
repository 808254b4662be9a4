"""The terminal's pages, what it keeps of them, and its numbers."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Any, NamedTuple

from domain.devices.tables import DeviceKind
from domain.handbook.guide import LifeEvent
from web.offline.bundle import bundle_of
from web.queue import kiosk
from web.queue.kiosk import at_kiosk, spoken_in
from web.site.answers import cached_with_services
from web.site.feature import Kept
from web.site.routing import Route, form
from web.terminal import pages

if TYPE_CHECKING:
    from collections.abc import Iterator

    from starlette.requests import Request
    from starlette.responses import Response

    from domain.places.tables import Community
    from web.running.services import Services
    from web.site.answers import ServicesView
    from web.site.visit import Visit

BASE = "/terminal/{lang}"
HOME = f"{BASE}/c/{{community}}"


class Shown(NamedTuple):
    """A page below a terminal's home, and its view."""

    below: str
    view: ServicesView


START = Shown("", pages.start)
CATEGORY = Shown("/handbook/categories/{category}", pages.category)
EVENTS = Shown("/handbook/events", pages.events)
EVENT = Shown("/handbook/events/{event}", pages.event)
GUIDE = Shown("/handbook/{item}", pages.guide)
CHECKLIST = Shown("/handbook/{item}/checklist", pages.checklist)
FORM = Shown("/handbook/{item}/forms/{number:int}", pages.form)
SEARCH = Shown("/search", pages.search)
FACILITIES = Shown("/facilities", pages.facilities)
PEOPLE = Shown("/people", pages.people)
FIGURES = Shown("/hall/figures", pages.hall_figures)


def at_terminal(visit: Visit) -> Visit:
    """The visit in the manner of every terminal; 404 for a language we do not have."""
    manner = visit.manner
    worn = replace(manner, lang=spoken_in(visit), view="elder", size="22", theme="auto")
    return replace(visit, manner=worn)


def shown(each: Shown) -> Route:
    return Route(HOME + each.below, cached_with_services(each.view, at_terminal))


async def kept(request: Request) -> Response:
    """Everything that a terminal keeps for when there is no network, in one language."""
    return await bundle_of(request, everything, at_terminal)


def everything(services: Services, visit: Visit, community: Community) -> Iterator[Kept]:
    """Every page that does not need the hall's queue."""

    def page(each: Shown, **params: Any) -> Kept:
        here = {"lang": visit.lang, "community": community.slug, **params}
        # A parameter's convertor is no part of an address.
        route = (HOME + each.below).replace(":int", "")
        return Kept(route, partial(each.view, services), here)

    handbook = visit.published.handbook
    for each in (START, EVENTS, SEARCH, FACILITIES, PEOPLE, FIGURES):
        yield page(each)
    for category in handbook.categories:
        yield page(CATEGORY, category=category.slug)
    for event in LifeEvent:
        yield page(EVENT, event=event.value)
    for slug, item in handbook.items.items():
        yield page(GUIDE, item=slug)
        yield page(CHECKLIST, item=slug)
        for number, document in enumerate(item.guide.documents, 1):
            if document.blank:
                yield page(FORM, item=slug, number=number)


number = partial(at_kiosk, kind=DeviceKind.TERMINAL)

ROUTES = (
    Route(f"{HOME}/offline.json", kept),
    shown(START),
    shown(CATEGORY),
    shown(EVENTS),
    shown(EVENT),
    shown(GUIDE),
    shown(CHECKLIST),
    shown(FORM),
    shown(SEARCH),
    shown(FACILITIES),
    shown(PEOPLE),
    shown(FIGURES),
    Route(f"{BASE}/numbers", number(kiosk.choose)),
    Route(f"{BASE}/numbers/{{item}}", number(kiosk.straight)),
    Route(f"{BASE}/categories/{{letter}}", number(kiosk.category)),
    Route(f"{BASE}/categories/{{letter}}/priority", number(kiosk.priority)),
    form(f"{BASE}/tickets", number(kiosk.take), "/terminal"),
    Route(f"{BASE}/tickets/{{token}}", number(kiosk.show)),
)
