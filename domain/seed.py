"""Loading a whole district from its files: read all, check all, then plant all or nothing.

A folder holds `district.yaml`, `categories.yaml`, one file a category under `handbook/`,
the communities that wrote about themselves under `communities/`, and the holiday notices
of further years under `notices/`.
"""

from __future__ import annotations

from collections import Counter as Count
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

from pydantic import ConfigDict, StringConstraints
from sqlalchemy import select

from domain.calendar import HolidayNotice, contradictions_of, enter_notice
from domain.content import Content, Line, Slug
from domain.errors import ContentError, ContentFault, NotEmptyError
from domain.handbook.guide import ServiceGuide
from domain.handbook.tables import Category, ServiceItem
from domain.loading import Source, read_source
from domain.places.content import (
    CategoryLetter,
    CommunityContent,
    CounterContent,
    DistrictContent,
    HallContent,
    PersonContent,
    Position,
)
from domain.places.tables import (
    Building,
    Community,
    CommunityNote,
    Compound,
    Counter,
    District,
    Facility,
    Hall,
    PartnerOrganization,
    PersonInCharge,
    Subdistrict,
)
from domain.revision import touch_content

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    Fault = Callable[[Sequence[str | int], str], ContentFault]

    from sqlalchemy.ext.asyncio import AsyncSession

SAMPLE = Path(__file__).parent / "sample" / "tianqiao"
"""The sample district, which the demo and the tests share."""


class CategoryContent(Content):
    """服务类别, as its file says it."""

    letter: CategoryLetter
    slug: Slug
    name: Line
    character: Annotated[str, StringConstraints(min_length=1, max_length=1)]
    summary: Line


class ItemContent(ServiceGuide):
    """A service guide with the permanent slug of its item."""

    model_config = ConfigDict(frozen=True, extra="forbid", str_strip_whitespace=True)
    slug: Slug

    def guide(self) -> ServiceGuide:
        """The guide without the slug."""
        return ServiceGuide.model_validate(self.model_dump(exclude={"slug"}))


class HandbookContent(Content):
    """One category's items."""

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

    def community(self, entry: CommunityContent | str) -> CommunityContent:
        """The community, whether it is written in the district's file or in its own."""
        return self.communities[entry].content if isinstance(entry, str) else entry


def read_district(folder: Path) -> DistrictFiles:
    """Read and check a district's folder. Raises `ContentError` with every fault in every file."""
    faults: list[ContentFault] = []

    def read(path: Path, shape: Any) -> Source[Any] | None:
        try:
            return read_source(path, shape)
        except ContentError as error:
            faults.extend(error.faults)
            return None

    def read_all(under: str, shape: Any) -> list[Source[Any]]:
        found = (read(path, shape) for path in sorted((folder / under).glob("*.yaml")))
        return [source for source in found if source is not None]

    district: Source[DistrictContent] | None = read(folder / "district.yaml", DistrictContent)
    categories: Source[tuple[CategoryContent, ...]] | None = read(
        folder / "categories.yaml", tuple[CategoryContent, ...]
    )
    handbook = read_all("handbook", HandbookContent)
    communities = read_all("communities", CommunityContent)
    notices = read_all("notices", HolidayNotice)
    if faults or district is None or categories is None:
        raise ContentError(faults)
    files = DistrictFiles(
        district,
        categories,
        handbook,
        {Path(source.name).stem: source for source in communities},
        notices,
    )
    if faults := list(_contradictions(files)):
        raise ContentError(faults)
    return files


def _contradictions(files: DistrictFiles) -> Iterator[ContentFault]:
    yield from _handbook_contradictions(files)
    for notice in files.notices:
        for field_name, why in contradictions_of(notice.content):
            yield notice.fault((field_name,), why)
    items = {item.slug for source in files.handbook for item in source.content.items}
    letters = {category.letter for category in files.categories.content}
    district = files.district
    named = [entry for each in district.content.subdistricts for entry in each.communities]
    taken: set[str] = set()
    subdistricts = district.content.subdistricts
    yield from _twice(district.fault, ("subdistricts",), "slug", [s.slug for s in subdistricts])
    for s, subdistrict in enumerate(subdistricts):
        for c, entry in enumerate(subdistrict.communities):
            where = ("subdistricts", s, "communities", c)
            if isinstance(entry, str) and entry not in files.communities:
                yield district.fault(where, f"there is no file communities/{entry}.yaml")
                continue
            community = files.community(entry)
            if community.slug in taken:
                yield district.fault(where, f"the slug {community.slug} is taken")
            taken.add(community.slug)
            fault, below = (
                (files.communities[entry].fault, ())
                if isinstance(entry, str)
                else (district.fault, where)
            )
            yield from _community_contradictions(fault, below, community, items, letters)
    for stem, file in files.communities.items():
        if stem not in named:
            yield file.fault((), f"{district.name} does not name this community")
        if file.content.slug != stem:
            yield file.fault(("slug",), f"is not the file's name, {stem}")


