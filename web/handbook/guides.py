"""服务手册 on the page: index, categories, life events, guides, and blank forms to print."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar

from domain.errors import ItemNotFoundError
from domain.handbook.fit import questions_of
from domain.handbook.guide import URGENT_WORKING_DAYS, LifeEvent, ServiceGuide
from domain.hours import periods_of
from domain.places.content import OwnContent
from web.handbook.events import StepOf, steps_with
from web.handbook.structured import government_service
from web.site.pages import Page
from web.site.visit import midnight_after

if TYPE_CHECKING:
    from domain.calendar import Deadline
    from domain.handbook.fit import FitQuestion
    from domain.handbook.guide import RequiredDocument
    from domain.handbook.tables import Category, ServiceItem
    from domain.places.tables import Community, Counter, PersonInCharge
    from web.site.visit import Visit


@dataclass(frozen=True, kw_only=True)
class Index(Page):
    """手册: every item in its category."""

    template: ClassVar[str] = "handbook/index.html"
    tab: ClassVar[str] = "handbook"
    takes_reports: ClassVar[bool] = True
    categories: tuple[Category, ...]
    events: tuple[LifeEvent, ...]
    count: int


@dataclass(frozen=True, kw_only=True)
class CategoryPage(Page):
    """One category's items."""

    template: ClassVar[str] = "handbook/category.html"
    tab: ClassVar[str] = "handbook"
    takes_reports: ClassVar[bool] = True
    category: Category
    counters: list[Counter]
    people: list[PersonInCharge]
    # The name of the ended category whose address this is; empty for its own.
    was: str = ""


@dataclass(frozen=True, kw_only=True)
class GuideContent(Page):
    """What a guide says, on whichever page."""

    tab: ClassVar[str] = "handbook"
    item: ServiceItem
    guide: ServiceGuide
    # What this community adds.
    own: OwnContent
    deadline: Deadline
    urgent: Deadline | None
    counters: list[Counter]
    people: list[PersonInCharge]
    related: list[ServiceItem]
    opens_today: bool


@dataclass(frozen=True, kw_only=True)
class Guide(GuideContent):
    """办事指南."""

    template: ClassVar[str] = "handbook/guide.html"
    takes_reports: ClassVar[bool] = True
    # The steps of life events that lead here.
    part_of: list[StepOf]
    fit: tuple[FitQuestion, ...]
    structured: dict[str, Any]


# A withdrawn item keeps its address, because the address is on paper.
@dataclass(frozen=True, kw_only=True)
class Withdrawn(Page):
    """An item that is no longer offered: what to do instead, at the address that is on paper."""

    template: ClassVar[str] = "handbook/withdrawn.html"
    tab: ClassVar[str] = "handbook"
    status: ClassVar[int] = 410
    item: ServiceItem


@dataclass(frozen=True, kw_only=True)
class BlankForm(Page):
    """A blank form to print and fill in at home."""

    template: ClassVar[str] = "handbook/form.html"
    tab: ClassVar[str] = "handbook"
    takes_reports: ClassVar[bool] = True
    item: ServiceItem
    document: RequiredDocument


async def index(visit: Visit) -> Page:
    """The whole handbook on one page."""
    handbook = visit.published.handbook
    return Index(
        community=await visit.community(),
        categories=handbook.categories,
        events=tuple(LifeEvent),
        count=len(handbook.items),
    )


async def category(visit: Visit) -> Page:
    """One category."""
    community, handbook = await visit.community(), visit.published.handbook
    slug = visit.params["category"]
    found = handbook.category(slug, community.slug)
    return CategoryPage(
        community=community,
        category=found,
        was=next((each.name for each in handbook.ended_categories if each.slug == slug), ""),
        counters=[each for each in community.hall.counters if found.letter in each.categories],
        people=[each for each in community.people if found.letter in each.categories],
    )


async def guide(visit: Visit) -> Page:
    """One guide, with what this community adds and the dates as of today."""
    community, handbook = await visit.community(), visit.published.handbook
    if withdrawn := handbook.withdrawn.get(visit.params["item"]):
        return Withdrawn(community=community, item=withdrawn)
    return _guide(visit, community, handbook.item(visit.params["item"], community.slug))


def _guide(visit: Visit, community: Community, item: ServiceItem) -> Guide:
    published, words = visit.published, item.guide
    deadline = published.calendar.deadline
    own = next((each.own for each in community.notes if each.item_id == item.id), OwnContent())
    return Guide(
        community=community,
        fresh_until=midnight_after(visit.now),
        item=item,
        guide=words,
        own=own,
        part_of=steps_with(published.handbook, item.slug),
        fit=questions_of(words.fit),
        deadline=deadline(visit.today, words.promised_days),
        urgent=deadline(visit.today, URGENT_WORKING_DAYS) if words.urgent else None,
        counters=counters_for(community, item, own),
        people=people_for(community, item, own),
        related=[
            published.handbook.items[each]
            for each in words.related
            if each in published.handbook.items
        ],
        opens_today=bool(periods_of(community.hall.hours_now, published.calendar, visit.today)),
        structured=government_service(item, community, published.district, visit.manner.origin),
    )


def counters_for(community: Community, item: ServiceItem, own: OwnContent) -> list[Counter]:
    """Where to go: the counter the community names, else all that serve the item's category."""
    counters = community.hall.counters
    named = [each for each in counters if each.number == own.counter]
    return named or [each for each in counters if item.category.letter in each.categories]


def people_for(community: Community, item: ServiceItem, own: OwnContent) -> list[PersonInCharge]:
    """The people to ask: the post the community names, else all for the item's category."""
    named = [each for each in community.people if each.post == own.person]
    letter = item.category.letter
    return named or [each for each in community.people if letter in each.categories]


async def form(visit: Visit) -> Page:
    """One blank form of a guide, by its document's number from 1."""
    community = await visit.community()
    item = visit.published.handbook.item(visit.params["item"], community.slug)
    number = int(visit.params["number"])
    documents = item.guide.documents
    if not 1 <= number <= len(documents) or not documents[number - 1].blank:
        raise ItemNotFoundError(item.slug, community.slug, ((item.slug, item.name),))
    return BlankForm(community=community, item=item, document=documents[number - 1])
