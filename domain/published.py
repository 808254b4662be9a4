"""What the office has published, at one revision: read once and shared by every page."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from difflib import get_close_matches
from functools import cached_property
from typing import TYPE_CHECKING

from sqlalchemy import select
from sqlalchemy.orm import joinedload, selectinload

from domain.calendar import WorkingCalendar, load_calendar
from domain.errors import CommunityNotFoundError, ItemNotFoundError
from domain.handbook.elsewhere import MattersElsewhere
from domain.handbook.events import EventSteps
from domain.handbook.search import entries_of
from domain.handbook.tables import Category, Elsewhere, LifeEventSteps, ServiceItem
from domain.places.search import communities_of
from domain.places.tables import Community, Compound, District, Hall, Subdistrict
from domain.revision import content_revision
from domain.search.index import SearchIndex

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from sqlalchemy.ext.asyncio import AsyncSession

    from domain.handbook.elsewhere import MatterElsewhere
    from domain.handbook.guide import LifeEvent
    from domain.search.entry import Entry
    from domain.store import Store

    FoundBySearch = Callable[[Community], Iterable[Entry]]


# Characters of an address that are compared with known names.
LONGEST = 80


@dataclass
class Handbook:
    """服务手册: the categories in use and their items, in the district's order."""

    categories: tuple[Category, ...]
    # Categories that ended: numbers and addresses on paper have them.
    ended_categories: tuple[Category, ...] = ()
    # Withdrawn items by slug: their addresses are printed on paper.
    withdrawn: dict[str, ServiceItem] = field(default_factory=dict)
    # What people ask for here and is done elsewhere.
    elsewhere: MattersElsewhere = field(default_factory=MattersElsewhere)
    # The ordered steps of life events, by the event; one without steps is a plain list.
    plans: dict[str, EventSteps] = field(default_factory=dict)

    @cached_property
    def items(self) -> dict[str, ServiceItem]:
        """Every item on offer, by slug."""
        return {item.slug: item for category in self.categories for item in category.items}

    @property
    def ever(self) -> dict[str, ServiceItem]:
        """Every item by slug, withdrawn ones included."""
        return self.withdrawn | self.items

    @cached_property
    def by_slug(self) -> dict[str, Category]:
        return {category.slug: category for category in self.categories}

    @cached_property
    def by_letter(self) -> dict[str, Category]:
        """The categories by the letter of their queue numbers, those that ended too."""
        every = (*self.categories, *self.ended_categories)
        return {category.letter: category for category in every}

    @cached_property
    def followed(self) -> dict[str, Category]:
        """The category that has the address of an ended one now, by the slug of the ended one."""
        return {
            each.slug: self.by_letter[each.ended.successor]
            for each in self.ended_categories
            if each.ended
        }

    def with_item(self, item: ServiceItem) -> Handbook:
        """The handbook with this item in place of the published one, for previews."""
        handbook = replace(self, withdrawn={**self.withdrawn})
        handbook.withdrawn.pop(item.slug, None)
        if item.withdrawn:
            handbook.withdrawn[item.slug] = item
        vars(handbook)["items"] = {**self.items, item.slug: item}
        return handbook

    def for_event(self, event: LifeEvent) -> list[ServiceItem]:
        """The items for a life event."""
        return [item for item in self.items.values() if event in item.guide.life_events]

    def plan_of(self, event: LifeEvent) -> EventSteps:
        """The ordered steps of a life event; without any while none were written."""
        return self.plans.get(event.value, EventSteps())

    @cached_property
    def matters(self) -> dict[str, MatterElsewhere]:
        """What is done elsewhere, by slug."""
        return {matter.slug: matter for matter in self.elsewhere.matters}

    def item(self, slug: str, community: str) -> ServiceItem:
        """Raises `ItemNotFoundError` with the nearest names."""
        if slug in self.items:
            return self.items[slug]
        names = {key: item.name for key, item in self.items.items()}
        raise ItemNotFoundError(slug, community, nearest(slug, names))

    def category(self, slug: str, community: str) -> Category:
        """The category at this address, or the one that followed it.

        Raises `ItemNotFoundError` with the nearest names.
        """
        if slug in self.by_slug:
            return self.by_slug[slug]
        if slug in self.followed:
            return self.followed[slug]
        names = {f"categories/{key}": category.name for key, category in self.by_slug.items()}
        raise ItemNotFoundError(slug, community, nearest(f"categories/{slug}", names))