def _handbook_contradictions(files: DistrictFiles) -> Iterator[ContentFault]:
    categories = files.categories
    letters = [category.letter for category in categories.content]
    slugs = Count(item.slug for source in files.handbook for item in source.content.items)
    yield from _twice(categories.fault, (), "letter", letters)
    yield from _twice(categories.fault, (), "slug", [each.slug for each in categories.content])
    for source in files.handbook:
        if source.content.category not in letters:
            yield source.fault(("category",), f"there is no category {source.content.category}")
        for i, item in enumerate(source.content.items):
            if slugs[item.slug] > 1:
                yield source.fault(("items", i, "slug"), f"the slug {item.slug} is taken")
            if item.promised_days > item.statutory_days:
                why = "the promise is longer than the law allows"
                yield source.fault(("items", i, "promised_days"), why)
            for r, related in enumerate(item.related):
                if related not in slugs:
                    yield source.fault(("items", i, "related", r), f"there is no item {related}")


def _community_contradictions(
    fault: Fault,
    where: tuple[str | int, ...],
    community: CommunityContent,
    items: set[str],
    letters: set[str],
) -> Iterator[ContentFault]:
    for n, note in enumerate(community.notes):
        if note.item not in items:
            yield fault((*where, "notes", n, "item"), f"there is no item {note.item}")
    lettered: list[tuple[tuple[str | int, ...], CounterContent | PersonContent]] = [
        *((("hall", "counters", n), each) for n, each in enumerate(community.hall.counters)),
        *((("people", n), each) for n, each in enumerate(community.people)),
    ]
    for place, each in lettered:
        if unknown := sorted(set(each.categories) - letters):
            why = f"there is no category {unknown[0]}"
            yield fault((*where, *place, "categories"), why)
    buildings = [b.slug for each in community.compounds for b in each.buildings]
    yield from _twice(fault, (*where, "facilities"), "slug", [f.slug for f in community.facilities])
    yield from _twice(fault, (*where, "compounds"), "slug", [c.slug for c in community.compounds])
    yield from _twice(fault, (*where, "compounds"), "slug", buildings)
    numbers = [str(each.number) for each in community.hall.counters]
    yield from _twice(fault, (*where, "hall", "counters"), "number", numbers)
    yield from _twice(fault, (*where, "notes"), "item", [note.item for note in community.notes])


def _twice(
    fault: Fault, where: tuple[str | int, ...], what: str, values: list[str]
) -> Iterator[ContentFault]:
    for value, times in Count(values).items():
        if times > 1:
            yield fault(where, f"the {what} {value} is taken")


async def plant(session: AsyncSession, files: DistrictFiles) -> None:
    """Put a checked district into an empty store, in one unit of work.

    Raises `NotEmptyError` when there is a district already.
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
            slug=each.slug,
            name=each.name,
            rank=rank,
            communities=[
                _community(files.community(entry), rank, items)
                for rank, entry in enumerate(each.communities)
            ],
        )
        for rank, each in enumerate(content.subdistricts)
    ]
    session.add(district)
    for notice in files.notices:
        await enter_notice(session, notice.content)
    await touch_content(session)


def _handbook(
    session: AsyncSession, files: DistrictFiles, *, is_sample: bool
) -> dict[str, ServiceItem]:
    categories = {
        content.letter: Category(**content.model_dump()) for content in files.categories.content
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
    return items


def _community(content: CommunityContent, rank: int, items: dict[str, ServiceItem]) -> Community:
    return Community(
        slug=content.slug,
        name=content.name,
        rank=rank,
        introduction=content.introduction,
        brand=content.brand,
        first_secretary=content.first_secretary,
        hall=_hall(content.hall),
        compounds=[
            Compound(
                slug=each.slug,
                name=each.name,
                address=each.address,
                rank=n,
                # The composite foreign key gives each building its community as well.
                buildings=[
                    Building(rank=b, **b_.model_dump()) for b, b_ in enumerate(each.buildings)
                ],
                **_at(each.position),
            )
            for n, each in enumerate(content.compounds)
        ],
        facilities=[
            Facility(
                rank=n, **each.model_dump(exclude={"position"}, mode="python"), **_at(each.position)
            )
            for n, each in enumerate(content.facilities)
        ],
        people=[
            PersonInCharge(rank=n, **each.model_dump()) for n, each in enumerate(content.people)
        ],
        partners=[
            PartnerOrganization(rank=n, **each.model_dump())
            for n, each in enumerate(content.partners)
        ],
        notes=[
            CommunityNote(item_id=items[each.item].id, note=each.note) for each in content.notes
        ],
    )


def _hall(content: HallContent) -> Hall:
    return Hall(
        name=content.name,
        address=content.address,
        phone=content.phone,
        step_free=content.step_free,
        hours=content.hours,
        zones=content.zones,
        counters=[Counter(**each.model_dump()) for each in content.counters],
        **_at(content.position),
    )


def _at(position: Position) -> dict[str, object]:
    return position.model_dump()
