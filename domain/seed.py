"""Loads a whole district from its files: reads all, checks all, inserts all or nothing.

A folder holds `district.yaml`, `categories.yaml`, one file per category under `handbook/`, the
communities that wrote about themselves under `communities/`, their contact posts under `posts/` in
files of the same names, what they published
under `disclosures/`, what must be published under `catalogues/`, and the holiday notices of further
years under `notices/`. `elsewhere.yaml` lists what is done elsewhere, and `events.yaml` the ordered
steps of life events, if the district wrote them.
A sample also has what its residents asked and when they met, under `affairs/`: in a real district
that would be testimony nobody gave.
"""

from __future__ import annotations

from collections import Counter as Count
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pydantic import ConfigDict, create_model
from sqlalchemy import select

from domain import rules
from domain.calendar import HolidayNotice, contradictions_of, enter_notice
from domain.contacts.content import ContactPosts
from domain.contacts.posts import of_posts, rows_of
from domain.content import Content, Contradiction, Slug
from domain.disclosures import catalogue
from domain.disclosures.catalogue import Catalogue
from domain.disclosures.seeded_affairs import SeededAffairs, plant_affairs
from domain.disclosures.seeded_affairs import contradictions_of as contradictions_of_affairs
from domain.disclosures.seeding import SeededDisclosure, plant_disclosures
from domain.disclosures.tables import DisclosureCatalogue
from domain.errors import ContentError, ContentFault, NotEmptyError
from domain.handbook.categories import CategoryContent
from domain.handbook.elsewhere import MattersElsewhere
from domain.handbook.elsewhere import contradictions_of as contradictions_elsewhere
from domain.handbook.events import SeededEvent
from domain.handbook.events import contradictions_of as contradictions_of_steps
from domain.handbook.guide import ServiceGuide
from domain.handbook.tables import Category, Elsewhere, LifeEventSteps, ServiceItem
from domain.loading import Source, read_source
from domain.papers.kinds import HALL, KINDS
from domain.papers.paper import CommunityKind
from domain.places.content import (
    CategoryLetter,
    CommunityContent,
    DistrictContent,
    Settlement,
)
from domain.places.tables import (
    Community,
    CommunityNote,
    Counter,
    District,
    Hall,
    Subdistrict,
)
from domain.places.writing import columns_of_hall
from domain.revision import touch_content
from domain.rules import NO_CATEGORY, NO_ITEM, SLUG_TAKEN
from domain.words import N_

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    Fault = Callable[..., ContentFault]

    from sqlalchemy.ext.asyncio import AsyncSession

NO_COMMUNITY = N_("there is no file communities/{}.yaml")
NOT_NAMED = N_("{} does not name this community")
NOT_ITS_FILE = N_("is not the file's name, {}")
NO_ACCOUNTS = N_("a file cannot name accounts: there are none yet")
NO_KIND = N_("is not named by a kind of community")
NO_SAMPLE = N_("only a sample district can have people ask and meet by a file")
# The sample district that the demo and the tests share.
SAMPLE = Path(__file__).parent / "sample" / "tianqiao"


# What a community says of itself is read and written through its kind of document, so that a new
# kind needs no line here. The hall is made with its community, which cannot be without one.
PARTS = tuple(kind for kind in KINDS if isinstance(kind, CommunityKind) and kind is not HALL)


def community_file(parts: Iterable[CommunityKind]) -> Any:
    """`CommunityContent` with the fields of kinds that it does not name."""
    fields: Any = {
        name: (info.annotation, info)
        for kind in parts
        for name, info in kind.shape.model_fields.items()
        if name not in CommunityContent.model_fields
    }
    return create_model("CommunityFile", __base__=CommunityContent, **fields)


class ItemContent(ServiceGuide):
    """A service guide with the permanent slug of its item."""

    model_config = ConfigDict(frozen=True, extra="forbid", str_strip_whitespace=True)
    slug: Slug

    def guide(self) -> ServiceGuide:
        return ServiceGuide.model_validate(self.model_dump(exclude={"slug"}))


class HandbookContent(Content):
    category: CategoryLetter
    items: tuple[ItemContent, ...]