# Residents' pages all read the same few hundred rows, which change a few times a day. They are
# read whole, a community when it is first needed, and dropped when the revision rises.
# Not taken: queries per page (three milliseconds of thread hops each), and caches per table with
# rules of their own.
@dataclass
class Published:
    """One revision of everything published."""

    revision: int
    # With its communities, and of each the hall with its counters, and the compounds.
    district: District
    handbook: Handbook
    calendar: WorkingCalendar
    store: Store
    # What search finds in a community beside the handbook.
    found_by_search: FoundBySearch
    # The communities that are no longer one, by slug, without what belongs to them.
    ended: dict[str, Community] = field(default_factory=dict)
    _communities: dict[str, Community] = field(default_factory=dict)
    _indexes: dict[str, SearchIndex] = field(default_factory=dict)

    @cached_property
    def communities(self) -> tuple[Community, ...]:
        """All communities, with their halls and compounds alone; `community` has one whole."""
        return tuple(each for group in self.district.subdistricts for each in group.communities)

    @cached_property
    def names(self) -> dict[str, str]:
        """The names of all communities, by slug."""
        return {community.slug: community.name for community in self.communities}

    # As many steps as there are: one that was brought back and ended again may make a circle.
    def now_at(self, community: str, building: str | None = None) -> tuple[str | None, str | None]:
        """The slug of the community that this one is today, and of a building of it there.

        It is itself or the last that followed; both are None where none did.
        """
        for _ in self.ended:
            gone = self.ended.get(community)
            if gone is not None and gone.ended is not None:
                building = gone.ended.doors.get(building or "")
                community = gone.ended.successor or ""
        return (community, building) if community in self.names else (None, None)

    @cached_property
    def rehearsing(self) -> frozenset[str]:
        """Slugs of the communities in whose hall simulated people practise."""
        return frozenset(each.slug for each in self.communities if each.hall.is_rehearsing)

    @cached_property
    def index(self) -> SearchIndex:
        """What every community finds: the handbook, and the communities."""
        handbook = entries_of(self.handbook.categories, self.handbook.elsewhere)
        return SearchIndex([*handbook, *communities_of(self.communities)])

    def index_of(self, community: Community) -> SearchIndex:
        """The search index of a community, built when it is first needed."""
        if community.slug not in self._indexes:
            self._indexes[community.slug] = self.index.within(self.found_by_search(community))
        return self._indexes[community.slug]

    def with_community(self, community: Community) -> Published:
        """The revision with another state of one community, for previews."""
        return replace(self, _communities={**self._communities, community.slug: community})

    async def community(self, slug: str, session: AsyncSession | None = None) -> Community:
        """The community, whole. Raises `CommunityNotFoundError` with the nearest names.

        A caller that already reads must pass its `session`: if every reader waited for a second
        connection, all would wait for ever.
        """
        if slug not in self.names and slug not in self.ended:
            raise CommunityNotFoundError(slug, nearest(slug, self.names))
        if slug not in self._communities:
            if session is not None:
                self._communities[slug] = await load_community(session, slug)
            else:
                async with self.store.read() as reading:
                    self._communities[slug] = await load_community(reading, slug)
        return self._communities[slug]


def nearest(slug: str, names: dict[str, str]) -> tuple[tuple[str, str], ...]:
    """Up to three (slug, name) pairs that a person who typed `slug` may have meant."""
    typed = slug[:LONGEST].lower()
    return tuple((near, names[near]) for near in get_close_matches(typed, names, 3, 0.5))


async def load_published(store: Store, found_by_search: FoundBySearch) -> Published | None:
    """Everything published now, or None if the store holds no district.

    `found_by_search` gives a community's own entries: the features know them, not this module.
    """
    async with store.read() as session:
        revision = await content_revision(session)
        in_use = Subdistrict.communities.and_(Community.ended.is_(None))
        district = await session.scalar(
            select(District).options(
                of_district := selectinload(District.subdistricts).selectinload(in_use),
                of_district.joinedload(Community.hall).selectinload(Hall.counters),
                of_district.selectinload(Community.compounds_ever),
            )
        )
        if district is None:
            return None
        handbook = await _load_handbook(session)
        calendar = await load_calendar(session)
        gone = await session.scalars(
            select(Community).where(Community.ended.is_not(None)).order_by(Community.id)
        )
        ended = {community.slug: community for community in gone}
        return Published(revision, district, handbook, calendar, store, found_by_search, ended)


async def _load_handbook(session: AsyncSession) -> Handbook:
    offered = Category.items.and_(ServiceItem.withdrawn.is_(None))
    categories = await session.scalars(
        select(Category)
        .order_by(Category.rank, Category.letter)
        .options(selectinload(offered).joinedload(ServiceItem.category))
    )
    listed = tuple(categories.unique())
    return Handbook(
        tuple(each for each in listed if each.ended is None),
        tuple(each for each in listed if each.ended is not None),
        await _withdrawn(session),
        await load_elsewhere(session),
        await _load_plans(session),
    )


async def _load_plans(session: AsyncSession) -> dict[str, EventSteps]:
    return {row.event: row.plan for row in await session.scalars(select(LifeEventSteps))}


async def load_elsewhere(session: AsyncSession) -> MattersElsewhere:
    """What is done elsewhere; an empty list while none was written."""
    written = await session.get(Elsewhere, 1)
    return written.list if written else MattersElsewhere()


async def _withdrawn(session: AsyncSession) -> dict[str, ServiceItem]:
    items = await session.scalars(
        select(ServiceItem)
        .where(ServiceItem.withdrawn.isnot(None))
        .options(joinedload(ServiceItem.category))
    )
    return {item.slug: item for item in items}


async def load_community(session: AsyncSession, slug: str) -> Community:
    """A community with everything that belongs to it."""
    whole = select(Community).where(Community.slug == slug)
    return (
        await session.scalars(
            whole.options(
                joinedload(Community.subdistrict),
                joinedload(Community.hall).selectinload(Hall.counters),
                selectinload(Community.compounds_ever).selectinload(Compound.buildings_ever),
                selectinload(Community.facilities),
                selectinload(Community.people),
                selectinload(Community.partners),
                selectinload(Community.notes),
                selectinload(Community.posts),
            )
        )
    ).one()
