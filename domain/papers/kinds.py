"""Which documents there are: their shapes, where they stand in the store, what must hold.

Each kind knows how to read its document from the rows that pages are made of, and how to
write it back; versions, drafts, comparing and publishing are the same for all.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from pydantic import Field
from sqlalchemy import func, select
from sqlalchemy.orm import joinedload

from domain import rules
from domain.calendar import (
    HolidayNotice,
    contradictions_of,
    enter_notice,
    entered_notice,
)
from domain.content import Content, Contradiction, Text
from domain.errors import NotFoundError
from domain.events import record
from domain.handbook.guide import ServiceGuide
from domain.handbook.tables import Category, ServiceItem
from domain.papers.tables import PaperVersion
from domain.places.content import (
    BrandContent,
    CategoryLetter,
    FacilityContent,
    FirstSecretaryContent,
    HallContent,
    OwnContent,
    PartnerContent,
    PersonContent,
)
from domain.places.tables import Community, CommunityNote, District
from domain.places.writing import (
    facility_content,
    hall_content,
    partner_content,
    partners_of,
    people_of,
    person_content,
    put_facilities,
    put_hall,
)
from domain.published import load_community
from domain.queue.days import QueueChanged, rules_of
from domain.queue.tables import HallQueue, QueueRules

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sqlalchemy.ext.asyncio import AsyncSession


# Everything an office keeps true is a paper (文稿) with versions: a guide, a hall, a list of
# people, a year's holidays. Each is one validated document, whatever rows its pages are made
# of, and all share drafts, preview, review, publication with a reason, versions and
# comparison. Rows are written from the document.
# Not taken: a form and a history per table.
class PaperKind(StrEnum):
    """文稿种类."""

    GUIDE = "guide"
    OWN = "own"
    HALL = "hall"
    PEOPLE = "people"
    PARTNERS = "partners"
    FACILITIES = "facilities"
    ABOUT = "about"
    QUEUE = "queue"
    HOLIDAYS = "holidays"

    @property
    def is_of_community(self) -> bool:
        """Whether each community has one of its own."""
        return self not in {PaperKind.GUIDE, PaperKind.HOLIDAYS}


class People(Content):
    """负责人, all of a community."""

    people: tuple[PersonContent, ...] = ()


class Partners(Content):
    """共建单位, all of a community."""

    partners: tuple[PartnerContent, ...] = ()


class Facilities(Content):
    """便民设施, all of a community."""

    facilities: tuple[FacilityContent, ...] = ()


class About(Content):
    """社区介绍: what a community tells about itself, its brand and its first secretary."""

    introduction: Text | None = None
    brand: BrandContent | None = None
    first_secretary: FirstSecretaryContent | None = None


class ItemGuide(ServiceGuide):
    """办事指南, with the category it stands in and, once it has ended, what to do instead."""

    category: CategoryLetter
    withdrawn: Text | None = None

    def guide(self) -> ServiceGuide:
        """What residents read."""
        return ServiceGuide.model_validate(self.model_dump(exclude={"category", "withdrawn"}))


class Notice(HolidayNotice):
    """放假通知, with a year that a calendar can hold."""

    year: int = Field(ge=2004, le=2100)


@dataclass(frozen=True)
class Paper:
    """One document: its kind, whose it is, and which (the item's slug, the year)."""

    kind: PaperKind
    community: str | None = None
    key: str = ""

    @property
    def subject(self) -> str:
        """Its name in the store and in the log."""
        if self.kind is PaperKind.GUIDE:
            return f"handbook/{self.key}"
        if self.kind is PaperKind.HOLIDAYS:
            return f"holidays/{self.key}"
        if self.kind is PaperKind.OWN:
            return f"c/{self.community}/handbook/{self.key}"
        return f"c/{self.community}/{self.kind}"

    @property
    def shape(self) -> type[Content]:
        """The class of its document."""
        return SHAPES[self.kind]


SHAPES: dict[PaperKind, type[Content]] = {
    PaperKind.GUIDE: ItemGuide,
    PaperKind.OWN: OwnContent,
    PaperKind.HALL: HallContent,
    PaperKind.PEOPLE: People,
    PaperKind.PARTNERS: Partners,
    PaperKind.FACILITIES: Facilities,
    PaperKind.ABOUT: About,
    PaperKind.QUEUE: QueueRules,
    PaperKind.HOLIDAYS: Notice,
}


async def community_of(session: AsyncSession, paper: Paper) -> Community:
    """The community a document belongs to, whole. Raises `NotFoundError`."""
    slug = paper.community or ""
    if await session.scalar(select(Community.id).where(Community.slug == slug)) is None:
        raise NotFoundError(slug)
    return await load_community(session, slug)


async def item_of(session: AsyncSession, slug: str) -> ServiceItem:
    """A service item with its category. Raises `NotFoundError`."""
    found = await session.scalar(
        select(ServiceItem)
        .where(ServiceItem.slug == slug)
        .options(joinedload(ServiceItem.category))
    )
    if found is None:
        raise NotFoundError(slug)
    item: ServiceItem = found
    return item


def item_guide(item: ServiceItem) -> ItemGuide:
    """An item as its office wrote it."""
    return ItemGuide.model_validate(
        {
            **item.guide.model_dump(),
            "category": item.category.letter,
            "withdrawn": item.withdrawn,
        }
    )


async def read_document(session: AsyncSession, paper: Paper) -> Content | None:
    """The document as published; None for one that can be written but was not yet.

    Raises `NotFoundError` where there cannot be one: no such item, no such community.
    """
    if paper.kind is PaperKind.GUIDE:
        return item_guide(await item_of(session, paper.key))
    if paper.kind is PaperKind.HOLIDAYS:
        entered = await entered_notice(session, int(paper.key))
        return None if entered is None else Notice.model_validate(entered.model_dump())
    community = await community_of(session, paper)
    if paper.kind is PaperKind.OWN:
        item = await item_of(session, paper.key)
        noted = next((each for each in community.notes if each.item_id == item.id), None)
        return noted.own if noted else None
    if paper.kind is PaperKind.QUEUE:
        return await rules_of(session, community.hall.id)
    return document_of(community, paper.kind)


def document_of(community: Community, kind: PaperKind) -> Content:
    """A community's document of a kind that is neither about an item nor a year."""
    if kind is PaperKind.HALL:
        return hall_content(community.hall)
    if kind is PaperKind.PEOPLE:
        return People(people=tuple(map(person_content, community.people)))
    if kind is PaperKind.PARTNERS:
        return Partners(partners=tuple(map(partner_content, community.partners)))
    if kind is PaperKind.FACILITIES:
        return Facilities(facilities=tuple(map(facility_content, community.facilities)))
    return About(
        introduction=community.introduction,
        brand=community.brand,
        first_secretary=community.first_secretary,
    )


async def write_document(session: AsyncSession, paper: Paper, document: Any) -> None:
    """Let pages be made of this document from now on."""
    if paper.kind is PaperKind.GUIDE:
        await _write_item(session, paper.key, document)
    elif paper.kind is PaperKind.HOLIDAYS:
        await enter_notice(session, document)
    elif paper.kind is PaperKind.QUEUE:
        community = await community_of(session, paper)
        await session.merge(HallQueue(hall_id=community.hall.id, rules=document))
        record(session, QueueChanged(community.hall.id))
    else:
        community = await community_of(session, paper)
        item = await item_of(session, paper.key) if paper.kind is PaperKind.OWN else None
        put_document(community, paper.kind, document, item)
        if item is not None and not document.is_empty:
            noted = next(each for each in community.notes if each.item_id == item.id)
            noted.item_version = await current_number(session, f"handbook/{item.slug}")


async def _write_item(session: AsyncSession, slug: str, document: ItemGuide) -> None:
    """Write an item, also one that is new; it then stands last in its category."""
    category = (
        await session.scalars(select(Category.id).where(Category.letter == document.category))
    ).one()
    item = await session.scalar(select(ServiceItem).where(ServiceItem.slug == slug))
    if item is None or item.category_id != category:
        last = await session.scalar(
            select(func.max(ServiceItem.rank)).where(ServiceItem.category_id == category)
        )
        rank = 0 if last is None else last + 1
        if item is None:
            is_sample = await session.scalar(select(District.is_sample))
            item = ServiceItem(slug=slug, is_sample=is_sample)
            session.add(item)
        item.category_id, item.rank = category, rank
    item.guide, item.withdrawn = document.guide(), document.withdrawn
    await session.flush()


def put_document(
    community: Community, kind: PaperKind, document: Any, item: ServiceItem | None = None
) -> None:
    """Let a loaded community say this: to be written, or only to be looked at."""
    if kind is PaperKind.HALL:
        put_hall(community.hall, document)
    elif kind is PaperKind.PEOPLE:
        community.people = people_of(document.people)
    elif kind is PaperKind.PARTNERS:
        community.partners = partners_of(document.partners)
    elif kind is PaperKind.FACILITIES:
        put_facilities(community, document.facilities)
    elif kind is PaperKind.ABOUT:
        community.introduction = document.introduction
        community.brand = document.brand
        community.first_secretary = document.first_secretary
    elif item is not None:
        _put_own(community, item, document)


def _put_own(community: Community, item: ServiceItem, own: OwnContent) -> None:
    noted = next((each for each in community.notes if each.item_id == item.id), None)
    if own.is_empty:
        community.notes = [each for each in community.notes if each is not noted]
    elif noted is None:
        community.notes.append(CommunityNote(item_id=item.id, own=own, item_version=1))
    else:
        noted.own = own


async def contradictions(session: AsyncSession, paper: Paper, document: Any) -> list[Contradiction]:
    """What is wrong with a document that is right by its shape."""
    return list(await _contradictions(session, paper, document))


async def _contradictions(
    session: AsyncSession, paper: Paper, document: Any
) -> Iterable[Contradiction]:
    letters = set(await session.scalars(select(Category.letter)))
    found: Iterable[Contradiction] = ()
    if paper.kind is PaperKind.GUIDE:
        items = set(await session.scalars(select(ServiceItem.slug)))
        found = (*rules.of_guide(document, items), *rules.of_category(document.category, letters))
    elif paper.kind is PaperKind.HOLIDAYS:
        found = contradictions_of(document)
    elif paper.kind is PaperKind.FACILITIES:
        found = rules.of_facilities(document.facilities)
    elif paper.kind is PaperKind.OWN:
        community = await community_of(session, paper)
        counters = {each.number for each in community.hall.counters}
        found = rules.of_own(document, counters, {each.post for each in community.people})
    elif paper.kind is PaperKind.HALL:
        found = rules.of_hall(document, letters)
    elif paper.kind is PaperKind.PEOPLE:
        found = rules.of_people(document.people, letters)
    return found


async def current_number(session: AsyncSession, subject: str) -> int:
    """The number of the newest version; 1 for what was loaded and never edited."""
    newest = await session.scalar(
        select(func.max(PaperVersion.number)).where(PaperVersion.subject == subject)
    )
    return newest or 1