@dataclass
class DistrictFiles:
    """A district's files, read and checked against each other."""

    district: Source[DistrictContent]
    categories: Source[tuple[CategoryContent, ...]]
    handbook: list[Source[HandbookContent]]
    communities: dict[str, Source[CommunityContent]]
    notices: list[Source[HolidayNotice]] = field(default_factory=list)
    # By the slug of their community.
    posts: dict[str, Source[ContactPosts]] = field(default_factory=dict)
    disclosures: dict[str, Source[tuple[SeededDisclosure, ...]]] = field(default_factory=dict)
    # By the kind of community.
    catalogues: dict[str, Source[Catalogue]] = field(default_factory=dict)
    # By the slug of their community.
    affairs: dict[str, Source[SeededAffairs]] = field(default_factory=dict)
    elsewhere: Source[MattersElsewhere] | None = None
    events: Source[tuple[SeededEvent, ...]] | None = None

    def community(self, entry: CommunityContent | str) -> CommunityContent:
        """The community, whether it is written in the district's file or in its own."""
        return self.communities[entry].content if isinstance(entry, str) else entry


def shapes() -> dict[str, Any]:
    """What each file of a district's folder holds; docs/district-files.md is made of it."""
    return {
        "district.yaml": DistrictContent,
        "categories.yaml": tuple[CategoryContent, ...],
        "handbook/*.yaml": HandbookContent,
        "communities/*.yaml": community_file(PARTS),
        "posts/*.yaml": ContactPosts,
        "notices/*.yaml": HolidayNotice,
        "events.yaml": tuple[SeededEvent, ...],
        "elsewhere.yaml": MattersElsewhere,
        "catalogues/*.yaml": Catalogue,
        "disclosures/*.yaml": tuple[SeededDisclosure, ...],
        "affairs/*.yaml": SeededAffairs,
    }


def read_district(folder: Path) -> DistrictFiles:
    """Read and check a district's folder. Raises `ContentError` with every fault in every file."""
    faults: list[ContentFault] = []
    known = shapes()

    def read(path: Path, shape: Any = None) -> Source[Any] | None:
        try:
            return read_source(path, shape or known[path.name])
        except ContentError as error:
            faults.extend(error.faults)
            return None

    def read_all(under: str) -> list[Source[Any]]:
        name = f"{under}/*.yaml"
        found = (read(path, known[name]) for path in sorted(folder.glob(name)))
        return [source for source in found if source is not None]

    def by_name(under: str) -> dict[str, Source[Any]]:
        return {Path(source.name).stem: source for source in read_all(under)}

    def read_if_there(name: str) -> Source[Any] | None:
        return read(folder / name) if (folder / name).exists() else None

    district: Source[DistrictContent] | None = read(folder / "district.yaml")
    categories: Source[tuple[CategoryContent, ...]] | None = read(folder / "categories.yaml")
    handbook, notices = read_all("handbook"), read_all("notices")
    communities, posts = by_name("communities"), by_name("posts")
    disclosures, catalogues = by_name("disclosures"), by_name("catalogues")
    affairs = by_name("affairs")
    elsewhere, events = read_if_there("elsewhere.yaml"), read_if_there("events.yaml")
    if faults or district is None or categories is None:
        raise ContentError(faults)
    files = DistrictFiles(
        district,
        categories,
        handbook,
        communities,
        notices,
        posts,
        disclosures,
        catalogues,
        affairs,
        elsewhere,
        events,
    )
    if faults := list(_contradictions(files)):
        raise ContentError(faults)
    return files


