"""What people look up at a terminal: the residents' pages in a frame for one finger.

The views are those of the handbook, the places and the queue; only the template is the terminal's.
A page is public and the same for every terminal of a hall, so it is kept in memory, and on the
terminal for when there is no network. The language is in the address and not in a cookie: it ends
with the visit, and a kept copy can never be of the wrong one.

What a resident of 75 does here: she touches a tile of the start page (养老服务), then a guide. The
first screen says whether it is for her, how long it takes, what it costs and what to bring. She
touches 带走 and has it on paper, or holds her phone to the large code; or she touches
取号, says whether she has priority, and has her number. She walks away, and after 45 seconds the
start page is back, with nothing left of her.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, fields
from typing import TYPE_CHECKING, Any, ClassVar, TypeVar

from domain.handbook.guide import LifeEvent
from domain.search.strokes import strokes_of
from web.handbook import events as life_events
from web.handbook import guides
from web.handbook.search import SUGGESTIONS
from web.places import pages as places
from web.queue import figures
from web.queue.kiosk import TIMEOUT
from web.site.pages import Page
from web.terminal.code import Drawing, drawing

if TYPE_CHECKING:
    from collections.abc import Callable

    from domain.handbook.guide import ServiceGuide
    from domain.handbook.tables import Category, ServiceItem
    from domain.places.tables import Counter
    from web.running.services import Services
    from web.site.visit import Visit

P = TypeVar("P", bound="TerminalPage")


@dataclass(frozen=True, kw_only=True)
class TerminalPage(Page):
    """A page of the terminal: left to itself for so many seconds, it gives way to the start."""

    # What the addresses of the hall's pages begin with.
    home: str
    timeout: int = TIMEOUT


@dataclass(frozen=True, kw_only=True)
class Start(TerminalPage):
    """The start page without what is true only now: for English, and without a network."""

    template: ClassVar[str] = "terminal/start.html"
    categories: tuple[Category, ...]


@dataclass(frozen=True, kw_only=True)
class Events(TerminalPage):
    """人生大事: what has happened."""

    template: ClassVar[str] = "terminal/events.html"
    events: tuple[LifeEvent, ...] = tuple(LifeEvent)


@dataclass(frozen=True, kw_only=True)
class Search(TerminalPage):
    """查一查: keys, words by their strokes, and results found on the terminal itself."""

    template: ClassVar[str] = "terminal/search.html"
    categories: tuple[Category, ...]
    # The guides' names and what people call them, each with the guide.
    words: tuple[tuple[str, str], ...]
    strokes_of: Callable[[str], str] = strokes_of
    events: tuple[LifeEvent, ...] = tuple(LifeEvent)
    suggestions: tuple[str, ...] = SUGGESTIONS


@dataclass(frozen=True, kw_only=True)
class CategoryPage(TerminalPage, guides.CategoryPage):
    template: ClassVar[str] = "terminal/category.html"


@dataclass(frozen=True, kw_only=True)
class EventPage(TerminalPage, life_events.EventPage):
    template: ClassVar[str] = "terminal/event.html"


@dataclass(frozen=True, kw_only=True)
class GuidePage(TerminalPage, guides.GuideContent):
    template: ClassVar[str] = "terminal/guide.html"


@dataclass(frozen=True, kw_only=True)
class Withdrawn(TerminalPage, guides.Withdrawn):
    template: ClassVar[str] = "terminal/withdrawn.html"


@dataclass(frozen=True, kw_only=True)
class Checklist(TerminalPage):
    """带走: what to bring on paper, and the guide's code for a phone."""

    template: ClassVar[str] = "terminal/checklist.html"
    item: ServiceItem
    guide: ServiceGuide
    counters: list[Counter]
    code: Drawing


@dataclass(frozen=True, kw_only=True)
class BlankForm(TerminalPage, guides.BlankForm):
    template: ClassVar[str] = "terminal/form.html"


@dataclass(frozen=True, kw_only=True)
class FacilitiesPage(TerminalPage, places.FacilityList):
    template: ClassVar[str] = "terminal/facilities.html"


@dataclass(frozen=True, kw_only=True)
class PeoplePage(TerminalPage, places.People):
    template: ClassVar[str] = "terminal/people.html"


@dataclass(frozen=True, kw_only=True)
class FiguresPage(TerminalPage, figures.HallFigures):
    template: ClassVar[str] = "terminal/figures.html"


def home_of(visit: Visit) -> str:
    return f"/terminal/{visit.lang}/c/{visit.params['community']}"


def framed(kind: type[P], page: Page, visit: Visit, **more: Any) -> P:
    """A resident's page as the terminal's page of this kind, with what its template shows."""
    held = {each.name for each in fields(kind)} & vars(page).keys()
    return kind(home=home_of(visit), **{name: getattr(page, name) for name in held}, **more)


async def start(_services: Services, visit: Visit) -> Page:
    categories = visit.published.handbook.categories
    return Start(community=await visit.community(), home=home_of(visit), categories=categories)


async def events(_services: Services, visit: Visit) -> Page:
    return Events(community=await visit.community(), home=home_of(visit))


async def search(_services: Services, visit: Visit) -> Page:
    """The keys, and the words that are found by their strokes."""
    handbook = visit.published.handbook
    words = {
        word: slug
        for slug, item in handbook.items.items()
        for word in (*item.guide.everyday_names, item.guide.name)
    }
    return Search(
        community=await visit.community(),
        home=home_of(visit),
        categories=handbook.categories,
        words=tuple(words.items()),
    )


async def category(_services: Services, visit: Visit) -> Page:
    return framed(CategoryPage, await guides.category(visit), visit)


async def event(_services: Services, visit: Visit) -> Page:
    return framed(EventPage, await life_events.show(visit), visit)


async def guide(_services: Services, visit: Visit) -> Page:
    page = await guides.guide(visit)
    return framed(GuidePage if isinstance(page, guides.Guide) else Withdrawn, page, visit)


async def checklist(_services: Services, visit: Visit) -> Page:
    """What to bring, for paper, with the code of the guide."""
    page = await guides.guide(visit)
    if not isinstance(page, guides.Guide):
        return framed(Withdrawn, page, visit)
    path = f"/c/{visit.params['community']}/handbook/{page.item.slug}"
    code = await asyncio.to_thread(drawing, visit.manner.origin + path)
    return framed(Checklist, page, visit, code=code)


async def form(_services: Services, visit: Visit) -> Page:
    return framed(BlankForm, await guides.form(visit), visit)


async def facilities(_services: Services, visit: Visit) -> Page:
    return framed(FacilitiesPage, await places.facilities(visit), visit)


async def people(_services: Services, visit: Visit) -> Page:
    return framed(PeoplePage, await places.people(visit), visit)


async def hall_figures(services: Services, visit: Visit) -> Page:
    return framed(FiguresPage, await figures.show(services, visit), visit)