def _contradictions(files: DistrictFiles) -> Iterator[ContentFault]:
    yield from _handbook_contradictions(files)
    for notice in files.notices:
        yield from _faults(notice.fault, (), contradictions_of(notice.content))
    if listed := files.elsewhere:
        yield from _faults(listed.fault, (), contradictions_elsewhere(listed.content))
    yield from _event_contradictions(files)
    items = {item.slug for source in files.handbook for item in source.content.items}
    letters = {category.letter for category in files.categories.content}
    district = files.district
    named = [
        entry for subdistrict in district.content.subdistricts for entry in subdistrict.communities
    ]
    taken: set[str] = set()
    slugs = [subdistrict.slug for subdistrict in district.content.subdistricts]
    yield from _faults(district.fault, (), rules.twice(("subdistricts",), SLUG_TAKEN, slugs))
    for s, subdistrict in enumerate(district.content.subdistricts):
        for c, entry in enumerate(subdistrict.communities):
            where = ("subdistricts", s, "communities", c)
            if isinstance(entry, str) and entry not in files.communities:
                yield district.fault(where, NO_COMMUNITY, entry)
                continue
            community = files.community(entry)
            if community.slug in taken:
                yield district.fault(where, SLUG_TAKEN, community.slug)
            taken.add(community.slug)
            fault, below = (
                (files.communities[entry].fault, ())
                if isinstance(entry, str)
                else (district.fault, where)
            )
            yield from _faults(fault, below, _of_community(community, items, letters))
    yield from _post_contradictions(files)
    yield from _catalogue_contradictions(files)
    yield from _affairs_contradictions(files)
    for stem, file in files.communities.items():
        if stem not in named:
            yield file.fault((), NOT_NAMED, district.name)
        if file.content.slug != stem:
            yield file.fault(("slug",), NOT_ITS_FILE, stem)


def _faults(
    fault: Fault, below: tuple[str | int, ...], contradictions: Iterable[Contradiction]
) -> Iterator[ContentFault]:
    for contradiction in contradictions:
        yield fault((*below, *contradiction.path), contradiction.why, contradiction.value)


def _handbook_contradictions(files: DistrictFiles) -> Iterator[ContentFault]:
    categories = files.categories
    letters = [category.letter for category in categories.content]
    slugs = Count(item.slug for source in files.handbook for item in source.content.items)
    named = [category.slug for category in categories.content]
    yield from _faults(categories.fault, (), rules.twice((), "the letter {} is taken", letters))
    yield from _faults(categories.fault, (), rules.twice((), SLUG_TAKEN, named))
    for source in files.handbook:
        if source.content.category not in letters:
            yield source.fault(("category",), NO_CATEGORY, source.content.category)
        for i, item in enumerate(source.content.items):
            if slugs[item.slug] > 1:
                yield source.fault(("items", i, "slug"), SLUG_TAKEN, item.slug)
            yield from _faults(source.fault, ("items", i), rules.of_guide(item, set(slugs)))


def _event_contradictions(files: DistrictFiles) -> Iterator[ContentFault]:
    if (source := files.events) is None:
        return
    items = {item.slug for source in files.handbook for item in source.content.items}
    matters = {each.slug for each in files.elsewhere.content.matters} if files.elsewhere else set()
    named = [event.event.value for event in source.content]
    yield from _faults(source.fault, (), rules.twice((), "the event {} is taken", named))
    for n, event in enumerate(source.content):
        found = contradictions_of_steps(event, items, matters)
        yield from _faults(source.fault, (n,), found)


def _post_contradictions(files: DistrictFiles) -> Iterator[ContentFault]:
    taken: set[str] = set()
    for slug, written in files.disclosures.items():
        if slug not in files.communities:
            yield written.fault((), NO_COMMUNITY, slug)
    for slug, file in files.posts.items():
        if slug not in files.communities:
            yield file.fault((), NO_COMMUNITY, slug)
            continue
        compounds = files.communities[slug].content.compounds
        buildings = {building.slug for compound in compounds for building in compound.buildings}
        yield from _faults(file.fault, (), of_posts(file.content.posts, buildings))
        for n, post in enumerate(file.content.posts):
            if post.slug in taken:
                yield file.fault(("posts", n, "slug"), SLUG_TAKEN, post.slug)
            if post.holder or post.substitute:
                yield file.fault(("posts", n), NO_ACCOUNTS)
        taken |= {post.slug for post in file.content.posts}


def _catalogue_contradictions(files: DistrictFiles) -> Iterator[ContentFault]:
    for word, file in files.catalogues.items():
        if word not in set(Settlement):
            yield file.fault((), NO_KIND)
        yield from _faults(file.fault, (), catalogue.contradictions_of(file.content))


def _affairs_contradictions(files: DistrictFiles) -> Iterator[ContentFault]:
    for slug, file in files.affairs.items():
        if not files.district.content.is_sample:
            yield file.fault((), NO_SAMPLE)
        if slug not in files.communities:
            yield file.fault((), NO_COMMUNITY, slug)
            continue
        written = files.disclosures.get(slug)
        published = written.content if written else ()
        found = contradictions_of_affairs(file.content, published)
        yield from _faults(file.fault, (), found)


def _of_community(
    community: CommunityContent, items: set[str], letters: set[str]
) -> Iterator[Contradiction]:
    counters = {one.number for one in community.hall.counters}
    posts = {one.post for one in community.people}
    for n, note in enumerate(community.notes):
        if note.item not in items:
            yield Contradiction(("notes", n, "item"), NO_ITEM, note.item)
        for found in rules.of_own(note, counters, posts):
            yield replace(found, path=("notes", n, *found.path))
    for found in rules.of_hall(community.hall, letters):
        yield replace(found, path=("hall", *found.path))
    yield from rules.of_people(community.people, letters)
    for kind, document in _documents(community):
        yield from kind.contradictions_within(document)
    yield from rules.twice(("notes",), "the item {} is taken", [n.item for n in community.notes])


# All or nothing: half a district would look published, and loading the rest would then be refused
# because the store is not empty.
async def plant(session: AsyncSession, files: DistrictFiles) -> None:
    """Insert a checked district into an empty store, in one unit of work.

    Raises `NotEmptyError` if the store already holds a district.
    """
    if await session.scalar(select(District.id)) is not None:
        raise NotEmptyError
    content = files.district.content
    items = _handbook(session, files, is_sample=content.is_sample)
    await session.flush()
    district = District(
        id=1,
        slug=content.slug,
        name=content.name,
        city=content.city,
        hotline=content.hotline,
        is_sample=content.is_sample,
    )
    district.subdistricts = [
        Subdistrict(
            slug=subdistrict.slug,
            name=subdistrict.name,
            rank=rank,
            communities=[
                _community(files.community(entry), rank, items)
                for rank, entry in enumerate(subdistrict.communities)
            ],
        )
        for rank, subdistrict in enumerate(content.subdistricts)
    ]
    session.add(district)
    await session.flush()
    for subdistrict in district.subdistricts:
        for community in subdistrict.communities:
            if file := files.posts.get(community.slug):
                session.add_all(rows_of(community.id, file.content.posts))
    for notice in files.notices:
        await enter_notice(session, notice.content)
    session.add_all(
        DisclosureCatalogue(settlement=Settlement(word), catalogue=file.content)
        for word, file in files.catalogues.items()
    )
    for subdistrict in district.subdistricts:
        for community in subdistrict.communities:
            if written := files.disclosures.get(community.slug):
                await plant_disclosures(session, community, written.content)
            if asked := files.affairs.get(community.slug):
                await plant_affairs(session, community, asked.content)
    await touch_content(session)


def _handbook(
    session: AsyncSession, files: DistrictFiles, *, is_sample: bool
) -> dict[str, ServiceItem]:
    categories = {
        content.letter: Category(rank=rank, **content.model_dump())
        for rank, content in enumerate(files.categories.content)
    }
    items: dict[str, ServiceItem] = {}
    for source in files.handbook:
        for rank, content in enumerate(source.content.items):
            item = ServiceItem(
                slug=content.slug, guide=content.guide(), is_sample=is_sample, rank=rank
            )
            categories[source.content.category].items.append(item)
            items[content.slug] = item
    session.add_all(categories.values())
    if files.elsewhere:
        session.add(Elsewhere(list=files.elsewhere.content))
    if files.events:
        rows = (LifeEventSteps(event=e.event.value, plan=e.plan()) for e in files.events.content)
        session.add_all(rows)
    return items


def _documents(content: CommunityContent) -> Iterator[tuple[CommunityKind, Content]]:
    """The parts that a community's file holds, each as the document of its kind."""
    for kind in PARTS:
        if held := kind.shape.model_fields.keys() & content.model_fields_set:
            values = {name: getattr(content, name) for name in held}
            yield kind, kind.shape.model_validate(values)


def _community(content: CommunityContent, rank: int, items: dict[str, ServiceItem]) -> Community:
    community = Community(
        slug=content.slug,
        name=content.name,
        rank=rank,
        hall=Hall(
            counters=[Counter(**counter.model_dump()) for counter in content.hall.counters],
            **columns_of_hall(content.hall),
        ),
        notes=[
            CommunityNote(item_id=items[note.item].id, own=note.own()) for note in content.notes
        ],
    )
    for kind, document in _documents(content):
        kind.put(community, document)
    return community
